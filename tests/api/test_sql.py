"""`projectvoice.kernel.sql`: plain statements on Django's own connection."""

import gc

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from accounts.models import User
from projectvoice.kernel.sql import columns, fetch, fetch_row, fetch_wire, loaded
from tests.factories import make_user

BIO = "SELECT bio FROM accounts_user WHERE id = %s"


@pytest.fixture
def fresh_connection():
    """One on which nothing has been prepared, and none that later tests could meet."""
    connection.close()
    yield
    connection.close()


def prepared():
    return {statement for (statement,) in fetch("SELECT statement FROM pg_prepared_statements")}


@pytest.mark.django_db
def test_it_sees_what_its_transaction_has_written_and_others_do_not():
    user = make_user()
    User.objects.filter(pk=user.pk).update(bio="new")
    assert fetch_row(BIO, user.pk) == ("new",)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(bio="newer")
        assert fetch_row(BIO, user.pk) == ("newer",)
        transaction.set_rollback(True)
    assert fetch_row(BIO, user.pk) == ("new",)


@pytest.mark.django_db
def test_errors_are_djangos_and_the_transaction_around_goes_on():
    user = make_user()
    with pytest.raises(IntegrityError), transaction.atomic():
        fetch("UPDATE accounts_user SET email = NULL WHERE id = %s RETURNING id", user.pk)
    fetch("SELECT set_config('statement_timeout', '1', true)")
    with pytest.raises(OperationalError, match="timeout"), transaction.atomic():
        fetch("SELECT pg_sleep(5)")
    fetch("SELECT set_config('statement_timeout', '0', true)")
    assert fetch_row("SELECT id FROM accounts_user WHERE id = %s", user.pk) == (user.pk,)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_an_operational_error_once(fresh_connection):
    with pytest.raises(OperationalError):
        fetch("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close_if_unusable_or_obsolete()  # as Django does between two requests
    assert fetch_row("SELECT 1") == (1,)


@pytest.mark.django_db
def test_it_is_counted_like_any_query(django_assert_num_queries):
    with django_assert_num_queries(3) as queries:
        fetch("SELECT 'first'")
        User.objects.exists()
        fetch_row("SELECT 'last'")
    assert queries.captured_queries[0]["sql"] == "SELECT 'first'"
    assert queries.captured_queries[2]["sql"] == "SELECT 'last'"


@pytest.mark.django_db
def test_parameters_are_values_and_never_words_of_the_statement():
    evil = "'; DROP TABLE accounts_user; --"
    assert fetch_row("SELECT %s::text, %s::bigint[]", evil, [1, 2**40]) == (evil, [1, 2**40])
    assert fetch_row("SELECT 1 WHERE false") is None
    assert fetch("SELECT 1 WHERE false") == []


@pytest.mark.django_db
def test_a_loaded_row_is_what_django_would_have_made():
    user = make_user(username="Анна")
    (row,) = fetch(f"SELECT {columns(User, 'person')} FROM accounts_user person WHERE id = %s", user.pk)
    read, expected = loaded(User, row), User.objects.get(pk=user.pk)
    assert {name: value for name, value in vars(read).items() if name != "_state"} == {
        name: value for name, value in vars(expected).items() if name != "_state"
    }
    assert (read._state.adding, read._state.db) == (False, "default")


@pytest.mark.django_db(transaction=True)
def test_a_statement_is_prepared_when_it_comes_again(fresh_connection):
    for number in range(4):
        assert fetch_row("SELECT %s::int + 1", number) == (number + 1,)
    assert "SELECT $1::int + 1" in prepared()


@pytest.mark.django_db(transaction=True)
def test_what_django_fills_in_itself_takes_no_place_among_the_prepared(fresh_connection):
    for number in range(4):
        fetch_row("SELECT %s::int + 1", number)
        for pk in range(150):
            User.objects.filter(pk=-1000 * number - pk).exists()
    assert "SELECT $1::int + 1" in prepared()


@pytest.mark.django_db(transaction=True)
def test_behind_a_pooler_nothing_is_prepared(fresh_connection, settings):
    settings.DATABASE_PREPARED = False
    for number in range(10):
        assert fetch_row("SELECT %s::int + 1", number) == (number + 1,)
    assert prepared() == set()


@pytest.mark.django_db
def test_moments_that_are_remembered_keep_no_answer_alive():
    moments = [
        value for (value,) in fetch_wire("SELECT timestamptz '2031-01-01' + n * interval '1 s' FROM generate_series(1, 5) AS n")
    ]
    assert (moments[0], len(set(moments))) == ("2031-01-01T00:00:01.000Z", 5)
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, memoryview) and type(one.obj).__name__ == "ViewBuffer"]
