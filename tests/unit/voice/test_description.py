from voice.dialects.description import has_candidates, sdp_text, ufrag_of_candidate, ufrag_of_sdp

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
