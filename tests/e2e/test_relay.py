"""Two people who may use nothing but the relay hear each other, from the page, by credentials that the instance gives them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fnmatch import fnmatchcase

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.conftest import Instance
from tests.e2e.people import Person, launch
from tests.e2e.test_call import hear_each_other, in_one_call
from tests.turn.clients.running import RunTurn

# What the page sends its sound by, for each link: the candidates that were selected.
SELECTED = """async () => Promise.all(projectvoice.call.people.map(async ({ link }) => {
  const stats = await link.connection.getStats();
  const transport = [...stats.values()].find((report) => report.type === "transport");
  const pair = stats.get(transport.selectedCandidatePairId);
  if (!pair) return [null, null, null];
  const local = stats.get(pair.localCandidateId);
  return [local.candidateType, local.relayProtocol, stats.get(pair.remoteCandidateId).candidateType];
}))"""

UFRAG = "projectvoice.call.people.map(({ link }) => /a=ice-ufrag:(.*)/.exec(link.connection.localDescription.sdp)[1]).join()"


@pytest.fixture(scope="module")
def browser(browser: Browser) -> Iterator[Browser]:
    """It talks to itself, and believes the relay's certificate."""
    browser = launch(browser.browser_type, "--allow-loopback-in-peer-connection", "--ignore-certificate-errors")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def relay(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunTurn, ExitStack]]:
    """It runs inside the stack: who closes that ends it, and may begin it again."""
    relay = RunTurn(tmp_path_factory.mktemp("relay"), {**instance.env, "TURN": "on"})
    with ExitStack() as runs:
        runs.enter_context(relay.running())
        yield relay, runs


@pytest.fixture(scope="module")
def live_url(relay: tuple[RunTurn, ExitStack]) -> Iterator[str]:
    """An instance with a relay, which have the secret in common that nobody has set."""
    own = Instance(relay[0].env)
    own.start()
    yield own.url
    own.stop()


@pytest.mark.parametrize(
    ("way", "protocol"), [("turn:*?transport=udp", "udp"), ("turn:*?transport=tcp", "tcp"), ("turns:*?transport=tcp", "tls")]
)
def test_two_people_hear_each_other_through_nothing_but_the_relay(
    person: Callable[..., Person], way: str, protocol: str
) -> None:
    def narrow(route: Route) -> None:
        """Of the ways that the instance names, this one."""
        answer = route.fetch()
        servers = answer.json()["iceServers"]
        for server in servers:
            server["urls"] = [url for url in server["urls"] if fnmatchcase(url, way)]
        route.fulfill(response=answer, json={**answer.json(), "iceServers": [one for one in servers if one["urls"]]})

    def enter(name: str) -> Person:
        one = person(name)
        one.page.route("**/api/voice/ice-servers", narrow)
        return one

    for one in in_one_call(enter, query="?relay"):
        assert one.page.evaluate(SELECTED) == [["relay", protocol, "relay"]]
        expect(one.page.locator(".tile .quality")).to_contain_text(f"by the relay ({protocol.upper()})")


def another_way(one: Person, before: str) -> None:
    """Candidates were gathered anew, and a relay was found again."""
    one.page.wait_for_function(f"(before) => {UFRAG} !== before", arg=before, polling=200)
    one.page.wait_for_function(
        f"async () => (await ({SELECTED})()).every(([local, , remote]) => local === 'relay' && remote === 'relay')", polling=200
    )


def test_credentials_are_renewed_before_they_expire(person: Callable[..., Person]) -> None:
    def hurry(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "ttl": 10})

    def enter(name: str) -> Person:
        one = person(name)
        one.page.route("**/api/voice/ice-servers", hurry)
        return one

    anna, boris = in_one_call(enter, query="?relay")
    expect(anna.page.locator(".tile .quality")).to_contain_text("by the relay")
    before = anna.page.evaluate(UFRAG)
    another_way(anna, before)
    hear_each_other(anna, boris)


def test_a_call_survives_the_end_of_its_relay(person: Callable[..., Person], relay: tuple[RunTurn, ExitStack]) -> None:
    anna, boris = in_one_call(person, query="?relay")
    before = anna.page.evaluate(UFRAG)
    process, runs = relay
    runs.close()
    runs.enter_context(process.running())
    another_way(anna, before)
    hear_each_other(anna, boris)
