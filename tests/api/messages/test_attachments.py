"""Uploads, and the messages that take them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.attachments.services import UPLOADS_PER_USER
from messaging.models import ATTACHMENTS_PER_MESSAGE, Attachment, Message
from servers.models import Role
from servers.permissions import Permission
from tests.api.world import is_error
from tests.factories import make_channel, make_member, make_messages, make_user
from tests.unit.messaging.test_attachments import png

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
URL, UPLOADS = "/api/messages", "/api/attachments"


def send(client, channel, *uploads, **fields):
    ids = [upload.json()["id"] for upload in uploads]
    return client.post(URL, {"channelId": channel.pk, "attachmentIds": ids, **fields})


def without_url(attachments):
    return [{name: value for name, value in attachment.items() if name != "url"} for attachment in attachments]


def test_an_upload_has_the_documented_shape_and_is_stored_under_a_name_of_ours(owner, upload, files):
    answer = upload(owner, b"hello", "résumé.txt")
    body = answer.json()
    assert answer.status_code == 201
    expected = {"id": body["id"], "filename": "résumé.txt", "contentType": "text/plain", "size": 5}
    assert body == {**expected, "url": body["url"]}
    assert body["url"].startswith(f"/api/attachments/{body['id']}/r%C3%A9sum%C3%A9.txt?expires=")
    (stored,) = files()
    assert stored.read_bytes() == b"hello"
    assert "sum" not in str(stored.name)
    assert stored.stat().st_mode & 0o777 == 0o600


def test_an_image_tells_its_size_and_no_pixel_is_decoded(owner, upload):
    bomb = upload(owner, png(2**31 - 1, 2**31 - 1), "bomb.svg", "image/svg+xml").json()
    assert (bomb["contentType"], bomb["width"], bomb["height"]) == ("image/png", 2**31 - 1, 2**31 - 1)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("in\u202evoice\u2066.exe", "invoice.exe"),
        ("a\u0000b.txt", "ab.txt"),
        ("e\u0301.txt", "é.txt"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
        ('a;b"c%41?#&.txt', 'a;b"c%41?#&.txt'),
    ],
)
def test_names_are_cleaned_and_their_address_works(owner, upload, api_as, name, kept):
    body = upload(owner, name=name).json()
    assert body["filename"] == kept
    assert api_as().get(body["url"]).status_code == 200


def test_a_message_carries_its_attachments_in_the_order_given(channel, owner, upload):
    earlier = make_messages(channel, 1)[0].pk
    first, second, third = (upload(owner, name=f"{number}.txt") for number in range(3))
    answer = send(owner, channel, third, first, second, content=" look ")
    assert (answer.status_code, answer.json()["content"]) == (201, "look")
    message = answer.json()
    assert [attachment["filename"] for attachment in message["attachments"]] == ["2.txt", "0.txt", "1.txt"]
    assert without_url(message["attachments"][:1]) == without_url([third.json()])
    plain = make_messages(channel, 1)[0].pk
    owner.put(f"{URL}/{message['id']}/pin")
    page = {"channelId": channel.pk}
    for path, query in (("", {}), ("", {"before": plain}), ("", {"after": earlier}), ("/search", {"query": "look"})):
        rows = {row["id"]: row for row in owner.get(f"{URL}{path}", {**page, **query}).json()["messages"]}
        assert without_url(rows[message["id"]]["attachments"]) == without_url(message["attachments"]), (path, query)
        assert plain not in rows or rows[plain]["attachments"] == []
    assert len(owner.get(f"{URL}/pins", page).json()[0]["attachments"]) == 3
    assert len(owner.put(f"{URL}/{message['id']}", {"content": "edited"}).json()["attachments"]) == 3


@pytest.mark.parametrize("fields", [{}, {"content": ""}, {"content": " \n"}])
def test_with_attachments_a_message_needs_no_text(channel, owner, upload, fields):
    assert send(owner, channel, upload(owner), **fields).json()["content"] == ""
    refused = owner.post(URL, {"channelId": channel.pk, "attachmentIds": [], **fields})
    assert is_error(refused, 400)
    assert refused.json()["error"].startswith("content: ")
    assert is_error(send(owner, channel, upload(owner), content="a" * 4001), 400)
    assert is_error(send(owner, channel, upload(owner), content=None), 400)


def test_an_edit_may_empty_only_a_message_that_has_attachments(channel, owner, upload):
    with_file = send(owner, channel, upload(owner), content="text").json()["id"]
    edited = owner.put(f"{URL}/{with_file}", {"content": " "})
    assert (edited.status_code, edited.json()["content"]) == (200, "")
    plain = make_messages(channel, 1)[0]
    refused = owner.put(f"{URL}/{plain.pk}", {"content": " "})
    assert is_error(refused, 400)
    assert "content" in refused.json()["error"]
    plain.refresh_from_db()
    assert (plain.content, plain.is_edited) == ("text 0", False)


def test_the_same_nonce_answers_the_same_message_with_its_attachments(channel, owner, upload):
    file = upload(owner)
    first, second = (send(owner, channel, file, nonce="n") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert without_url(first.json()["attachments"]) == without_url(second.json()["attachments"]) != []
    assert first.json()["id"] == second.json()["id"]


def test_only_ones_own_waiting_uploads_of_that_channel_are_taken_and_each_once(channel, owner, upload, api_as):
    taken = upload(owner)
    send(owner, channel, taken)
    elsewhere = upload(owner, channelId=make_channel(channel.server, type="text").pk)
    foreign = upload(api_as(make_member(channel.server, permissions=Permission.ATTACH_FILES).user))
    mine = upload(owner)
    for bad in ([taken], [elsewhere], [foreign], [mine, mine], [mine, taken]):
        refused = send(owner, channel, *bad, content="text")
        assert is_error(refused, 400), bad
        assert "attachmentIds" in refused.json()["error"]
    assert is_error(owner.post(URL, {"channelId": channel.pk, "attachmentIds": [2**62]}), 400)
    assert Message.objects.count() == 1, "what is refused leaves nothing behind"
    assert Attachment.objects.get(pk=mine.json()["id"]).message_id is None


@pytest.mark.parametrize("ids", [None, 5, "5", {}, [0], [-1], ["5"], [1.5], [True], [None], [2**63], [[]], [*range(1, 12)]])
def test_bad_lists_of_attachments_are_refused(channel, owner, ids):
    refused = owner.post(URL, {"channelId": channel.pk, "content": "text", "attachmentIds": ids})
    assert is_error(refused, 400)
    assert "attachmentIds" in refused.json()["error"]


def test_ten_are_taken_and_the_eleventh_is_not(channel, owner, upload):
    uploads = [upload(owner) for _ in range(ATTACHMENTS_PER_MESSAGE + 1)]
    assert is_error(send(owner, channel, *uploads), 400)
    assert len(send(owner, channel, *uploads[1:]).json()["attachments"]) == ATTACHMENTS_PER_MESSAGE


def test_a_page_costs_one_query_more_only_when_something_hangs_on_it(channel, owner, upload):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(URL, {"channelId": channel.pk}).status_code == 200
        return len(queries)

    make_messages(channel, 3)
    plain = cost()
    for _ in range(3):
        send(owner, channel, upload(owner), upload(owner))
    assert cost() == plain + 1


# Who may upload


def test_uploading_needs_the_right_to_write_and_to_attach(channel, upload, api_as):
    assert is_error(upload(api_as()), 401)
    assert is_error(upload(api_as(make_user())), 403)
    member = api_as(make_member(channel.server).user)
    refused = upload(member)
    assert is_error(refused, 403)
    assert refused.json()["details"]["permission"] == "ATTACH_FILES"
    may_attach = make_member(channel.server, permissions=Permission.ATTACH_FILES)
    assert upload(api_as(may_attach.user)).status_code == 201
    Role.objects.filter(server=channel.server, preset__isnull=False).update(permissions=Permission.VIEW_CHANNEL)
    assert is_error(upload(api_as(may_attach.user)), 403)


def test_doors_come_before_the_file_and_only_text_channels_take_one(channel, owner, upload, api_as):
    assert is_error(upload(owner, channelId=2**31), 404)
    assert is_error(upload(owner, channelId=make_channel(channel.server).pk), 400)
    stranger = api_as(make_user())
    assert is_error(stranger.post(UPLOADS, {"channelId": channel.pk}, format="multipart"), 403)
    for missing in ("", "x", "-1", "0", "1.5", str(2**63), "5\0"):
        refused = upload(owner, channelId=missing)
        assert is_error(refused, 400), missing
        assert "channelId" in refused.json()["error"]


@pytest.mark.parametrize(
    "fields", [{}, {"file": "text"}, {"other": "x"}], ids=["no file", "a text for a file", "another field"]
)
def test_a_form_without_a_file_is_refused(channel, owner, fields):
    refused = owner.post(UPLOADS, {"channelId": channel.pk, **fields}, format="multipart")
    assert is_error(refused, 400)
    assert "file" in refused.json()["error"]


def test_an_empty_file_is_refused(owner, upload):
    assert is_error(upload(owner, b""), 400)


def test_what_is_no_form_is_refused(channel, owner):
    for body, kind, status in (
        (b"{}", "application/json", 415),
        (b"", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=y", 400),
        (b"--y\r\n\r\n", "multipart/form-data; boundary=y", 400),
        (b"--y\r\n", "multipart/form-data; boundary=\xff", 400),
    ):
        refused = owner.generic("POST", UPLOADS, body, content_type=kind)
        assert is_error(refused, status), (body, kind, refused.content)
    assert "multipart/form-data" in owner.post(UPLOADS, {}).json()["error"]


def test_one_form_holds_one_file(channel, owner, files):
    def part(number):
        head = f'--y\r\nContent-Disposition: form-data; name="file{number}"; filename="a"\r\n\r\n'
        return head.encode() + b"x\r\n"

    body = part("") + part(2) + f'--y\r\nContent-Disposition: form-data; name="channelId"\r\n\r\n{channel.pk}\r\n--y--'.encode()
    assert is_error(owner.generic("POST", UPLOADS, body, content_type="multipart/form-data; boundary=y"), 400)
    assert files() == []


# Limits


def test_a_file_over_the_limit_is_413(owner, upload, settings, files):
    settings.ATTACHMENT_MAX_BYTES = 100
    assert upload(owner, b"x" * 100).status_code == 201
    assert is_error(upload(owner, b"x" * 101), 413)
    assert len(files()) == Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "claimed", "allowed"),
    [
        (png(1, 1), "text/html", True),
        (b"<html>", "image/png", False),
        (b"%PDF", "application/pdf", True),
        (b"x", "application/x-msdownload", False),
        (b"x", "", False),
    ],
)
def test_types_can_be_narrowed_and_images_must_be_images(owner, upload, settings, files, content, claimed, allowed):
    settings.ATTACHMENT_TYPES = ["image/*", "application/pdf"]
    answer = upload(owner, content, type=claimed)
    assert answer.status_code == 201 if allowed else is_error(answer, 400)
    assert len(files()) == int(allowed)


def test_the_quota_counts_what_waits_and_what_was_sent_and_gives_back_what_was_deleted(channel, owner, upload, settings, files):
    settings.ATTACHMENT_QUOTA_BYTES = 10
    sent, waiting = upload(owner), upload(owner)
    message = send(owner, channel, sent).json()
    assert is_error(upload(owner, b"x"), 400)
    assert len(files()) == 2
    assert owner.delete(f"{UPLOADS}/{waiting.json()['id']}").status_code == 204
    assert upload(owner).status_code == 201
    assert is_error(upload(owner, b"x"), 400)
    owner.delete(f"{URL}/{message['id']}")
    assert upload(owner).status_code == 201


def test_uploads_are_counted_per_user(channel, owner, upload, settings, api_as):
    settings.RATE_LIMITS = True
    for _ in range(UPLOADS_PER_USER.most - 1):
        UPLOADS_PER_USER.take(str(channel.server.owner_id))
    assert [upload(owner).status_code for _ in range(2)] == [201, 429]
    assert upload(api_as(make_member(channel.server, permissions=Permission.ATTACH_FILES).user)).status_code == 201
