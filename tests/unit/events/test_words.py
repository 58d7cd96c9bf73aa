from events.words import ABOUT, KINDS, Audience
from servers.permissions import Permission


def test_every_need_is_a_permission() -> None:
    assert {kind.need for kind in KINDS.values() if kind.need} <= Permission.__members__.keys()


def test_what_ends_a_subject_names_it() -> None:
    assert all(kind.about for kind in KINDS.values() if kind.ends)
    assert "message-created" in ABOUT["message"]
    assert "mention" in ABOUT["message"]


def test_every_event_that_is_delivered_says_something() -> None:
    assert all(kind.payload for kind in KINDS.values() if kind.audience is not Audience.NOBODY)
    assert all(len(name) <= 32 for name in KINDS)
