"""What accounts announce, each within the transaction of the act."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from accounts.profile import after_profile_change
from accounts.serializers import MeOutput
from events.services import announce

PROFILE = ("username", "profile_picture")  # what stands wherever somebody is named


def tell_user(user: User) -> None:
    """To himself, as `GET /api/auth/me` answers."""
    announce("user-updated", user_id=user.pk, subject_id=user.pk, actor_id=user.pk)


def tell_profile(user: User) -> None:
    for tell in after_profile_change:
        tell(user)


def users_shown(ids: list[int]) -> Mapping[int, Any]:
    return {user["id"]: user for user in MeOutput(User.objects.filter(pk__in=ids), many=True).data}
