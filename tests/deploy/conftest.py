"""The instance as compose.yaml has it, behind nginx and behind Caddy.

By processes of this machine; `./test --containers` by Docker, behind Caddy, and `--containers --proxy nginx` behind nginx.
"""

import contextlib
import os
import shutil
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect, sync_playwright

from bench.ports import free_port
from tests.conftest import PATIENCE, Site, own_database
from tests.deploy import files
from tests.deploy.certificates import certificate
from tests.deploy.docker import Docker, missing
from tests.deploy.engine import PROXY, Engine, running, until
from tests.e2e import people
from tests.e2e.people import Person

PROXIES = ("caddy", "nginx")


class Front(Site):
    """The instance as people reach it, through a proxy."""

    def __init__(self, proxy: str, engine: Engine | Docker, port: int) -> None:
        super().__init__(port)
        self.proxy, self.engine = proxy, engine
        self.url = f"https://localhost:{port}".removesuffix(":443")

    def api(self, method: str, path: str, token: str | None = None, **body: object) -> requests.Response:
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return self.session().request(method, f"{self.url}/api{path}", json=body or None, headers=headers, timeout=PATIENCE)

    def tls(self) -> ssl.SSLContext:
        """That takes the throw-away certificate."""
        return ssl.create_default_context(cafile=self._certificate)

    @property
    def _certificate(self) -> str:
        return str(self.engine.folder / f"{self.proxy}.crt")

    def session(self) -> requests.Session:
        """Likewise."""
        session = requests.Session()
        session.trust_env = False  # it would name other certificates, or a proxy of its own
        session.verify = self._certificate
        return session


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--containers", action="store_true", help="tests/deploy by Docker")
    parser.addoption("--proxy", default="caddy", choices=PROXIES, help="which of them Docker starts")


@pytest.fixture(scope="session")
def containers(pytestconfig: pytest.Config) -> bool:
    """Whether somebody asked for them. The options are known only where tests/deploy is named on the command line."""
    asked = bool(pytestconfig.getoption("containers", False))
    if asked and (why := missing()):
        pytest.skip(why)
    return asked


@pytest.fixture(scope="session")
def docker(containers: bool, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker | None]:
    if not containers:
        yield None
        return
    engine = Docker(tmp_path_factory.mktemp("docker"), pytestconfig.getoption("proxy"))
    try:
        engine.up()
        yield engine
    finally:
        engine.down()


@pytest.fixture(scope="session")
def fronts(docker: Docker | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Front]]:
    """One set of containers, and of the proxies those that are here, by their names."""
    if docker is not None:
        yield {docker.proxy: Front(docker.proxy, docker, 443)}
        return
    here = [name for name in PROXIES if shutil.which(name, path=SEARCHED)]
    ports = {name: free_port() for name in PROXIES}
    folder = tmp_path_factory.mktemp("engine")
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(own_database())
        engine = Engine(folder, url, [f"https://localhost:{port}" for port in ports.values()])
        stack.callback(engine.down)
        engine.up()
        for name in here:
            stack.enter_context(STARTED[name](engine, ports[name]))
        yield {name: Front(name, engine, ports[name]) for name in here}


@pytest.fixture(params=PROXIES)
def front(request: pytest.FixtureRequest, fronts: Mapping[str, Front]) -> Front:
    if request.param not in fronts:
        pytest.skip(f"{request.param} is not here")
    return fronts[request.param]


SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # sbin is in root's PATH alone


def caddyfile(text: str, port: int) -> str:
    """With other ports than 80 and 443, and without the one for its administration."""
    return text.replace(
        "\tskip_install_trust\n", f"\tskip_install_trust\n\tadmin off\n\thttp_port {free_port()}\n\thttps_port {port}\n"
    )


@contextlib.contextmanager
def caddy(engine: Engine, port: int) -> Iterator[None]:
    folder = engine.folder / "caddy"
    folder.mkdir()
    text = (files.DEPLOY / "compose" / "Caddyfile").read_text()
    (folder / "Caddyfile").write_text(caddyfile(engine.translated(text), port))
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    environment = {"SITE": "localhost", "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    root = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    with running(command, environment, engine.folder / "caddy.log"):
        until(root.exists, lambda: engine.log("caddy"))
        shutil.copy(root, engine.folder / "caddy.crt")
        _answers(engine, "caddy", port)
        yield


@contextlib.contextmanager
def nginx(engine: Engine, port: int) -> Iterator[None]:
    folder = engine.folder / "nginx"
    folder.mkdir()
    certificate(folder)
    shutil.copy(folder / "fullchain.pem", engine.folder / "nginx.crt")
    text = engine.translated((files.DEPLOY / "compose" / "nginx.conf").read_text())
    (folder / "nginx.conf").write_text(nginx_whole(text, folder, port))
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with running(command, {"PATH": SEARCHED}, engine.folder / "nginx.log"):
        _answers(engine, "nginx", port)
        yield


STARTED: dict[str, Callable[[Engine, int], contextlib.AbstractContextManager[None]]] = {"caddy": caddy, "nginx": nginx}


def nginx_whole(text: str, folder: Path, port: int) -> str:
    """The file where conf.d/ is included, as Debian's and the image's own configuration do."""
    text = text.replace("listen 80;", f"listen {PROXY}:{free_port()};").replace(
        "listen 443 ssl;", f"listen {PROXY}:{port} ssl;"
    )
    text = text.replace("/etc/nginx/certificates", str(folder))
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    mime = "types { text/html html; text/css css; text/javascript js; }\ndefault_type application/octet-stream;\n"
    user = "user root;\n" if os.geteuid() == 0 else ""  # whom these folders belong to
    head = (
        f"{user}pid {folder}/pid;\nerror_log stderr warn;\nworker_rlimit_nofile 4096;\nevents {{ worker_connections 2048; }}\n"
    )
    return f"{head}http {{\n{mime}{temporary}{text}\n}}\n"


def _answers(engine: Engine, proxy: str, port: int) -> None:
    front = Front(proxy, engine, port)

    def up() -> bool:
        try:
            return front.api("GET", "/health").status_code == 200
        except (requests.ConnectionError, OSError):
            return False

    until(up, lambda: engine.log(proxy))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """With a loop of its own, beside which no coroutine of another module could run."""
    if people.find_chromium() is None:
        pytest.skip(f"no browser found: none of {', '.join(people.CHROMIUM)} is installed")
    expect.set_options(timeout=people.PATIENCE)
    with sync_playwright() as playwright:
        browser = people.launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture
def person(browser: Browser, front: Front) -> Iterator[Callable[..., Person]]:
    """Somebody with a browser of their own, who opens the page through the proxy."""
    entered: list[Person] = []

    def enter(name: str, **context: object) -> Person:
        entered.append(Person(browser, front.url, name, ignore_https_errors=True, **context))
        return entered[-1]

    yield enter
    complaints = [f"{one.name}: {text}" for one in entered for text in one.complaints]
    for one in entered:
        one.context.close()
    assert complaints == []
