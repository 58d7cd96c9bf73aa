"""What an answer costs does not grow with what is in it."""

import pytest

from servers.access import access_server
from servers.models import Ban, Overwrite
from servers.permissions import Permission
from servers.services.channels import category_create
from tests.factories import make_channel, make_invite, make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db

# path → queries, the one for the token included
COSTS = {
    "/auth/me": 1,
    "/auth/sessions": 2,
    "/users": 1,
    "/users/{user}": 2,
    "/servers": 9,
    "/servers/{server}": 9,
    "/servers/{server}/channels": 4,
    "/servers/{server}/roles": 3,
    "/servers/{server}/bans": 3,
    "/servers/{server}/categories": 3,
    "/servers/{server}/channels/{channel}/permissions": 3,
    "/servers/{server}/audit": 4,
    "/serverMembers/{server}/members": 4,
    "/serverMembers/{server}/members?page=1&limit=5": 4,
    "/serverMembers/{server}/members/me": 4,
    "/invite/{server}/invites": 3,
}


def fill(server):
    make_member(server, permissions=Permission.KICK_MEMBERS)
    make_member(server, "moderator")
    make_channel(server)
    make_invite(server)
    Ban.objects.create(server=server, user=make_user(), banned_by=server.owner)
    category_create(access=access_server(server.owner, server.pk), name="c")
    Overwrite.objects.create(channel=server.channels.earliest("id"), role=make_role(server))


@pytest.mark.parametrize("path", COSTS)
def test_a_read_costs_the_same_for_one_row_and_for_many(api_as, django_assert_num_queries, path):
    owner = make_user()
    server = make_server(owner)
    fill(server)
    channel = server.channels.get().pk
    api, url = api_as(owner), "/api" + path.format(server=server.pk, user=owner.pk, channel=channel)
    with django_assert_num_queries(COSTS[path]):
        small = api.get(url)
    for _ in range(5):
        fill(server)
        fill(make_server(owner))
    with django_assert_num_queries(COSTS[path]):
        large = api.get(url)
    assert (small.status_code, large.status_code) == (200, 200)
