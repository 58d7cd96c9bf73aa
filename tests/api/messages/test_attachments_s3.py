"""Attachments in a bucket of a real S3 server, moto's, that runs as a process of its own."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.core.management import call_command

from bench.ports import free_port
from messaging.models import Attachment, Message, Orphan
from projectvoice import environment
from tests.api.world import is_error
from tests.conftest import PATIENCE
from tests.unit.messaging.test_attachments import png

pytestmark = pytest.mark.django_db(transaction=True)
URL, UPLOADS = "/api/messages", "/api/attachments"
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "eu-central-1"}


@pytest.fixture(scope="module")
def s3():
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while True:
        try:
            requests.get(f"{endpoint}/moto-api/data.json", timeout=PATIENCE)
            break
        except requests.ConnectionError:
            assert server.poll() is None, "the S3 server ended"
            assert time.monotonic() < deadline, "the S3 server did not come up"
            time.sleep(0.1)
    yield boto3.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"}), **KEYS)
    server.terminate()
    server.wait()


@pytest.fixture
def bucket(s3, settings, monkeypatch):
    """The instance stores in a bucket; the keys of what lies there."""
    name = f"b{time.monotonic_ns()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    wished = {"BUCKET": name, "ENDPOINT": s3.meta.endpoint_url, "REGION": "eu-central-1"}
    for variable, value in {**wished, "ACCESS_KEY": "key", "SECRET_KEY": "secret"}.items():
        monkeypatch.setenv(f"S3_{variable}", value)
    settings.ATTACHMENT_STORAGE = "s3"
    settings.STORAGES = {**settings.STORAGES, "default": environment.file_storage("s3")}
    return lambda: [found["Key"] for found in s3.list_objects_v2(Bucket=name).get("Contents", [])]


def test_a_file_goes_into_the_bucket_and_its_link_leads_there(channel, owner, upload, api_as, bucket):
    content = png(3, 2) + bytes(100_000)
    body = upload(owner, content, "пёс.png", "image/png").json()
    assert bucket() == [Attachment.objects.get().key]
    answer = api_as().get(body["url"])
    assert (answer.status_code, answer["Cache-Control"]) == (302, "no-store")
    assert urlsplit(answer["Location"]).path == f"/{default_storage.bucket_name}/{bucket()[0]}"
    assert "X-Amz-Signature=" in answer["Location"]
    there = requests.get(answer["Location"], timeout=PATIENCE)
    assert (there.status_code, there.content == content, there.headers["Content-Type"]) == (200, True, "image/png")
    assert there.headers["Content-Disposition"] == "inline; filename*=utf-8''%D0%BF%D1%91%D1%81.png"
    part = requests.get(answer["Location"], headers={"Range": "bytes=0-7"}, timeout=PATIENCE)
    assert (part.status_code, part.content) == (206, content[:8])
    head = requests.head(api_as().head(body["url"])["Location"], timeout=PATIENCE)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(content)))
    assert is_error(api_as().get(body["url"].replace("expires=", "expires=9")), 403)


def test_what_could_run_is_downloaded_from_the_bucket_as_well(owner, upload, api_as, bucket):
    body = upload(owner, b"<script>", "a.html", "text/html").json()
    there = requests.get(api_as().get(body["url"])["Location"], timeout=PATIENCE)
    assert there.headers["Content-Type"] == "application/octet-stream"
    assert there.headers["Content-Disposition"] == 'attachment; filename="a.html"'


def test_deletion_reaches_the_bucket(channel, owner, upload, api_as, bucket):
    kept, sent, waiting = (upload(owner).json() for _ in range(3))
    message = owner.post(URL, {"channelId": channel.pk, "attachmentIds": [sent["id"]]}).json()
    assert len(bucket()) == 3
    owner.delete(f"{UPLOADS}/{waiting['id']}")
    owner.delete(f"{URL}/{message['id']}")
    assert bucket() == [Attachment.objects.get(pk=kept["id"]).key]
    owner.post(URL, {"channelId": channel.pk, "attachmentIds": [kept["id"]]})
    Message.objects.all().delete()
    call_command("sweep_attachments", stdout=StringIO())
    assert bucket() == []


def test_all_threads_share_one_connection(bucket):
    with ThreadPoolExecutor(1) as other:
        first = other.submit(lambda: default_storage.connection).result()
    assert default_storage.connection is first


def test_a_bucket_out_of_reach_is_a_503_and_leaves_nothing(s3, owner, upload, bucket):
    s3.delete_bucket(Bucket=default_storage.bucket_name)
    assert is_error(upload(owner), 503)
    assert not Attachment.objects.exists()
    with pytest.raises(ClientError):
        bucket()
    assert Orphan.objects.count() == 1  # in case the bucket took it all the same
