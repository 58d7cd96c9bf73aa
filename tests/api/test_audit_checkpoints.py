"""Signed checkpoints: who owns the database cannot forge a log, nor cut what was kept elsewhere."""

import json
from importlib import import_module

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit import selectors
from audit.chain import hash_of
from audit.models import CHECKPOINT_EVERY, GENESIS, AuditCheckpoint, AuditEntry, AuditLog
from audit.services import audit_checkpoint
from audit.signing import sign
from tests.api.test_audit import tamper, verdict, write

pytestmark = pytest.mark.django_db
CHECKPOINTS = "audit_auditcheckpoint"
THEIR_KEY = b"\x01" * 32


def public(seed: bytes) -> str:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()


@pytest.fixture(autouse=True)
def no_keys(settings):
    settings.AUDIT_KEY, settings.AUDIT_FORMER_KEYS = None, []


@pytest.fixture
def run(capsys):
    def run(*args: str) -> str:
        call_command("audit_checkpoint", *args)
        return capsys.readouterr().out

    return run


@pytest.fixture
def kept(run, tmp_path):
    """Five entries, signed at 3 and 5, and what an operator keeps elsewhere."""
    write(3)
    run()
    write(2)
    file = tmp_path / "checkpoints.jsonl"
    file.write_text(run("--export"))
    return file


def tamper_with_all(statement: str) -> None:
    tamper(f"""
        ALTER TABLE {CHECKPOINTS} DISABLE TRIGGER audit_checkpoint_stays;
        {statement};
        ALTER TABLE {CHECKPOINTS} ENABLE TRIGGER audit_checkpoint_stays
    """)


def forge(length: int) -> None:
    """A chain that is right in itself, of this length, with another first entry."""
    entries = list(AuditEntry.objects.order_by("sequence")[:length])
    tamper("DELETE FROM audit_auditentry")
    last_hash = GENESIS
    entries[0].reason = "another"
    for entry in entries:
        entry.pk, entry.previous_hash = None, last_hash
        last_hash = entry.hash = hash_of(entry)
        entry.save(force_insert=True)
    AuditLog.objects.update(length=length, last_hash=last_hash)


def resign() -> None:
    """Signs every checkpoint anew with the key of the settings, for the chain as it is now."""
    rows = list(AuditCheckpoint.objects.all())
    tamper_with_all(f"DELETE FROM {CHECKPOINTS}")
    for row in rows:
        row.pk, row.hash = None, AuditEntry.objects.get(log=row.log, sequence=row.sequence).hash
        sign(row)
        row.save(force_insert=True)


def test_a_sound_log_is_signed_once_and_verifies(kept, run, capsys):
    head = AuditLog.objects.get()
    assert list(AuditCheckpoint.objects.values_list("sequence", "log")) == [(3, "instance"), (5, "instance")]
    words = f"instance: 5 entries, 2 checkpoints, unbroken; last hash {head.last_hash}\n"
    key = run().removeprefix("Public key: ").strip()  # nothing new to sign
    assert (
        verdict(capsys)
        == verdict(capsys, "--checkpoints", str(kept), str(kept))
        == verdict(capsys, "--public-key", key)
        == words
    )


def test_every_hundredth_entry_is_signed_in_its_own_transaction(capsys):
    write(CHECKPOINT_EVERY - 1)
    with transaction.atomic():
        write(1)
        assert AuditCheckpoint.objects.get().sequence == CHECKPOINT_EVERY
        transaction.set_rollback(True)
    assert not AuditCheckpoint.objects.exists()
    write(CHECKPOINT_EVERY + 1)
    assert [row.sequence for row in AuditCheckpoint.objects.order_by("pk")] == [CHECKPOINT_EVERY, 2 * CHECKPOINT_EVERY]
    assert "200 entries, 2 checkpoints" in verdict(capsys)
    tamper_with_all(f"DELETE FROM {CHECKPOINTS} WHERE sequence = {CHECKPOINT_EVERY}")
    assert verdict(capsys) == f"instance: the checkpoint of entry {CHECKPOINT_EVERY} was removed"


def test_a_log_from_before_the_checkpoints_gets_its_own(capsys):
    write(2 * CHECKPOINT_EVERY + 1)
    before = list(AuditCheckpoint.objects.values_list("sequence", "hash"))
    tamper_with_all(f"DELETE FROM {CHECKPOINTS}")
    import_module("audit.migrations.0002_checkpoints").sign_what_is_there(apps, None)
    assert list(AuditCheckpoint.objects.values_list("sequence", "hash")) == before
    assert "201 entries, 2 checkpoints, unbroken" in verdict(capsys)


FOUND = {
    "UPDATE audit_auditentry SET reason = 'x' WHERE sequence = 2": "entry 2 was changed",
    "DELETE FROM audit_auditentry WHERE sequence = 4": "entry 4 was removed",
    "UPDATE audit_auditentry SET sequence = -2 WHERE sequence = 4;"
    "UPDATE audit_auditentry SET sequence = 4 WHERE sequence = 5;"
    "UPDATE audit_auditentry SET sequence = 5 WHERE sequence = -2": "entry 4 was changed",
    "DELETE FROM audit_auditentry WHERE sequence > 4;"
    "UPDATE audit_auditlog SET length = 4, last_hash = (SELECT hash FROM audit_auditentry WHERE sequence = 4)": (
        "entry 5 was removed: the log ends at 4, entry 5 was signed"
    ),
    "DELETE FROM audit_auditentry; DELETE FROM audit_auditlog": "entry 1 was removed: the log ends at 0",
    f"UPDATE {CHECKPOINTS} SET signature = repeat('0', 128) WHERE sequence = 3": "entry 3 was forged: its signature is wrong",
    f"UPDATE {CHECKPOINTS} SET signature = repeat('x', 128) WHERE sequence = 3": "entry 3 was forged: its signature is wrong",
    f"UPDATE {CHECKPOINTS} SET at = at + interval '1 day' WHERE sequence = 5": "entry 5 was forged: its signature is wrong",
    f"UPDATE {CHECKPOINTS} SET log = 'other'": "other: the checkpoint of entry 3 was forged",
    f"UPDATE {CHECKPOINTS} SET sequence = 4 WHERE sequence = 3": "entry 4 was forged: its signature is wrong",
    f"UPDATE {CHECKPOINTS} SET sequence = 9 WHERE sequence = 3": "entry 9 was forged: its signature is wrong",
}


@pytest.mark.parametrize("statement", FOUND)
def test_what_was_touched_is_named(kept, capsys, statement):
    tamper_with_all(statement)
    assert FOUND[statement] in verdict(capsys)


@pytest.mark.parametrize("length", [3, 4, 5])
def test_a_chain_forged_whole_is_not_the_one_that_was_signed(kept, capsys, length):
    forge(length)
    assert verdict(capsys) == "instance: entry 3 is not the one that was signed: the log was rewritten up to there"


def test_a_chain_forged_whole_and_signed_with_another_key_is_found(kept, capsys, settings):
    ours = settings.AUDIT_KEY
    settings.AUDIT_KEY = THEIR_KEY
    forge(5)
    resign()
    assert "unbroken" in verdict(capsys)  # for whoever trusts that key
    settings.AUDIT_KEY = ours
    assert "the checkpoint of entry 3 is signed with a key that is not trusted" in verdict(capsys)
    tamper_with_all(f"UPDATE {CHECKPOINTS} SET key_id = '{json.loads(kept.read_text().splitlines()[0])['keyId']}'")
    assert "the checkpoint of entry 3 was forged" in verdict(capsys)


def test_what_was_cut_with_its_checkpoints_shows_against_those_kept_elsewhere(kept, capsys):
    for length, found in ((4, "entry 5 was removed: the log ends at 4, entry 5 was signed"), (0, "entry 1 was removed")):
        tamper_with_all(f"""
            DELETE FROM {CHECKPOINTS} WHERE sequence > {length};
            DELETE FROM audit_auditentry WHERE sequence > {length};
            UPDATE audit_auditlog SET length = {length}, last_hash = coalesce(
                (SELECT hash FROM audit_auditentry WHERE sequence = {length}), '{GENESIS}')
        """)
        assert "unbroken" in verdict(capsys)
        assert found in verdict(capsys, "--checkpoints", str(kept))
    tamper("DELETE FROM audit_auditlog")
    assert verdict(capsys) == ""
    assert "instance: entry 1 was removed" in verdict(capsys, "--checkpoints", str(kept))


def test_a_forged_chain_without_checkpoints_shows_against_those_kept_elsewhere(kept, capsys):
    forge(5)
    tamper_with_all(f"DELETE FROM {CHECKPOINTS}")
    assert "unbroken" in verdict(capsys)
    assert "entry 3 is not the one that was signed" in verdict(capsys, "--checkpoints", str(kept))


def test_public_keys_replace_the_own_one(kept, capsys, settings):
    settings.AUDIT_KEY = THEIR_KEY
    ours = public(THEIR_KEY)
    assert "is signed with a key that is not trusted" in verdict(capsys)
    assert "is signed with a key that is not trusted" in verdict(capsys, "--public-key", ours)
    for bad in ("zz" * 32, "00", "é"):
        assert "--public-key must be 64 hexadecimal digits" in verdict(capsys, "--public-key", bad)


def test_a_former_key_stays_trusted_when_it_is_named(kept, capsys, run, settings):
    former = bytes.fromhex(run().removeprefix("Public key: ").strip())
    settings.AUDIT_KEY = THEIR_KEY
    with pytest.raises(CommandError, match="Not signed:\ninstance: the checkpoint of entry 3 is signed with a key"):
        run()
    settings.AUDIT_FORMER_KEYS = [former]
    assert "instance: entry 5 signed by" in run()
    assert run() == f"Public key: {public(THEIR_KEY)}\n"
    assert "3 checkpoints, unbroken" in verdict(capsys, "--checkpoints", str(kept))
    assert "3 checkpoints, unbroken" in verdict(capsys, "--public-key", former.hex(), "--public-key", public(THEIR_KEY))


def test_without_a_key_of_its_own_it_hangs_on_the_secret_key(kept, capsys, settings):
    settings.SECRET_KEY += "x"
    assert "is signed with a key that is not trusted" in verdict(capsys)


def test_what_somebody_has_touched_is_not_signed(run, capsys):
    write(2)
    write(2, log="other")
    tamper("UPDATE audit_auditentry SET reason = 'x' WHERE log = 'instance' AND sequence = 2")
    with pytest.raises(CommandError, match="Not signed:\ninstance: entry 2 was changed"):
        run()
    assert [row.log for row in AuditCheckpoint.objects.all()] == ["other"]


def test_an_export_that_cannot_be_read_is_named(kept, capsys, tmp_path):
    good = kept.read_text().splitlines()[0]
    file = tmp_path / "bad.jsonl"
    entry = json.loads(good)
    for bad in (
        *("{", "[]", "7", '"x"', "{}", good[:-5]),
        *(json.dumps({**entry, **change}) for change in ({"sequence": 0}, {"sequence": "3"}, {"at": 5}, {"at": "soon"})),
        *(json.dumps({**entry, **change}) for change in ({"hash": None}, {"at": "0001-01-01T00:00+14:00"})),
        json.dumps({name: value for name, value in entry.items() if name != "signature"}),
    ):
        file.write_text(f"{good}\n\n{bad}\n")
        assert verdict(capsys, "--checkpoints", str(file)) == f"{file}: line 3 is no checkpoint", bad
    assert "No such file" in verdict(capsys, "--checkpoints", str(tmp_path / "none"))


@pytest.mark.parametrize("statement", [f"UPDATE {CHECKPOINTS} SET hash = 'x'", f"DELETE FROM {CHECKPOINTS}"])
def test_the_database_itself_keeps_checkpoints(kept, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert selectors.audit_fault("instance") is None


def test_an_empty_log_is_not_signed():
    AuditLog.objects.create(name="empty")
    assert audit_checkpoint("empty") is None
