"""What a page of messages costs, in a channel of a thousand messages and in one of a million.

    RATE_LIMITS=off ./run --port 5001 --data-dir /tmp/bench &
    .venv/bin/python bench/rest/pages.py --url http://127.0.0.1:5001 --database "postgresql://app@%2Ftmp%2Fbench%2Fpostgres/app"

Cost is CPU time of the web server and of PostgreSQL, read from /proc over the whole series and divided by the requests:
it does not depend on what else the machine does. Linux only; the services must run on this machine.
"""

import argparse
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import requests

TICKS = os.sysconf("SC_CLK_TCK")
WORDS = ["hello", "voice", "channel", "сообщение", "привет", "канал", "tonight", "music"]
LIMIT = 50
SEED = """
INSERT INTO messaging_message (channel_id, position, user_id, content, is_edited, created_at, updated_at)
SELECT %(channel)s, n, %(user)s,
       (%(words)s::text[])[1 + n %% 8] || ' number ' || n || CASE WHEN n %% 997 = 0 THEN ' needle' ELSE '' END,
       false, now() - (%(count)s - n) * interval '1 second', now()
FROM generate_series(1, %(count)s) AS n
"""


def seed(database: str, channel: int, user: int, count: int) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SEED, {"channel": channel, "user": user, "count": count, "words": WORDS})
        connection.execute("INSERT INTO messaging_tally VALUES (%s, %s, %s)", [channel, count, count])
        connection.execute(
            'INSERT INTO messaging_block (channel_id, number, "left") SELECT channel_id, position / 1000, count(*)'
            " FROM messaging_message WHERE channel_id = %s GROUP BY 1, 2",
            [channel],
        )
        connection.execute("VACUUM ANALYZE messaging_message")


def stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; of a process that is gone, zeros."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50


def postmaster_of(database: str) -> int:
    with psycopg.connect(database) as connection:
        return int(stat(connection.info.backend_pid)[1])


def web_server_on(port: int) -> int:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (folder / "cmdline").read_bytes().split(b"\0")
            if b"projectvoice.asgi:application" in command and str(port).encode() in command:
                return int(folder.name)
    raise SystemExit(f"No web server of ours on port {port}")


def cpu_seconds(web: int, postmaster: int) -> float:
    """So far, of both with all that PostgreSQL started; the postmaster counts what its ended backends used."""
    backends = [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if stat(int(folder.name))[1] == str(postmaster)]
    return sum(int(field) for pid in (web, postmaster, *backends) for field in stat(pid)[11:15]) / TICKS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:5000")
    parser.add_argument("--database", required=True)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=200)
    options = parser.parse_args()
    session = requests.Session()
    name = f"bench-{secrets.token_hex(4)}"
    account = {"username": name, "email": f"{name}@example.com", "password": "password123"}
    signed_in = session.post(f"{options.url}/api/auth/register", json=account, timeout=10).json()
    session.headers["Authorization"] = f"Bearer {signed_in['token']}"
    server = session.post(f"{options.url}/api/servers", json={"name": "bench"}, timeout=10).json()["id"]
    channels = {}
    for count in (1000, options.large):
        body = {"name": f"{count} messages", "type": "text"}
        channel = session.post(f"{options.url}/api/servers/{server}/channels", json=body, timeout=10).json()["id"]
        seed(options.database, channel, signed_in["user"]["id"], count)
        channels[count] = channel
    watched = web_server_on(int(options.url.rpartition(":")[2])), postmaster_of(options.database)
    asks = {
        "newest page": ("messages", lambda count: {"page": 1}),
        "middle page": ("messages", lambda count: {"page": count // LIMIT // 2}),
        "last page": ("messages", lambda count: {"page": count // LIMIT}),
        "before a message in the middle": ("messages", lambda count: {"before": middle[count]}),
        "search, rare word": ("messages/search", lambda count: {"query": f"number {count // 2}"}),
        "search, no hit": ("messages/search", lambda count: {"query": "отсутствует"}),
        "search, common word": ("messages/search", lambda count: {"query": "привет"}),
    }
    middle = {}
    for count, channel in channels.items():
        found = session.get(
            f"{options.url}/api/messages", params={"channelId": channel, "page": count // 100}, timeout=60
        ).json()
        middle[count] = found["messages"][0]["id"]
    print(f"| CPU ms per request | 1 000 | {options.large:,} | ratio |\n|---|--:|--:|--:|".replace(",", " "))
    for what, (path, query) in asks.items():
        cost = []
        for count, channel in channels.items():
            repeats = options.requests if "common" not in what else max(5, options.requests // 20)
            params = {"channelId": channel, **query(count)}
            session.get(f"{options.url}/api/{path}", params=params, timeout=60).raise_for_status()
            before = cpu_seconds(*watched)
            for _ in range(repeats):
                session.get(f"{options.url}/api/{path}", params=params, timeout=60)
            time.sleep(0.2)
            cost.append((cpu_seconds(*watched) - before) / repeats * 1000)
        print(f"| {what} | {cost[0]:.1f} | {cost[1]:.1f} | {cost[1] / cost[0]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
