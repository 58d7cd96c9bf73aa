"""Before anything is measured: every server answers the same JSON and refuses the same callers, and its writes keep our counts."""

import http.client
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import psycopg

Answer = tuple[int, Any]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MADE = ("id", "createdAt", "updatedAt")  # of a new message: different each time
BROKEN_COUNTS = """
SELECT 'the tally' FROM messaging_tally t WHERE channel_id = %(channel)s AND (total, last_position) IS DISTINCT FROM
    (SELECT (COUNT(*), MAX(position)) FROM messaging_message WHERE channel_id = t.channel_id)
UNION ALL
SELECT 'block ' || number FROM (
    SELECT number, "left" FROM messaging_block WHERE channel_id = %(channel)s
) b FULL JOIN (
    SELECT position / 1000 AS number, COUNT(*) AS "left" FROM messaging_message WHERE channel_id = %(channel)s GROUP BY 1
) m USING (number) WHERE b."left" IS DISTINCT FROM m."left"
UNION ALL
SELECT 'the read state' WHERE NOT EXISTS (
    SELECT FROM messaging_readstate s JOIN messaging_message m ON m.id = s.last_read_id AND m.position = s.position
    WHERE s.user_id = %(user)s AND s.channel_id = %(channel)s
    AND s.position = (SELECT MAX(position) FROM messaging_message WHERE channel_id = %(channel)s AND user_id = %(user)s)
)
UNION ALL
SELECT 'the order of ids' FROM (
    SELECT id < lag(id) OVER (ORDER BY position) AS falls FROM messaging_message WHERE channel_id = %(channel)s
) ordered WHERE falls LIMIT 1
"""


def verify(ports: dict[str, int], searching: Iterable[str], facts: dict[str, Any], database: str) -> int:
    """`ports` by name, ours first. Ends the run at the first difference; returns how many answers were compared."""
    ours, *peers = ports
    compared = 0
    for path, who in reads(facts):
        expected = ask(ports[ours], "GET", path, facts["tokens"].get(who))
        for peer in peers:
            compared += compare(
                f"GET {path} as {who}", ours, expected, peer, ask(ports[peer], "GET", path, facts["tokens"].get(who))
            )
    for path in searches(facts):
        expected = ask(ports[ours], "GET", path, facts["tokens"]["caller"])
        for peer in searching:
            compared += compare(f"GET {path}", ours, expected, peer, ask(ports[peer], "GET", path, facts["tokens"]["caller"]))
    for body, who in writes(facts):
        expected = masked(ask(ports[ours], "POST", "/api/messages", facts["tokens"].get(who), body))
        for peer in peers:
            answer = masked(ask(ports[peer], "POST", "/api/messages", facts["tokens"].get(who), body))
            compared += compare(f"POST {body} as {who}", ours, expected, peer, answer)
    for name, port in ports.items():
        refuse_second_of_a_nonce(name, port, facts)
    refuse_broken_counts(facts, database)
    after = f"/api/messages?channelId={facts['channels']['posts']}"
    expected = ask(ports[ours], "GET", after, facts["tokens"]["caller"])
    for peer in peers:
        compared += compare(f"GET {after}", ours, expected, peer, ask(ports[peer], "GET", after, facts["tokens"]["caller"]))
    return compared


def reads(facts: dict[str, Any]) -> list[tuple[str, str]]:
    channels, server = facts["channels"], facts["server"]
    large, small = (f"/api/messages?channelId={channels[name]}" for name in ("large", "small"))
    last = {name: -(-count // 50) for name, count in facts["messages"].items()}
    ways = [
        *(f"{small}&page={page}" for page in range(1, last["small"] + 2)),
        *(f"{large}&page={page}" for page in (1, 2, 19, 20, 21, last["large"] // 2, last["large"], last["large"] + 1)),
        *(f"{small}{query}" for query in ("", "&limit=7&page=3", "&limit=1000", "&page=99999999999999999999")),
        "/api/servers",
        f"/api/servers/{server}",
        *(
            f"/api/serverMembers/{server}/members{query}"
            for query in ("", "?page=1&limit=100", "?page=50", "?page=99", "?limit=3")
        ),
    ]
    wrong = [
        *(f"{small}&{query}" for query in ("page=0", "page=x", "limit=-1", "limit=")),
        *(f"/api/messages?channelId={channel}" for channel in ("", "x", "999999999", channels["small"] + 1)),
        "/api/messages",
        "/api/servers/999999999",
        "/api/serverMembers/999999999/members",
        f"/api/serverMembers/{server}/members?page=0",
    ]
    for channel, closed in facts["closed"]:
        wrong += [f"/api/messages?channelId={channel}", f"/api/servers/{closed}", f"/api/serverMembers/{closed}/members"]
    ways += [f"/api/messages?channelId={channel}" for channel in facts["overwritten"]]
    doors = [f"{small}&page=0", "/api/servers", f"/api/servers/{server}", f"/api/serverMembers/{server}/members?page=0"]
    others = [(path, who) for path in doors for who in ("stranger", "blocked", "ended", "nobody")]
    return [*((path, "caller") for path in (*ways, *wrong)), *others]


def searches(facts: dict[str, Any]) -> list[str]:
    texts = [*facts["searches"].values(), "МУЗЫКА сегодня", "100%", "a_b", "\\", "x" * 201, " ", "о"]
    return [
        f"/api/messages/search?{urlencode({'channelId': facts['channels'][channel], 'query': text, 'page': page})}"
        for channel in ("small", "large")
        for text in texts
        for page in (1, 2)
        if channel == "small" or len(text) > 2
    ]


def writes(facts: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    posts, small = facts["channels"]["posts"], facts["channels"]["small"]
    said = {"channelId": posts, "content": " Привет, hello 👍 \n"}
    return [
        (said, "caller"),
        ({**said, "nonce": None, "replyToId": None, "unknown": 1}, "caller"),
        *(
            ({**said, **bad}, "caller")
            for bad in ({"content": ""}, {"content": 5}, {"content": "a\0"}, {"content": "x" * 4001})
        ),
        *(({**said, "channelId": channel}, "caller") for channel in (None, "x", -1, 999_999_999, small + 1)),
        *(({**said, **bad}, "caller") for bad in ({"replyToId": 1}, {"replyToId": "x"}, {"nonce": ""}, {"nonce": "n" * 65})),
        *(
            ({**said, "channelId": channel}, "caller")
            for channel in (*(channel for channel, _ in facts["closed"]), *facts["overwritten"])
        ),
        *((said, who) for who in ("stranger", "blocked", "ended", "nobody")),
    ]


def ask(port: int, method: str, path: str, token: str | None, body: object = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    if response.status >= 400:
        return response.status, answer["code"]  # each has its own words
    return response.status, answer


def masked(answer: Answer) -> Answer:
    status, message = answer
    if status >= 400:
        return answer
    if not (
        type(message["id"]) is int and MOMENT.fullmatch(message["createdAt"]) and message["createdAt"] == message["updatedAt"]
    ):
        raise SystemExit(f"Not the id and dates of a new message: {message}")
    return status, {**message, **dict.fromkeys(MADE)}


def compare(what: str, ours: str, expected: Answer, peer: str, answer: Answer) -> int:
    if difference := first_difference(expected, answer, "answer"):
        raise SystemExit(f"{what}: {ours} and {peer} differ. {difference}")
    return 1


def first_difference(expected: Any, found: Any, at: str) -> str:
    """Types count: true is not 1. Empty when there is none."""
    if type(expected) is not type(found):
        return f"{at}: {expected!r:.200} and {found!r:.200}"
    if isinstance(expected, dict):
        if expected.keys() != found.keys():
            return f"{at}: keys {sorted(expected.keys() ^ found.keys())} are in one only"
        return next(filter(None, (first_difference(expected[key], found[key], f"{at}.{key}") for key in expected)), "")
    if isinstance(expected, list | tuple):
        if len(expected) != len(found):
            return f"{at}: {len(expected)} and {len(found)} elements"
        pairs = enumerate(zip(expected, found, strict=True))
        return next(filter(None, (first_difference(one, other, f"{at}[{place}]") for place, (one, other) in pairs)), "")
    return "" if expected == found else f"{at}: {expected!r:.200} and {found!r:.200}"


def refuse_second_of_a_nonce(name: str, port: int, facts: dict[str, Any]) -> None:
    body = {"channelId": facts["channels"]["posts"], "content": "once", "nonce": f"{name} {facts['tokens']['caller'][-40:]}"}
    (first, made), (second, same) = (ask(port, "POST", "/api/messages", facts["tokens"]["caller"], body) for _ in range(2))
    if (first, second) != (201, 200) or made != same:
        raise SystemExit(f"{name}: the same nonce made two messages, {made} and {same}")
    reply = {"channelId": body["channelId"], "content": "reply", "replyToId": made["id"]}
    status, answered = ask(port, "POST", "/api/messages", facts["tokens"]["caller"], reply)
    if status != 201 or answered["replyToId"] != made["id"]:
        raise SystemExit(f"{name}: not the reply that was written: {answered}")


def refuse_broken_counts(facts: dict[str, Any], database: str) -> None:
    with psycopg.connect(database) as connection:
        values = {"channel": facts["channels"]["posts"], "user": facts["users"]["caller"]}
        broken = [what for (what,) in connection.execute(BROKEN_COUNTS, values)]
    if broken:
        raise SystemExit(f"After these writes there is something wrong with {', '.join(broken)}")
