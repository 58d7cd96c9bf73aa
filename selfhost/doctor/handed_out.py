"""The addresses that a relay tells its clients: where peers find them, and where it sees them."""

import socket
from ipaddress import ip_address

from selfhost.doctor.addresses import Host, is_contained, is_public
from selfhost.doctor.reach import Reach
from selfhost.doctor.words import Check, error, ok, skipped, warning


def judge_address(reached: Host, relayed: Host, *, own: bool) -> Check:
    """`reached` is the address that the relay's name stands for, `relayed` the one that it hands out."""
    name, detail = "turn-address", f"{relayed} at {reached}"
    setting = "TURN_EXTERNAL_ADDRESSES" if own else "TURN_URLS"
    here = reached.is_loopback and _is_ours(relayed)
    if relayed.is_unspecified or (relayed.is_loopback and not reached.is_loopback):
        return error(
            name,
            "TURN_RELAY_ADDRESSES" if own else "TURN_URLS",
            "The relay hands out an address that means every machine itself",
            "Ретранслятор выдаёт адрес, который для каждой машины — она сама",
            detail,
        )
    if is_contained(relayed) and not is_contained(reached) and not here:
        return error(
            name,
            setting,
            f"The relay hands out {relayed}, a container's address, which nobody outside reaches",
            f"Ретранслятор выдаёт {relayed} — адрес контейнера, недоступный снаружи",
            detail,
        )
    if is_public(reached) and not is_public(relayed):
        return error(
            name,
            setting,
            f"The relay hands out {relayed}, a private address, which nobody outside reaches",
            f"Ретранслятор выдаёт {relayed} — частный адрес, недоступный снаружи",
            detail,
        )
    if relayed != reached and relayed.version == reached.version and not is_public(relayed) and not here:
        return warning(
            name,
            setting,
            f"The relay hands out {relayed}, and is reached at another address: do clients reach both?",
            f"Ретранслятор выдаёт {relayed}, а сам доступен по другому адресу: доступны ли клиентам оба?",
            detail,
        )
    return ok(name, "The relay hands out an address that clients reach", "Ретранслятор выдаёт доступный адрес", detail)


def judge_mapped(way: Reach, *, own: bool) -> Check:
    """How the relay sees its clients: they learn their own outer address from it."""
    name = "turn-mapped"
    if way.mapped is None or way.local is None:
        return skipped(name, "The relay does not say how it sees us", "Ретранслятор не сообщает, каким видит нас")
    mapped, local = ip_address(way.mapped.host), ip_address(way.local.host)
    if mapped == local or is_public(mapped):
        return ok(name, "The relay sees its clients' own addresses", "Ретранслятор видит адреса клиентов", str(mapped))
    return warning(
        name,
        "TURN_LISTEN_ADDRESSES" if own else "TURN_URLS",
        f"The relay sees us at {mapped}, not at our own address: in a container give it the machine's network",
        f"Ретранслятор видит нас как {mapped}, а не по нашему адресу: дайте контейнеру сеть самой машины",
        f"{mapped} instead of {local}",
    )


def _is_ours(host: Host) -> bool:
    """An address of this machine."""
    family = socket.AF_INET6 if host.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(host), 0))
    except OSError:
        return False
    return True
