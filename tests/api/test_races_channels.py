"""Overwrites, categories, timeouts and their log under simultaneous requests: every outcome is a serial one, and none is 503."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from audit.selectors import audit_fault
from projectvoice.kernel.serializers import iso
from servers.models import Category, Channel, Member, Overwrite, Server
from servers.permissions import Permission
from servers.services.channels import CATEGORIES_PER_SERVER, OVERWRITES_PER_CHANNEL
from tests.api.test_races import AT_ONCE, at_once, statuses
from tests.api.test_races_roles import ROUNDS, behind_a_demotion, members_of, the_owner, transfer
from tests.factories import make_channel, make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db(transaction=True)
SPEAK = {"deny": str(int(Permission.SPEAK))}


def overwrite(channel, role=None, member=None):
    path = f"/api/servers/{channel.server_id}/channels/{channel.pk}/permissions"
    return f"{path}/roles/{role.pk}" if role else f"{path}/members/{member.pk}"


def log_of(server):
    """Its acts, in their order; the chain is sound."""
    assert audit_fault(f"server:{server.pk}") is None
    return list(AuditEntry.objects.filter(log=f"server:{server.pk}").order_by("sequence").values_list("action", flat=True))


@pytest.mark.parametrize("whose", ["role", "member"])
def test_one_overwrite_put_many_times_is_one_row_and_one_act(api_as, whose):
    channel = make_channel(make_server())
    whom = {"role": make_role(channel.server)} if whose == "role" else {"member": make_member(channel.server)}
    clients = [api_as(channel.server.owner) for _ in range(AT_ONCE)]
    assert statuses(partial(api.put, overwrite(channel, **whom), SPEAK) for api in clients) == {200: AT_ONCE}
    assert Overwrite.objects.get().deny == Permission.SPEAK
    assert log_of(channel.server) == ["channel.create", "overwrite.put"]
    assert statuses(partial(api.delete, overwrite(channel, **whom)) for api in clients) == {204: 1, 404: AT_ONCE - 1}
    assert log_of(channel.server) == ["channel.create", "overwrite.put", "overwrite.delete"]


def test_the_last_overwrite_is_given_out_once(api_as):
    channel = make_channel(make_server())
    roles = [make_role(channel.server) for _ in range(OVERWRITES_PER_CHANNEL + AT_ONCE - 1)]
    Overwrite.objects.bulk_create(Overwrite(channel=channel, role=role) for role in roles[AT_ONCE:])
    clients = [api_as(channel.server.owner) for _ in range(AT_ONCE)]
    calls = [partial(api.put, overwrite(channel, role), SPEAK) for api, role in zip(clients, roles, strict=False)]
    assert statuses(calls) == {200: 1, 400: AT_ONCE - 1}
    assert Overwrite.objects.count() == OVERWRITES_PER_CHANNEL


def test_the_last_category_is_given_out_once(api_as):
    server = make_server()
    Category.objects.bulk_create(Category(server=server, name="c") for _ in range(CATEGORIES_PER_SERVER - 1))
    clients = [api_as(server.owner) for _ in range(AT_ONCE)]
    found = statuses(partial(api.post, f"/api/servers/{server.pk}/categories", {"name": "last"}) for api in clients)
    assert found == {201: 1, 400: AT_ONCE - 1}
    assert Category.objects.count() == CATEGORIES_PER_SERVER


def test_channels_move_against_the_end_of_their_category(api_as):
    for _ in range(ROUNDS):
        server = make_server()
        category = Category.objects.create(server=server, name="c")
        places = [{"id": make_channel(server).pk, "position": 5, "categoryId": category.pk} for _ in range(3)]
        api = api_as(server.owner)
        gone, moved, one = at_once(
            partial(api.delete, f"/api/servers/{server.pk}/categories/{category.pk}"),
            partial(api.put, f"/api/servers/{server.pk}/channels/order", {"channels": places}),
            partial(api.put, f"/api/servers/{server.pk}/channels/{places[0]['id']}", {"categoryId": category.pk}),
        )
        assert gone == 204
        assert {moved, one} <= {200, 404}
        assert not Channel.objects.filter(category__isnull=False).exists()
        assert {*server.channels.values_list("position", flat=True)} == ({5} if moved == 200 else {0, 1, 2})


def test_overwrites_against_the_end_of_what_they_are_for_and_of_their_channel(api_as):
    for _ in range(ROUNDS):
        channel = make_channel(make_server())
        server, api = channel.server, api_as(channel.server.owner)
        role, member, leaver = make_role(server), make_member(server), make_member(server)
        gone, kicked, left, *answers = at_once(
            partial(api.delete, f"/api/servers/{server.pk}/roles/{role.pk}"),
            partial(api.delete, members_of(server, member)),
            partial(api_as(leaver.user).delete, "/api/users"),
            partial(api.put, overwrite(channel, role), SPEAK),
            *[partial(api.put, overwrite(channel, member=one), SPEAK) for one in (member, leaver)],
            partial(api.delete, f"/api/servers/{server.pk}/channels/{channel.pk}"),
        )
        assert (gone, kicked, left, answers.pop()) == (204, 204, 200, 204)
        assert {*answers} <= {200, 404}
        assert not Overwrite.objects.exists()
        log_of(server)


def test_a_timeout_against_a_kick_ends_in_one_order_or_the_other(api_as):
    body = {"mutedUntil": iso(timezone.now() + timedelta(hours=1))}
    for _ in range(ROUNDS):
        server = make_server()
        member, api = make_member(server), api_as(server.owner)
        url = members_of(server, member)
        kicked, *answers = at_once(partial(api.delete, url), *[partial(api.patch, f"{url}/timeout", body)] * 3)
        assert kicked == 204
        assert {*answers} <= {200, 404}
        assert not Member.objects.filter(pk=member.pk).exists()
        acts = log_of(server)  # the same timeout again changes nothing; who was timed out may be gone before the answer
        assert acts in (["member.kick"], ["member.timeout", "member.kick"])
        assert 200 not in answers or len(acts) == 2


def test_two_moves_at_once_are_two_acts(api_as):
    for _ in range(ROUNDS):
        server = make_server()
        member, channels = make_member(server), [make_channel(server), make_channel(server)]
        url = members_of(server, member, "/move")
        calls = [partial(api_as(server.owner).post, url, {"channelId": channel.pk}) for channel in channels]
        assert at_once(*calls) == [200, 200]
        assert log_of(server) == [*["channel.create"] * 2, *["member.move"] * 2]


def test_a_move_against_all_that_may_end_it(api_as):
    for _ in range(ROUNDS):
        channel = make_channel(make_server())
        server, owner = channel.server, api_as(channel.server.owner)
        mover, member, leaver = make_member(server, "moderator"), make_member(server), make_member(server)
        api, here = api_as(mover.user), {"channelId": channel.pk}
        demoted, kicked, left, became, *moved = at_once(
            partial(owner.put, members_of(server, mover), {"role": "member"}),
            partial(owner.delete, members_of(server, member)),
            partial(api_as(leaver.user).delete, "/api/users"),
            partial(owner.put, f"/api/servers/{server.pk}/channels/{channel.pk}", {"type": "text"}),
            *[partial(api.post, members_of(server, one, "/move"), here) for one in (member, leaver)],
        )
        assert (demoted, kicked, left, became) == (200, 204, 200, 200)
        assert {*moved} <= {200, 400, 403, 404}
        assert log_of(server).count("member.move") == moved.count(200)


def test_moves_against_the_end_of_their_channel(api_as):
    for _ in range(ROUNDS):
        channel = make_channel(make_server())
        server, api = channel.server, api_as(channel.server.owner)
        url = members_of(server, make_member(server), "/move")
        gone, *moved = at_once(
            partial(api.delete, f"/api/servers/{server.pk}/channels/{channel.pk}"),
            *[partial(api.post, url, {"channelId": channel.pk})] * 3,
        )
        assert gone == 204
        assert {*moved} <= {200, 404}
        acts = log_of(server)
        assert acts == ["channel.create", *["member.move"] * moved.count(200), "channel.delete"], "none after the end"


def test_limits_set_at_once_are_written_as_a_chain(api_as):
    channel = make_channel(make_server())
    url = f"/api/servers/{channel.server_id}/channels/{channel.pk}"
    clients = [api_as(channel.server.owner) for _ in range(AT_ONCE)]
    calls = [partial(api.put, url, {"userLimit": limit}) for limit, api in enumerate(clients, start=1)]
    assert statuses(calls) == {200: AT_ONCE}
    log_of(channel.server)
    changes = AuditEntry.objects.filter(action="channel.update").order_by("sequence").values_list("before", "after")
    limits = [0, *(after["user_limit"] for _, after in changes)]
    assert [before["user_limit"] for before, _ in changes] == limits[:-1], "each saw what the one before had written"
    assert sorted(limits) == [*range(AT_ONCE + 1)]
    assert Channel.objects.get().user_limit == limits[-1]


def test_a_timeout_against_a_promotion_by_which_he_may_not_be_timed_out(api_as):
    body = {"mutedUntil": iso(timezone.now() + timedelta(hours=1))}
    for _ in range(ROUNDS):
        server = make_server()
        moderator, member = make_member(server, "moderator"), make_member(server)
        url = members_of(server, member)
        promoted, muted = at_once(
            partial(api_as(server.owner).put, url, {"role": "admin"}),
            partial(api_as(moderator.user).patch, f"{url}/timeout", body),
        )
        assert promoted == 200
        assert (muted == 200) == bool(Member.objects.get(pk=member.pk).muted_until)
        assert muted in {200, 403}


def test_who_is_demoted_while_he_waits_arranges_nothing(api_as):
    channel = make_channel(make_server())
    server = channel.server
    admin, target, role = make_member(server, "admin"), make_member(server), make_role(server)
    category = Category.objects.create(server=server, name="c")
    api, base = api_as(admin.user), f"/api/servers/{server.pk}"
    calls = [
        partial(api.put, overwrite(channel, role), SPEAK),
        partial(api.put, overwrite(channel, member=target), SPEAK),
        partial(api.put, f"{base}/channels/order", {"channels": [{"id": channel.pk, "position": 7}]}),
        partial(api.post, f"{base}/categories", {"name": "d"}),
        partial(api.delete, f"{base}/categories/{category.pk}"),
        partial(api.patch, f"{members_of(server, target)}/timeout", {"mutedUntil": iso(timezone.now())}),
        partial(api.post, f"/api/invite/{server.pk}/invite"),
    ]
    assert behind_a_demotion(server, admin, calls) == [403] * len(calls)
    assert not Overwrite.objects.exists()
    assert log_of(server) == ["channel.create"]


def test_transfers_against_the_accounts_end_in_one_order_or_the_other(api_as):
    """Old owners and new ones go while servers change hands both ways."""
    for _ in range(ROUNDS):
        mine, theirs = make_server(), make_server()
        ann, bob = mine.owner, theirs.owner
        make_member(mine, user=bob)
        make_member(theirs, user=ann)
        calls = [partial(transfer(api_as(ann), mine, bob)), partial(transfer(api_as(bob), theirs, ann))] * 3
        calls += [partial(api_as(user).delete, "/api/users") for user in (ann, bob)]
        *given, _, _ = answers = at_once(*calls)
        assert {*answers} <= {200, 400, 401, 403, 404}
        assert 200 in given
        for server in Server.objects.filter(pk__in=[mine.pk, theirs.pk]):
            the_owner(server)
            log_of(server)


def test_acts_on_the_owner_against_the_end_of_his_account(api_as):
    """He is alone with an admin who leaves: each waits for what the other holds, were they not all to begin with accounts."""
    for _ in range(ROUNDS):
        server = make_server()
        owner, admin, own = server.owner, make_member(server, "admin"), server.members.get(role="owner")
        api, here = api_as(admin.user), api_as(owner)
        answers = at_once(
            partial(api.delete, members_of(server, own)),
            partial(api.patch, members_of(server, own, "/timeout"), {"mutedUntil": None}),
            partial(api.patch, members_of(server, own), {"nickname": "n"}),
            partial(here.post, f"/api/invite/{server.pk}/invite"),
            partial(here.put, members_of(server, own, "/roles"), {"roleIds": []}),
            partial(api.delete, members_of(server) + "/me"),
            *[partial(here.delete, "/api/users")] * 3,
        )
        assert {*answers} <= {200, 201, 204, 400, 401, 403, 404}, answers
        log_of(server)


def test_the_end_of_a_server_against_the_ends_of_its_members_accounts(api_as):
    for _ in range(ROUNDS):
        server = make_server()
        members = [make_member(server) for _ in range(6)]
        for channel in [make_channel(server) for _ in range(4)]:
            Overwrite.objects.bulk_create(Overwrite(channel=channel, member=member) for member in reversed(members))
        calls = [partial(api_as(member.user).delete, "/api/users") for member in members]
        assert at_once(partial(api_as(server.owner).delete, f"/api/servers/{server.pk}"), *calls) == [204, *[200] * 6]
        assert not Overwrite.objects.exists()


def test_adding_somebody_against_the_end_of_his_account(api_as):
    for _ in range(ROUNDS):
        server, user = make_server(), make_user()
        calls = [partial(api_as(server.owner).post, members_of(server), {"userId": user.pk}) for _ in range(4)]
        gone, *answers = at_once(partial(api_as(user).delete, "/api/users"), *calls)
        assert gone == 200
        assert {*answers} <= {201, 400, 404}
        assert server.members.count() == 1
