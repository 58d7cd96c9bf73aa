"""What is counted by day, and how it gets to the rows."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection

from accounts.models import User
from figures import services
from figures.counting import CALLS, ERRORS, count, give_back, take
from figures.keeping import Keeper
from figures.models import Figure
from figures.services import figures_add, figures_keep
from messaging.models import Message
from moderation.selectors import made_per_day
from panel.plots import DAYS, KEY, plots, plots_now
from tests.factories import make_channel, make_messages, make_server, make_user
from tests.panel.conftest import PANEL

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def nothing_counted():
    take()


def kept() -> dict:
    return dict(Figure.objects.values_list("name", "total"))


def test_what_was_counted_is_taken_once():
    for _ in range(3):
        count(CALLS)
    taken = take()
    assert list(taken.values()) == [3]
    assert take() == {}
    give_back(taken)
    count(CALLS)
    assert list(take().values()) == [4]


def test_an_error_in_the_log_counts_and_a_warning_does_not(settings):
    logging.config.dictConfig(settings.LOGGING)
    logger = logging.getLogger("projectvoice.somewhere")
    logger.warning("take care")
    logger.error("it broke")
    assert {name: total for (name, _), total in take().items()} == {ERRORS: 1}


@pytest.mark.django_db
def test_a_bug_counts_once_and_a_refusal_never(settings, client, monkeypatch):
    logging.config.dictConfig(settings.LOGGING)
    client.raise_request_exception = False
    assert client.get("/api/users/1").status_code == 401
    assert take() == {}

    def broken(*args: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("projectvoice.api.InfoApi.get", broken)
    assert client.get("/api/info").status_code == 500
    assert list(take().values()) == [1]


@pytest.mark.django_db
def test_processes_add_up():
    figures_add({(CALLS, TODAY): 2, (ERRORS, TODAY): 1})
    figures_add({(CALLS, TODAY): 3})
    assert kept() == {CALLS: 5, ERRORS: 1}


@pytest.mark.django_db
def test_what_could_not_be_kept_is_counted_still(monkeypatch):
    def away(counted: object) -> None:
        raise OperationalError("away")

    count(CALLS)
    with monkeypatch.context() as patched:
        patched.setattr(services, "figures_add", away)
        with pytest.raises(OperationalError):
            figures_keep()
    assert kept() == {}
    figures_keep()
    assert kept() == {CALLS: 1}
    figures_keep()
    assert kept() == {CALLS: 1}


@pytest.mark.django_db(transaction=True)
def test_the_keeper_writes_when_it_stops(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # its thread leaves no connection behind

    async def life() -> None:
        keeper = Keeper()
        keeper.start()
        keeper.start()
        count(CALLS)
        await keeper.stop()

    asyncio.run(life())
    assert kept() == {CALLS: 1}


@pytest.mark.django_db
def test_days_of_what_is_there():
    now = datetime.now(UTC)
    for ago, username in ((40, "old"), (3, "newer"), (3, "newer2"), (0, "new")):
        User.objects.filter(pk=make_user(username=username).pk).update(created_at=now - timedelta(days=ago))
    days = made_per_day(User, now - timedelta(days=10))
    assert days == {(now - timedelta(days=3)).date(): 2, now.date(): 1}
    assert made_per_day(Message, now) == {}


@pytest.mark.django_db
def test_plots_have_a_value_for_every_day_and_are_shared(django_assert_num_queries):
    make_messages(make_channel(make_server(), "text"), 3)
    figures_add({(CALLS, TODAY): 7, (CALLS, TODAY - timedelta(days=DAYS)): 100})
    cache.delete(f"{KEY}:{TODAY}")
    found = plots()
    assert found == plots_now(TODAY)
    assert (len(found.days), found.days[-1]) == (DAYS, TODAY)
    assert (found.messages[-1], found.users[-1], found.calls[-1], sum(found.calls)) == (3, 1, 7, 7)
    with django_assert_num_queries(0):
        assert plots() == found
    cache.delete(f"{KEY}:{TODAY}")


@pytest.mark.django_db
def test_the_overview_shows_moderators_what_the_api_shows_them(browser_of, admin, moderator, scene):
    cache.delete(f"{KEY}:{TODAY}")
    scene.report(reason="Advertising again")
    chief, warden = browser_of(admin).get(PANEL), browser_of(moderator).get(PANEL)
    assert [len(page.context["plots"]) for page in (chief, warden)] == [5, 1]
    assert [len(page.context["cards"]) for page in (chief, warden)] == [4, 0]
    for page in (chief, warden):
        assert "Advertising again" in page.text
    assert "Audit log" in chief.text
    assert "Audit log" not in warden.text
    cache.delete(f"{KEY}:{TODAY}")
