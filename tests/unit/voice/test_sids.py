"""Whose a request is, from the session id in its target."""

import pytest

from voice.transports.sids import keeper_for, new_sid


@pytest.fixture(params=["", "m1"])
def machine(request, settings):
    """Worker 1 of three, on a machine with a name or without."""
    settings.VOICE_WORKERS, settings.VOICE_WORKER, settings.VOICE_MACHINE = 3, 1, request.param
    return request.param


def sid_of(settings, worker):
    settings.VOICE_WORKER, me = worker, settings.VOICE_WORKER
    sid = new_sid()
    settings.VOICE_WORKER = me
    return sid


@pytest.mark.parametrize("address", ["/socket/?EIO=4&sid={}", "/socket.io/?sid={}&t=x", "/socket.io?transport=polling&sid={}"])
def test_a_request_is_for_who_made_its_sid(machine, settings, address):
    for worker, keeper in ((0, 0), (1, None), (2, 2)):
        assert keeper_for(address.format(sid_of(settings, worker)).encode()) == keeper


def test_a_new_session_is_for_anybody(machine):
    drawn = {keeper_for(b"/socket.io/?EIO=4&transport=polling") for _ in range(500)}
    assert drawn == {0, None, 2}


@pytest.mark.parametrize("sid", ["3.x", "1.x", "99.x", "100.x", "-1.x", "x", "2", "", "m2-2.x", "M1-2.x", "2-2.x", "%32.x"])
def test_any_other_sid_stays_where_it_is(machine, sid):
    assert keeper_for(f"/socket.io/?sid={sid}".encode()) is None


def test_a_sid_is_of_one_machine_alone(settings):
    settings.VOICE_WORKERS, settings.VOICE_WORKER = 3, 1
    for mine, theirs in (("", "m1"), ("m1", ""), ("m1", "m2")):
        settings.VOICE_MACHINE = theirs
        sid = sid_of(settings, 2)
        settings.VOICE_MACHINE = mine
        assert keeper_for(f"/socket/?sid={sid}".encode()) is None


@pytest.mark.parametrize(
    "target", ["/api/health?sid=2.x", "/socketx?sid=2.x", "/?sid=2.x", "*", "/socket/x?sid=2.x", "/socket/?xsid=2.x&sid=1.x"]
)
def test_any_other_address_stays_where_it_is(machine, target):
    assert keeper_for(target.encode()) is None


def test_a_sid_cannot_be_guessed(machine):
    sids = {new_sid() for _ in range(1000)}
    assert len(sids) == 1000
    assert all(len(sid.partition(".")[2]) == 20 for sid in sids)
