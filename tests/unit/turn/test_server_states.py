"""No history of requests, connections, expiries and cuts leaves a socket, a port or a permission behind."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.unit.turn.shell import Shell
from tests.unit.turn.world import OTHER_PEER, OUR4, PEER, PEER6, Person, at, client, server
from turn.protocol import attributes as a
from turn.protocol.stun import Method
from turn.words import Address, Listen, Open, Reply, Splice, Transport

PORTS = range(50000, 50012)
PEOPLE = st.integers(0, 3)
CHANNELS = st.integers(0x4000, 0x4002)
PEERS = st.sampled_from([PEER, OTHER_PEER, PEER6, Address(OUR4, 50003), Address.of("127.0.0.1", 1)])
TCP = 6


class Relaying(RuleBasedStateMachine):
    """Two people come by UDP and two by TCP; one of each is the same user."""

    def __init__(self):
        super().__init__()
        self.relay = server(ports=PORTS, allocations_per_user=2, permissions=2, channels=2, tcp_relay=True, connections=2)
        over = [Transport.UDP, Transport.UDP, Transport.TCP, Transport.TCP]
        self.people = [Person(self.relay, client(port=4000 + n, transport=over[n]), user=str(n % 2)) for n in range(4)]
        self.shell = Shell()
        self.tokens = [bytes(8)]
        self.seconds = 0.0
        self.streams = 5000
        self.taken = 0
        """Ports that turn out to be another program's."""

    @property
    def now(self):
        return at(self.seconds)

    def ask(self, who, what):
        person = self.people[who]
        person.seconds, person.nonce = self.seconds, None
        receive = self.relay.receive

        def carried_out(*arguments):
            effects = receive(*arguments)
            while self.taken and effects and isinstance(effects[-1], Open | Listen):
                *before, opening = effects
                self.taken -= 1
                self.shell.carry_out(before)
                self.shell.held -= set(opening.relays)  # the socket that was held for it is gone
                self.shell.bound -= set(opening.relays)
                effects = self.relay.unavailable(opening.allocation, opening.relays[0], self.now)
            self.shell.carry_out(effects)
            return [effect for effect in effects if isinstance(effect, Reply | Open | Listen | Splice)]

        self.relay.receive = carried_out
        try:
            return what(person)
        finally:
            self.relay.receive = receive

    @initialize()
    def begin(self):
        """With one allocation of each kind, so that there is something to do."""
        self.ask(1, lambda person: person.allocate())
        self.ask(2, lambda person: person.allocate(transport=TCP))
        self.ask(2, lambda person: person.permit(PEER, OTHER_PEER))

    @rule(who=PEOPLE)
    def look(self, who):
        answer = self.ask(who, lambda person: person.bare(Method.BINDING))
        assert answer.get(a.XOR_MAPPED_ADDRESS) == self.people[who].client.remote

    @rule(who=PEOPLE, both=st.booleans(), pair=st.booleans(), token=st.integers(0, 50), taken=st.sampled_from([0, 0, 1, 9]))
    def allocate(self, who, both, pair, token, taken):
        fields = [(a.ADDITIONAL_ADDRESS_FAMILY, 2)] if both else [(a.EVEN_PORT, True)] if pair else []
        if token < len(self.tokens):
            fields = [(a.RESERVATION_TOKEN, self.tokens[token])]
        before, self.taken = len(self.relay.allocations), taken
        answer = self.ask(who, lambda person: person.allocate(*fields))
        self.taken = 0
        assert answer.code in {0, 437, 486, 508}
        assert not (self.relay.draining and len(self.relay.allocations) > before)
        if answer.get(a.RESERVATION_TOKEN) is not None:
            self.tokens.append(answer.get(a.RESERVATION_TOKEN))

    @rule(who=PEOPLE, taken=st.sampled_from([0, 1]))
    def allocate_for_tcp(self, who, taken):
        self.taken = taken
        answer = self.ask(who, lambda person: person.allocate(transport=TCP))
        self.taken = 0
        assert answer.code in ({400, 437} if who < 2 else {0, 437, 486, 508})

    @rule(who=PEOPLE, lifetime=st.sampled_from([0, 600, 3600]), family=st.sampled_from([None, 1, 2]))
    def refresh(self, who, lifetime, family):
        fields = [] if family is None else [(a.REQUESTED_ADDRESS_FAMILY, family)]
        assert self.ask(who, lambda person: person.refresh(lifetime, *fields)).code in {0, 437, 443}

    @rule(who=PEOPLE, peers=st.lists(PEERS, min_size=1, max_size=3))
    def permit(self, who, peers):
        assert self.ask(who, lambda person: person.permit(*peers)).code in {0, 403, 437, 443, 508}

    @rule(who=PEOPLE, number=CHANNELS, peer=PEERS)
    def bind(self, who, number, peer):
        assert self.ask(who, lambda person: person.bind(number, peer)).code in {0, 400, 403, 437, 443, 508}

    @rule(who=PEOPLE, peer=PEERS)
    def connect(self, who, peer):
        """The answer comes once the peer has taken the connection, or a refusal now."""

        def asking(person):
            person.nonce = person.bare(Method.REFRESH).get(a.NONCE)
            wish = [(a.XOR_PEER_ADDRESS, peer), *person.credentials()]
            return person.raw(Method.CONNECT, wish, integrity=person.key)

        asked = len(self.shell.asked)
        replies = self.ask(who, asking)
        assert len(replies) == (0 if len(self.shell.asked) > asked else 1)

    @precondition(lambda self: self.shell.asked)
    @rule(answers=st.booleans())
    def a_peer_answers(self, answers):
        number = min(self.shell.asked)
        if answers:
            self.shell.connected(number)
            (told,) = self.relay.connections.connected(number, self.now)
        else:
            self.shell.disconnected(number)
            (told,) = self.relay.connections.over(number)
        assert isinstance(told, Reply)

    @precondition(lambda self: any(allocation.tcp for allocation in self.relay.allocations))
    @rule(peer=PEERS)
    def a_peer_calls(self, peer):
        allocation = max(allocation.number for allocation in self.relay.allocations if allocation.tcp)
        number, effects = self.relay.connections.attempted(allocation, peer, self.now)
        if number is not None:
            self.shell.standing.add(number)
        assert [type(effect) for effect in effects] == ([] if number is None else [Reply])

    @precondition(lambda self: self.shell.connections)
    @rule(user=st.sampled_from("01"), newest=st.booleans())
    def take_a_connection(self, user, newest):
        number = (max if newest else min)(self.shell.connections)
        self.streams += 1
        self.people.append(Person(self.relay, client(port=self.streams, transport=Transport.TCP), user=user))
        answer = self.ask(-1, lambda person: person.ask(Method.CONNECTION_BIND, [(a.CONNECTION_ID, number)]))
        self.people.pop()
        assert answer.code == (0 if number in self.shell.spliced and answer.effects else 400)

    @precondition(lambda self: self.shell.spliced | self.shell.standing)
    @rule(newest=st.booleans())
    def a_side_hangs_up(self, newest):
        number = (max if newest else min)(self.shell.spliced | self.shell.standing)
        self.shell.disconnected(number)
        assert self.relay.connections.over(number) == []

    @rule(who=PEOPLE)
    def hang_up(self, who):
        self.shell.carry_out(self.relay.hung_up(self.people[who].client, self.now))

    @rule(user=st.sampled_from("01"))
    def cut(self, user):
        self.shell.carry_out(self.relay.cut(user, self.now))
        assert self.relay.allocations.of_user(user) == []
        self.relay._authentication._cut.clear()  # so that the people go on

    @precondition(lambda self: self.seconds > 1000)
    @rule()
    def drain(self):
        self.relay.drain()

    @rule(seconds=st.sampled_from([1, 29, 31, 299, 301, 601]))
    def wait(self, seconds):
        self.seconds = min(self.seconds + seconds, 3500)  # while their credentials last
        self.shell.carry_out(self.relay.expire(self.now))
        deadline = self.relay.deadline()
        assert deadline is None or deadline > self.now.steady

    @invariant()
    def the_shell_has_what_the_server_knows(self):
        self.shell.agrees_with(self.relay)


TestRelaying = Relaying.TestCase
TestRelaying.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
