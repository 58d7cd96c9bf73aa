"""Who is at the other end: Valkey with passwords and rules, over TLS, or something else."""

import asyncio
import ssl
from pathlib import Path

import pytest

from bench.ports import free_port
from tests.certificates import Pair, self_signed
from tests.protocol.bus.conftest import GREETING, Begin, Log, Pose, Valkey, saying
from voice.transports import bus
from voice.transports.bus import Bus


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "malformed reply, a type nobody asked for"),
        (bytes(range(256)) + b"\r\n", "malformed reply"),
        (b":1\r\n", "malformed reply, not the answer to what was asked"),
        (GREETING + b":1\r\n", "malformed reply, an answer to nothing"),
        (GREETING + b">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$999999999\r\n", "malformed reply, too big"),
        (b"-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'hunter2'\r\n", "refused, ERR"),
    ],
)
async def test_what_is_no_valkey(begin: Begin, pose: Pose, log: Log, words: bytes, why: str):
    server = await pose(saying(words))
    one = begin(server.url)
    await log.says(why)
    await server.met(3)
    assert one.news.count(("up",)) - one.news.count(("down",)) in (0, 1)
    assert "hunter2" not in log.text
    assert not one.running.done()


SUBSCRIBED = b">3\r\n$9\r\nsubscribe\r\n$4\r\npv:%b\r\n:1\r\n"
MESSAGE = b">3\r\n$7\r\nmessage\r\n$4\r\npv:a\r\n$1\r\n%d\r\n"


async def test_nothing_is_heard_before_all_is_subscribed(begin: Begin, pose: Pose):
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        await reader.readuntil(b"pv:a\r\n")
        assert not await one.bus.subscribe("b")
        writer.write(SUBSCRIBED % b"a" + MESSAGE % 1)
        await reader.readuntil(b"pv:b\r\n")
        writer.write(SUBSCRIBED % b"b" + MESSAGE % 2)

    one = begin((await pose(behave)).url, prefix="pv")
    assert not await one.bus.subscribe("a")
    await one.until(lambda: one.lines("a"))
    assert one.news == [("up",), ("a", b"2")]


async def test_nothing_is_heard_after_an_error(begin: Begin, pose: Pose):
    said = GREETING + SUBSCRIBED % b"a" + MESSAGE % 1 + b"-OOPS\r\n" + MESSAGE % 2
    one = begin((await pose(saying(said))).url, prefix="pv")
    assert not await one.bus.subscribe("a")
    await one.down()
    assert one.news[:3] == [("up",), ("a", b"1"), ("down",)]


@pytest.mark.parametrize(("lasting", "told"), [(1000.0, 1), (0.0, 2)])
async def test_an_outage_is_told_once(
    begin: Begin, pose: Pose, log: Log, monkeypatch: pytest.MonkeyPatch, lasting: float, told: int
):
    monkeypatch.setattr(bus, "LASTING", lasting)  # whether each connection is an outage of its own
    server = await pose(saying(b"?\r\n"))
    begin(server.url)
    await server.met(3)
    assert log.text.count("malformed reply") == told


async def test_a_server_that_hangs_up_on_everybody(begin: Begin, pose: Pose, log: Log):
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    begin((await pose(hang_up)).url)
    await log.says("No bus to other processes: ")


OF_ANN = ("--user", "default", "off", "--user", "ann", "on", ">p@ss/w:rd", "+@all", "resetchannels", "&pv:*")


@pytest.mark.parametrize(
    ("own_valkey", "login"),
    [(("--requirepass", "p@ss/w:rd"), ""), (OF_ANN, "ann")],
    indirect=["own_valkey"],
)
async def test_passwords(begin: Begin, own_valkey: Valkey, login: str, log: Log):
    good = own_valkey.url.replace("//", f"//{login}:p%40ss%2Fw%3Ard@")
    one = await begin(good, prefix="pv").up()
    assert await one.bus.subscribe("here")
    assert await one.bus.reach("here", b"1") == 1
    begin(good.replace("%40", "%41"))
    await log.says("refused, WRONGPASS")
    stranger = begin(own_valkey.url)
    await log.says("refused, NOAUTH")
    assert stranger.news == []
    assert "ss/w" not in log.text
    assert "ss%2Fw" not in log.text


@pytest.mark.parametrize("own_valkey", [OF_ANN], indirect=True)
async def test_channels_one_may_not_use(begin: Begin, own_valkey: Valkey, log: Log):
    one = await begin(own_valkey.url.replace("//", "//ann:p%40ss%2Fw%3Ard@"), prefix="other").up()
    assert not await one.bus.subscribe("here")
    await log.says("refused, NOPERM")
    await one.down()


async def test_nobody_there(begin: Begin, log: Log):
    begin(f"redis://:hunter2@127.0.0.1:{free_port()}")
    begin("unix:///nowhere/valkey.sock")
    await log.says("No bus to other processes: cannot connect, ", times=2)
    assert "hunter2" not in log.text


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", ""])
async def test_what_is_no_address(url: str):
    with pytest.raises(ValueError, match="scheme"):
        Bus(url, lambda channel, line: None, lambda: None, lambda: None)


@pytest.fixture
def certificate(tmp_path: Path) -> Pair:
    """Of a Valkey; it shows that it is one of ours as well."""
    return self_signed(tmp_path, "127.0.0.1", certificate="valkey.crt", key="valkey.key")


async def test_over_tls_the_server_is_verified_and_so_are_we(begin: Begin, pose: Pose, certificate: Pair, log: Log):
    shown, key = certificate
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=shown)
    theirs.load_cert_chain(shown, key)
    theirs.verify_mode = ssl.CERT_REQUIRED
    server = await pose(saying(GREETING), theirs)
    url = server.url.replace("redis://", "rediss://")
    trusting = f"{url}?ssl_ca_certs={shown}&ssl_certfile={shown}&ssl_keyfile={key}"
    await begin(trusting).up()
    strangers = [begin(url), begin(f"{url}?ssl_cert_reqs=none"), begin(trusting.replace("127.0.0.1", "localhost"))]
    await log.says("certificate verify failed", times=3)
    assert [stranger.news for stranger in strangers] == [[]] * 3
