"""Two people who may use nothing but the relay hear each other, from the page, by credentials that the instance gives them."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.conftest import Instance
from tests.e2e.people import Person, launch
from tests.e2e.test_call import in_one_call
from tests.turn.clients.running import RunTurn

# What the page sends its sound by, for each link: the candidates that were selected.
SELECTED = """async () => Promise.all(projectvoice.call.people.map(async ({ link }) => {
  const stats = await link.connection.getStats();
  const transport = [...stats.values()].find((report) => report.type === "transport");
  const pair = stats.get(transport.selectedCandidatePairId);
  const local = stats.get(pair.localCandidateId);
  return [local.candidateType, local.relayProtocol, stats.get(pair.remoteCandidateId).candidateType];
}))"""


@pytest.fixture(scope="module")
def browser(browser: Browser) -> Iterator[Browser]:
    """It talks to itself, and believes the relay's certificate."""
    browser = launch(browser.browser_type, "--allow-loopback-in-peer-connection", "--ignore-certificate-errors")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def live_url(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An instance with a relay, which have the secret in common that nobody has set."""
    relay = RunTurn(tmp_path_factory.mktemp("relay"), {**instance.env, "TURN": "on"})
    with relay.running():
        own = Instance(relay.env)
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
