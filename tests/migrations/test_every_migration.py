"""Every migration of ours is held to the rules. What stood before there were any is excused, one by one, with the reason."""

import hashlib
from pathlib import Path
from sys import modules

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from tests.conftest import ROOT
from tests.migrations.baseline import EXCUSED
from tests.migrations.rules import RULES, Finding, findings

RELEASED = Path(__file__).with_name("released.txt")
FIXED = f"a released migration is never changed, renamed or removed; {RELEASED.name} holds what each said"


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


def ours(loader: MigrationLoader) -> dict[tuple[str, str], Migration]:
    labels = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    return {key: migration for key, migration in loader.disk_migrations.items() if key[0] in labels}


def file_of(migration: Migration) -> Path:
    return Path(modules[type(migration).__module__].__file__ or "")


def found(loader: MigrationLoader) -> list[Finding]:
    all_findings: list[Finding] = []
    for key, migration in ours(loader).items():
        path, before = file_of(migration), loader.project_state(key, at_end=False)
        all_findings += findings(migration, before, path.relative_to(ROOT), path.read_text())
    return all_findings


def test_migrations_leave_room_for_the_former_release(loader):
    found_now = found(loader)
    broken = [finding for finding in found_now if finding not in EXCUSED]
    assert not broken, "\n".join(map(str, broken))
    assert not set(EXCUSED) - set(found_now), "these are excused and not there any more"
    assert {finding.rule for finding in EXCUSED} <= set(RULES)
    assert len(ours(loader)) >= 23


def test_what_was_released_stays_as_it_was(loader):
    there = {str(file_of(migration).relative_to(ROOT)): file_of(migration).read_bytes() for migration in ours(loader).values()}
    for line in RELEASED.read_text().splitlines():
        digest, path = line.split()
        assert path in there, f"{path} is gone: {FIXED}"
        assert hashlib.sha256(there[path]).hexdigest() == digest, f"{path} is another one: {FIXED}"
