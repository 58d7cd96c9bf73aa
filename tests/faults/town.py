"""Everybody at work on one instance, and what must be true of it while parts of it die, and afterwards."""

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.faults import audit
from tests.faults.calls import Caller, GameCaller, RoomCaller
from tests.faults.load import PAUSE, Administrator, Load, Parties, Subscriber, Writer
from tests.faults.relayed import SAID, Talker
from tests.faults.rig import ADMINISTRATOR, Rig

DIALECTS = (Caller, Caller, Caller, RoomCaller, GameCaller)
ENOUGH = 200 * len(SAID)  # bytes of which a hundredth can be told
BACKEND = "backend"  # of PostgreSQL, beside the parts that ./run starts


class Town:
    """`healed`: seconds until all rosters were exact, by what had died; after the death, but for Valkey's, where it is its return."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig, self.load = rig, Load(rig, seed)
        self.owner, self.outsider = rig.sign_up("owner"), rig.sign_up("outsider")
        people = [rig.sign_up("person") for _ in DIALECTS]
        self.server, voice = rig.voice_channel(self.owner, *people)
        text = rig.api("POST", f"/servers/{self.server}/channels", self.owner["token"], name="talk", type="text").json()["id"]
        self.writers = [Writer(self.load, one, text) for one in (self.owner, *people[:2])]
        self.subscribers = [Subscriber(self.load, one, self.server, voice) for one in people[:3]]
        self.callers = [of(self.load, one, voice) for of, one in zip(DIALECTS, people, strict=True)]
        self.parties = Parties(self.load, [*people, self.outsider])
        self.talkers = [Talker(self.load, one, rig.relay) for one in people[:2]]
        staff = rig.api("POST", "/auth/login", **ADMINISTRATOR).json()
        self.administrator = Administrator(self.load, staff, rig.sign_up("victim"))
        self.life = audit.Life(rig, self.talkers)
        self.healed: dict[str, list[float]] = defaultdict(list)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Inside, all work. At the end they come to rest, and everything that was promised is there."""
        async with self.load.at_work():
            self.load.do(*(one.run() for one in self.subscribers))
            await self.load.until(
                lambda: all(one.first is not None for one in self.subscribers), lambda: "nobody is subscribed"
            )
            self.load.do(*(one.run() for one in (*self.callers, *self.talkers)))
            busy = self.load.do(*(one.run() for one in (*self.writers, self.parties, self.administrator)))
            await self.goes_on()
            yield
            await self.load.until(lambda: self.life.least >= ENOUGH, lambda: "too little was said")
            self.load.over, self.load.restless = True, False
            await asyncio.gather(*busy)
            await self._is_sound()

    async def _is_sound(self) -> None:
        assert self.load.surprises == []
        await audit.rosters_are_exact(self.load, self.callers, self.subscribers)
        for subscriber in self.subscribers:
            await audit.the_log_was_heard_without_a_gap(self.rig, subscriber)
        audit.every_answered_message_is_there_once(self.rig, self.writers)
        audit.no_invite_was_used_too_often(self.rig, self.parties)
        await self.life.was_counted(self.load)
        audit.the_audit_log_is_whole(self.rig, self.administrator)

    async def lose(self, *parts: str) -> None:
        """All at once, and have them back; then everybody goes on."""
        if BACKEND in parts:
            self.rig.kill_backend()
        former = {part: self.rig.kill(part) for part in parts if part != BACKEND}
        begun, ghosts = time.monotonic(), {one.id for one in self.callers if one.part in parts}
        if "relay" in parts:
            await asyncio.sleep(PAUSE)  # what had arrived is heard
            self.life = audit.Life(self.rig, self.talkers)
        if "valkey" in parts:  # meanwhile people come and go
            await asyncio.to_thread(self.rig.until_back, "valkey", former["valkey"])
            begun = time.monotonic()
        self.load.restless = False
        await audit.rosters_are_exact(self.load, self.callers, self.subscribers, ghosts)
        self.healed[" and ".join(sorted(parts))].append(time.monotonic() - begun)
        self.load.restless = True
        for part, pid in former.items():
            await asyncio.to_thread(self.rig.until_back, part, pid)
        await asyncio.to_thread(self.rig.until_whole)
        await self.goes_on()

    async def goes_on(self) -> None:
        """Each gets done what he does, and nobody has to restart anything for it."""
        before = self._done()
        await self.load.until(
            lambda: all(now > before[who] for who, now in self._done().items()), lambda: (before, self._done())
        )
        await audit.each_hears_each(self.load, self.callers)
        await audit.access_is_what_it_was(self.rig, self.owner, self.outsider, self.server)

    def _done(self) -> dict[object, int]:
        return {
            **{writer: len(writer.written) for writer in self.writers},
            **{subscriber: len(subscriber.heard) for subscriber in self.subscribers},
            **{talker: talker.answered for talker in self.talkers},
            self.parties: len(self.parties.admitted),
            self.administrator: self.administrator.acts,
        }

    def figures(self) -> str:
        """For docs/faults.md."""
        lines = [f"{'killed':24} {'times':>5}  rosters exact after: median, longest [s]"]
        for parts, seconds in sorted(self.healed.items()):
            lines.append(f"{parts:24} {len(seconds):5}  {statistics.median(seconds):5.1f} {max(seconds):5.1f}")
        lines.append(
            f"messages answered {sum(len(one.written) for one in self.writers)}, events heard {sum(len(one.heard) for one in self.subscribers)}"
        )
        lines.append(f"parties {len(self.parties.admitted)}, acts of the administrator {self.administrator.acts}")
        lines.append(
            f"lines of subscribers {[one.lines for one in self.subscribers]}, allocations {[one.allocations for one in self.talkers]}"
        )
        lines.append(
            f"answers by status (0: none) {dict(sorted(self.load.answers.items()))}, the slowest after {self.load.slowest:.1f} s"
        )
        return "\n".join(lines)
