"""`manage.py export_user`: everything about one person, in one archive that no one else can read."""

import json
import re
import stat
import zipfile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from accounts.models import Session, User
from messaging.models import Attachment, Message
from selfhost import export
from selfhost.holdings import HOLDINGS, NOT_HIS, Holding
from servers.models import Invite
from tests.factories import PASSWORD, make_user
from tests.selfhost.conftest import ADDRESS, MARKER, run


def read(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if not name.startswith("files/")]
        return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in names}


def test_no_model_is_forgotten():
    """Whoever adds a table or a reference to users says in HOLDINGS or NOT_HIS what becomes of it."""
    ours = [model for app in apps.get_app_configs() for model in app.get_models(True) if not app.name.startswith("django.")]
    references = {
        f"{model._meta.label}.{field.name}"
        for model in ours
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.related_model is User
    }
    held = {f"{holding.model}.{holding.of}" for holding in HOLDINGS}
    assert references - held - NOT_HIS.keys() == set()
    known = {holding.model for holding in HOLDINGS} | NOT_HIS.keys() | {key.rpartition(".")[0] for key in NOT_HIS}
    assert {model._meta.label for model in ours} - known == set()
    labels = {model._meta.label for model in ours}
    assert {key for key in NOT_HIS if key not in labels and key not in references} == set(), "named, but gone"
    assert len({holding.name for holding in HOLDINGS}) == len(HOLDINGS)


def test_no_column_that_opens_a_door_is_exported():
    secret = re.compile(r"password|token|secret|key")
    assert [column for holding in HOLDINGS for column in holding.columns() if secret.search(column)] == []


def test_everything_of_his_is_in_it_and_nothing_that_opens_a_door(town, folder):
    printed = run("export_user", town.boris.username, output=folder / "boris.zip")
    archive = read(folder / "boris.zip")
    assert "messages 7" in printed
    assert set(archive) == {"about", *(holding.name for holding in HOLDINGS)}
    about = archive.pop("about")
    assert (about["format"], about["userId"]) == (1, town.boris.pk)
    assert {name: told["rows"] for name, told in about["files"].items()} == {f"{n}.json": len(r) for n, r in archive.items()}

    (account,) = archive["account"]
    assert account.items() >= {"id": town.boris.pk, "email": town.boris.email, "bio": f"I am {MARKER}"}.items()
    (session,) = archive["sessions"]
    assert session.keys() == {"userAgent", "address", "createdAt", "lastSeenAt", "expiresAt"}
    membership = next(row for row in archive["memberships"] if row["serverName"] == "Anna's")
    assert membership.items() >= {"nickname": f"Bo {MARKER}", "customRoles": ["custom"], "role": "member"}.items()
    assert [row["content"] for row in archive["messages"]][:2] == [f"{MARKER} better", f"{MARKER} 1"]
    assert archive["messages"][0].items() >= {"channelName": "general", "isEdited": True}.items()
    assert [row["content"] for row in archive["revisions"]] == [f"{MARKER} 0"]
    assert archive["friendships-asked"][0].items() >= {"receiverId": town.anna.pk, "receiverUsername": "anna"}.items()
    assert archive["bans"][0]["reason"] == "noise"
    assert archive["audit-about"][0].items() >= {"action": "user.role", "actorUsername": "admin"}.items()

    assert [row["filename"] for row in archive["attachments"]] == [f"{MARKER}.txt", "large", "not sent.txt"]
    (made,), (decided,) = archive["reports"], archive["reports-decided"]
    assert (made["reason"], decided["decisionReason"]) == (f"she disagrees with {MARKER}", "on topic")
    assert [row["appeal"] for row in archive["reports-about"]] == [None, f"{MARKER} was kind"]
    assert archive["overwrites"][0].items() >= {"channelName": "general", "deny": 0}.items()
    assert archive["blocked-accounts"][0].keys() == {"id", "username", "blockedAt", "blockReason"}
    assert archive["bans-given"][0]["serverName"] == f"{MARKER}'s own"
    assert archive["friendships-answered"][0]["senderUsername"].startswith("user")
    assert archive["audit-by"][-1]["address"] == ADDRESS

    text = json.dumps(archive, ensure_ascii=False)
    for secret in (
        town.boris.password,
        str(Session.objects.get(user=town.boris).pk),
        str(Invite.objects.get().token),
        PASSWORD,
    ):
        assert secret not in text
    for foreign in (town.anna.email, town.admin.email, "198.51.100.1", "I agree"):
        assert foreign not in text


def test_it_is_for_its_owner_alone_and_overwrites_nothing_unasked(town, folder):
    path = folder / "boris.zip"
    run("export_user", str(town.boris.pk), output=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        run("export_user", str(town.boris.pk), output=path)
    assert path.read_bytes() == before
    run("export_user", town.anna.email.upper(), output=path, force=True)
    assert read(path)["account"][0]["username"] == "anna"
    assert list(folder.iterdir()) == [path]
    call_command("export_user", "anna")
    assert (folder / f"user-{town.anna.pk}.zip").exists()


def test_his_files_are_in_it_and_one_that_is_lost_is_named(town, folder, media, monkeypatch):
    monkeypatch.setattr(export, "CHUNK", 1000)
    sent, large, waiting = Attachment.objects.filter(user=town.boris).order_by("pk")
    (media / waiting.key).unlink()
    run("export_user", town.boris.username, output=folder / "boris.zip")
    with zipfile.ZipFile(folder / "boris.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name.startswith("files/")}
    assert files == {f"files/{sent.pk}/{MARKER}.txt": MARKER.encode(), f"files/{large.pk}/large": bytes(3_000_000)}
    assert read(folder / "boris.zip")["about"]["missing"] == [waiting.pk]


@pytest.mark.parametrize("name", ["nobody", "", "0", "9" * 5000, "nobody@example.com"])
def test_an_unknown_user_is_an_error_and_leaves_no_file(town, folder, name):
    with pytest.raises(CommandError, match="No user has"):
        run("export_user", name)
    assert list(folder.iterdir()) == []


def test_a_name_that_is_anothers_number_is_asked_about(town, folder):
    twin = make_user(username=f"{town.anna.pk:04}")
    with pytest.raises(CommandError, match="use the e-mail"):
        run("export_user", twin.username)
    run("export_user", twin.email)


@pytest.mark.parametrize("output", ["missing/boris.zip", "."])
def test_a_place_that_cannot_be_written_is_named(town, folder, output):
    with pytest.raises(CommandError, match=r"Cannot write missing/boris\.zip|is a folder"):
        run("export_user", town.boris.username, output=type(folder)(output))
    assert list(folder.iterdir()) == []


def test_rows_are_fetched_a_bounded_number_at_a_time(town, folder, monkeypatch):
    monkeypatch.setattr(export, "BATCH", 2)
    run("export_user", town.boris.username, output=folder / "boris.zip")
    assert len(read(folder / "boris.zip")["messages"]) == Message.objects.filter(user=town.boris).count() == 7


def test_it_is_one_moment(town, here, folder, monkeypatch):
    """What is written while the archive is being made is in none of its files."""
    rows = Holding.rows

    def meanwhile(holding, user):
        if holding.name == "messages":
            with here.connect() as client:
                client.execute("UPDATE messaging_message SET content = 'changed' WHERE user_id = %s", [user.pk])
        return rows(holding, user)

    monkeypatch.setattr(Holding, "rows", meanwhile)
    run("export_user", town.boris.username, output=folder / "boris.zip")
    assert "changed" not in {row["content"] for row in read(folder / "boris.zip")["messages"]}
    assert set(Message.objects.filter(user=town.boris).values_list("content", flat=True)) == {"changed"}
