"""`page` and `limit`, and ids in paths."""

import pytest

from projectvoice.kernel.errors import InvalidInput
from projectvoice.kernel.ids import IdConverter
from projectvoice.kernel.pagination import MAX_LIMIT, page_of


def test_absent_means_the_first_page_of_the_default_size():
    page = page_of({}, limit=50)
    assert (page.number, page.limit, page.rows) == (1, 50, slice(0, 50))


def test_rows_are_those_of_the_page():
    assert page_of({"page": "3", "limit": "20"}, limit=50).rows == slice(40, 60)


@pytest.mark.parametrize("huge", ["101", "999999999", "9" * 19, "9" * 5000])
def test_too_large_a_number_is_capped_to_what_a_database_can_count(huge):
    page = page_of({"limit": huge, "page": huge}, limit=50)
    assert page.limit == MAX_LIMIT
    assert page.rows.stop < 2**63


@pytest.mark.parametrize("name", ["page", "limit"])
@pytest.mark.parametrize("value", ["0", "-1", "+1", "1.5", "1e3", "a", "", " 1", "١", "²", "1_0", "000", "9" * 40 + "a"])
def test_what_is_not_a_positive_integer_is_refused(name, value):
    with pytest.raises(InvalidInput) as refusal:
        page_of({name: value}, limit=50)
    assert name in refusal.value.text.en
    assert name in refusal.value.text.ru


def test_an_id_in_a_path_is_64_bits():
    assert IdConverter().to_python("0") == 0
    assert IdConverter().to_python(str(2**63 - 1)) == 2**63 - 1
    assert IdConverter().to_url(7) == "7"
    with pytest.raises(ValueError):  # noqa: PT011 - Django knows only the type
        IdConverter().to_python(str(2**63))
