"""Reads settings from the environment. A bad value stops the start with one clear sentence."""

import os
import re
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from projectvoice.given import SECRET_LENGTH, given, is_example, weakness_of

PASSWORD_LENGTH = 12  # of programs: whoever sees one used may try all short ones at home
HOST = r"([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])"  # in a URL


def text(name: str, default: str = "") -> str:
    """As it is set, or as it stands in the file that `<NAME>_FILE` names."""
    try:
        return given(name, os.environ) or default
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from error


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list; `none` is the empty one."""
    value = text(name, default)
    return [] if value == "none" else [word for part in value.split(",") if (word := part.strip())]


def flag(name: str, default: bool) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value in {"1", "on", "true", "yes"}:
        return True
    if value in {"0", "off", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}")


def number(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}")
    return int(value)


def choice(name: str, *options: str) -> str:
    """One of these words; the first is the default."""
    value = text(name, options[0]).lower()
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(options)}, not {value!r}")
    return value


def data_dir() -> Path:
    return Path(text("DATA_DIR", ".data"))


def name(variable: str) -> str:
    """A short one, of small letters and digits; empty if it is not set."""
    value = text(variable)
    if not re.fullmatch("[0-9a-z]{0,16}", value):
        raise ImproperlyConfigured(f"{variable} must be at most 16 small letters and digits, not {value!r}")
    return value


def host(variable: str) -> str:
    """A host without port, as a URL names it: an IPv6 address in brackets. Empty if it is not set."""
    value = text(variable)
    url_form = f"[{value}]" if ":" in value and not value.startswith("[") else value
    if value and not re.fullmatch(HOST, url_form):
        raise ImproperlyConfigured(f"{variable} must be a name or an IP address without a port, not {value!r}")
    return url_form


def ice_urls(name: str, scheme: str) -> list[str]:
    """URLs of `stun` (RFC 7064) or `turn` servers (RFC 7065). A browser takes none of them if one is malformed."""
    transport = r"(\?transport=(udp|tcp))?" if scheme == "turn" else ""
    urls = words(name)
    for url in urls:
        parts = re.fullmatch(rf"{scheme}s?:{HOST}(?::([0-9]{{1,5}}))?{transport}", url)
        if parts is None or not 0 < int(parts[2] or 1) <= 65535:
            raise ImproperlyConfigured(f"{name} must be URLs separated by commas, as {scheme}:example.com:3478, not {url!r}")
    return urls


def addresses(name: str, default: str = "") -> list[str]:
    """IP addresses, comma-separated."""
    found = words(name, default)
    for word in found:
        try:
            ip_address(word)
        except ValueError:
            raise ImproperlyConfigured(f"{name} must be IP addresses separated by commas, not {word!r}") from None
    return found


def endpoints(name: str) -> list[tuple[str, int]]:
    """IP addresses with ports, as in `192.0.2.7:3478,[2001:db8::7]:3478`."""
    return [_endpoint(name, word) for word in words(name)]


def _endpoint(name: str, value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    try:
        address = ip_address(host.removeprefix("[").removesuffix("]"))
        well_formed = host == (f"[{address}]" if address.version == 6 else str(address)) and port.isascii() and port.isdigit()
        if not (well_formed and 1 <= int(port) <= 65535):
            raise ValueError
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be addresses with ports, as 192.0.2.7:3478, not {value!r}") from None
    return str(address), int(port)


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """As in `10.1.0.0/16,192.0.2.7`."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be networks separated by commas, as 10.1.0.0/16: {error}") from None


def ports(name: str, default: str) -> range:
    """As in `49152-65535`: the first and the last."""
    value = text(name, default)
    first, _, last = value.partition("-")
    if not re.fullmatch(r"\d{1,5}-\d{1,5}", value, re.ASCII) or not 1024 <= int(first) <= int(last) <= 65535:
        raise ImproperlyConfigured(f"{name} must be two ports from 1024 to 65535, as 49152-65535, not {value!r}")
    return range(int(first), int(last) + 1)


def passwords(name: str) -> dict[str, str]:
    """By user, as in `anna:one,boris:two`. A bad value is not repeated."""
    found: dict[str, str] = {}
    for word in words(name):
        user, colon, password = word.partition(":")
        if not (user and colon and password) or user in found or user.isdigit():
            raise ImproperlyConfigured(f"{name} must read name:password,name:password, each name once and none a mere number")
        if len(password) < PASSWORD_LENGTH or len(set(password)) < 6 or is_example(password):
            raise ImproperlyConfigured(f"{name} must have passwords of {PASSWORD_LENGTH} characters or more, and no examples")
        found[user] = password
    return found


def secret_key() -> str:
    """`SECRET_KEY`, else the key that `./run` keeps in the data folder. Short and well-known keys are refused."""
    kept = data_dir() / "secret_key"
    key = text("SECRET_KEY") or (kept.read_text().strip() if kept.is_file() else "")
    if not key:
        raise ImproperlyConfigured("SECRET_KEY is not set (./run makes one and keeps it in the data folder)")
    return _strong("SECRET_KEY", key)


def secret(name: str) -> str:
    """What nobody may guess, also who tries without asking us. Weak and well-known ones are refused; empty if it is not set."""
    value = text(name)
    return _strong(name, value) if value else ""


def secrets(name: str) -> list[str]:
    return [_strong(name, word) for word in words(name)]


def _strong(name: str, value: str) -> str:
    if weakness_of(value):
        raise ImproperlyConfigured(
            f"{name} must be {SECRET_LENGTH} random characters or more, not an example: `openssl rand -hex 32` makes them"
        )
    return value


def token(name: str) -> str:
    """A secret that a program shows to be let in."""
    value = secret(name)
    if not re.fullmatch("[!-~]*", value):
        raise ImproperlyConfigured(f"{name} must be of printable ASCII without spaces, as `openssl rand -hex 32` makes it")
    return value


def key(name: str) -> bytes | None:
    """A key of 32 bytes, as 64 hexadecimal digits; None if it is not set."""
    value = text(name)
    return _key(name, value) if value else None


def keys(name: str) -> list[bytes]:
    return [_key(name, word) for word in words(name)]


def _key(name: str, value: str) -> bytes:
    if not re.fullmatch("[0-9A-Fa-f]{64}", value):
        raise ImproperlyConfigured(f"{name} must be 64 hexadecimal digits, as `openssl rand -hex 32` makes them")
    found = bytes.fromhex(value)
    if len(set(found)) < 16:  # of 32 that were drawn, some 30 are different
        raise ImproperlyConfigured(f"{name} must be random, as `openssl rand -hex 32` makes it")
    return found


def database(url: str) -> dict[str, Any]:
    """Django's settings for `postgresql://user:password@host:port/name`; a percent-encoded host is a socket folder."""
    try:
        parts = urlsplit(url)
        name, port = unquote(parts.path.lstrip("/")), parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from error
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise ImproperlyConfigured("DATABASE_URL must read postgresql://user:password@host:port/name")
    query = dict(parse_qsl(parts.query))
    host = unquote(parts.netloc.rpartition("@")[2])
    on_socket = host.startswith("/")
    return {
        "ENGINE": "projectvoice.database",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host if on_socket else parts.hostname or "",
        "PORT": query.pop("port", "") if on_socket else port or "",
        "CONN_MAX_AGE": None,  # each thread keeps its own; dead ones are noticed without a query
        # A server that went without a word is missed after 25 s, even by whoever waits without end.
        "OPTIONS": {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, **query},
        "TEST": {"CHARSET": "UTF8", "TEMPLATE": "template0"},
    }


def file_storage(kind: str) -> dict[str, Any]:
    """Where uploaded files lie: `local`, a folder that nobody else may enter, or `s3`, a private bucket."""
    if kind == "local":
        options: dict[str, Any] = {"location": data_dir().resolve() / "attachments", "base_url": None}
        modes = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {**options, **modes}}
    if not text("S3_BUCKET"):
        raise ImproperlyConfigured("ATTACHMENT_STORAGE=s3 needs S3_BUCKET")
    endpoint = text("S3_ENDPOINT") or None
    options = {
        "bucket_name": text("S3_BUCKET"),
        "endpoint_url": endpoint,
        "region_name": text("S3_REGION") or None,
        "access_key": text("S3_ACCESS_KEY") or None,
        "secret_key": text("S3_SECRET_KEY") or None,
        "addressing_style": "path" if endpoint else "virtual",  # a server of one's own seldom has a name per bucket
        "signature_version": "s3v4",
        "default_acl": None,
        "querystring_auth": True,
    }
    return {"BACKEND": "messaging.attachments.bucket.BucketStorage", "OPTIONS": options}


class Mail(NamedTuple):
    """How mail leaves: Django's EMAIL_… settings."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    folder: str | None = None

    @property
    def leaves(self) -> bool:
        """For people's mailboxes, that is, not for a log or a folder of the operator's."""
        return bool(self.host)


def mail(name: str) -> Mail:
    """`smtp://user:password@host:587?tls=1` (STARTTLS), `smtps://…`, `file:///folder` or `console:`. A bad value is not repeated."""
    backend = "django.core.mail.backends.{}.EmailBackend"
    wrong = ImproperlyConfigured(f"{name} must read smtp://user:password@host:587?tls=1, smtps://…, file:///folder or console:")
    try:
        parts = urlsplit(text(name, "console:"))
        host, port, query = parts.hostname or "", parts.port, dict(parse_qsl(parts.query))
    except ValueError:
        raise wrong from None
    if (parts.scheme, parts.netloc, parts.path) == ("console", "", ""):
        return Mail(backend.format("console"))
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return Mail(backend.format("filebased"), folder=unquote(parts.path))
    starttls = query.pop("tls", "0")
    if parts.scheme not in {"smtp", "smtps"} or not host or starttls not in {"0", "1"} or query or parts.path.strip("/"):
        raise wrong
    tls = parts.scheme == "smtps"
    usual = 465 if tls else 587 if starttls == "1" else 25
    return Mail(
        backend.format("smtp"),
        host=host,
        port=port or usual,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=starttls == "1" and not tls,
        tls=tls,
    )


def sender(name: str, default: str) -> str:
    """`voice@example.com` or `Voice <voice@example.com>`."""
    value = text(name, default)
    try:
        validate_email(parseaddr(value)[1] if value.isprintable() else "")
    except ValidationError:
        raise ImproperlyConfigured(
            f"{name} must be an e-mail address, as in Voice <voice@example.com>, not {value!r}"
        ) from None
    return value


def public_url(name: str) -> str:
    """Where people open this instance, without a slash at the end; empty if it is not set."""
    value = text(name).rstrip("/")
    if value and not re.fullmatch(rf"https?://{HOST}(:[0-9]{{1,5}})?(/[\w.~/-]*)?", value, re.ASCII):
        raise ImproperlyConfigured(f"{name} must be an address as https://voice.example.com, not {value!r}")
    return value
