"""`/api/admin/relay`, and the days that it adds up."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from accounts.services import user_delete
from tests.api.world import is_error
from tests.factories import make_user
from turn.models import RelayUsage
from turn.services import RETENTION, usage_add, usage_prune
from turn.usage import Batch
from turn.words import Usage

pytestmark = pytest.mark.django_db
URL = "/api/admin/relay"
TODAY = datetime.now(UTC).date()
NOTHING = {"packetsUp": 0, "bytesUp": 0, "packetsDown": 0, "bytesDown": 0}


@pytest.fixture
def admin():
    return make_user(username="chief", role="admin")


def carry(user, *usage, day=TODAY):
    usage_add(Batch(uuid4(), {(user.pk, day): Usage(*usage)}))


def written():
    return {
        (row.user_id, row.day): Usage(row.packets_up, row.bytes_up, row.packets_down, row.bytes_down)
        for row in RelayUsage.objects.all()
    }


def test_staff_only(api_as, admin):
    assert is_error(api_as().get(URL), 401)
    assert is_error(api_as(make_user()).get(URL), 403)
    for staff in (make_user(role="moderator"), admin):
        assert api_as(staff).get(URL).status_code == api_as(staff).get(f"{URL}/").status_code == 200


def test_nothing_carried_is_an_empty_page(api_as, admin):
    since = (TODAY - timedelta(days=29)).isoformat()
    empty = {"days": 30, "since": since, "totals": NOTHING, "users": [], "total": 0, "page": 1, "limit": 20, "totalPages": 0}
    assert api_as(admin).get(URL).json() == empty


def test_users_are_added_up_over_the_days_those_with_most_first(api_as, admin, anna, boris, carol):
    carry(anna, 1, 100, 2, 200)
    carry(anna, 10, 1000, 20, 2000, day=TODAY - timedelta(days=29))
    carry(boris, 5, 3000, 6, 3001)
    carry(carol, 7, 4000, 0, 0, day=TODAY - timedelta(days=30))
    shown = api_as(admin).get(URL).json()
    assert shown["users"] == [
        {"id": boris.pk, "username": "Boris", "packetsUp": 5, "bytesUp": 3000, "packetsDown": 6, "bytesDown": 3001},
        {"id": anna.pk, "username": "Anna", "packetsUp": 11, "bytesUp": 1100, "packetsDown": 22, "bytesDown": 2200},
    ]
    assert shown["totals"] == {"packetsUp": 16, "bytesUp": 4100, "packetsDown": 28, "bytesDown": 5201}
    assert shown["total"] == 2
    for days, total in ((1, 2), (29, 2), (31, 3)):
        page = api_as(admin).get(URL, {"days": days}).json()
        assert (page["days"], page["total"], page["since"]) == (days, total, (TODAY - timedelta(days=days - 1)).isoformat())
    assert [user["id"] for user in api_as(admin).get(URL, {"days": 29}).json()["users"]] == [boris.pk, anna.pk]


def test_it_is_paged_and_costs_the_same_for_one_and_for_many(api_as, admin, django_assert_num_queries):
    api = api_as(admin)
    users = [make_user() for _ in range(5)]
    carry(users[0], 1, 100, 1, 100)
    with django_assert_num_queries(1 + 2):
        api.get(URL)
    for user in users[1:]:
        carry(user, 1, 100, 1, 100)
    with django_assert_num_queries(1 + 2):
        page = api.get(URL, {"limit": 2, "page": 2}).json()
    assert [user["id"] for user in page["users"]] == [users[2].pk, users[3].pk], "equal ones by their ids"
    assert (page["total"], page["page"], page["limit"], page["totalPages"]) == (5, 2, 2, 3)
    assert page["totals"]["bytesUp"] == 500
    beyond = api.get(URL, {"page": 9}).json()
    assert (beyond["users"], beyond["total"]) == ([], 5)


@pytest.mark.parametrize("name", ["days", "page", "limit"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "", "٣", "1\0"])
def test_odd_numbers_are_refused(api_as, admin, name, value):
    assert is_error(api_as(admin).get(URL, {name: value}), 400)


def test_large_numbers_are_capped(api_as, admin):
    page = api_as(admin).get(URL, {"days": "9" * 40, "limit": "9" * 40, "page": "9" * 40}).json()
    assert (page["days"], page["limit"]) == (90, 100)


def test_numbers_may_be_large(api_as, admin, anna):
    most = 2**62
    carry(anna, most, most, most, most)
    (user,) = api_as(admin).get(URL).json()["users"]
    assert user["bytesUp"] == user["packetsDown"] == most


# What the relay writes


def test_what_is_carried_is_added_to_its_day(anna, boris):
    yesterday = TODAY - timedelta(days=1)
    usage_add(Batch(uuid4(), {(anna.pk, TODAY): Usage(1, 2, 3, 4), (boris.pk, TODAY): Usage(5, 6, 7, 8)}))
    usage_add(Batch(uuid4(), {(anna.pk, TODAY): Usage(10, 20, 30, 40), (anna.pk, yesterday): Usage(1, 1, 1, 1)}))
    assert written() == {
        (anna.pk, TODAY): Usage(11, 22, 33, 44),
        (anna.pk, yesterday): Usage(1, 1, 1, 1),
        (boris.pk, TODAY): Usage(5, 6, 7, 8),
    }


def test_a_batch_that_comes_again_counts_once(anna):
    batch = Batch(UUID(int=1), {(anna.pk, TODAY): Usage(1, 2, 3, 4)})
    usage_add(batch)
    usage_add(batch)
    assert written() == {(anna.pk, TODAY): Usage(1, 2, 3, 4)}
    usage_add(batch._replace(id=UUID(int=2)))
    assert written() == {(anna.pk, TODAY): Usage(2, 4, 6, 8)}


def test_of_who_is_gone_nothing_is_kept_and_the_others_do_not_suffer(anna, boris):
    carry(boris, 1, 1, 1, 1)
    gone = boris.pk
    user_delete(user=boris)
    assert written() == {}
    usage_add(Batch(uuid4(), {(gone, TODAY): Usage(1, 1, 1, 1), (anna.pk, TODAY): Usage(1, 2, 3, 4)}))
    assert written() == {(anna.pk, TODAY): Usage(1, 2, 3, 4)}


def test_days_are_kept_for_ninety_days(anna):
    today = date(2026, 4, 1)
    for days in (0, 1, RETENTION.days - 1, RETENTION.days, 400):
        carry(anna, 1, 1, 1, 1, day=today - timedelta(days=days))
    usage_prune(today)
    assert sorted(today - day for _, day in written()) == [timedelta(days=days) for days in (0, 1, 89)]
