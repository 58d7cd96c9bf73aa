"""How peers find a way to each other: where STUN and the relay are, and what opens the relay."""

import time
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port

from turn.credentials import mint
from turn.keys import secrets

PUBLIC_STUN = "stun:stun.l.google.com:19302"  # where there is no relay to ask


def ice_servers(user_id: int, asked_by: str) -> list[dict[str, Any]]:
    """As RTCPeerConnection takes them; the credentials are this user's, for TURN_TTL seconds.

    `asked_by` is the host, with or without a port, by which the client reached us: it finds the relay by the same name.
    """
    relay = relay_urls(asked_by)
    servers: list[dict[str, Any]] = []
    if stun := stun_urls(relay):
        servers.append({"urls": stun})
    if relay:
        username, credential = mint(secrets()[0], str(user_id), int(time.time()) + settings.TURN_TTL)
        servers.append({"urls": relay, "username": username, "credential": credential})
    return servers


def relay_urls(asked_by: str) -> list[str]:
    """None if there is no relay. `asked_by` as above."""
    if not settings.TURN:
        return []
    if settings.TURN_URLS:
        return list(settings.TURN_URLS)
    host = settings.TURN_HOST or split_domain_port(asked_by)[0]
    urls = [f"turn:{host}:{settings.TURN_PORT}?transport={transport}" for transport in ("udp", "tcp")]
    return [*urls, f"turns:{host}:{settings.TURN_TLS_PORT}?transport=tcp"] if settings.TURN_CERTIFICATE else urls


def stun_urls(relay: list[str]) -> list[str]:
    """Every relay is a STUN server too (RFC 8656 section 3)."""
    if settings.STUN_URLS is not None:
        return list(settings.STUN_URLS)
    if not relay:
        return [PUBLIC_STUN]
    places = [url.removeprefix("turn:").partition("?") for url in relay if url.startswith("turn:")]
    return list(dict.fromkeys(f"stun:{place}" for place, _, transport in places if transport != "transport=tcp"))
