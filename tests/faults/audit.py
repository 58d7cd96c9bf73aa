"""What must be true after any fault, asked of the database itself and of everybody who was told something."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from tests.faults.calls import Caller, GameCaller
from tests.faults.load import Administrator, Load, Parties, Subscriber, Writer
from tests.faults.relayed import Talker
from tests.faults.rig import Rig

HEARS = "server_id = %s AND user_id IS NULL AND kind NOT IN ('invite-created', 'invite-deleted') OR user_id = %s"
"""What a plain member hears who subscribes to one server, whose channels are open to all; and what is for himself."""


def every_answered_message_is_there_once(rig: Rig, writers: Sequence[Writer]) -> None:
    """Under the id that was told. What got no answer may be there, but never twice: a nonce counts once."""
    query = "SELECT nonce, id FROM messaging_message WHERE channel_id = %s AND user_id = %s"
    for writer in writers:
        rows = rig.sql(query, writer.channel, writer.user["user"]["id"])
        assert [nonce for nonce, count in Counter(nonce for nonce, _ in rows).items() if count > 1] == []
        stored = dict(rows)
        assert {nonce: stored.get(nonce) for nonce in writer.written} == writer.written


def no_invite_was_used_too_often(rig: Rig, parties: Parties) -> None:
    """Everybody who was told that he is in is in, and each of them took one use. An invite whose making was not answered was made
    again: of these two, one has no use.
    """
    query = """
        SELECT server.id, invited.uses, array_remove(array_agg(member.user_id), server.owner_id)
        FROM servers_server server JOIN servers_member member ON member.server_id = server.id
        JOIN (SELECT server_id, sum(uses) AS uses FROM servers_invite WHERE max_uses = %s GROUP BY server_id) AS invited
            ON invited.server_id = server.id
        WHERE server.id = ANY(%s) GROUP BY server.id, invited.uses
    """
    rows = rig.sql(query, Parties.SEATS, list(parties.admitted))
    assert {server for server, _, _ in rows} == parties.admitted.keys()
    for server, uses, members in rows:
        assert uses == len(members) <= Parties.SEATS, (server, uses, members)
        assert parties.admitted[server] <= set(members)


async def the_log_was_heard_without_a_gap(rig: Rig, subscriber: Subscriber) -> None:
    """In order, and none twice: once all that was announced is in the log, and told."""
    query = f"SELECT id, kind FROM events_event WHERE id > %s AND kind NOT IN ('access', 'gone') AND ({HEARS}) ORDER BY id"
    user = subscriber.user["user"]["id"]

    def log() -> list[tuple[Any, ...]]:
        return rig.sql(query, subscriber.first, subscriber.server, user)

    def differs() -> str:
        told, heard = log(), subscriber.heard
        first = next((place for place, (one, other) in enumerate(zip(told, heard, strict=False)) if one != other), len(heard))
        return f"the log has {len(told)}, {len(heard)} were heard: {told[first : first + 5]}, but {heard[first : first + 5]}"

    none_waits = "SELECT count(*) FROM events_announcement"
    await subscriber.load.until(lambda: rig.sql(none_waits) == [(0,)] and subscriber.heard == log(), differs)


async def rosters_are_exact(
    load: Load, callers: Sequence[Caller], subscribers: Sequence[Subscriber], ghosts: Collection[str | None] = ()
) -> None:
    """Nobody is missing, and nobody is there who is not, of the `ghosts` least of all: by what each was told himself."""
    told = [one for one in (*callers, *subscribers) if not isinstance(one, GameCaller)]

    def exact() -> bool:
        here = {one.id for one in callers}
        return here.isdisjoint({None, *ghosts}) and all(one.seats == here for one in told)

    await load.until(exact, lambda: f"{[one.id for one in callers]}, but {[one.seats for one in told]}")


async def each_hears_each(load: Load, callers: Sequence[Caller]) -> None:
    """In the web client's dialect, of which the numbers of signals are known."""
    callers = [one for one in callers if type(one) is Caller]
    before = {one: frozenset(one.heard) for one in callers}

    def heard(one: Caller) -> set[str]:
        return {sender for sender, _ in one.heard - before[one]}

    def all_heard() -> bool:
        return all({other.id for other in callers if other is not one} <= heard(one) for one in callers)

    await load.until(all_heard, lambda: [(one.id, heard(one)) for one in callers])


def carried(rig: Rig, talker: Talker) -> tuple[int, int]:
    """By what the relay has written down."""
    query = "SELECT coalesce(sum(bytes_up), 0)::bigint, coalesce(sum(bytes_down), 0)::bigint FROM turn_relayusage WHERE user_id = %s"
    return rig.sql(query, talker.user["user"]["id"])[0]


class Life:
    """One process of the relay: what is written down of it is what passed through it, within a hundredth."""

    def __init__(self, rig: Rig, talkers: Sequence[Talker]) -> None:
        self._rig = rig
        self._begun = {talker: (talker.said, talker.answered, *carried(rig, talker)) for talker in talkers}

    @property
    def least(self) -> int:
        """Bytes of the talker who has said least."""
        return min(talker.said - said for talker, (said, *_) in self._begun.items())

    async def was_counted(self, load: Load) -> None:
        """Of talkers who have fallen silent."""

        def told() -> list[Any]:
            return [(begun, talker.said, talker.answered, carried(self._rig, talker)) for talker, begun in self._begun.items()]

        await load.until(lambda: all(self._is_near(talker) for talker in self._begun), told)

    def _is_near(self, talker: Talker) -> bool:
        said, answered, up, down = self._begun[talker]
        counted_up, counted_down = carried(self._rig, talker)
        return _near(counted_up - up, talker.said - said) and _near(counted_down - down, talker.answered - answered)


def _near(counted: int, passed: int) -> bool:
    return abs(counted - passed) <= passed / 100


async def access_is_what_it_was(rig: Rig, member: dict, outsider: dict, server: int) -> None:
    """Refusal and success side by side."""
    for who, status in ((member, 200), (outsider, 403), (None, 401)):
        answer = await asyncio.to_thread(rig.api, "GET", f"/servers/{server}", who and who["token"])
        assert answer.status_code == status, answer.text


def the_audit_log_is_whole(rig: Rig, administrator: Administrator) -> None:
    """Its chain verifies, and holds whatever was answered."""
    rig.manage("verify_audit")
    about = str(administrator.victim["user"]["id"])
    assert rig.sql("SELECT count(*) FROM audit_auditentry WHERE target_id = %s", about)[0][0] >= administrator.acts
