"""Settings from the environment: a bad value stops the start with one clear sentence."""

import os
import subprocess
import sys
from functools import partial

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from projectvoice import environment

GOOD_KEY = "q8Zr1vXy0LwM3nPb5TcK7dJh9FgS2aE4"


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("SECRET_KEY", raising=False)


def settings_read_with(said: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "SECRET_KEY": settings.SECRET_KEY, **said}
    command = [sys.executable, "-c", "import projectvoice.settings"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("value", "words"), [("a, b ,,c", ["a", "b", "c"]), ("none", []), ("", ["x", "y"]), ("  ", ["x", "y"]), (",", [])]
)
def test_words_are_a_comma_separated_list(monkeypatch, value, words):
    monkeypatch.setenv("SOME", value)
    assert environment.words("SOME", "x,y") == words


@pytest.mark.parametrize(
    ("value", "on"), [("1", True), ("on", True), ("TRUE", True), ("yes", True), ("0", False), ("Off", False), ("no", False)]
)
def test_a_flag_is_on_or_off(monkeypatch, value, on):
    monkeypatch.setenv("SOME", value)
    assert environment.flag("SOME", default=not on) is on
    monkeypatch.setenv("SOME", "")
    assert environment.flag("SOME", default=on) is on


@pytest.mark.parametrize("value", ["maybe", "2", "enabled"])
def test_any_other_flag_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("SOME", value)
    with pytest.raises(ImproperlyConfigured, match="SOME must be on or off"):
        environment.flag("SOME", default=True)


def test_a_number_is_whole_and_within_its_bounds(monkeypatch):
    monkeypatch.setenv("SOME", "7")
    assert environment.number("SOME", 1, least=1, most=9) == 7
    for value in ("0", "10", "-1", "1.5", "a", "٣", "²"):
        monkeypatch.setenv("SOME", value)
        with pytest.raises(ImproperlyConfigured, match="SOME must be a whole number from 1 to 9"):
            environment.number("SOME", 1, least=1, most=9)


def test_a_key_of_ones_own_is_taken_and_one_kept_in_the_data_folder_too(monkeypatch, tmp_path):
    (tmp_path / "secret_key").write_text(f"{GOOD_KEY}\n")
    assert environment.secret_key() == GOOD_KEY
    monkeypatch.setenv("SECRET_KEY", GOOD_KEY[::-1])
    assert environment.secret_key() == GOOD_KEY[::-1]


def test_without_any_key_nothing_starts():
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        environment.secret_key()


@pytest.mark.parametrize(
    "key", ["short", "a" * 64, "abc" * 20, "changeme" * 8, f"Your_JWT_{GOOD_KEY}", f"django-insecure-{GOOD_KEY}", GOOD_KEY[:31]]
)
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("SECRET_KEY", environment.secret_key),
        ("SOME", partial(environment.secret, "SOME")),
        ("SOME", partial(environment.secrets, "SOME")),
    ],
)
def test_short_and_well_known_keys_are_refused_and_not_shown(monkeypatch, name, read, key):
    monkeypatch.setenv(name, key)
    with pytest.raises(ImproperlyConfigured, match=f"{name} must be 32 random characters or more") as refusal:
        read()
    assert key not in str(refusal.value)


def test_secrets_may_be_several_or_none_and_each_is_looked_at(monkeypatch):
    assert (environment.secret("SOME"), environment.secrets("SOME")) == ("", [])
    monkeypatch.setenv("SOME", GOOD_KEY)
    assert (environment.secret("SOME"), environment.secrets("SOME")) == (GOOD_KEY, [GOOD_KEY])
    monkeypatch.setenv("SOME", f"{GOOD_KEY},{GOOD_KEY[::-1]}")
    assert environment.secrets("SOME") == [GOOD_KEY, GOOD_KEY[::-1]]
    monkeypatch.setenv("SOME", f"{GOOD_KEY},old")
    with pytest.raises(ImproperlyConfigured):
        environment.secrets("SOME")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "django-insecure-0123456789abcdefghijklmnopqrstuv"),
        ("TURN_SECRET", "changeme"),
        ("TURN_USERS", "anna:anna"),
        ("AUDIT_KEY", "00" * 32),
    ],
)
def test_with_a_weak_secret_nothing_starts(name, value):
    started = settings_read_with({name: value})
    assert started.returncode != 0
    assert f"{name} must" in started.stderr
    assert value not in started.stderr


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@db:5433/name", ("name", "u", "p", "db", 5433)),
        ("postgres://db/name", ("name", "", "", "db", "")),
        ("postgresql://u%40x:p%2F%3A@db/na%20me", ("na me", "u@x", "p/:", "db", "")),
        ("postgresql://u@%2Frun%2Fpg/name?port=5433", ("name", "u", "", "/run/pg", "5433")),
        ("postgresql://u@[::1]:5432/name", ("name", "u", "", "::1", 5432)),
    ],
)
def test_a_database_address_is_taken_apart(url, expected):
    settings = environment.database(url)
    assert tuple(settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected


def test_options_of_a_database_address_reach_the_driver():
    assert environment.database("postgresql://db/name?sslmode=require")["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["sqlite:///db", "mysql://db/name", "db/name", "postgresql://db:port/name", "postgresql://db"])
def test_any_other_database_address_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        environment.database(url)


def test_keys_are_64_hexadecimal_digits(monkeypatch):
    one, two = bytes(range(32)), bytes(range(7, 39))
    monkeypatch.setenv("SOME", "")
    assert (environment.key("SOME"), environment.keys("SOME")) == (None, [])
    monkeypatch.setenv("SOME", one.hex())
    assert (environment.key("SOME"), environment.keys("SOME")) == (one, [one])
    monkeypatch.setenv("SOME", f"{one.hex().upper()}, {two.hex()}")
    assert environment.keys("SOME") == [one, two]
    for value in (f"{one.hex()}, {two.hex()}", "0a" * 31, "0a" * 33, "xy" * 32, "٠٠" * 32):
        monkeypatch.setenv("SOME", value)
        with pytest.raises(ImproperlyConfigured, match="SOME must be 64 hexadecimal digits") as refusal:
            environment.key("SOME")
        assert value not in str(refusal.value)


@pytest.mark.parametrize("value", ["00" * 32, "0123456789abcdef" * 4, "deadbeef" * 8])
def test_a_key_that_nobody_drew_is_refused(monkeypatch, value):
    monkeypatch.setenv("SOME", value)
    with pytest.raises(ImproperlyConfigured, match="SOME must be random") as refusal:
        environment.key("SOME")
    assert value not in str(refusal.value)


def test_a_choice_is_one_of_its_words_and_the_first_by_default(monkeypatch):
    assert environment.choice("SOME", "local", "s3") == "local"
    monkeypatch.setenv("SOME", "S3")
    assert environment.choice("SOME", "local", "s3") == "s3"
    monkeypatch.setenv("SOME", "ftp")
    with pytest.raises(ImproperlyConfigured, match="SOME must be local or s3, not 'ftp'"):
        environment.choice("SOME", "local", "s3")


def test_local_files_lie_in_the_data_folder_and_nobody_else_reads_them(tmp_path):
    options = environment.file_storage("local")["OPTIONS"]
    assert options["location"] == tmp_path / "attachments"
    assert (options["file_permissions_mode"], options["directory_permissions_mode"]) == (0o600, 0o700)


@pytest.mark.parametrize(("endpoint", "style"), [("", "virtual"), ("https://s3.example.com", "path")])
def test_a_bucket_needs_its_name_and_nothing_else(monkeypatch, endpoint, style):
    for name in ("S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("S3_ENDPOINT", endpoint)
    with pytest.raises(ImproperlyConfigured, match="ATTACHMENT_STORAGE=s3 needs S3_BUCKET"):
        environment.file_storage("s3")
    monkeypatch.setenv("S3_BUCKET", "files")
    options = environment.file_storage("s3")["OPTIONS"]
    assert (options["bucket_name"], options["addressing_style"], options["access_key"]) == ("files", style, None)


@pytest.mark.parametrize("value", ["", "a", "m1", "0123456789abcdef"])
def test_a_name_is_short_and_plain(monkeypatch, value):
    monkeypatch.setenv("VOICE_MACHINE", value)
    assert environment.name("VOICE_MACHINE") == value


@pytest.mark.parametrize("value", ["A", "a-b", "a.b", "ä", "a" * 17])
def test_any_other_name_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("VOICE_MACHINE", value)
    with pytest.raises(ImproperlyConfigured, match="VOICE_MACHINE must be at most 16 small letters and digits"):
        environment.name("VOICE_MACHINE")


def test_addresses_networks_ports_and_passwords(monkeypatch):
    monkeypatch.setenv("SOME", "192.0.2.7, ::1")
    assert environment.addresses("SOME") == ["192.0.2.7", "::1"]
    monkeypatch.setenv("SOME", "10.1.0.0/16,192.0.2.7,fd00::/8")
    assert [str(network) for network in environment.networks("SOME")] == ["10.1.0.0/16", "192.0.2.7/32", "fd00::/8"]
    monkeypatch.setenv("SOME", "192.0.2.7:3478,[2001:db8::7]:443")
    assert environment.endpoints("SOME") == [("192.0.2.7", 3478), ("2001:db8::7", 443)]
    monkeypatch.setenv("SOME", "50000-50001")
    assert environment.ports("SOME", "") == range(50000, 50002)
    monkeypatch.setenv("SOME", "anna:one:more:and:more, boris:two-of-a-kind")
    assert environment.passwords("SOME") == {"anna": "one:more:and:more", "boris": "two-of-a-kind"}

    monkeypatch.delenv("SOME")
    assert environment.addresses("SOME", "0.0.0.0,::") == ["0.0.0.0", "::"]
    assert environment.ports("SOME", "1024-65535") == range(1024, 65536)
    assert environment.networks("SOME") == environment.endpoints("SOME") == []
    assert environment.passwords("SOME") == {}


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (environment.addresses, "localhost", "SOME must be IP addresses separated by commas, not 'localhost'"),
        (environment.addresses, "192.0.2.7:80", "SOME must be IP addresses separated by commas, not '192.0.2.7:80'"),
        (environment.networks, "10.0.0.1/8", "SOME must be networks separated by commas, as 10.1.0.0/16: 10.0.0.1/8 has"),
        (environment.networks, "everybody", "SOME must be networks separated by commas, as 10.1.0.0/16: 'everybody' does"),
        (environment.endpoints, "192.0.2.7", "SOME must be addresses with ports, as 192.0.2.7:3478, not '192.0.2.7'"),
        (environment.endpoints, "::1:80", "SOME must be addresses with ports, as 192.0.2.7:3478, not '::1:80'"),
        (
            environment.endpoints,
            "[192.0.2.7]:80",
            "SOME must be addresses with ports, as 192.0.2.7:3478, not '\\[192.0.2.7\\]:80'",
        ),
        (environment.endpoints, "192.0.2.7:0", "SOME must be addresses with ports, as 192.0.2.7:3478, not '192.0.2.7:0'"),
        (environment.endpoints, "192.0.2.7:²", "SOME must be addresses with ports, as 192.0.2.7:3478, not '192.0.2.7:²'"),
        (partial(environment.ports, default=""), "50000", "SOME must be two ports from 1024 to 65535"),
        (partial(environment.ports, default=""), "50001-50000", "SOME must be two ports from 1024 to 65535"),
        (partial(environment.ports, default=""), "80-1024", "SOME must be two ports from 1024 to 65535"),
        (partial(environment.ports, default=""), "٥0000-50001", "SOME must be two ports from 1024 to 65535"),
        (environment.passwords, "anna", "SOME must read name:password,name:password, each name once"),
        (environment.passwords, "anna:hunter2", "SOME must have passwords of 12 characters or more, and no examples"),
        (environment.passwords, "anna:aaaaaaaaaaaa", "SOME must have passwords of 12 characters or more, and no examples"),
        (environment.passwords, "anna:changeme1234", "SOME must have passwords of 12 characters or more, and no examples"),
        (environment.passwords, "anna:", "SOME must read name:password,name:password, each name once"),
        (
            environment.passwords,
            "anna:one-of-a-kind,anna:two-of-a-kind",
            "SOME must read name:password,name:password, each name once",
        ),
    ],
)
def test_what_is_none_of_them_stops_the_start(monkeypatch, read, value, sentence):
    monkeypatch.setenv("SOME", value)
    with pytest.raises(ImproperlyConfigured, match=f"^{sentence}"):
        read("SOME")


def test_a_refused_password_is_not_repeated(monkeypatch):
    monkeypatch.setenv("SOME", "anna:hunter2,anna:hunter2")
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.passwords("SOME")
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("", ""),
        ("turn.example.com", "turn.example.com"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "[2001:db8::7]"),
        ("[2001:db8::7]", "[2001:db8::7]"),
    ],
)
def test_a_host_is_written_as_in_a_url(monkeypatch, value, host):
    monkeypatch.setenv("SOME", value)
    assert environment.host("SOME") == host


@pytest.mark.parametrize(
    "value", ["turn.example.com:3478", "https://turn.example.com", "a b", "[2001:db8::7]:3478", "a/b", "ü.de"]
)
def test_a_host_is_only_a_host(monkeypatch, value):
    monkeypatch.setenv("SOME", value)
    with pytest.raises(ImproperlyConfigured, match="SOME must be a name or an IP address without a port"):
        environment.host("SOME")


def test_servers_of_both_kinds_are_named_by_urls(monkeypatch):
    turn = ["turn:a.example.com", "turn:192.0.2.7:3478?transport=udp", "turns:[2001:db8::7]:443?transport=tcp"]
    monkeypatch.setenv("SOME", " , ".join(turn))
    assert environment.ice_urls("SOME", "turn") == turn
    monkeypatch.setenv("SOME", "stun:a.example.com,stuns:192.0.2.7:5349")
    assert environment.ice_urls("SOME", "stun") == ["stun:a.example.com", "stuns:192.0.2.7:5349"]
    for nothing in ("", "none"):
        monkeypatch.setenv("SOME", nothing)
        assert environment.ice_urls("SOME", "stun") == []


@pytest.mark.parametrize(
    "value",
    [
        *("a.example.com", "stun:a.example.com", "turn://a.example.com", "turn:", "turn:a b", "turn:user@a.example.com"),
        *(
            "turn:a.example.com:port",
            "turn:a.example.com:0",
            "turn:a.example.com:65536",
            "turn:a.example.com?transport=sctp",
            "turn:2001:db8::7:3478",
        ),
    ],
)
def test_what_a_browser_would_not_take_for_a_relay_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("SOME", f"turn:good.example.com,{value}")
    with pytest.raises(ImproperlyConfigured, match="SOME must be URLs separated by commas"):
        environment.ice_urls("SOME", "turn")


def test_a_stun_server_has_no_transport(monkeypatch):
    monkeypatch.setenv("SOME", "stun:a.example.com?transport=udp")
    with pytest.raises(ImproperlyConfigured, match="SOME must be URLs"):
        environment.ice_urls("SOME", "stun")


def test_no_user_of_the_settings_is_named_like_an_account(monkeypatch):
    monkeypatch.setenv("SOME", "anna7:one-of-a-kind")
    assert environment.passwords("SOME") == {"anna7": "one-of-a-kind"}
    monkeypatch.setenv("SOME", "42:one-of-a-kind")
    with pytest.raises(ImproperlyConfigured, match="none a mere number"):
        environment.passwords("SOME")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", ("console",)),
        ("console:", ("console",)),
        ("file:///var/spool/voice%20mail", ("filebased", "", 25, "", "", False, False, "/var/spool/voice mail")),
        ("smtp://mail.example.com", ("smtp", "mail.example.com", 25)),
        ("smtp://mail.example.com?tls=0", ("smtp", "mail.example.com", 25)),
        ("smtp://anna:p%40ss@mail.example.com?tls=1", ("smtp", "mail.example.com", 587, "anna", "p@ss", True)),
        ("smtp://mail.example.com:2525/?tls=1", ("smtp", "mail.example.com", 2525, "", "", True)),
        ("smtps://anna:pass@[2001:db8::1]", ("smtp", "2001:db8::1", 465, "anna", "pass", False, True)),
    ],
)
def test_mail_leaves_as_its_address_says(monkeypatch, url, told):
    monkeypatch.setenv("SOME", url)
    mail = environment.mail("SOME")
    assert mail == environment.Mail(f"django.core.mail.backends.{told[0]}.EmailBackend", *told[1:])
    assert mail.leaves == (told[0] == "smtp")
    import_string(mail.backend)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "smtp:",
        "smtp://",
        "smtp://anna:hunter2@",
        "smtp://anna:hunter2@host:port",
        "smtp://anna:hunter2@host:70000",
        "smtp://anna:hunter2@host?tls=yes",
        "smtp://anna:hunter2@host?ssl=1",
        "smtp://anna:hunter2@host/path",
        "http://anna:hunter2@host",
        "file:",
        "file://host/folder",
        "console://host",
        "smtp://[anna:hunter2@host",
    ],
)
def test_an_address_of_mail_that_cannot_be_read_is_not_repeated(monkeypatch, url):
    monkeypatch.setenv("SOME", url)
    with pytest.raises(ImproperlyConfigured, match="SOME must read smtp://") as refusal:
        environment.mail("SOME")
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("voice@example.com", True),
        ("Голос <voice@example.com>", True),
        ("Voice <voice@localhost>", True),
        ("voice", False),
        ("Voice <>", False),
        ("voice@example.com\nBcc: all@example.com", False),
        ("a@b@c", False),
    ],
)
def test_a_sender_is_an_address(monkeypatch, value, good):
    monkeypatch.setenv("SOME", value)
    if good:
        assert environment.sender("SOME", "") == value
    else:
        with pytest.raises(ImproperlyConfigured, match="SOME must be an e-mail address"):
            environment.sender("SOME", "")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", ""),
        ("https://voice.example.com/", "https://voice.example.com"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("https://example.com/voice", "https://example.com/voice"),
        ("voice.example.com", None),
        ("ftp://voice.example.com", None),
        ("https://", None),
        ("https://voice.example.com?a=b", None),
        ("https://voice.example.com#here", None),
        ("https://anna@voice.example.com", None),
        ("https://voice.example.com/a b", None),
    ],
)
def test_a_public_address_leads_to_a_page(monkeypatch, value, told):
    monkeypatch.setenv("SOME", value)
    if told is not None:
        assert environment.public_url("SOME") == told
    else:
        with pytest.raises(ImproperlyConfigured, match="SOME must be an address"):
            environment.public_url("SOME")


@pytest.mark.parametrize(
    ("said", "starts"),
    [
        ({"EMAIL_URL": "smtp://mail.example.com"}, False),
        ({"EMAIL_URL": "smtp://mail.example.com", "ALLOWED_HOSTS": "voice.example.com"}, True),
        ({"EMAIL_URL": "smtp://mail.example.com", "PUBLIC_URL": "https://voice.example.com"}, True),
        ({"EMAIL_URL": "console:"}, True),
    ],
)
def test_with_a_mail_server_strangers_do_not_choose_where_links_lead(said, starts):
    started = settings_read_with({"ALLOWED_HOSTS": "*", **said})
    assert (started.returncode == 0) == starts, started.stderr
    assert starts or "needs PUBLIC_URL, or ALLOWED_HOSTS" in started.stderr


def test_a_secret_may_come_as_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text(f"\n{GOOD_KEY}\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert environment.secret_key() == GOOD_KEY
    monkeypatch.setenv("SECRET_KEY", GOOD_KEY)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        environment.secret_key()


@pytest.mark.parametrize(
    ("content", "complaint"), [(b" \n", "is empty"), (b"\xff\xfe", "is no text"), (None, "cannot be read")]
)
def test_a_file_that_holds_no_secret_stops_the_start(monkeypatch, tmp_path, content, complaint):
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SOME_FILE", str(path))
    with pytest.raises(ImproperlyConfigured, match=f"^SOME_FILE: {path} {complaint}"):
        environment.text("SOME", "default")
