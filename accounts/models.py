"""Users, their sessions and their second factors."""

import unicodedata
import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper


class GlobalRole(models.TextChoices):
    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


class Kind(models.TextChoices):
    PERSON = "person"
    BOT = "bot"
    WEBHOOK = "webhook"


class Status(models.TextChoices):
    ONLINE = "online"
    IDLE = "idle"
    DND = "dnd"
    OFFLINE = "offline"


def username_key(username: str) -> str:
    """What makes two usernames the same: compatibility forms and case do not tell them apart."""
    return unicodedata.normalize("NFKC", username).casefold()


class User(AbstractBaseUser):
    username = models.CharField(max_length=25)
    username_key = models.CharField(max_length=100, unique=True, editable=False)
    email = models.EmailField(max_length=254)
    email_confirmed_at = models.DateTimeField(null=True)
    two_factor_at = models.DateTimeField(null=True)  # since when a TwoFactor is asked for
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON, db_default=Kind.PERSON)
    owner = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="bots")  # of a bot
    role = models.CharField(max_length=10, choices=GlobalRole, default=GlobalRole.USER)
    is_active = models.BooleanField(default=True)
    profile_picture = models.CharField(max_length=2048, null=True)  # noqa: DJ001 - null is what clients read for "unset"
    bio = models.CharField(max_length=500, null=True)  # noqa: DJ001 - likewise
    status = models.CharField(max_length=10, choices=Status, default=Status.OFFLINE)
    tag = models.CharField(max_length=5)
    blocked_at = models.DateTimeField(null=True)
    blocked_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    block_reason = models.CharField(max_length=500, null=True)  # noqa: DJ001 - likewise
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "username_key"  # Django asks for a unique column; e-mail's uniqueness is an index below
    objects = BaseUserManager["User"]()

    class Meta:
        constraints = [
            # Upper, not Lower: this is the index that `email__iexact` reads.
            models.UniqueConstraint(Upper("email"), name="user_email_unique"),
            models.CheckConstraint(condition=models.Q(role__in=GlobalRole.values), name="user_role_known"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="user_kind_known"),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.BOT, owner__isnull=False)
                | (~models.Q(kind=Kind.BOT) & models.Q(owner__isnull=True)),
                name="user_bot_owned",
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_global_staff(self) -> bool:
        return self.role != GlobalRole.USER

    @property
    def is_bot(self) -> bool:
        """No person, nor ever one: a bot or a webhook."""
        return self.kind != Kind.PERSON

    @property
    def email_confirmed(self) -> bool:
        return self.email_confirmed_at is not None


class Session(models.Model):
    """One sign-in, or one token of a bot. A token names its session; the row's end is the token's end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    user_agent = models.CharField(max_length=256, blank=True)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    # Of a bot's token:
    name = models.CharField(max_length=80, blank=True, default="", db_default="")
    digest = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - null: the token is a JWT
    scopes = ArrayField(models.CharField(max_length=20), null=True)  # null: all that the user may

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="session_expiry")]

    def __str__(self) -> str:
        return str(self.id)


class TwoFactor(models.Model):
    """The secret of somebody's authenticator app. It is on trial until `User.two_factor_at` is set."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    secret = models.CharField(max_length=128)  # sealed: accounts/vault.py
    last_step = models.BigIntegerField(default=0)  # of time, by RFC 6238: codes of this one and before are used up

    def __str__(self) -> str:
        return f"two-factor of {self.user_id}"


class RecoveryCode(models.Model):
    """Lets in once instead of a code of the app: then the row goes."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
