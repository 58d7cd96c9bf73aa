"""Members, roles and ownership under simultaneous requests: every outcome is a serial one."""

from functools import partial
from threading import Event, Thread

import pytest
from django.db import transaction

from servers.models import Member, Role, Server
from tests.api.test_races import AT_ONCE, at_once, statuses, waiters
from tests.factories import make_member, make_role, make_server, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def members_of(server, member=None, rest=""):
    return f"/api/serverMembers/{server.pk}/members" + (f"/{member.pk}{rest}" if member else "")


def transfer(api, server, user):
    return partial(api.post, f"/api/serverMembers/{server.pk}/owner", {"userId": user.pk})


def assigned(member, role):
    return f"/api/servers/{member.server_id}/roles/members/{member.pk}/roles/{role.pk}"


def the_owner(server):
    """There is exactly one, and both tables name him."""
    owner = Member.objects.get(server=server, role="owner")
    assert Server.objects.get(pk=server.pk).owner_id == owner.user_id
    return owner


def test_one_of_four_transfers_at_once_succeeds(api_as):
    for _ in range(ROUNDS):
        server = make_server()
        targets = [make_member(server) for _ in range(4)]
        clients = [api_as(server.owner) for _ in targets]
        answers = at_once(*(transfer(api, server, one.user) for api, one in zip(clients, targets, strict=True)))
        assert sorted(answers) == [200, 403, 403, 403]
        assert the_owner(server) == targets[answers.index(200)]
        assert server.members.get(user=server.owner).role == "admin"


@pytest.mark.parametrize("away", ["kick", "ban", "leave", "account"])
def test_a_transfer_against_the_targets_going_leaves_an_owner_who_is_a_member(api_as, away):
    for _ in range(ROUNDS):
        server = make_server()
        owner, admin, target = server.owner, make_member(server, "admin"), make_member(server)
        url, own = members_of(server, target), api_as(target.user)
        going = {
            "kick": partial(api_as(admin.user).delete, url),
            "ban": partial(api_as(admin.user).post, f"{url}/ban"),
            "leave": partial(own.delete, members_of(server) + "/me"),
            "account": partial(own.delete, "/api/users"),
        }[away]
        given, gone = at_once(transfer(api_as(owner), server, target.user), going)
        refusals = {"kick": {403}, "ban": {403}, "leave": {403}, "account": {400}}[away]
        assert given in {200, 400}
        assert gone in ({200, 204} if given == 400 else refusals)
        assert the_owner(server).user_id == (target.user_id if given == 200 else owner.pk)


def test_a_transfer_against_the_owners_account_ends_in_one_order_or_the_other(api_as):
    for _ in range(ROUNDS):
        server = make_server()
        owner, target = server.owner, make_member(server)
        given, gone = at_once(transfer(api_as(owner), server, target.user), partial(api_as(owner).delete, "/api/users"))
        assert given == 200
        assert gone in {200, 400}  # before the transfer he still owned a server with a member
        assert the_owner(server) == target


def test_adding_one_user_many_times_adds_him_once(api_as):
    server, user = make_server(), make_user()
    clients = [api_as(server.owner) for _ in range(AT_ONCE)]
    found = statuses(partial(api.post, members_of(server), {"userId": user.pk}) for api in clients)
    assert found == {201: 1, 400: AT_ONCE - 1}
    assert server.members.count() == 2


def test_a_role_assigned_many_times_is_held_once_and_stripped_once(api_as):
    server = make_server()
    member, role = make_member(server), make_role(server)
    clients = [api_as(server.owner) for _ in range(AT_ONCE)]
    assert statuses(partial(api.post, assigned(member, role)) for api in clients) == {201: 1, 400: AT_ONCE - 1}
    assert list(member.roles.all()) == [role]
    assert statuses(partial(api.delete, assigned(member, role)) for api in clients) == {204: 1, 404: AT_ONCE - 1}
    assert not member.roles.exists()


def test_assigning_against_deleting_the_role_leaves_no_reference(api_as):
    for _ in range(ROUNDS):
        server = make_server()
        role, members = make_role(server), [make_member(server) for _ in range(4)]
        api = api_as(server.owner)
        calls = [partial(api.post, assigned(member, role)) for member in members[:2]]
        calls += [partial(api.put, members_of(server, one, "/roles"), {"roleIds": [role.pk]}) for one in members[2:]]
        gone, *answers = at_once(partial(api.delete, f"/api/servers/{server.pk}/roles/{role.pk}"), *calls)
        assert gone == 204
        assert set(answers) <= {200, 201, 404}
        assert not Role.objects.filter(pk=role.pk).exists()
        assert not Member.roles.through.objects.exists()


@pytest.mark.parametrize("away", ["kick", "account"])
def test_changing_a_member_against_his_going(api_as, away):
    for _ in range(ROUNDS):
        server = make_server()
        member, role, api = make_member(server), make_role(server), api_as(server.owner)
        url, own = members_of(server, member), api_as(member.user)
        gone, *answers = at_once(
            partial(api.delete, url) if away == "kick" else partial(own.delete, "/api/users"),
            partial(api.put, url, {"role": "admin"}),
            partial(api.put, f"{url}/roles", {"roleIds": [role.pk]}),
            partial(api.post, assigned(member, role)),
            partial(api.patch, url, {"nickname": "n"}),
            partial(api.patch, f"{url}/voice", {"isMuted": True}),
        )
        assert gone in {200, 204}
        assert set(answers) <= {200, 201, 400, 404}
        assert not Member.objects.filter(pk=member.pk).exists()
        assert not Member.roles.through.objects.exists()


def test_promotion_and_a_kick_by_an_equal_end_in_one_order_or_the_other(api_as):
    """A moderator kicks a plain member who is made his equal at that moment."""
    for _ in range(ROUNDS):
        server = make_server()
        moderator, member = make_member(server, "moderator"), make_member(server)
        url = members_of(server, member)
        promoted, kicked = at_once(
            partial(api_as(server.owner).put, url, {"role": "moderator"}), partial(api_as(moderator.user).delete, url)
        )
        assert (promoted, kicked) in {(200, 403), (404, 204)}
        assert Member.objects.filter(pk=member.pk).exists() == (kicked == 403)


def test_who_is_demoted_while_he_waits_is_refused(api_as):
    """What was lost while waiting for the server's row counts: the door is passed once more behind it."""
    server = make_server()
    admin, target = make_member(server, "admin"), make_member(server)
    role, api, url = make_role(server), api_as(admin.user), members_of(server, target)
    calls = [
        partial(api.put, url, {"role": "moderator"}),
        partial(api.put, f"{url}/roles", {"roleIds": [role.pk]}),
        partial(api.patch, f"{url}/voice", {"isMuted": True}),
        partial(api.patch, url, {"nickname": "x"}),
        partial(api.post, members_of(server), {"userId": make_user().pk}),
        partial(api.post, f"/api/servers/{server.pk}/roles", {"name": "r"}),
        partial(api.patch, f"/api/servers/{server.pk}/roles/{role.pk}", {"name": "r"}),
        partial(api.delete, url),
    ]
    answers = behind_a_demotion(server, admin, calls)
    assert answers == [403] * len(calls)
    assert Member.objects.get(pk=target.pk).role == "member"


def behind_a_demotion(server, member, calls):
    """The calls pass their doors, wait for the server's row, and find their caller demoted when they get it."""
    waiting, answers = Event(), []

    def ask():
        waiting.wait(20)
        answers.extend(at_once(*calls))

    asking = Thread(target=ask)
    asking.start()
    with transaction.atomic():
        Server.objects.select_for_update().get(pk=server.pk)
        Member.objects.filter(pk=member.pk).update(role="member")
        waiting.set()
        while waiters() < len(calls):
            assert asking.is_alive(), answers
    asking.join(30)
    return answers
