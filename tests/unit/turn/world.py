"""A server without sockets, and clients that talk to it in whole messages."""

from itertools import count
from typing import NamedTuple

from turn.authentication import Authentication
from turn.credentials import Credentials, mint
from turn.nonces import Nonces
from turn.policy import Peers, Policy
from turn.protocol import attributes as a
from turn.protocol.integrity import Algorithm, Key, long_term_key, verify
from turn.protocol.stun import Kind, Method, decode, encode
from turn.server import Host, Server
from turn.words import Address, Client, Family, Listen, Moment, Open, Reply, Splice, Transport

REALM, SECRET, TTL = "example.org", "north", 3600
START = 1_800_000_000.0
OUR4, OUR6 = Address.of("198.51.100.1", 0).host, Address.of("2001:db8::1", 0).host
LISTENER = Address(OUR4, 3478)
PEER, OTHER_PEER = Address.of("203.0.113.5", 5000), Address.of("203.0.113.6", 6000)
PEER6 = Address.of("2001:db8:5::5", 5000)
UDP = 17
ids = count(1)


def at(seconds=0.0):
    return Moment(1000.0 + seconds, START + seconds)


def client(port=4000, host="192.0.2.9", transport=Transport.UDP):
    return Client(Address.of(host, port), LISTENER, transport, 0)


def new_id():
    return next(ids).to_bytes(12, "big")


def server(policy=None, *, hosts=None, users=None, secrets=(SECRET,), choose=None, **policy_fields):
    peers = policy_fields.pop("peers", None) or Peers(own=[OUR4, OUR6])
    credentials = Credentials(realm=REALM, secrets=secrets, users={"static": "pass"} if users is None else users)
    nonces = Nonces(b"nonce secret", anonymity=credentials.anonymous)
    numbers, tokens = count(), count(1)
    return Server(
        policy or Policy(peers, **policy_fields),
        Authentication(credentials, nonces, ttl=TTL),
        {Family.IPV4: Host(OUR4, OUR4), Family.IPV6: Host(OUR6, OUR6)} if hosts is None else hosts,
        random=lambda size: next(tokens).to_bytes(size, "big"),
        choose=choose or (lambda below: next(numbers) % below),
    )


class Answer(NamedTuple):
    """A reply that was read, and the effects that came with it."""

    message: object
    effects: list

    @property
    def code(self):
        error = self.message.get(a.ERROR_CODE)
        return 0 if error is None else error.code

    def get(self, attribute):
        return self.message.get(attribute)


class Person:
    """Sends protected requests; asks for a nonce first. `now` is moved by the test."""

    def __init__(self, server, client=None, *, user="7", username=None, password=None, algorithm=Algorithm.MD5, sha256=False):
        self.server, self.client = server, client or globals()["client"]()
        minted = mint(SECRET, user, int(START) + TTL)
        self.username = minted[0] if username is None else username
        self.password = minted[1] if password is None else password
        self.algorithm, self.sha256 = algorithm, sha256
        self.seconds = 0.0
        self.nonce = None

    @property
    def now(self):
        return at(self.seconds)

    @property
    def key(self):
        return Key(long_term_key(self.username, REALM, self.password, self.algorithm), self.sha256)

    def raw(self, method, attributes=(), *, kind=Kind.REQUEST, transaction_id=None, **encoding):
        """Without credentials. The effects, as they are."""
        data = encode(method, kind, transaction_id or new_id(), attributes, **encoding)
        return self.server.receive(data, self.client, self.now)

    def bare(self, method, attributes=(), **encoding):
        return answer_of(self.raw(method, attributes, **encoding))

    def credentials(self):
        fields = [(a.USERNAME, self.username), (a.REALM, REALM), (a.NONCE, self.nonce)]
        if self.algorithm is Algorithm.SHA256:
            fields += [
                (a.PASSWORD_ALGORITHM, (2, b"")),
                (a.PASSWORD_ALGORITHMS, ((2, b""), (1, b""))),
            ]
        return fields

    def ask(self, method, attributes=(), **encoding):
        """With credentials; the answer, if it is one to a proved sender, must be protected as the request was."""
        if self.nonce is None:
            self.nonce = self.bare(method).get(a.NONCE)
        answer = self.bare(method, [*attributes, *self.credentials()], integrity=self.key, **encoding)
        if answer.code not in {401, 438} and not (answer.code == 400 and not answer.message.integrity):
            assert verify(answer.message, self.key.secret)
            assert (answer.get(a.MESSAGE_INTEGRITY_SHA256) is not None) is self.sha256
        return answer

    def allocate(self, *attributes, transport=UDP, **encoding):
        return self.ask(Method.ALLOCATE, [(a.REQUESTED_TRANSPORT, transport), *attributes], **encoding)

    def refresh(self, lifetime=None, *attributes):
        return self.ask(Method.REFRESH, [*([] if lifetime is None else [(a.LIFETIME, lifetime)]), *attributes])

    def permit(self, *peers):
        return self.ask(Method.CREATE_PERMISSION, [(a.XOR_PEER_ADDRESS, peer) for peer in peers])

    def bind(self, number, peer=PEER):
        return self.ask(Method.CHANNEL_BIND, [(a.CHANNEL_NUMBER, number), (a.XOR_PEER_ADDRESS, peer)])


def answer_of(effects):
    """The one message that goes out; an Open carries it for when it is done."""
    (data,) = [
        effect.data if isinstance(effect, Reply) else effect.reply
        for effect in effects
        if isinstance(effect, Reply | Open | Listen | Splice)
    ]
    return Answer(decode(data), [effect for effect in effects if not isinstance(effect, Reply)])
