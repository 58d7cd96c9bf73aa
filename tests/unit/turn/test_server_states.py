"""No history of requests, expiries and cuts leaves a socket, a port or a permission behind."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.unit.turn.world import OTHER_PEER, OUR4, PEER, PEER6, Person, at, client, server
from turn.protocol import attributes as a
from turn.words import Address, Bind, Close, Forbid, Narrow, Open, Permit, Release, Reply, Unbind

PORTS = range(50000, 50012)
PEOPLE = st.integers(0, 3)
CHANNELS = st.integers(0x4000, 0x4002)
PEERS = st.sampled_from([PEER, OTHER_PEER, PEER6, Address(OUR4, 50003), Address.of("127.0.0.1", 1)])


class Shell:
    """Carries effects out on paper, and would stumble over any that does not fit."""

    def __init__(self):
        self.allocations = {}
        self.held = set()
        self.bound = set()

    def carry_out(self, effects):
        for effect in effects:
            match effect:
                case Reply():
                    pass
                case Open(number, _, relays, reserved, _):
                    assert number not in self.allocations
                    for address in relays:
                        assert address in self.held or address not in self.bound
                    self.held -= set(relays)
                    self.allocations[number] = {"relays": set(relays), "permitted": set(), "channels": {}}
                    if reserved is not None:
                        assert reserved not in self.bound
                        self.held.add(reserved)
                case Permit(number, host):
                    assert host not in self.allocations[number]["permitted"]
                    self.allocations[number]["permitted"].add(host)
                case Forbid(number, host):
                    self.allocations[number]["permitted"].remove(host)
                case Bind(number, channel, peer):
                    assert peer not in self.allocations[number]["channels"].values()
                    assert channel not in self.allocations[number]["channels"]
                    self.allocations[number]["channels"][channel] = peer
                case Unbind(number, channel):
                    del self.allocations[number]["channels"][channel]
                case Narrow(number, relay):
                    self.allocations[number]["relays"].remove(relay)
                    assert self.allocations[number]["relays"]
                case Close(number):
                    del self.allocations[number]
                case Release(address):
                    self.held.remove(address)
            self.bound = self.held.union(*(each["relays"] for each in self.allocations.values()))


class Relaying(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.relay = server(ports=PORTS, allocations_per_user=2, permissions=2, channels=2)
        self.people = [Person(self.relay, client(port=4000 + n), user=str(n % 2)) for n in range(4)]
        self.shell = Shell()
        self.tokens = [bytes(8)]
        self.seconds = 0.0

    def ask(self, who, what):
        person = self.people[who]
        person.seconds, person.nonce = self.seconds, None
        receive = self.relay.receive

        def carried_out(*arguments):
            effects = receive(*arguments)
            self.shell.carry_out(effects)
            return [effect for effect in effects if isinstance(effect, Reply | Open)]

        self.relay.receive = carried_out
        try:
            return what(person)
        finally:
            self.relay.receive = receive

    @rule(who=PEOPLE, both=st.booleans(), pair=st.booleans(), token=st.integers(0, 50))
    def allocate(self, who, both, pair, token):
        fields = [(a.ADDITIONAL_ADDRESS_FAMILY, 2)] if both else [(a.EVEN_PORT, True)] if pair else []
        if token < len(self.tokens):
            fields = [(a.RESERVATION_TOKEN, self.tokens[token])]
        answer = self.ask(who, lambda person: person.allocate(*fields))
        assert answer.code in {0, 437, 486, 508}
        if answer.get(a.RESERVATION_TOKEN) is not None:
            self.tokens.append(answer.get(a.RESERVATION_TOKEN))

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

    @rule(who=PEOPLE)
    def hang_up(self, who):
        self.shell.carry_out(self.relay.hung_up(self.people[who].client, at(self.seconds)))

    @rule(user=st.sampled_from("01"))
    def cut(self, user):
        self.shell.carry_out(self.relay.cut(user, at(self.seconds)))
        self.relay._authentication._cut.clear()  # so that the people go on

    @rule(seconds=st.sampled_from([1, 29, 31, 299, 301, 601]))
    def wait(self, seconds):
        self.seconds = min(self.seconds + seconds, 3500)  # while their credentials last
        self.shell.carry_out(self.relay.expire(at(self.seconds)))
        deadline = self.relay.deadline()
        assert deadline is None or deadline > at(self.seconds).steady

    @invariant()
    def the_shell_has_what_the_server_knows(self):
        assert {
            allocation.number: {
                "relays": {relay.bound for relay in allocation.relays.values()},
                "permitted": set(allocation.permissions),
                "channels": {number: channel.peer for number, channel in allocation.channels.items()},
            }
            for allocation in self.relay.allocations
        } == self.shell.allocations
        assert {kept.bound for kept in self.relay._reservations.values()} == self.shell.held

    @invariant()
    def each_port_is_free_busy_or_resting(self):
        for host, ports in self.relay._ports.items():
            bound = {address.port for address in self.shell.bound if address.host == host}
            resting = [port for _, port in ports._resting]
            assert ports._busy == bound | set(resting)
            assert len(resting) == len(set(resting))
            assert bound.isdisjoint(resting)


TestRelaying = Relaying.TestCase
TestRelaying.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
