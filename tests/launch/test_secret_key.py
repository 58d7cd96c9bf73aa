import stat

import pytest

from launch.console import LaunchError, UsageError
from launch.options import parse_options
from launch.secret_key import load_or_create, refuse_weak
from projectvoice import environment

WEAK = [
    "k3y",
    "a" * 64,
    "changeme-changeme-changeme-changeme-0123456789",
    "your_jwt_key_here_please_0123456789abcdef",
    "django-insecure-0123456789abcdefghijklmnopqrstuv",
]


@pytest.mark.parametrize("key", WEAK)
def test_a_weak_key_is_refused_here_and_by_the_application_and_never_repeated(key, monkeypatch):
    with pytest.raises(UsageError, match=r"^SECRET_KEY is ") as refusal:
        parse_options([], {"SECRET_KEY": key})
    assert key not in str(refusal.value)
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(environment.ImproperlyConfigured):
        environment.secret_key()


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path, monkeypatch):
    key = load_or_create(tmp_path)
    refuse_weak(key)
    assert load_or_create(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert environment.secret_key() == key


def test_another_data_folder_has_another_key(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert load_or_create(tmp_path / "a") != load_or_create(tmp_path / "b")


def test_a_weak_key_in_the_data_folder_is_refused_with_its_path(tmp_path):
    (tmp_path / "secret_key").write_text("changeme\n")
    with pytest.raises(LaunchError, match=str(tmp_path / "secret_key")):
        load_or_create(tmp_path)
