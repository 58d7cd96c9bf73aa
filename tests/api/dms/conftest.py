"""Four people: Anna and Boris are friends and talk; Carol is Anna's friend; nobody knows Dora."""

from types import SimpleNamespace

import pytest

from accounts.models import User
from tests.factories import make_friends, make_user

URL = "/api/dms"
UNKNOWN = 2**31


@pytest.fixture
def dora():
    return make_user(username="Dora")


@pytest.fixture
def people(anna, boris, carol, dora):
    make_friends(anna, boris, carol)
    return SimpleNamespace(anna=anna, boris=boris, carol=carol, dora=dora)


def person(user: User) -> dict:
    return {
        "id": user.pk,
        "username": user.username,
        "profilePicture": user.profile_picture,
        "status": user.status,
        "tag": user.tag,
        "isBot": False,
    }
