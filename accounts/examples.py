"""Examples of accounts for the OpenAPI document; seed 002's where it has them."""

from rest_framework import serializers

from accounts.errors import AccountBlocked, NotForBots, ScopeMissing, SessionNotFound, UserNotFound
from accounts.serializers import (
    AccountInput,
    AccountOutput,
    LoginInput,
    MeOutput,
    PasswordChangedOutput,
    PasswordInput,
    PlainLoginInput,
    ProfileInput,
    ProfileOutput,
    RegisterInput,
    SessionOutput,
    SignedInOutput,
)
from projectvoice.kernel.catalog import ANSWERS, DOORS, REFUSALS, SHAPES, SIGNED_IN, ErrorOutput
from projectvoice.kernel.serializers import CamelSerializer, DateTimeField, IntegerField

CREATED = "2024-01-01T00:00:00.000Z"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOiI3ZjYwZjJlMiJ9.c2lnbmF0dXJl"  # noqa: S105 - of nobody
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


SHAPES |= {
    RegisterInput: {"username": "testuser", "email": "test@example.com", "password": "password123"},
    LoginInput: {"email": "test@example.com", "password": "password123"},
    PlainLoginInput: {"login": "testuser", "password": "password123"},
    AccountInput: {"username": "testuser", "email": "test@example.com"},
    PasswordInput: {"oldPassword": "password123", "newPassword": "correct horse battery"},
    ProfileInput: {"name": "testuser", "profilePicture": PICTURE, "bio": "Hello!"},
    AccountOutput: ACCOUNT,
    SignedInOutput: {"token": TOKEN, "user": ACCOUNT},
    PasswordChangedOutput: {"message": "Пароль изменён", "token": TOKEN},
    MeOutput: ACCOUNT | PERSON | TIMES,
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
    AccountBlockedOutput: {"blockedAt": CREATED, "blockedBy": 2, "blockReason": "Спам"},
}
ANSWERS["users_destroy"] = {"message": "User deleted successfully"}
REFUSALS |= {AccountBlocked: AccountBlockedOutput, ScopeMissing: ScopeMissingOutput}
DOORS[SIGNED_IN] += (AccountBlocked, NotForBots, ScopeMissing)
DOORS |= {"user_id": (UserNotFound,), "session_id": (SessionNotFound,)}
