"""The long-term credential mechanism: who is let in, and what the others hear."""

import pytest

from tests.unit.turn.world import REALM, SECRET, START, TTL, Person, answer_of, client, new_id, server
from turn import authentication
from turn.credentials import mint
from turn.protocol import attributes as a
from turn.protocol.integrity import Algorithm, userhash
from turn.protocol.stun import Kind, Method, encode

UDP = (a.REQUESTED_TRANSPORT, 17)


def test_a_stranger_is_asked_who_he_is():
    answer = Person(server()).bare(Method.ALLOCATE, [UDP])
    assert answer.code == 401
    assert answer.get(a.REALM) == REALM
    assert answer.get(a.NONCE).startswith("obMatJos2")
    assert answer.get(a.PASSWORD_ALGORITHMS) == ((2, b""), (1, b""))
    assert not answer.message.integrity
    assert answer.get(a.SOFTWARE) is None


def test_a_stranger_hears_less_than_four_times_what_he_sent():
    answer = Person(server()).bare(Method.ALLOCATE, [UDP])
    assert len(answer.message.data) < 4 * (20 + 8)


@pytest.mark.parametrize("sha256", [False, True])
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_minted_credentials_let_in(algorithm, sha256):
    assert Person(server(), algorithm=algorithm, sha256=sha256).allocate().code == 0


def test_static_users_are_let_in():
    assert Person(server(), username="static", password="pass").allocate().code == 0
    assert Person(server(secrets=()), username="static", password="pass").allocate().code == 0


@pytest.mark.parametrize(
    "who",
    [
        {"password": "wrong"},
        {"username": "static", "password": "wrong"},
        {"username": "nobody"},
        dict(zip(("username", "password"), mint("south", "7", int(START) + TTL), strict=True)),
        dict(zip(("username", "password"), mint(SECRET, "7", int(START) - 1), strict=True)),
    ],
)
def test_all_who_are_not_known_hear_the_same(who):
    known_to = server()
    wrong, stranger = Person(known_to, **who).allocate(), Person(known_to).bare(Method.ALLOCATE, [UDP])
    assert wrong.code == 401
    assert wrong.message.attributes == stranger.message.attributes


@pytest.mark.parametrize("missing", [a.USERNAME, a.REALM, a.NONCE])
def test_half_of_the_credentials_is_a_bad_request(missing):
    person = Person(server())
    person.nonce = person.bare(Method.ALLOCATE, [UDP]).get(a.NONCE)
    fields = [field for field in person.credentials() if field[0] is not missing]
    assert person.bare(Method.ALLOCATE, [UDP, *fields], integrity=person.key).code == 400


def test_an_old_nonce_is_renewed():
    person = Person(server(), username="static", password="pass")
    assert person.allocate().code == 0
    person.seconds = 3601
    stale = person.refresh()
    assert stale.code == 438
    assert (stale.get(a.REALM), stale.get(a.PASSWORD_ALGORITHMS)) == (REALM, ((2, b""), (1, b"")))
    person.nonce = stale.get(a.NONCE)
    assert person.refresh().code == 437


def test_a_foreign_nonce_is_stale():
    person = Person(server())
    person.nonce = "anything"
    assert person.allocate().code == 438


def test_nobody_takes_the_better_algorithm_out():
    person = Person(server(), algorithm=Algorithm.SHA256)
    person.nonce = person.bare(Method.ALLOCATE).get(a.NONCE)
    name, realm, nonce, chosen, offered = person.credentials()

    def code(*fields):
        return answer_of(
            person.raw(Method.ALLOCATE, [UDP, name, realm, nonce, *fields], transaction_id=new_id(), integrity=person.key)
        ).code

    assert code(chosen) == 400
    assert code(offered) == 400
    assert code(chosen, (a.PASSWORD_ALGORITHMS, ((1, b""),))) == 400
    assert code((a.PASSWORD_ALGORITHM, (3, b"")), offered) == 400
    assert code() == 401  # as MD5, which the key is not for
    assert code(chosen, offered) == 0


def test_a_plain_nonce_promises_no_algorithms():
    person = Person(server(), algorithm=Algorithm.SHA256)
    person.nonce = "plain"
    assert person.allocate().code == 401  # by MD5, as RFC 5389 had it


def test_a_static_user_may_hide_his_name():
    person = Person(server(secrets=()), username="static", password="pass")
    nonce = person.bare(Method.ALLOCATE).get(a.NONCE)
    hidden = [(a.USERHASH, userhash("static", REALM)), (a.REALM, REALM), (a.NONCE, nonce)]
    assert person.bare(Method.ALLOCATE, [UDP, *hidden], integrity=person.key).code == 0
    nobody = [(a.USERHASH, bytes(32)), (a.REALM, REALM), (a.NONCE, nonce)]
    assert person.bare(Method.ALLOCATE, [UDP, *nobody], integrity=person.key).code == 401


def test_names_are_asked_to_hide_only_where_all_can():
    hiding, minted = (Person(server(secrets=secrets)).bare(Method.ALLOCATE).get(a.NONCE) for secrets in ((), (SECRET,)))
    assert (hiding[9:13], minted[9:13]) == ("wAAA", "gAAA")


def test_expired_credentials_serve_an_allocation_on_but_begin_none():
    relay = server()
    person = Person(relay)
    person.allocate()
    for seconds in range(500, TTL + 1000, 500):
        person.seconds = seconds
        if (answer := person.refresh()).code == 438:
            person.nonce = answer.get(a.NONCE)
            answer = person.refresh()
        assert answer.code == 0
    assert person.refresh(0).code == 0
    assert person.allocate().code == 401


def test_credentials_minted_before_a_cut_are_refused():
    relay = server()
    person, other = Person(relay), Person(relay, client(port=4002), user="8")
    relay.cut("7", person.now)
    assert person.allocate().code == 401
    assert other.allocate().code == 0
    later = Person(relay, client(port=4001), username=(fresh := mint(SECRET, "7", int(START) + 1 + TTL))[0], password=fresh[1])
    assert later.allocate().code == 0


def test_cuts_are_forgotten_once_all_minted_before_have_expired(monkeypatch):
    monkeypatch.setattr(authentication, "MOST_CUT", 2)
    relay = server()
    person = Person(relay)
    relay.cut("7", person.now)
    for user in "89":
        relay.cut(user, person.now)
    assert person.allocate().code == 0  # pushed out: only so many are remembered
    person.seconds = TTL + 1
    relay.cut("9", person.now)
    assert len(relay._authentication._cut) == 1


def test_unreadable_credentials_are_a_bad_request():
    relay = server()
    person = Person(relay)
    data = encode(Method.ALLOCATE, Kind.REQUEST, new_id(), [(a.DATA, b"\xff\xfe")], integrity=person.key)
    data = data.replace(b"\x00\x13\x00\x02", b"\x00\x06\x00\x02")  # as USERNAME, which is text
    assert answer_of(relay.receive(data, person.client, person.now)).code == 400
