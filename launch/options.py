"""The flags and environment variables of ./run, in one table. Pure: reads no file and starts nothing."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from launch.console import UsageError
from launch.secret_key import refuse_weak
from projectvoice.given import given as given_by

ROOT = Path(__file__).resolve().parent.parent


def _any(value: str) -> str:
    return value


def _port(value: str) -> str:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise ValueError("must be a number from 1 to 65535")
    return value


def _workers(value: str) -> str:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 64):
        raise ValueError("must be a number from 1 to 64")
    return value


def _switch(value: str) -> str:
    if value.lower() in {"1", "on", "true", "yes"}:
        return "on"
    if value.lower() in {"0", "off", "false", "no"}:
        return "off"
    raise ValueError("must be on or off")


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in words:
            raise ValueError(f"must be {' or '.join(words)}")
        return value

    return parse


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    return parse


def _secret(value: str) -> str:
    refuse_weak(value)
    return value


@dataclass(frozen=True)
class Setting:
    variable: str
    help: str
    default: str = ""
    parse: Callable[[str], str] = _any
    secret: bool = False  # its value is not repeated in messages

    @property
    def flag(self) -> str:
        return f"--{self.variable.lower().replace('_', '-')}"


SETTINGS = (
    Setting("HOST", "address to listen on; 127.0.0.1 hides it from your network", "0.0.0.0"),  # noqa: S104
    Setting("PORT", "port of the web server: pages, API and sockets", "5000", _port),
    Setting(
        "VOICE_WORKERS", "web processes behind that port, each with REST_THREADS connections to the database", "1", _workers
    ),
    Setting("TURN", "on, or off: no relay for those who cannot reach each other directly", "on", _switch),
    Setting("TURN_PORT", "port of the relay, UDP and TCP", "3478", _port),
    Setting("DATA_DIR", "where everything that must survive is kept", ".data"),
    Setting(
        "DATABASE_URL",
        "postgresql://user:password@host/name; without it an embedded PostgreSQL runs in DATA_DIR",
        parse=_url("postgresql", "postgres"),
        secret=True,
    ),
    Setting(
        "NEWER_DATABASE",
        "accept, to go back one release: its database is not refused; docs/upgrading.md says when that is safe",
        "refuse",
        _one_of("refuse", "accept"),
    ),
    Setting("FORMER_POSTGRES", "folder with bin/postgres of the older major version that made DATA_DIR, if it is not found"),
    Setting(
        "REDIS_URL",
        "redis://host:6379/0; without it an embedded Valkey runs",
        parse=_url("redis", "rediss", "unix"),
        secret=True,
    ),
    Setting("ADMIN_EMAIL", "e-mail of the first administrator; without it admin@localhost"),
    Setting("ADMIN_PASSWORD", "its password; without it a random one, printed once, when it is created", secret=True),
    Setting(
        "SECRET_KEY",
        "signs the tokens; without it one is made once and kept in DATA_DIR",
        parse=_secret,
        secret=True,
    ),
    Setting("ALLOWED_ORIGINS", "web origins that may call the API, comma-separated, or *", default="*"),
    Setting("RATE_LIMITS", "on, or off for load tests", default="on", parse=_switch),
    Setting("LOG_FORMAT", "line, or json: one object a line", "line", _one_of("line", "json")),
    Setting("TRUSTED_PROXIES", "addresses of reverse proxies whose X-Forwarded-* headers are believed"),
)


@dataclass(frozen=True)
class Options:
    """Every value is checked; an optional one that was not given is an empty string."""

    host: str
    port: int
    voice_workers: int
    turn: str
    turn_port: int
    data_dir: Path
    database_url: str
    newer_database: str
    former_postgres: str
    redis_url: str
    admin_email: str
    admin_password: str
    secret_key: str
    allowed_origins: str
    rate_limits: str
    log_format: str
    trusted_proxies: str


ENVIRONMENT = """\
Each setting may also be given as the environment variable named in capitals; a flag wins over its variable.
Other people on this machine can read flags: give secrets by the environment, or name the file that
holds one: SECRET_KEY_FILE=/run/secrets/secret_key.

./run manage COMMAND runs a command of manage.py against the same database, whether ./run runs or not;
its settings come by the environment: DATA_DIR=FOLDER ./run manage backup."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}. ./run --help lists what there is.")


def parse_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """A flag wins over its variable, a variable over the default. Raises UsageError."""
    flags = vars(_parser().parse_args(arguments))
    values: dict[str, str] = {}
    for setting in SETTINGS:
        name = setting.variable.lower()
        flag = flags.get(name)
        given = _of_environment(setting, environment) if flag is None else flag
        values[name] = _checked(setting, given, setting.variable if flag is None else setting.flag)
    return Options(
        **{
            **values,
            "port": int(values["port"]),
            "voice_workers": int(values["voice_workers"]),
            "turn_port": int(values["turn_port"]),
            "data_dir": _data_dir(values["data_dir"]),
        }  # type: ignore[arg-type]
    )


def _of_environment(setting: Setting, environment: Mapping[str, str]) -> str:
    try:
        return given_by(setting.variable, environment)
    except ValueError as error:
        raise UsageError(f"{error}.") from error


def _checked(setting: Setting, given: str, source: str) -> str:
    if not given and source == setting.variable:
        return setting.default
    try:
        return setting.parse(given)
    except ValueError as error:
        raise UsageError(f"{source} {error}{'' if setting.secret else f', not {given!r}'}.") from error


def _data_dir(value: str) -> Path:
    """The default lies beside the code; a path that somebody typed is relative to where they stand."""
    return ROOT / value if value == ".data" else Path(value).expanduser().absolute()


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="./run",
        usage="./run [--port N] [--data-dir FOLDER] [any other setting below]",
        description="Set everything up on first use, then run ProjectVoice until Ctrl-C.",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for setting in SETTINGS:
        default = f" (default: {setting.default})" if setting.default else ""
        parser.add_argument(setting.flag, metavar=setting.variable, help=setting.help + default)
    return parser
