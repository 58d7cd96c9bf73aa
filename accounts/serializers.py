"""Shapes of accounts on the wire."""

import re
import unicodedata
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import GlobalRole, Status
from projectvoice.kernel.serializers import (
    BooleanField,
    CamelSerializer,
    ChoiceField,
    DateTimeField,
    IntegerField,
    LinkField,
    TextField,
    complaint,
)

PASSWORD_BYTES = 128
ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE"})


def alphabets_of(word: str) -> set[str]:
    """Of those whose letters look like another's: who writes `admin` with a Cyrillic `а` wants to be taken for somebody else."""
    return {unicodedata.name(letter, "?").partition(" ")[0] for letter in word} & ALIKE


@extend_schema_field(
    {
        "type": "string",
        "maxLength": 25,
        "description": "3 to 25 letters of any script, digits, dots, hyphens and underscores",
    }
)
class UsernameField(TextField):
    default_error_messages = {
        "characters": complaint(
            "Use 3 to 25 letters, digits, dots, hyphens and underscores.",
            "Нужно от 3 до 25 букв, цифр, точек, дефисов и подчёркиваний.",
        ),
        "lookalikes": complaint(
            "Letters of one word must be of one alphabet.",
            "Буквы одного слова должны быть из одного алфавита.",
        ),
    }

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        username = unicodedata.normalize("NFKC", text) if len(text) <= 100 else ""  # a long one may grow eighteenfold
        if not re.fullmatch(r"[\w.-]{3,25}", username):
            self.fail("characters")
        if any(len(alphabets_of(word)) > 1 for word in re.split(r"[\W\d_]+", username)):
            self.fail("lookalikes")
        return username


class PasswordField(TextField):
    """8 characters to 128 bytes, checked before any hashing. No list of common passwords: seed 002's example is one."""

    default_error_messages = {"too_long": complaint("At most 128 bytes.", "Не больше 128 байт.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, write_only=True, help_text="At most 128 bytes in UTF-8", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        password = super().to_internal_value(data)
        if len(password.encode()) > PASSWORD_BYTES:
            self.fail("too_long")
        return password


class EmailField(serializers.EmailField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class RegisterInput(CamelSerializer):
    username = UsernameField()
    email = EmailField()
    password = PasswordField(min_length=8)


class CodeField(TextField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, write_only=True, help_text="Six digits of the app, or a recovery code", **kwargs)


class LoginInput(CamelSerializer):
    email = TextField(max_length=254)
    password = PasswordField()
    two_factor_code = CodeField(required=False, allow_blank=True, allow_null=True)


class PlainLoginInput(CamelSerializer):
    login = TextField(max_length=254, help_text="E-mail or username")
    password = PasswordField()
    two_factor_code = CodeField(required=False, allow_blank=True, allow_null=True)


class TicketInput(CamelSerializer):
    ticket = TextField(max_length=500)
    code = CodeField()


class OwnPasswordInput(CamelSerializer):
    password = PasswordField()


class CodeInput(CamelSerializer):
    code = CodeField()


class PasswordAndCodeInput(CamelSerializer):
    password = PasswordField()
    code = CodeField()


class ForgotInput(CamelSerializer):
    email = TextField(max_length=254)


class ResetInput(CamelSerializer):
    token = TextField(max_length=500, help_text="What stands behind # in the link")
    new_password = PasswordField(min_length=8)


class EmailConfirmInput(CamelSerializer):
    token = TextField(max_length=500, help_text="What stands behind # in the link")


class AccountInput(CamelSerializer):
    username = UsernameField(required=False)
    email = EmailField(required=False)


class PasswordInput(CamelSerializer):
    old_password = PasswordField()
    new_password = PasswordField(min_length=8)


class ProfileInput(CamelSerializer):
    """Seed 002 writes `name`; `username` is accepted too and wins."""

    name = UsernameField(required=False)
    username = UsernameField(required=False)
    profile_picture = LinkField(required=False, allow_null=True, allow_blank=True)
    bio = TextField(required=False, allow_null=True, allow_blank=True, max_length=500)
    status = ChoiceField(choices=Status.choices, required=False)


class AccountOutput(CamelSerializer):
    id = IntegerField()
    username = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=GlobalRole.choices)
    is_active = BooleanField()


class SignedInOutput(CamelSerializer):
    token = serializers.CharField()
    user = AccountOutput()


class PasswordChangedOutput(CamelSerializer):
    message = serializers.CharField()
    token = serializers.CharField()


class TwoFactorOutput(CamelSerializer):
    enabled = BooleanField()
    recovery_codes_left = IntegerField(min_value=0)
    required = BooleanField(help_text="By this instance, of the caller")  # type: ignore[assignment]  # a field here, not what the base class means by it


class OfferOutput(CamelSerializer):
    secret = serializers.CharField(help_text="In base 32, to be typed into an app")
    uri = serializers.CharField(help_text="otpauth://")
    qr = serializers.CharField(help_text="The same as an `<svg>`")


class RecoveryCodesOutput(CamelSerializer):
    recovery_codes = serializers.ListField(child=serializers.CharField(), help_text="Ten, each good once; told only now")


class MeOutput(AccountOutput):
    email_confirmed = BooleanField()
    profile_picture = serializers.CharField(allow_null=True)
    bio = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices)
    tag = serializers.CharField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class ProfileOutput(CamelSerializer):
    """Somebody as others see him; seed 002 says `username` in one answer and `name` in another, so both are there."""

    id = IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(source="username")
    profile_picture = serializers.CharField(allow_null=True)
    bio = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices)
    tag = serializers.CharField()
    is_bot = BooleanField()
    created_at = DateTimeField()
    updated_at = DateTimeField()


class SessionOutput(CamelSerializer):
    id = serializers.UUIDField()
    user_agent = serializers.CharField()
    address = serializers.CharField(allow_null=True)
    created_at = DateTimeField()
    last_seen_at = DateTimeField()
    expires_at = DateTimeField()
    is_current = serializers.SerializerMethodField()

    def get_is_current(self, session: Any) -> bool:
        return bool(session.pk == self.context.get("current"))
