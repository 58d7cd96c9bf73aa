"""Examples of accounts for the OpenAPI document; seed 002's where it has them."""

from rest_framework import serializers

from accounts.errors import (
    AccountBlocked,
    EmailUnconfirmed,
    NotForBots,
    ScopeMissing,
    SecondFactorNeeded,
    SecondFactorRequired,
    SessionNotFound,
    UserNotFound,
)
from accounts.serializers import (
    AccountInput,
    AccountOutput,
    CodeInput,
    EmailConfirmInput,
    ForgotInput,
    LoginInput,
    MeOutput,
    OfferOutput,
    OwnPasswordInput,
    PasswordAndCodeInput,
    PasswordChangedOutput,
    PasswordInput,
    PlainLoginInput,
    ProfileInput,
    ProfileOutput,
    RecoveryCodesOutput,
    RegisterInput,
    ResetInput,
    SessionOutput,
    SignedInOutput,
    TicketInput,
    TwoFactorOutput,
)
from projectvoice.kernel.catalog import ANSWERS, CHAPTERS, DOORS, REFUSALS, SETTLED, SHAPES, SIGNED_IN, ErrorOutput
from projectvoice.kernel.serializers import BooleanField, CamelSerializer, DateTimeField, IntegerField

CREATED = "2024-01-01T00:00:00.000Z"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOiI3ZjYwZjJlMiJ9.c2lnbmF0dXJl"  # noqa: S105 - of nobody
TICKET = "WzcsIjFmOGE2YyJd:1vMf2k:c2lnbmF0dXJl"
PICTURE = "https://example.com/avatar1.png"
ACCOUNT = {"id": 1, "username": "testuser", "email": "test@example.com", "role": "user", "isActive": True}
PERSON = {"profilePicture": PICTURE, "bio": "Hello!", "status": "online", "tag": "#1234"}
TIMES = {"createdAt": CREATED, "updatedAt": CREATED}


class AccountBlockedOutput(ErrorOutput):
    """Of a sign-in, and of every call of somebody who was signed in when he was blocked."""

    blocked_at = DateTimeField(allow_null=True)
    blocked_by = IntegerField(allow_null=True, help_text="Id of the administrator")
    block_reason = serializers.CharField(allow_null=True)


class NeededOutput(CamelSerializer):
    scopes = serializers.ListField(child=serializers.CharField(), help_text="One of these would do")


class ScopeMissingOutput(ErrorOutput):
    """Said to bots alone."""

    details = NeededOutput()


class TicketOutput(CamelSerializer):
    ticket = serializers.CharField(help_text="For /api/auth/two-factor/login")
    expires_at = DateTimeField()


class SecondFactorNeededOutput(ErrorOutput):
    """The password was right."""

    two_factor = TicketOutput()


class RequiredOutput(CamelSerializer):
    required = BooleanField()  # type: ignore[assignment]  # a field here, not what the base class means by it


class SecondFactorRequiredOutput(ErrorOutput):
    """Of every call but those that set it up, `GET /api/auth/me` and signing out."""

    two_factor = RequiredOutput()


class EmailUnconfirmedOutput(ErrorOutput):
    """Likewise; one's own account can be changed, too."""

    email_confirmation = RequiredOutput()


SHAPES |= {
    RegisterInput: {"username": "testuser", "email": "test@example.com", "password": "password123"},
    LoginInput: {"email": "test@example.com", "password": "password123"},
    PlainLoginInput: {"login": "testuser", "password": "password123"},
    TicketInput: {"ticket": TICKET, "code": "492039"},
    OwnPasswordInput: {"password": "password123"},
    CodeInput: {"code": "492039"},
    PasswordAndCodeInput: {"password": "password123", "code": "492039"},
    ForgotInput: {"email": "test@example.com"},
    ResetInput: {"token": TICKET, "newPassword": "correct horse battery"},
    EmailConfirmInput: {"token": TICKET},
    TwoFactorOutput: {"enabled": True, "recoveryCodesLeft": 9, "required": False},
    OfferOutput: {
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "uri": "otpauth://totp/ProjectVoice:testuser?digits=6&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1"
        "&issuer=ProjectVoice&period=30",
        "qr": '<svg viewBox="0 0 53 53"><path d="M4 4.5h7"/></svg>',
    },
    RecoveryCodesOutput: {"recoveryCodes": ["K7QM-2XHD-5TRP-WZ3A", "A2BC-D3EF-G4HI-J5KL"]},
    AccountInput: {"username": "testuser", "email": "test@example.com"},
    PasswordInput: {"oldPassword": "password123", "newPassword": "correct horse battery"},
    ProfileInput: {"name": "testuser", "profilePicture": PICTURE, "bio": "Hello!"},
    AccountOutput: ACCOUNT,
    SignedInOutput: {"token": TOKEN, "user": ACCOUNT},
    PasswordChangedOutput: {"message": "Пароль изменён", "token": TOKEN},
    MeOutput: ACCOUNT | {"emailConfirmed": True} | PERSON | TIMES,
    ProfileOutput: {"id": 1, "username": "testuser", "name": "testuser", "isBot": False} | PERSON | TIMES,
    SessionOutput: {
        "id": "7f60f2e2-5c1b-4f4e-9a37-2f6d0f6b7d11",
        "userAgent": "Mozilla/5.0",
        "address": "203.0.113.7",
        "createdAt": CREATED,
        "lastSeenAt": "2024-01-02T09:30:00.000Z",
        "expiresAt": "2024-01-08T00:00:00.000Z",
        "isCurrent": True,
    },
    ScopeMissingOutput: {"details": {"scopes": ["messages.write"]}},
    SecondFactorNeededOutput: {"twoFactor": {"ticket": TICKET, "expiresAt": CREATED}},
    SecondFactorRequiredOutput: {"twoFactor": {"required": True}},
    EmailUnconfirmedOutput: {"emailConfirmation": {"required": True}},
    AccountBlockedOutput: {"blockedAt": CREATED, "blockedBy": 2, "blockReason": "Спам"},
}
ANSWERS["users_destroy"] = {"message": "User deleted successfully"}
ANSWERS |= {
    "password_forgot": {"message": "Если такая учётная запись есть, письмо уже в пути"},
    "password_reset": {"message": "Пароль изменён, войдите с ним"},
    "email_confirm": {"message": "Адрес e-mail подтверждён"},
    "email_send": {"message": "Письмо уже в пути"},
}
CHAPTERS |= {"accounts.api.two_factor": "auth", "accounts.api.recovery": "auth"}
REFUSALS |= {
    AccountBlocked: AccountBlockedOutput,
    ScopeMissing: ScopeMissingOutput,
    SecondFactorNeeded: SecondFactorNeededOutput,
    SecondFactorRequired: SecondFactorRequiredOutput,
    EmailUnconfirmed: EmailUnconfirmedOutput,
}
DOORS[SIGNED_IN] += (AccountBlocked, NotForBots, ScopeMissing)
DOORS[SETTLED] = (SecondFactorRequired, EmailUnconfirmed)
DOORS |= {"user_id": (UserNotFound,), "session_id": (SessionNotFound,)}
