"""All there is in the catalogue is announced by some act, and as the catalogue says."""

import json

import pytest

from events import log, sequencer
from events.words import KINDS, Audience

pytestmark = pytest.mark.django_db


class Day:
    """What Anna, Boris and Carol do, over REST; none of it is refused. Each act is written to the log before the next."""

    def __init__(self, api_as, anna, boris, carol):
        self.ids = {"anna": anna.pk, "boris": boris.pk, "carol": carol.pk}
        self.apis = {"anna": api_as(anna), "boris": api_as(boris), "carol": api_as(carol)}
        self.head, self.told = log.span().head, []

    def __call__(self, who, method, path, **body):
        answer = getattr(self.apis[who], method)(f"/api{path}", body or None)
        assert answer.status_code < 300, (path, answer.json())
        while sequencer.drain():
            pass
        entries = log.tail(self.head, 10_000)
        self.told += entries
        self.head = max([self.head, *(entry.seq for entry in entries)])
        return answer.json() if answer.content else {}


def befriend(do, one, other):
    do(one, "post", "/friends/request", friendId=do.ids[other])
    [request] = do(other, "get", "/friends/requests")["incoming"]
    do(other, "post", f"/friends/accept/{request['id']}")


def people(do):
    do("anna", "put", "/users", bio="hello")
    befriend(do, "anna", "boris")
    befriend(do, "anna", "carol")
    group = do("anna", "post", "/dms/groups", userIds=[do.ids["boris"], do.ids["carol"]])["id"]
    do("boris", "delete", f"/dms/{group}/participants/{do.ids['boris']}")
    do("anna", "post", f"/friends/block/{do.ids['carol']}")
    do("anna", "delete", f"/friends/block/{do.ids['carol']}")


def server(do):
    made = do("anna", "post", "/servers", name="Ours")["id"]
    do("anna", "put", f"/servers/{made}", name="Yours")
    for things, name in (("categories", "category"), ("roles", "role"), ("channels", "channel")):
        thing = do("anna", "post", f"/servers/{made}/{things}", name=name)["id"]
        do("anna", "patch" if things == "roles" else "put", f"/servers/{made}/{things}/{thing}", name="other")
        do("anna", "delete", f"/servers/{made}/{things}/{thing}")
    invite = do("anna", "post", f"/invite/{made}/invite")["invite"]
    do("boris", "post", f"/invite/invite/{invite['token']}/accept")
    do("anna", "delete", f"/invite/{invite['id']}")
    return made


def messages(do, server):
    channel = do("anna", "post", f"/servers/{server}/channels", name="talk")["id"]
    first, *others = [do("anna", "post", "/messages", channelId=channel, content=f"@boris {n}")["id"] for n in range(4)]
    do("boris", "put", "/messages/read", channelId=channel, messageId=first)
    do("anna", "put", f"/messages/{first}", content="better")
    do("boris", "put", f"/messages/{first}/reactions/👍")
    do("boris", "delete", f"/messages/{first}/reactions/👍")
    do("anna", "post", "/messages/bulk-delete", channelId=channel, messageIds=others)
    do("anna", "delete", f"/messages/{first}")


def farewells(do, server):
    members = f"/serverMembers/{server}/members"
    boris = do("boris", "get", f"{members}/me")["id"]
    do("anna", "patch", f"{members}/{boris}", nickname="Bo")
    do("anna", "post", f"{members}/{boris}/ban")
    do("anna", "delete", f"/servers/{server}/bans/{do.ids['boris']}")
    do("anna", "delete", f"/servers/{server}")


def test_every_kind_is_announced_by_some_act_as_the_catalogue_says(api_as, anna, boris, carol):
    do = Day(api_as, anna, boris, carol)
    people(do)
    ours = server(do)
    messages(do, ours)
    farewells(do, ours)
    assert {entry.kind for entry in do.told} == KINDS.keys()
    for entry in do.told:
        kind = KINDS[entry.kind]
        assert json.loads(entry.payload).keys() == kind.payload.keys(), entry.kind
        assert kind.audience is Audience.NOBODY or (entry.user_id is not None) is (kind.audience is Audience.USER), entry.kind
        assert kind.audience is not Audience.SERVER or entry.server_id is not None, entry.kind
        assert kind.audience is not Audience.CHANNEL or entry.channel_id is not None, entry.kind
