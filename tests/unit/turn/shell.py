"""What stands around the server, on paper: it carries effects out, and stumbles over any that does not fit."""

from turn.words import (
    Bind,
    Close,
    Connect,
    Disconnect,
    Forbid,
    Listen,
    Narrow,
    Open,
    Permit,
    Release,
    Reply,
    Splice,
    Unbind,
)


class Shell:
    def __init__(self):
        self.allocations = {}
        self.held = set()
        self.bound = set()
        self.asked, self.standing, self.spliced = set(), set(), set()  # numbers of connections

    @property
    def connections(self):
        return self.asked | self.standing | self.spliced

    def carry_out(self, effects):
        for effect in effects:
            match effect:
                case Reply():
                    pass
                case Open(number, _, relays, reserved, _):
                    self._open(number, relays)
                    if reserved is not None:
                        assert reserved not in self.bound
                        self.held.add(reserved)
                case Listen(number, _, relays, _):
                    self._open(number, relays)
                case Connect(number, connection, _):
                    assert number in self.allocations
                    assert connection not in self.connections
                    self.asked.add(connection)
                case Splice(connection, _, _):
                    self.standing.remove(connection)
                    self.spliced.add(connection)
                case Disconnect(connection):
                    assert connection in self.connections
                    self.disconnected(connection)
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

    def connected(self, connection):
        self.asked.remove(connection)
        self.standing.add(connection)

    def disconnected(self, connection):
        for numbers in (self.asked, self.standing, self.spliced):
            numbers.discard(connection)

    def _open(self, number, relays):
        assert number not in self.allocations
        for address in relays:
            assert address in self.held or address not in self.bound
        self.held -= set(relays)
        self.allocations[number] = {"relays": set(relays), "permitted": set(), "channels": {}}

    def agrees_with(self, server):
        """It has all that the server knows of, and nothing else; each port is free, busy or resting."""
        assert {
            allocation.number: {
                "relays": {relay.bound for relay in allocation.relays.values()},
                "permitted": set() if allocation.tcp else set(allocation.permissions),
                "channels": {number: channel.peer for number, channel in allocation.channels.items()},
            }
            for allocation in server.allocations
        } == self.allocations
        assert {kept.bound for kept in server._reservations.values()} == self.held
        assert server.connections._by_number.keys() == self.connections
        for host, ports in server._ports.items():
            bound = {address.port for address in self.bound if address.host == host}
            resting = [port for _, port in ports._resting]
            assert ports._busy == bound | set(resting)
            assert len(resting) == len(set(resting))
            assert bound.isdisjoint(resting)
