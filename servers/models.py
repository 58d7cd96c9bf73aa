"""Rows of servers, with the constraints that settle their races."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils import timezone

from accounts.models import User


class ChannelType(models.TextChoices):
    TEXT = "text"
    VOICE = "voice"


class MemberRole(models.TextChoices):
    MEMBER = "member"
    MODERATOR = "moderator"
    ADMIN = "admin"
    OWNER = "owner"


class Server(models.Model):
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=1000, null=True)  # noqa: DJ001 - null is what clients read for "unset"
    icon = models.CharField(max_length=2048, null=True)  # noqa: DJ001 - likewise
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="owned_servers")
    is_blocked = models.BooleanField(default=False)
    blocked_at = models.DateTimeField(null=True)
    blocked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    block_reason = models.CharField(max_length=500, null=True)  # noqa: DJ001 - likewise
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """A heading that channels stand under. It has no rights of its own."""

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """Without a server it is a direct conversation (friends.Conversation); no door of this room leads into it."""

    server = models.ForeignKey(Server, null=True, on_delete=models.CASCADE, related_name="channels")
    category = models.ForeignKey(Category, null=True, on_delete=models.SET_NULL, related_name="channels")
    name = models.CharField(max_length=100)
    type = models.CharField(max_length=5, choices=ChannelType)
    description = models.CharField(max_length=1000, null=True)  # noqa: DJ001 - likewise
    position = models.PositiveIntegerField(default=0)
    slowmode = models.PositiveIntegerField(default=0)  # seconds between two messages of one member
    user_limit = models.PositiveSmallIntegerField(default=0)  # seats in its call; 0: as many as a room has
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("position", "id")
        constraints = [models.CheckConstraint(condition=Q(type__in=ChannelType.values), name="channel_type_known")]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """`preset` marks the five roles every server starts with: the rights of a member role, or of @everyone."""

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField(max_length=100)
    color = models.CharField(max_length=7, validators=[RegexValidator(r"\A#[0-9A-Fa-f]{6}\Z")])
    permissions = models.BigIntegerField(default=0)
    position = models.PositiveIntegerField()
    is_hoisted = models.BooleanField(default=False)
    is_mentionable = models.BooleanField(default=False)
    preset = models.CharField(max_length=10, null=True)  # noqa: DJ001 - null: a role the server made itself
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-position", "id")
        constraints = [
            models.UniqueConstraint(fields=["server", "preset"], name="role_preset_once"),
            models.CheckConstraint(condition=Q(permissions__gte=0), name="role_permissions_unsigned"),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=MemberRole, default=MemberRole.MEMBER)
    roles = models.ManyToManyField(Role, related_name="members")
    nickname = models.CharField(max_length=32, null=True)  # noqa: DJ001 - null is what clients read for "unset"
    is_muted = models.BooleanField(default=False)
    is_deafened = models.BooleanField(default=False)
    muted_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["server", "user"], name="member_once"),
            models.UniqueConstraint(fields=["server"], condition=Q(role="owner"), name="member_one_owner"),
            models.CheckConstraint(condition=Q(role__in=MemberRole.values), name="member_role_known"),
        ]
        indexes = [models.Index(fields=["server", "id"], name="member_in_order")]  # pages of a server's members

    def __str__(self) -> str:
        return f"{self.user} in {self.server}"

    @property
    def is_timed_out(self) -> bool:
        return self.muted_until is not None and self.muted_until > timezone.now()


class Overwrite(models.Model):
    """What a channel gives or takes beyond a server's roles, for one role or one member of it."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="overwrites")
    role = models.ForeignKey(Role, null=True, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="+")
    allow = models.BigIntegerField(default=0)
    deny = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["channel", "role"], name="overwrite_role_once"),
            models.UniqueConstraint(fields=["channel", "member"], name="overwrite_member_once"),
            models.CheckConstraint(condition=Q(role__isnull=True) ^ Q(member__isnull=True), name="overwrite_of_one"),
            models.CheckConstraint(
                condition=Exact(F("allow").bitand(F("deny")), 0),  # type: ignore[arg-type]  # the stubs know only numbers
                name="overwrite_either_way",
            ),
        ]

    def __str__(self) -> str:
        return f"overwrite of channel {self.channel_id} for {f'role {self.role_id}' if self.role_id else f'member {self.member_id}'}"


class Ban(models.Model):
    """Keeps a user out until it is lifted or `expires_at` has come."""

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="bans")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="bans")
    reason = models.CharField(max_length=500, null=True)  # noqa: DJ001 - likewise
    banned_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    banned_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["server", "user"], name="ban_once")]

    def __str__(self) -> str:
        return f"{self.user} banned from {self.server}"

    @classmethod
    def in_force(cls) -> models.QuerySet["Ban"]:
        return cls.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))


class Invite(models.Model):
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # 122 bits from the system's source
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="invites")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    max_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")), name="invite_not_overused"),
        ]

    def __str__(self) -> str:
        return str(self.token)

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_used_up(self) -> bool:
        return self.max_uses is not None and self.uses >= self.max_uses
