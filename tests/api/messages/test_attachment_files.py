"""Files as they are served: who may read them, with what headers, and which part."""

from http.client import HTTPConnection
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from messaging.attachments import links
from messaging.attachments.selectors import attachment_row
from messaging.attachments.services import attachment_upload
from messaging.models import Attachment
from servers.models import Role
from servers.permissions import Permission
from tests.api.test_errors import is_error_over_wire
from tests.api.world import is_error
from tests.conftest import PATIENCE
from tests.factories import make_member, make_token, make_user
from tests.unit.messaging.test_attachments import RECOGNISED, png

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
URL, UPLOADS = "/api/messages", "/api/attachments"
HOUR = 3600


def body(answer):
    return b"".join(answer.streaming_content)


@pytest.fixture
def sent(channel, owner, upload):
    """The attachment of a message, as the message tells it."""
    file = upload(owner).json()["id"]
    return owner.post(URL, {"channelId": channel.pk, "attachmentIds": [file]}).json()["attachments"][0]


def bare(attachment):
    return attachment["url"].partition("?")[0]


def signed(attachment, **changes):
    """Its link with another `expires` or `signature`, or with another path."""
    parts = urlsplit(attachment["url"])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    path = query.pop("path", parts.path)
    return f"{path}?expires={query['expires']}&signature={query['signature']}"


def test_whoever_may_read_the_channel_reads_the_file(channel, sent, api_as):
    member = api_as(make_member(channel.server).user)
    assert body(member.get(bare(sent))) == b"hello"
    assert is_error(api_as().get(bare(sent)), 401)
    assert is_error(api_as(make_user()).get(bare(sent)), 403)
    Role.objects.filter(server=channel.server, preset__isnull=False).update(permissions=Permission.VIEW_CHANNEL)
    assert is_error(member.get(bare(sent)), 403)


def test_an_upload_that_waits_is_its_uploaders_alone(channel, owner, upload, api_as):
    waiting = upload(owner).json()
    assert body(owner.get(bare(waiting))) == b"hello"
    admin = api_as(make_member(channel.server, role="admin").user)
    assert is_error(admin.get(bare(waiting)), 404)
    assert is_error(admin.delete(f"{UPLOADS}/{waiting['id']}"), 404)


def test_an_uploader_who_was_put_out_reads_his_upload_no_more(channel, upload, api_as):
    member = make_member(channel.server, permissions=Permission.ATTACH_FILES)
    api = api_as(member.user)
    waiting = upload(api).json()
    member.delete()
    assert is_error(api.get(bare(waiting)), 403)


def test_an_address_names_the_file_as_it_is_called(owner, sent):
    assert owner.get(bare(sent)).status_code == 200
    assert owner.get(f"{bare(sent)}/").status_code == 200
    for other in ("b.txt", "a.txt%00", "%00", "a.txt.exe", "A.TXT", "a" * 3000):
        assert is_error(owner.get(f"{UPLOADS}/{sent['id']}/{other}"), 404), other
    assert is_error(owner.get(f"{UPLOADS}/{2**62}/a.txt"), 404)
    assert is_error(owner.get(f"{UPLOADS}/{2**63}/a.txt"), 404)


def test_a_link_opens_its_attachment_for_anybody_and_no_other(channel, owner, upload, sent, api_as):
    anybody = api_as()
    assert body(anybody.get(sent["url"])) == b"hello"
    assert body(api_as(make_user()).get(sent["url"])) == b"hello"
    other = upload(owner).json()
    assert is_error(anybody.get(signed(sent, path=bare(other))), 403)
    assert is_error(anybody.get(signed(sent, path=f"{UPLOADS}/{2**62}/a.txt")), 403)
    assert is_error(anybody.get(signed(sent, path=f"{UPLOADS}/{sent['id']}/b.txt")), 404)
    assert is_error(anybody.delete(f"{UPLOADS}/{other['id']}?{urlsplit(other['url']).query}"), 401)


def test_a_forged_or_stretched_link_opens_nothing(sent, api_as):
    anybody = api_as()
    signature = parse_qs(urlsplit(sent["url"]).query)["signature"][0]
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    for changes in (
        {"expires": "9999999999"},
        {"expires": "99999999999999999999"},
        {"expires": ""},
        {"expires": "-1"},
        {"expires": "%C2%B2"},
        {"expires": "x"},
        {"expires": "%00"},
        {"signature": ""},
        {"signature": flipped},
        {"signature": signature[:-1]},
        {"signature": f"x:{signature}"},
        {"signature": "%D1%8F"},
        {"signature": "%ED%A0%80"},
    ):
        assert is_error(anybody.get(signed(sent, **changes)), 403), changes
    assert is_error(anybody.get(f"{bare(sent)}?signature={signature}"), 403)
    assert is_error(anybody.get(f"{bare(sent)}?expires=9999999999"), 401)


def test_no_session_token_in_the_query_opens_anything(channel, sent, api_as):
    token = make_token(channel.server.owner)
    assert is_error(api_as().get(f"{bare(sent)}?token={token}"), 401)
    assert is_error(api_as().get(f"{bare(sent)}?signature={token}"), 403)


def test_a_link_holds_for_a_day_at_most_and_stays_the_same_for_a_while(owner, sent, api_as, monkeypatch):
    def at(now):
        monkeypatch.setattr(links, "time", SimpleNamespace(time=lambda: now))

    begin = 10**6 * HOUR
    at(begin)
    url = owner.get(f"{URL}/{Attachment.objects.get().message_id}").json()["attachments"][0]["url"]
    at(begin + HOUR - 1)
    assert owner.get(f"{URL}/{Attachment.objects.get().message_id}").json()["attachments"][0]["url"] == url
    at(begin + 24 * HOUR - 1)
    assert api_as().get(url).status_code == 200
    at(begin + 24 * HOUR)
    assert is_error(api_as().get(url), 403)


def test_a_link_ends_with_its_attachment(owner, upload, sent, api_as):
    waiting = upload(owner).json()
    assert owner.delete(f"{UPLOADS}/{waiting['id']}").status_code == 204
    assert is_error(owner.delete(f"{UPLOADS}/{waiting['id']}"), 404)
    assert is_error(api_as().get(waiting["url"]), 404)
    assert is_error(owner.delete(f"{UPLOADS}/{sent['id']}"), 404)  # it goes with its message only
    assert owner.delete(f"{URL}/{Attachment.objects.get().message_id}").status_code == 204
    assert is_error(api_as().get(sent["url"]), 404)


def test_a_file_that_is_gone_from_the_storage_is_not_found(sent, owner, files):
    files()[0].unlink()
    assert is_error(owner.get(bare(sent)), 404)


DOWNLOADED = [
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml", "a.svg"),
    (b"<script>alert(1)</script>", "text/html", "a.html"),
    (b"<script>alert(1)</script>", "image/png", "a.png"),
    (b"%PDF-1.7", "application/pdf", "a.pdf"),
    (b"alert(1)", "text/javascript", "a.js"),
    (b"<x/>", "application/xhtml+xml", "a.xhtml"),
]


@pytest.mark.parametrize(("content", "claimed", "name"), DOWNLOADED)
def test_what_could_run_is_downloaded_as_mere_bytes(owner, upload, api_as, content, claimed, name):
    answer = api_as().get(upload(owner, content, name, claimed).json()["url"])
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize(("content", "type"), [(content, type) for content, type, _ in RECOGNISED])
def test_images_sounds_and_films_are_shown_as_what_they_are(owner, upload, api_as, content, type):
    answer = api_as().get(upload(owner, content, "a.html", "text/html").json()["url"])
    assert answer["Content-Type"] == type
    assert answer["Content-Disposition"] == 'inline; filename="a.html"'


def test_every_file_is_sealed(sent, api_as):
    answer = api_as().get(sent["url"])
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "private, max-age=3600",
        "Content-Length": "5",
        "Accept-Ranges": "bytes",
    }
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("отчёт.pdf", "attachment; filename*=utf-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.pdf"),
        ('a"b;c.pdf', r'attachment; filename="a\"b;c.pdf"'),
        ("a\r\nX-Evil: 1.pdf", 'attachment; filename="aX-Evil: 1.pdf"'),
    ],
)
def test_any_name_reaches_the_header_and_breaks_out_of_it_nowhere(channel, api_as, name, header):
    file = SimpleUploadedFile(name, b"x", "application/pdf")
    attachment = attachment_upload(channel=channel, user=channel.server.owner, file=file)
    answer = api_as().get(attachment_row(attachment)["url"])
    assert (answer["Content-Disposition"], "X-Evil" in answer) == (header, False)


@pytest.mark.parametrize(
    ("asked", "status", "content", "span"),
    [
        ("bytes=1-3", 206, b"ell", "bytes 1-3/5"),
        ("bytes=3-", 206, b"lo", "bytes 3-4/5"),
        ("bytes=-2", 206, b"lo", "bytes 3-4/5"),
        ("bytes=0-999", 206, b"hello", "bytes 0-4/5"),
        ("bytes=0-0,2-2", 200, b"hello", None),
        ("lines=1-2", 200, b"hello", None),
        ("bytes=2-1", 200, b"hello", None),
    ],
)
def test_a_part_can_be_asked_for(sent, api_as, asked, status, content, span):
    answer = api_as().get(sent["url"], headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (status, content)
    assert (answer["Content-Length"], answer.headers.get("Content-Range")) == (str(len(content)), span)


def test_a_part_that_is_not_there_is_416(sent, api_as):
    answer = api_as().get(sent["url"], headers={"Range": "bytes=5-"})
    assert is_error(answer, 416)
    assert answer["Content-Range"] == "bytes */5"


def test_a_part_of_what_one_had_before_is_the_whole(sent, api_as):
    answer = api_as().get(sent["url"], headers={"Range": "bytes=1-3", "If-Range": '"some version"'})
    assert (answer.status_code, body(answer)) == (200, b"hello")


# Over the wire: bodies that a test client would hand over in one piece.


@pytest.fixture
def live(instance):
    """(an owner, his text channel, `post(content, **how)`) on a running instance."""
    owner = instance.sign_up()
    server = instance.api("POST", "/servers", owner["token"], name="Server").json()["id"]
    channel = instance.api("POST", f"/servers/{server}/channels", owner["token"], name="text", type="text").json()["id"]

    def post(**how):
        headers = {"Authorization": f"Bearer {owner['token']}", "Accept-Language": "en", **how.pop("headers", {})}
        return requests.post(f"{instance.url}{UPLOADS}", headers=headers, timeout=PATIENCE, **how)

    return owner, channel, post


def test_a_large_file_goes_in_and_comes_out_whole_and_in_parts(instance, live):
    _, channel, post = live
    content = png(3, 2) + bytes(range(256)) * 32_000
    answer = post(files={"file": ("a.png", content, "image/png")}, data={"channelId": channel})
    assert answer.status_code == 201, answer.text
    url = instance.url + answer.json()["url"]
    whole = requests.get(url, timeout=PATIENCE)
    assert (whole.status_code, whole.content == content, whole.headers["Content-Type"]) == (200, True, "image/png")
    part = requests.get(url, headers={"Range": "bytes=1000000-3000000"}, timeout=PATIENCE)
    assert (part.status_code, part.content == content[1_000_000:3_000_001]) == (206, True)
    head = requests.head(url, timeout=PATIENCE)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(content)), b"")


def test_an_upload_over_the_limit_is_413_before_it_is_read(live):
    _, channel, post = live
    just, over = settings.ATTACHMENT_MAX_BYTES, settings.ATTACHMENT_MAX_BYTES + 1
    assert post(files={"file": bytes(just)}, data={"channelId": channel}).status_code == 201
    assert is_error_over_wire(post(files={"file": bytes(over)}, data={"channelId": channel}), 413)


def test_an_upload_that_announces_too_much_is_413_before_it_is_sent(instance):
    connection = HTTPConnection("127.0.0.1", instance.port, timeout=PATIENCE)
    connection.putrequest("POST", UPLOADS)
    connection.putheader("Content-Length", str(settings.UPLOAD_LIMIT + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_chunked_upload_is_taken_and_limited_all_the_same(live):
    _, channel, post = live
    prepared = requests.Request("POST", "http://x", files={"file": ("a", b"hello")}, data={"channelId": channel}).prepare()
    headers = {"Content-Type": prepared.headers["Content-Type"]}
    taken = post(data=iter([prepared.body[:50], prepared.body[50:]]), headers=headers)
    assert (taken.status_code, taken.json()["size"]) == (201, 5)
    endless = (bytes(65536) for _ in range(2 * settings.UPLOAD_LIMIT // 65536))
    try:
        refused = post(data=endless, headers=headers)
    except requests.ConnectionError:  # answered and closed while we were still sending
        refused = None
    assert refused is None or is_error_over_wire(refused, 413)


def test_other_bodies_keep_their_own_limit(instance, live):
    owner, channel, _ = live
    refused = instance.api("POST", "/messages", owner["token"], channelId=channel, content="a" * settings.BODY_LIMIT)
    assert is_error_over_wire(refused, 413)
