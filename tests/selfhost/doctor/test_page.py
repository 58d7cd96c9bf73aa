"""The page and its WebSockets behind good and bad proxies."""

import socket

import pytest

from selfhost.doctor.case import Public
from selfhost.doctor.certificate import covers
from selfhost.doctor.page import hosts, origins, page
from selfhost.doctor.upgrade import ADDRESSES
from tests.selfhost.doctor.conftest import case, ills, of
from tests.selfhost.doctor.fronts import Front, standing

EVERY_WEBSOCKET = set(ADDRESSES)


async def test_a_good_page_is_well():
    async with standing(Front()) as public:
        found = await page(case(public))
    assert ills(found) == set()
    assert {check.name for check in found} == {"page", *EVERY_WEBSOCKET}


async def test_over_https_with_a_good_certificate_too(trusted):
    async with standing(Front(), trusted.issue("localhost")) as public:
        found = await page(case(public))
    assert ills(found) == set()
    assert {check.name for check in found} == {"page", "page-certificate", *EVERY_WEBSOCKET}


async def test_an_instance_as_it_is_answers_like_a_good_page(instance):
    assert ills(await page(case(Public.of(instance.url)))) == set()


@pytest.mark.parametrize(
    ("names", "options", "status", "why"),
    [
        (["localhost"], {"days": (-90, -1)}, "error", "has expired"),
        (["www.other.test"], {}, "error", "other names than localhost"),
        (["localhost"], {"self_signed": True}, "error", "self-signed"),
        (["localhost"], {"days": (-80, 3.5)}, "warning", "expires in 3 days"),
    ],
)
async def test_its_certificate_is_looked_at(trusted, names, options, status, why):
    async with standing(Front(), trusted.issue(*names, **options)) as public:
        found = await page(case(public))
    assert ills(found) == {("page-certificate", status, "proxy")}
    assert why in of(found, "page-certificate").finding.en


@pytest.mark.parametrize("front", [Front(upgrades=False), Front(always=200), Front(always=400), Front(always=101)])
async def test_a_proxy_that_does_not_hand_the_upgrade_on(front):
    async with standing(front) as public:
        found = await page(case(public))
    assert ills(found) == {(name, "error", "proxy") for name in EVERY_WEBSOCKET}
    assert "Upgrade" in of(found, "websocket-bare").finding.en


@pytest.mark.parametrize(("status", "why"), [(502, "does not reach the web process"), (404, "answers /socket.io/ itself")])
async def test_a_proxy_that_does_not_reach_the_instance(status, why):
    async with standing(Front(always=status)) as public:
        found = await page(case(public))
    assert ills(found) == {(name, "error", "proxy") for name in EVERY_WEBSOCKET}
    assert why in of(found, "websocket-socketio").finding.en


async def test_a_server_that_hangs_up_on_upgrades():
    async with standing(Front(hangs_up=True)) as public:
        found = await page(case(public))
    assert ills(found) == {(name, "error", "proxy") for name in EVERY_WEBSOCKET}


async def test_sockets_that_refuse_the_page_s_own_origin():
    async with standing(Front(own_pages_only="https://elsewhere.test")) as public:
        found = await page(case(public))
    assert ills(found) == {(name, "error", "ALLOWED_ORIGINS") for name in EVERY_WEBSOCKET}


async def test_sockets_that_refuse_everybody_from_the_proxy_s_address():
    async with standing(Front(always=403)) as public:
        found = await page(case(public))
    assert ills(found) == {(name, "error", "TRUSTED_PROXIES") for name in EVERY_WEBSOCKET}


async def test_a_page_that_is_not_there():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        found = await page(case(Public("http", "localhost", closed.getsockname()[1])))
    assert ills(found) == {("page", "warning", "proxy")}
    assert of(found, "websocket-bare").status == "skipped"


async def test_a_page_whose_name_stands_for_nothing():
    assert ills(await page(case(Public("https", "voice.invalid", 443)))) == {("page", "error", "ALLOWED_HOSTS")}


async def test_a_port_that_speaks_no_tls():
    async with standing(Front()) as public:
        found = await page(case(Public("https", public.host, public.port)))
    assert ("page-certificate", "error", "proxy") in ills(found)


@pytest.mark.parametrize(("forwarded", "status", "setting"), [(False, "error", "proxy"), (True, "warning", "TRUSTED_PROXIES")])
async def test_a_page_without_tls(monkeypatch, forwarded, status, setting):
    """By a name that is not the machine's own: what browsers go by."""
    own_name = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **named: own_name("192.0.2.1" if host == "voice.test" else host, *rest, **named),
    )
    from selfhost.doctor import page as probe

    async def in_reach(address, public):
        return ""

    monkeypatch.setattr(probe, "_out_of_reach", in_reach)
    found = await page(case(Public("http", "voice.test", 1), forwarded_https=forwarded))
    assert ("page", status, setting) in ills(found)


@pytest.mark.parametrize(
    ("allowed", "status"),
    [
        (("https://voice.test",), "ok"),
        (("https://app.test", "https://voice.test"), "ok"),
        (("*",), "warning"),
        ((), "warning"),
        (("http://localhost:3000",), "warning"),
        (("https://voice.test/",), "error"),
        (("voice.test",), "error"),
        (("https://voice.test/app", "https://voice.test"), "error"),
    ],
)
async def test_origins(allowed, status):
    (check,) = await origins(case(Public.of("https://voice.test"), origins=allowed))
    assert (check.status, check.setting) == (status, None if status == "ok" else "ALLOWED_ORIGINS")


async def test_every_origin_is_fine_at_home():
    (check,) = await origins(case(Public.of("http://localhost:5000"), origins=("*",)))
    assert check.status == "ok"


@pytest.mark.parametrize(
    ("url", "names", "status"),
    [
        ("https://voice.test", ("*",), "ok"),
        ("https://voice.test", (".test",), "ok"),
        ("https://voice.test", ("other.test",), "error"),
        ("http://[2001:db8::1]:5000", ("[2001:db8::1]",), "ok"),
    ],
)
async def test_hosts(url, names, status):
    (check,) = await hosts(case(Public.of(url), hosts=names))
    assert (check.status, check.setting) == (status, None if status == "ok" else "ALLOWED_HOSTS")


@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [
        ("voice.test", "VOICE.test.", True),
        ("*.test", "voice.test", True),
        ("*.test", "a.voice.test", False),
        ("*.test", "test", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8:0::1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_names_of_certificates(name, host, fits):
    assert covers(name, host) is fits


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://voice.test", "https://voice.test"),
        ("https://voice.test:443/path?x", "https://voice.test"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("http://[::1]:5000/", "http://[::1]:5000"),
    ],
)
def test_public_addresses(url, origin):
    assert Public.of(url).origin == origin


@pytest.mark.parametrize("url", ["voice.test", "ftp://voice.test", "https://", "https://voice.test:99999", "https://[::1"])
def test_what_is_no_public_address(url):
    with pytest.raises(ValueError, match=r".+"):
        Public.of(url)
