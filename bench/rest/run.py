"""What a REST request costs: our server beside two Node peers on the same database. See bench/rest/README.md.

.venv/bin/python -m bench.rest.run --quick
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from bench.ports import free_port
from bench.rest.cpu import processes, seconds_of_queries, seconds_of_tree
from bench.rest.load import Request, flat_out, get, paced, post
from bench.rest.verify import ask, verify
from launch.bootstrap import DEVELOPMENT, RUNTIME, VENV, ensure_venv
from launch.console import LaunchError, complain, say
from launch.crew import Crew
from launch.environment import inherited
from launch.options import ROOT
from launch.postgres import Cluster

PEERS = ROOT / "bench" / "peers"
OURS, SEQUELIZE, PG = "ProjectVoice", "express-sequelize", "express-pg"
READY_TIMEOUT = 60.0
BUSY = 4  # connections that ask without pause, while CPU is measured
CONNECTIONS = 32  # for paced requests
SHARE = 0.4  # of what the slowest server answers flat out: the rate of paced requests
FEWEST = 20  # requests in a series: the kernel counts CPU time in steps of 10 ms
LIMIT = 50


@dataclass(frozen=True)
class Plan:
    """How much is measured. Seconds are of load, for one server and one request."""

    messages: int
    rounds: int
    cpu_seconds: float
    paced_seconds: float
    fewest_paced: int


FULL = Plan(messages=1_000_000, rounds=5, cpu_seconds=2, paced_seconds=12, fewest_paced=200)
QUICK = Plan(messages=100_000, rounds=3, cpu_seconds=1, paced_seconds=4, fewest_paced=40)


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    pid: int


@dataclass(frozen=True)
class Case:
    name: str
    request: Request
    servers: tuple[str, ...] = (OURS, SEQUELIZE, PG)


@dataclass
class Cost:
    """CPU milliseconds per request, one of each round; seconds of paced requests, of all rounds."""

    web: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    paced: list[float] = field(default_factory=list)
    capacity: float = 0.0  # requests a second flat out
    rate: float = 0.0

    @property
    def cpu(self) -> list[float]:
        return [web + database for web, database in zip(self.web, self.database, strict=True)]

    def summary(self) -> dict[str, Any]:
        percentiles = statistics.quantiles(self.paced, n=100) if self.paced else None
        return {
            "cpuMs": spread(self.cpu),
            "webCpuMs": spread(self.web),
            "databaseCpuMs": spread(self.database),
            "capacityPerSecond": self.capacity,
            "pacedPerSecond": self.rate,
            "latencyMs": percentiles and {"p50": percentiles[49] * 1000, "p99": percentiles[98] * 1000},
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100 000 messages instead of 1 000 000, and fewer rounds")
    parser.add_argument("--data-dir", type=Path, help="keep the filled database there, and use it again the next time")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--skip", action="append", default=[], choices=["endpoints", "latency", "pages", "searches"])
    options = parser.parse_args()
    try:
        ensure_venv([RUNTIME, DEVELOPMENT])
        with folder_for(options.data_dir) as folder:
            figures = asyncio.run(bench(QUICK if options.quick else FULL, folder, options.skip))
        if options.json:
            options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
        return 0
    except LaunchError as error:
        complain(str(error))
        return 1


async def bench(plan: Plan, folder: Path, skip: list[str]) -> dict[str, Any]:
    crew = Crew()
    crew.obey_signals()
    try:
        async with running(plan, folder, crew) as (servers, facts, database):
            ports = {server.name: server.port for server in servers}
            compared = await asyncio.to_thread(verify, ports, [PG], facts, database)
            say(f"{compared} answers of the peers are the same as ours.")
            postmaster = postmaster_of(database)
            figures: dict[str, Any] = {"messages": plan.messages, "rounds": plan.rounds}
            if "endpoints" not in skip:
                costs = await measure(endpoints(facts), servers, postmaster, plan, latency="latency" not in skip)
                print_endpoints(costs)
                figures["endpoints"] = summaries(costs)
            for section, cases in (("pages", pages(facts, ports[OURS])), ("searches", searches(facts))):
                if section not in skip:
                    costs = await measure(cases, servers, postmaster, plan, latency=False)
                    print_channels(section, costs, plan)
                    figures[section] = summaries(costs)
            if "searches" not in skip:
                figures["totals"] = await asyncio.to_thread(exact_totals, facts, ports[OURS], database)
            return figures
    except asyncio.CancelledError:
        raise LaunchError(crew.fallen or "Interrupted.") from None


# What runs


@contextlib.contextmanager
def folder_for(data_dir: Path | None) -> Iterator[Path]:
    if data_dir:
        data_dir.mkdir(parents=True, exist_ok=True)
        yield data_dir.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="projectvoice-bench-"))
    folder.chmod(0o711)  # PostgreSQL under root is another user
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def running(plan: Plan, folder: Path, crew: Crew) -> AsyncIterator[tuple[list[Server], dict[str, Any], str]]:
    """The database, filled, and the three servers on it; what is in it; its URL."""
    seeded = f"{plan.messages}-{hashlib.sha256((ROOT / 'bench/rest/seed.py').read_bytes()).hexdigest()[:8]}"
    facts, cluster = folder / f"facts-{seeded}.json", Cluster(folder / f"postgres-{seeded}", VENV)
    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(cluster.serve(crew))
        environment = inherited() | {
            "DATABASE_URL": database,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATA_DIR": str(folder),
            "RATE_LIMITS": "off",
            "NODE_ENV": "production",
        }
        begun = time.monotonic()
        command = [VENV / "bin" / "python", "-m", "bench.rest.seed", "--messages", str(plan.messages), "--facts", facts]
        await crew.run("seed", command, environment)
        say(f"The database is ready after {time.monotonic() - begun:.0f} s.")
        servers = []
        for name, command_for in COMMANDS.items():
            if name != OURS:
                await install(PEERS / name, environment, crew)
            port = free_port()
            child = await crew.start(name, command_for(port, folder), environment | {"PORT": str(port)})
            stack.push_async_callback(child.stop, 10)
            crew.watch(child)
            servers.append(Server(name, port, child.process.pid))
        for server in servers:
            await until_ready(server)
        yield servers, json.loads(facts.read_text()), database


def our_command(port: int, folder: Path) -> list[str | Path]:
    """As an operator starts it, with its own Valkey: whatever processes ./run makes are counted."""
    return [
        ROOT / "run",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--data-dir",
        folder / "run",
        "--turn",
        "off",
    ]


def peer_command(name: str, port: int, folder: Path) -> list[str | Path]:
    return ["node", PEERS / name / "server.js"]


COMMANDS: Mapping[str, Callable[[int, Path], list[str | Path]]] = {
    OURS: our_command,
    SEQUELIZE: partial(peer_command, SEQUELIZE),
    PG: partial(peer_command, PG),
}


async def install(peer: Path, environment: Mapping[str, str], crew: Crew) -> None:
    lock, installed = peer / "package-lock.json", peer / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        await crew.run("npm ci", ["npm", "ci", "--no-audit", "--no-fund"], environment, quiet=True, cwd=peer)


async def until_ready(server: Server) -> None:
    """Its port is open: the peers open theirs, and ./run the application's, once they can answer."""
    deadline = time.monotonic() + READY_TIMEOUT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise LaunchError(f"{server.name} is not ready after {READY_TIMEOUT:g} s")


def postmaster_of(database: str) -> int:
    with psycopg.connect(database) as connection:
        return processes()[connection.info.backend_pid].parent


# What is asked


def endpoints(facts: dict[str, Any]) -> list[Case]:
    caller, server, channels = facts["tokens"]["caller"], facts["server"], facts["channels"]
    said = {"channelId": channels["posts"], "content": "Привет всем, the meeting begins at nine"}
    members = f"/api/serverMembers/{server}/members"
    return [
        Case("GET messages, 1 000 in channel", get("/api/messages", caller, channelId=channels["small"], page=1, limit=LIMIT)),
        Case("GET messages, large channel", get("/api/messages", caller, channelId=channels["large"], page=1, limit=LIMIT)),
        Case("POST messages", post("/api/messages", caller, json.dumps(said).encode())),
        Case("GET servers/:id", get(f"/api/servers/{server}", caller)),
        Case("GET servers", get("/api/servers", caller)),
        Case("GET members, 100 of 5 000", get(members, caller, page=3, limit=100)),
    ]


def pages(facts: dict[str, Any], our_port: int) -> list[Case]:
    """Each in the small and in the large channel. Cursors are our own."""
    caller, cases = facts["tokens"]["caller"], []
    for channel, count in facts["messages"].items():
        of = {"channelId": facts["channels"][channel], "limit": LIMIT}
        last = count // LIMIT
        _, middle = ask(our_port, "GET", f"/api/messages?channelId={of['channelId']}&page={last // 2}", caller)
        for name, query in (("newest", {"page": 1}), ("middle", {"page": last // 2}), ("last", {"page": last})):
            cases.append(Case(f"{name}|{channel}", get("/api/messages", caller, **of, **query), (OURS, PG)))
        before = middle["messages"][0]["id"]
        cases.append(Case(f"before a message|{channel}", get("/api/messages", caller, **of, before=before), (OURS,)))
    return cases


def searches(facts: dict[str, Any]) -> list[Case]:
    caller = facts["tokens"]["caller"]
    return [
        Case(
            f"{name}|{channel}",
            get("/api/messages/search", caller, channelId=facts["channels"][channel], query=text, limit=LIMIT),
            (OURS, PG),
        )
        for channel in facts["messages"]
        for name, text in facts["searches"].items()
    ]


def exact_totals(facts: dict[str, Any], port: int, database: str) -> dict[str, int]:
    """What our pages and searches say there is, against a count that no index answers."""
    totals = {}
    with psycopg.connect(database) as connection:
        for channel in facts["messages"]:
            channel_id = facts["channels"][channel]
            for name, text in {"all": "", **facts["searches"]}.items():
                asked = urlencode({"channelId": channel_id, **({"query": text} if text else {})})
                _, found = ask(port, "GET", f"/api/messages{'/search' if text else ''}?{asked}", facts["tokens"]["caller"])
                (counted,) = connection.execute(
                    "SELECT COUNT(*) FROM messaging_message WHERE channel_id = %s AND POSITION(UPPER(%s) IN UPPER(content)) > 0",
                    [channel_id, text],
                ).fetchone()
                if found["total"] != counted:
                    raise SystemExit(f"{name} in the {channel} channel: total {found['total']}, but there are {counted}")
                totals[f"{name}|{channel}"] = counted
    say(f"{len(totals)} totals are exact.")
    return totals


# How it is measured


async def measure(
    cases: list[Case], servers: list[Server], postmaster: int, plan: Plan, *, latency: bool
) -> dict[tuple[str, str], Cost]:
    """Every server once for each request, then the next round. The first pass warms up and finds out how fast each is."""
    pairs = [(case, server) for case in cases for server in servers if server.name in case.servers]
    costs = {(case.name, server.name): Cost() for case, server in pairs}
    for case, server in pairs:
        asked, load = 2 * BUSY, partial(flat_out, server.port, case.request, connections=BUSY)
        took = await load(count=asked)
        while took < plan.cpu_seconds:
            asked = max(2 * asked, int(asked * plan.cpu_seconds / took)) if took < plan.cpu_seconds / 2 else int(1.5 * asked)
            took = await load(count=asked)
        costs[case.name, server.name].capacity = asked / took
    for _ in range(plan.rounds):
        for case, server in pairs:
            cost = costs[case.name, server.name]
            count = max(FEWEST, int(cost.capacity * plan.cpu_seconds))
            before = seconds_of_tree(server.pid), seconds_of_queries(postmaster)
            await flat_out(server.port, case.request, count=count, connections=BUSY)
            web, database = seconds_of_tree(server.pid) - before[0], seconds_of_queries(postmaster) - before[1]
            cost.web.append(web / count * 1000)
            cost.database.append(database / count * 1000)
    if latency:
        for _ in range(max(1, plan.rounds // 2)):
            for case, server in pairs:
                cost = costs[case.name, server.name]
                cost.rate = SHARE * min(costs[case.name, name].capacity for name in case.servers)
                count = max(plan.fewest_paced, int(cost.rate * plan.paced_seconds))
                cost.paced += await paced(server.port, case.request, rate=cost.rate, count=count, connections=CONNECTIONS)
    return costs


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summaries(costs: Mapping[tuple[str, str], Cost]) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for (case, server), cost in costs.items():
        table.setdefault(case, {})[server] = cost.summary()
    for row in table.values():
        ours = row[OURS]["cpuMs"]["median"]
        row["ratios"] = {name: ours / peer["cpuMs"]["median"] for name, peer in row.items() if name != OURS}
    return table


# What is said


def print_endpoints(costs: Mapping[tuple[str, str], Cost]) -> None:
    names = list(COMMANDS)
    print("\nCPU milliseconds per request: median (least-most; web + database)\n")
    print(f"| | {' | '.join(names)} | ours / sequelize | ours / pg |\n|---|{'--:|' * (len(names) + 2)}")
    for case in dict.fromkeys(case for case, _ in costs):
        of = {name: costs[case, name] for name in names}
        ours = statistics.median(of[OURS].cpu)
        ratios = [f"{ours / statistics.median(of[name].cpu):.2f}" for name in (SEQUELIZE, PG)]
        print(f"| {case} | {' | '.join([*(shown(of[name]) for name in names), *ratios])} |", flush=True)
    if not all(cost.paced for cost in costs.values()):
        return
    print("\nLatency in milliseconds, p50 / p99, at the same rate for all\n")
    print(f"| | a second | {' | '.join(names)} |\n|---|--:|{'--:|' * len(names)}")
    for case in dict.fromkeys(case for case, _ in costs):
        latencies = [costs[case, name].summary()["latencyMs"] for name in names]
        cells = [f"{latency['p50']:.1f} / {latency['p99']:.1f}" for latency in latencies]
        print(f"| {case} | {costs[case, OURS].rate:.0f} | {' | '.join(cells)} |", flush=True)


def print_channels(section: str, costs: Mapping[tuple[str, str], Cost], plan: Plan) -> None:
    large = f"{plan.messages:,}".replace(",", " ")
    print(f"\n{section.capitalize()}: CPU milliseconds per request, in a channel of 1 000 messages and in one of {large}\n")
    print(f"| | server | 1 000 | {large} | ratio |\n|---|---|--:|--:|--:|")
    for case, server in costs:
        name, channel = case.split("|")
        if channel == "small":
            small, big = costs[case, server], costs[f"{name}|large", server]
            ratio = statistics.median(big.cpu) / statistics.median(small.cpu)
            print(f"| {name} | {server} | {shown(small)} | {shown(big)} | {ratio:.2f} |", flush=True)


def shown(cost: Cost) -> str:
    of = spread(cost.cpu)
    parts = f"{statistics.median(cost.web):.2f} + {statistics.median(cost.database):.2f}"
    return f"{of['median']:.2f} ({of['min']:.2f}-{of['max']:.2f}; {parts})"


if __name__ == "__main__":
    raise SystemExit(main())
