"""The address of the request being answered, and of no other."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse

from projectvoice.kernel.address import acting_from, address_of, current_address
from projectvoice.middleware import AddressMiddleware


def request_from(address: str) -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    return request


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(current_address())


def test_a_request_has_its_address_and_leaves_none_behind():
    assert AddressMiddleware(answer)(request_from("192.0.2.1")).content == b"192.0.2.1"
    assert current_address() is None


async def test_requests_answered_in_turns_and_in_threads_do_not_mix():
    both_inside = asyncio.Barrier(2)

    async def answer_in_a_thread(request: HttpRequest) -> HttpResponse:
        await both_inside.wait()
        return await sync_to_async(answer, thread_sensitive=request.META["REMOTE_ADDR"].endswith("1"))(request)

    handle = AddressMiddleware(answer_in_a_thread)
    answers = await asyncio.gather(handle(request_from("192.0.2.1")), handle(request_from("192.0.2.2")))
    assert [answer.content for answer in answers] == [b"192.0.2.1", b"192.0.2.2"]
    assert current_address() is None


def test_an_act_inside_another_returns_to_its_address():
    with acting_from("192.0.2.1"):
        with acting_from("192.0.2.2"):
            assert current_address() == "192.0.2.2"
        assert current_address() == "192.0.2.1"


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", "0.0.0.0"),
        ("unknown", "0.0.0.0"),
        ("192.0.2.1:4711", "0.0.0.0"),
    ],
)
def test_only_an_address_counts_as_one(told, address):
    assert address_of(request_from(told)) == address
