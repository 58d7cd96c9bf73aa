import json

import pytest

from voice.core.words import Relay
from voice.dialects.description import (
    Candidate,
    Description,
    has_candidates,
    meaning_of,
    relay,
    sdp_text,
    ufrag_of_candidate,
    ufrag_of_sdp,
)

SDP = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:Zx/9\r\na=ice-pwd:secret\r\n"
LINE = "candidate:1 1 udp 2113937151 192.0.2.1 54400 typ host generation 0 ufrag Zx/9 network-cost 999"


def test_a_description_is_text_or_an_object_with_text():
    assert sdp_text(SDP) == sdp_text({"type": "offer", "sdp": SDP}) == SDP
    assert [sdp_text(odd) for odd in (None, 5, [], {}, {"sdp": 5})] == [""] * 5


def test_the_ufrag_is_read_from_a_description():
    assert ufrag_of_sdp(SDP) == "Zx/9"
    assert ufrag_of_sdp("v=0") is None


def test_candidates_within_a_description_are_seen():
    assert has_candidates(SDP + "a=" + LINE + "\r\n")
    assert not has_candidates(SDP)


def test_the_ufrag_is_read_from_a_candidate_in_each_of_its_shapes():
    assert ufrag_of_candidate({"candidate": LINE, "usernameFragment": "Ab"}) == "Ab"
    assert ufrag_of_candidate({"candidate": LINE, "usernameFragment": None}) == "Zx/9"
    assert ufrag_of_candidate(LINE) == "Zx/9"
    assert [ufrag_of_candidate(odd) for odd in (None, 5, {}, {"candidate": 5}, "candidate:1")] == [None] * 5


INIT = {"candidate": LINE, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "Zx/9"}


@pytest.mark.parametrize(
    "body",
    [
        {"sdp": SDP},
        {"sdp": {"type": "offer", "sdp": SDP}},
        {"sdp": json.dumps({"type": "offer", "sdp": SDP})},
        {"payload": SDP},
        {"payload": {"type": "offer", "sdp": SDP}},
        {"payload": {"sdp": {"type": "offer", "sdp": SDP}}},
        {"payload": json.dumps({"sdp": SDP})},
        {"data": {"sdp": SDP}},
    ],
)
def test_an_offer_means_the_same_however_it_is_laid_out(body):
    assert meaning_of("offer", body) == Description("offer", SDP)
    assert relay("ben", "offer", body, "x") == Relay("ben", "offer", body, "Zx/9", dialect="x")


@pytest.mark.parametrize(
    "body",
    [
        {"candidate": INIT},
        {"candidate": json.dumps(INIT)},
        {"payload": INIT},
        {"payload": {"candidate": INIT}},
        {"payload": json.dumps(INIT)},
        {"data": {"candidate": INIT}},
        INIT,
    ],
)
def test_a_candidate_means_the_same_however_it_is_laid_out(body):
    found = meaning_of("candidate", body)
    assert found == Candidate(INIT)
    assert found.text == LINE
    assert relay("ben", "candidate", body, "x").ufrag == "Zx/9"


def test_a_candidate_that_is_no_more_than_its_line_belongs_to_the_first_media_section():
    first = Candidate({"candidate": LINE, "sdpMLineIndex": 0})
    assert meaning_of("candidate", {"candidate": LINE}) == meaning_of("candidate", {"payload": LINE}) == first


@pytest.mark.parametrize("kind", ["offer", "answer", "candidate"])
@pytest.mark.parametrize("content", [None, 5, [], {}, {"sdp": 5, "candidate": 5}])
def test_what_cannot_be_understood_means_nothing(kind, content):
    assert meaning_of(kind, {"payload": content}) is None
    assert meaning_of(kind, {"sdp": content, "candidate": content}) is None
    assert relay(None, "custom", {"payload": content}, "x") == Relay(None, "custom", {"payload": content}, dialect="x")


@pytest.mark.parametrize("text", ["{", '{"sdp":' * 5000])
def test_broken_json_is_but_a_text(text):
    assert meaning_of("offer", {"sdp": text}) == Description("offer", text)
    assert meaning_of("candidate", {"payload": text}) == Candidate({"candidate": text, "sdpMLineIndex": 0})


def test_a_description_is_written_as_browsers_take_it():
    assert Description("answer", SDP).init == {"type": "answer", "sdp": SDP}
