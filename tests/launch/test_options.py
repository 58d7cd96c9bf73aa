from pathlib import Path

import pytest

from launch.console import UsageError
from launch.environment import of_application
from launch.options import ROOT, SETTINGS, parse_options

GOOD_SECRET = "0123456789abcdef0123456789abcdef"


def test_nothing_given_means_the_documented_defaults():
    options = parse_options([], {})
    assert (options.host, options.port, options.turn_port) == ("0.0.0.0", 5000, 3478)
    assert (options.voice_workers, options.turn) == (1, "on")
    assert (options.data_dir, options.allowed_origins, options.rate_limits) == (ROOT / ".data", "*", "on")
    assert options.database_url == options.redis_url == options.secret_key == options.admin_email == ""


def test_a_flag_wins_over_its_variable_and_a_variable_over_the_default():
    environment = {"PORT": "6000", "TURN_PORT": "6001", "RATE_LIMITS": "OFF", "SECRET_KEY": GOOD_SECRET}
    options = parse_options(["--port", "7000", "--admin-email", "me@example.com"], environment)
    assert options.admin_email == "me@example.com"
    assert (options.port, options.turn_port, options.rate_limits) == (7000, 6001, "off")
    assert options.secret_key == GOOD_SECRET


def test_an_empty_variable_counts_as_absent():
    assert parse_options([], {"PORT": " ", "DATABASE_URL": ""}).port == 5000


def test_a_typed_data_folder_is_relative_to_where_the_user_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_options(["--data-dir", "here"], {}).data_dir == tmp_path / "here"
    assert parse_options([], {"DATA_DIR": "/srv/voice"}).data_dir == Path("/srv/voice")


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["--port", "abc"], {}, "--port must be a number from 1 to 65535, not 'abc'."),
        (["--port", "0"], {}, "--port must be a number from 1 to 65535, not '0'."),
        (["--port", ""], {}, "--port must be a number from 1 to 65535, not ''."),
        ([], {"PORT": "65536"}, "PORT must be a number from 1 to 65535, not '65536'."),
        (["--voice-workers", "0"], {}, "--voice-workers must be a number from 1 to 64, not '0'."),
        ([], {"VOICE_WORKERS": "65"}, "VOICE_WORKERS must be a number from 1 to 64, not '65'."),
        ([], {"VOICE_WORKERS": "²"}, "VOICE_WORKERS must be a number from 1 to 64, not '²'."),
        ([], {"TURN_PORT": "²"}, "TURN_PORT must be a number from 1 to 65535, not '²'."),
        ([], {"RATE_LIMITS": "maybe"}, "RATE_LIMITS must be on or off, not 'maybe'."),
        (["--nonsense"], {}, "Unrecognized arguments: --nonsense. ./run --help lists what there is."),
    ],
)
def test_a_value_that_cannot_be_used_is_named(arguments, environment, message):
    with pytest.raises(UsageError) as refusal:
        parse_options(arguments, environment)
    assert str(refusal.value) == message


def test_a_refused_url_does_not_show_its_password():
    with pytest.raises(UsageError, match="DATABASE_URL must begin with postgresql://") as refusal:
        parse_options([], {"DATABASE_URL": "mysql://me:hunter2@host/db"})
    assert "hunter2" not in str(refusal.value)


def test_help_lists_every_setting_and_its_default(capsys):
    with pytest.raises(SystemExit) as leaving:
        parse_options(["--help"], {})
    printed = capsys.readouterr().out
    assert leaving.value.code == 0
    for setting in SETTINGS:
        assert setting.variable in printed
        assert setting.flag in printed
        assert setting.default in printed


def test_a_secret_may_come_as_a_file(tmp_path):
    (tmp_path / "key").write_text(f"{GOOD_SECRET}\n")
    by_file = {"SECRET_KEY_FILE": str(tmp_path / "key")}
    assert parse_options([], by_file).secret_key == GOOD_SECRET
    with pytest.raises(UsageError, match=r"^SECRET_KEY and SECRET_KEY_FILE are both set\.$"):
        parse_options([], {**by_file, "SECRET_KEY": GOOD_SECRET})
    (tmp_path / "key").write_text("short")
    with pytest.raises(UsageError, match=r"^SECRET_KEY is too short"):
        parse_options([], by_file)


def test_what_was_read_from_a_file_is_not_named_twice_to_the_application(tmp_path, monkeypatch):
    (tmp_path / "key").write_text(GOOD_SECRET)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("TURN_SECRET_FILE", str(tmp_path / "turn"))
    options = parse_options([], {"SECRET_KEY_FILE": str(tmp_path / "key")})
    told = of_application(options, database_url="", redis_url="", secret_key=options.secret_key)
    assert told["SECRET_KEY"] == GOOD_SECRET
    assert "SECRET_KEY_FILE" not in told
    assert told["TURN_SECRET_FILE"] == str(tmp_path / "turn")
