"""Calls made with the SDK alone, in Chromium, over a real instance: what happens to connections when seats and lines are lost."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import ROOT, Instance

DIALECTS = ROOT / "tests" / "js" / "dialects.js"
ENTER = """async ({ token, channelId, name, options = {} }) => {
  const { Client, Live, Call } = await import("/static/sdk/index.js");
  const client = new Client({ token });
  const live = new Live(client, { url: location.origin });
  const call = new Call(live, { channelId, iceServers: () => client.get("/api/voice/ice-servers"), ...options });
  const news = [];
  call.on("news", ({ kind }) => news.push(kind));
  (window.callers ??= {})[name] = { live, call, news, client };
  live.connect();
  await call.join();
}"""
"""In a page of the instance: somebody joins, and is `callers[name]` from then on."""
HEARS = """async ({ name, from }) => {
  const heard = async () => {
    const reports = await Promise.all(from.map(async (other) => {
      const person = callers[name].call.people.find(({ userId }) => userId === other);
      if (person?.link?.state !== "connected") return 0;
      return [...(await person.link.connection.getStats()).values()].find((one) => one.type === "inbound-rtp" && one.kind === "audio")?.totalAudioEnergy ?? 0;
    }));
    return reports;
  };
  const before = await heard();
  await new Promise((resolve) => setTimeout(resolve, 400));
  const now = await heard();
  return callers[name].call.people.length === from.length && now.every((energy, at) => energy > before[at]);
}"""
"""Energy of the sound keeps growing from each, and there is nobody else."""
CONNECTIONS = "(name) => callers[name].call.people.map(({ link }) => link.id).sort()"


class Caller:
    def __init__(self, page: Page, instance: Instance, name: str, person: dict) -> None:
        self.page, self.instance, self.name, self.token, self.id = page, instance, name, person["token"], person["user"]["id"]

    def enter(self, channel: int, **options: object) -> None:
        self.page.evaluate(ENTER, {"token": self.token, "channelId": channel, "name": self.name, "options": options})

    def does(self, what: str) -> object:
        """JavaScript with `call`, `live`, `news`."""
        return self.page.evaluate(
            f"async (name) => {{ const {{ call, live, news }} = callers[name]; return {what}; }}", self.name
        )

    def until(self, what: str) -> None:
        self.page.wait_for_function(
            f"(name) => {{ const {{ call, live, news }} = callers[name]; return {what}; }}", arg=self.name, polling=100
        )

    def hears(self, *others: "Caller") -> None:
        arg = {"name": self.name, "from": [other.id for other in others]}
        try:
            self.page.wait_for_function(HEARS, arg=arg, polling=200)
        except Exception as error:
            seen = self.does("JSON.stringify([call.snapshot.state, call.snapshot.people, news])")
            raise AssertionError(f"{self.name} does not hear all of {[one.name for one in others]}: {seen}") from error

    @property
    def connections(self) -> object:
        return self.page.evaluate(CONNECTIONS, self.name)


def all_hear_each_other(*callers: Caller) -> None:
    for one in callers:
        one.hears(*(other for other in callers if other is not one))


@pytest.fixture
def callers(browser: Browser, instance: Instance) -> Iterator[list[Caller]]:
    """Three members of a voice channel who are not in it yet, each with a page; `channel` and `server` beside them."""
    people = [instance.sign_up(name) for name in ("anna", "boris", "vera")]
    server, channel = instance.voice_channel(*people)
    contexts, complaints = [], []
    made = []
    for name, person in zip(("anna", "boris", "vera"), people, strict=True):
        context = browser.new_context(bypass_csp=True, permissions=["microphone", "camera"])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(
            f"{instance.url}/friends"
        )  # policies are tests/e2e/test_policy.py's: here a script of another client stands beside ours
        contexts.append(context)
        made.append(Caller(page, instance, name, person))
        made[-1].server, made[-1].channel = server, channel
    yield made
    for context in contexts:
        context.close()
    assert complaints == []


def in_call(callers: list[Caller]) -> None:
    for one in callers:
        one.enter(one.channel)
        one.until("call.state === 'joined'")
    all_hear_each_other(*callers)


def test_three_hear_each_other_and_who_leaves_is_gone(callers: list[Caller]) -> None:
    in_call(callers)
    anna, boris, vera = callers
    vera.does("call.leave()")
    all_hear_each_other(anna, boris)
    anna.until("news.includes('departed')")
    assert vera.does("[call.state, call.people.length]") == ["left", 0]


def test_screens_shown_at_the_same_moment_are_seen_by_all(callers: list[Caller]) -> None:
    in_call(callers)
    anna, boris, vera = callers
    vera.does("call.setCamera(true)")
    for one in (anna, boris):
        one.page.evaluate(
            """(name) => {
              const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
              const paint = canvas.getContext("2d");
              setInterval(() => { paint.fillStyle = `hsl(${Date.now() % 360} 80% 50%)`; paint.fillRect(0, 0, 320, 180); }, 50);
              navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(20);
            }""",
            one.name,
        )
    for one in (anna, boris):  # without waiting: the offers cross
        one.page.evaluate("(name) => void callers[name].call.setScreen(true)", one.name)
    for one, other in combinations(callers, 2):
        for viewer, shower in ((one, other), (other, one)):
            kind = "camera" if shower is vera else "screen"
            viewer.until(f"call.snapshot.people.find(({{ userId }}) => userId === {shower.id})?.{kind}")
            viewer.page.evaluate(
                """async ({ name, userId, kind }) => {
                  const stream = callers[name].call.snapshot.people.find((one) => one.userId === userId)[kind];
                  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true });
                  await video.play();
                  await new Promise((shown) => video.requestVideoFrameCallback(shown));
                }""",
                {"name": viewer.name, "userId": shower.id, "kind": kind},
            )
    anna.does("call.setScreen(false)")
    vera.until(f"!call.snapshot.people.find(({{ userId }}) => userId === {anna.id}).screen")
    boris.until(f"call.snapshot.people.find(({{ userId }}) => userId === {vera.id}).camera")
    all_hear_each_other(*callers)


def test_the_talk_goes_on_while_the_server_is_away(callers: list[Caller], instance: Instance) -> None:
    in_call(callers)
    before = [one.connections for one in callers]
    instance.stop()
    for one in callers:
        one.until("call.state === 'reconnecting'")
    all_hear_each_other(*callers)
    instance.start()
    for one in callers:
        one.until("call.state === 'joined' && call.people.length === 2 && call.people.every(({ isAway }) => !isAway)")
    all_hear_each_other(*callers)
    assert [one.connections for one in callers] == before


def test_who_comes_back_after_his_line_broke_finds_his_connections(callers: list[Caller]) -> None:
    in_call(callers)
    anna, boris, vera = callers
    before = [one.connections for one in callers]
    seat = boris.does("live.socket.id")
    boris.does("live.socket.close()")
    for one in (anna, vera):
        one.until("call.people.length === 1")
    boris.does("live.socket.connect()")
    all_hear_each_other(*callers)
    assert [one.connections for one in callers] == before
    assert boris.does("live.socket.id") != seat


def test_who_begins_anew_is_heard_anew(callers: list[Caller]) -> None:
    """His page was loaded again: nobody goes on with a connection of which it knows nothing."""
    in_call(callers)
    boris = callers[1]
    boris.page.reload()
    boris.enter(boris.channel)
    all_hear_each_other(*callers)


def test_a_way_that_is_lost_is_looked_for_again(callers: list[Caller]) -> None:
    in_call(callers)
    anna = callers[0]
    before = anna.connections
    ufrag = "call.people.map(({ link }) => /a=ice-ufrag:(.*)/.exec(link.connection.localDescription.sdp)[1]).sort().join()"
    old = anna.does(ufrag)
    for one in callers:
        one.page.evaluate("window.dispatchEvent(new Event('online'))")
    anna.until(f"{ufrag} !== {old!r}")
    all_hear_each_other(*callers)
    assert anna.connections == before


def test_who_was_moved_or_put_out_hears_nobody(callers: list[Caller], instance: Instance) -> None:
    in_call(callers)
    anna, boris, vera = callers
    members = instance.api("GET", f"/serverMembers/{anna.server}/members", anna.token).json()
    of = {member["userId"]: member["id"] for member in members}
    move = f"/serverMembers/{anna.server}/members/{of[boris.id]}/move"
    other = instance.api("POST", f"/servers/{anna.server}/channels", anna.token, name="other", type="voice").json()["id"]
    assert instance.api("POST", move, anna.token, channelId=other).status_code == 200
    boris.until(f"call.channelId === {other} && call.people.length === 0 && news.includes('moved')")
    all_hear_each_other(anna, vera)
    assert instance.api("DELETE", f"/serverMembers/{anna.server}/members/{of[vera.id]}", anna.token).status_code == 204
    vera.until("call.state === 'left' && news.includes('ended')")
    anna.until("call.people.length === 0")


def test_deafened_muted_and_pushed(callers: list[Caller]) -> None:
    in_call(callers)
    anna, boris, vera = callers
    loud = "call.people.map(({ speaker }) => speaker.loudness).join()"
    volumes = "Object.fromEntries(call.people.map(({ userId, speaker }) => [userId, speaker.loudness]))"
    track = "call.people[0].link.connection.getSenders()[0].track.enabled"
    of_anna = f"call.snapshot.people.find(({{ userId }}) => userId === {anna.id})"

    anna.does(f"call.setVolume({boris.id}, 0)")
    assert anna.does(volumes) == {str(boris.id): 0, str(vera.id): 1}
    anna.does(f"call.setVolume({boris.id}, 1.5)")
    assert anna.does(volumes) == {str(boris.id): 1.5, str(vera.id): 1}

    anna.does("call.setDeafened(true)")
    assert anna.does(loud) == "0,0"
    assert anna.does(track) is False
    for one in (boris, vera):
        one.until(f"{of_anna}.isDeafened && !{of_anna}.micOn")
    anna.does("call.setMuted(false)")
    boris.until(f"!{of_anna}.isDeafened && {of_anna}.micOn")

    anna.does("call.setMode('push')")
    assert anna.does(track) is False
    anna.does("call.push.press()")
    assert anna.does(track) is True
    anna.does("call.push.release()")
    anna.until(f"!{track}")

    anna.until("call.people.every(({ quality }) => quality?.grade)")
    assert anna.does("call.people[0].quality.codec") == "opus"
    assert anna.does("call.people[0].quality.way") == "direct"


@pytest.mark.parametrize("first", [True, False], ids=["there before", "comes later"])
def test_a_client_of_another_dialect_that_knows_sound_only_is_heard_and_hears(callers: list[Caller], first: bool) -> None:
    anna, guest, vera = callers
    guest.page.add_script_tag(path=DIALECTS)
    enters = {"token": guest.token, "room": f"channel-{guest.channel}", "name": guest.name}
    enter = "({ token, room, name }) => (window.caller = new Caller('hub-signaling', room, name, token)).enter()"
    if first:
        guest.page.evaluate(enter, enters)
    for one in (anna, vera):
        one.enter(one.channel)
        one.until("call.state === 'joined'")
    anna.does("call.setCamera(true)")
    if not first:
        guest.page.evaluate(enter, enters)
    vera.until("call.snapshot.people.some(({ camera }) => camera)")
    heard = "Promise.all(call.people.map(async ({ link }) => [...(await link.connection.getStats()).values()].find(({ type }) => type === 'inbound-rtp')?.bytesReceived ?? 0))"
    for one in (anna, vera):
        one.until("call.people.length === 2 && call.people.every(({ link }) => link?.state === 'connected')")
        before = one.does(heard)
        one.page.wait_for_function(
            f"async ([name, before]) => {{ const {{ call }} = callers[name]; return (await {heard}).every((now, at) => now > before[at]); }}",
            arg=[one.name, before],
            polling=200,
        )
    guest.page.wait_for_function(
        "async () => { const all = Object.values(await caller.heard()); return all.length === 2 && all.every(Boolean); }",
        polling=200,
    )
    sent = "[...caller.links.values()].map(({ connection }) => connection.getReceivers().map(({ track }) => track.kind))"
    assert guest.page.evaluate(sent) == [["audio"], ["audio"]]
    assert guest.page.evaluate("caller.errors") == []
