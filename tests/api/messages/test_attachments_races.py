"""Attachments, twenty at once on a real PostgreSQL; and what becomes of the files, since here transactions really commit."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from accounts.services import user_delete
from messaging.attachments.services import BATCH, NEXT_TRY, PENDING, attachments_sweep
from messaging.models import Attachment, Message, Orphan
from servers.permissions import Permission
from tests.api.test_races import AT_ONCE, at_once, statuses
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files")]
URL, UPLOADS = "/api/messages", "/api/attachments"


@pytest.fixture
def clients(channel, api_as):
    token = make_token(channel.server.owner)
    return [api_as(token=token) for _ in range(AT_ONCE)]


@pytest.fixture
def send(channel, owner, upload):
    """A message with this many files; its id."""

    def send(count=1, client=owner, **fields):
        ids = [upload(client).json()["id"] for _ in range(count)]
        answer = client.post(URL, {"channelId": channel.pk, "attachmentIds": ids, **fields})
        assert answer.status_code == 201, answer.json()
        return answer.json()["id"]

    return send


def sweep():
    out = StringIO()
    call_command("sweep_attachments", stdout=out)
    return out.getvalue()


def test_twenty_messages_that_want_one_upload_and_one_gets_it(channel, owner, upload, clients):
    file = upload(owner).json()["id"]
    body = {"channelId": channel.pk, "content": "mine", "attachmentIds": [file]}
    assert statuses([lambda c=c: c.post(URL, body) for c in clients]) == {201: 1, 400: AT_ONCE - 1}
    assert Message.objects.get().attachments.get().pk == file


def test_one_nonce_with_an_upload_is_one_message_that_has_it(channel, owner, upload, clients):
    body = {"channelId": channel.pk, "attachmentIds": [upload(owner).json()["id"]], "nonce": "n"}
    assert statuses([lambda c=c: c.post(URL, body) for c in clients]) == {201: 1, 200: AT_ONCE - 1}
    assert Message.objects.get().attachments.count() == 1


def test_an_upload_is_taken_or_deleted_and_never_both(channel, owner, upload, clients, files):
    file = upload(owner).json()["id"]
    body = {"channelId": channel.pk, "content": "text", "attachmentIds": [file]}
    half = AT_ONCE // 2
    sends = [lambda c=c: c.post(URL, body) for c in clients[:half]]
    deletes = [lambda c=c: c.delete(f"{UPLOADS}/{file}") for c in clients[half:]]
    outcome = statuses([*sends, *deletes])
    assert outcome[201] + outcome[204] == 1
    assert outcome[400] + outcome[404] == AT_ONCE - 1
    sweep()
    assert (Attachment.objects.count(), len(files())) == (outcome[201], outcome[201])


def test_uploads_at_once_do_not_slip_under_the_quota(upload, clients, settings, files):
    settings.ATTACHMENT_QUOTA_BYTES = 5 * 7
    assert statuses([lambda c=c: upload(c) for c in clients]) == {201: 7, 400: AT_ONCE - 7}
    assert (len(files()), Orphan.objects.count()) == (7, 0)


def test_uploads_against_deleting_the_channel_leave_no_file(channel, upload, clients, files):
    outcome = statuses(
        [lambda: clients[0].delete(f"/api/servers/{channel.server_id}"), *(lambda c=c: upload(c) for c in clients[1:])]
    )
    assert outcome[204] == 1
    assert outcome[201] + outcome[403] + outcome[404] == AT_ONCE - 1
    sweep()
    assert (files(), Attachment.objects.count(), Orphan.objects.count()) == ([], 0, 0)


def test_sweeps_at_once_share_the_work(owner, send, files):
    for _ in range(5):
        send(10)
    Message.objects.all().delete()
    assert sum(at_once(*[attachments_sweep] * 8)) == 50
    assert (files(), Orphan.objects.count()) == ([], 0)


# What becomes of the files


def test_deleting_a_message_deletes_its_files_at_once_and_no_others(owner, send, files):
    kept, gone = send(2), send(3)
    assert owner.delete(f"{URL}/{gone}").status_code == 204
    assert (len(files()), Orphan.objects.count()) == (2, 0)
    assert owner.get(f"{URL}/{kept}").json()["attachments"] != []


def test_bulk_deletion_deletes_one_batch_at_once_and_the_sweep_the_rest(channel, owner, send, files):
    ids = [send(10) for _ in range(4)]
    owner.post(f"{URL}/bulk-delete", {"channelId": channel.pk, "messageIds": ids})
    assert (len(files()), Orphan.objects.count()) == (40 - BATCH, 40 - BATCH)
    assert sweep() == "20 files\n"
    assert files() == []


def test_the_next_upload_works_off_what_others_left(owner, upload, send, files):
    send(3)
    Message.objects.all().delete()
    assert len(files()) == 3
    upload(owner)
    assert (len(files()), Orphan.objects.count()) == (1, 0)


def test_an_upload_deleted_by_its_uploader_takes_its_file_along(owner, upload, files):
    owner.delete(f"{UPLOADS}/{upload(owner).json()['id']}")
    assert files() == []


@pytest.mark.parametrize("what", ["channel", "server"])
def test_the_files_of_a_deleted_channel_are_swept(channel, owner, upload, send, files, what):
    elsewhere = make_channel(channel.server, type="text")
    send(2)
    upload(owner)
    upload(owner, channelId=elsewhere.pk)
    path = f"/api/servers/{channel.server_id}"
    assert owner.delete(path if what == "server" else f"{path}/channels/{channel.pk}").status_code == 204
    left = {"channel": 1, "server": 0}[what]
    assert sweep() == f"{4 - left} files\n"
    assert (len(files()), Attachment.objects.count()) == (left, left)


def test_the_files_of_an_erased_account_are_swept_and_its_messages_stay(channel, owner, send, api_as, files):
    member = make_member(channel.server, permissions=Permission.ATTACH_FILES)
    message = send(2, client=api_as(member.user), content="bye")
    user_delete(user=member.user)
    left = owner.get(f"{URL}/{message}").json()
    assert (left["content"], left["user"], left["attachments"]) == ("bye", None, [])
    assert sweep() == "2 files\n"
    assert files() == []


def test_an_upload_that_no_message_takes_is_swept_after_a_day_and_not_before(owner, upload, send, files):
    sent, old, fresh = send(), upload(owner).json()["id"], upload(owner).json()["id"]
    Attachment.objects.exclude(pk=fresh).update(created_at=timezone.now() - PENDING - timedelta(seconds=1))
    Attachment.objects.filter(pk=fresh).update(created_at=timezone.now() - PENDING + timedelta(minutes=1))
    assert sweep() == "1 files\n"
    assert len(files()) == 2
    assert not Attachment.objects.filter(pk=old).exists()
    assert owner.get(f"{URL}/{sent}").json()["attachments"] != []


def test_a_file_that_cannot_be_deleted_holds_up_no_other_and_is_tried_again(owner, send, files):
    send(3)
    stuck = files()[0]
    stuck.unlink()
    stuck.mkdir()  # the storage refuses: it is a folder, and not an empty one
    (stuck / "x").touch()
    Message.objects.all().delete()
    assert sweep() == "3 files\n"
    assert [path.name for path in files()] == ["x"]
    assert Orphan.objects.get().due_at > timezone.now()
    (stuck / "x").unlink()
    Orphan.objects.update(due_at=F("due_at") - NEXT_TRY)
    sweep()
    assert not Orphan.objects.exists()


def test_a_storage_that_takes_nothing_is_a_503_and_leaves_nothing(owner, upload, tmp_path, settings):
    (tmp_path / "full").touch()
    local = settings.STORAGES["default"]
    options = {**local["OPTIONS"], "location": tmp_path / "full"}
    settings.STORAGES = {**settings.STORAGES, "default": {**local, "OPTIONS": options}}
    assert default_storage.location.endswith("full")
    assert is_error(upload(owner), 503)
    assert not Attachment.objects.exists()
