"""What ProjectVoice is made of, as CycloneDX JSON: python3 -m launch.sbom > sbom.json

Read from the locked requirements, the libraries that lie in web/static/web/vendor, and the lock files of npm. The same files
give the same bytes: there is neither a time nor a serial number in it.
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from launch.bootstrap import DEVELOPMENT, RUNTIME
from launch.options import ROOT
from projectvoice import __version__

VENDOR = ROOT / "web" / "static" / "web" / "vendor"
LOCKS = (ROOT / "tests" / "js" / "package-lock.json", ROOT / "clients" / "js" / "package-lock.json")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", re.MULTILINE)
VENDORED = re.compile(r"// (?P<name>\S+) (?P<version>\S+), (?P<licence>\S+): ")


@dataclass(frozen=True, order=True)
class Component:
    kind: str  # of package URL: pypi, npm
    name: str
    version: str
    shipped: bool = True  # else it is there to develop and to test
    licence: str = ""
    hashes: tuple[tuple[str, str], ...] = ()

    @property
    def purl(self) -> str:
        return f"pkg:{self.kind}/{quote(self.name, safe='/')}@{quote(self.version, safe='')}"

    @property
    def told(self) -> dict[str, object]:
        told: dict[str, object] = {"type": "library", "bom-ref": self.purl, "name": self.name, "version": self.version}
        told |= {"scope": "required" if self.shipped else "excluded", "purl": self.purl}
        if self.hashes:
            told["hashes"] = [{"alg": name, "content": value} for name, value in self.hashes]
        if self.licence:
            told["licenses"] = [{"expression": self.licence}]
        return told


def components() -> list[Component]:
    """Each package and version once; what is shipped as well as used in tests counts as shipped."""
    found: dict[str, Component] = {}
    for component in (*_pinned(RUNTIME, shipped=True), *_vendored(), *_pinned(DEVELOPMENT, shipped=False), *_locked()):
        found.setdefault(component.purl, component)
    return sorted(found.values())


def bom() -> dict[str, object]:
    whole = {"type": "application", "bom-ref": "projectvoice", "name": "projectvoice", "version": __version__}
    parts = components()
    needs = {"ref": "projectvoice", "dependsOn": sorted(component.purl for component in parts if component.shipped)}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": whole},
        "components": [component.told for component in parts],
        "dependencies": [needs],
    }


def _pinned(requirements: Path, *, shipped: bool) -> Iterator[Component]:
    for name, version in PINNED.findall(requirements.read_text()):
        yield Component("pypi", re.sub(r"[-_.]+", "-", name).lower(), version, shipped)


def _vendored() -> Iterator[Component]:
    """By the line that web/vendor.py wrote on top of each."""
    modules: dict[tuple[str, str, str], list[Path]] = {}
    for path in sorted(VENDOR.glob("*.js")):
        about = VENDORED.match(path.read_text())
        if about is None:
            raise ValueError(f"{path} does not say what it is")
        modules.setdefault((about["name"], about["version"], about["licence"]), []).append(path)
    for (name, version, licence), paths in modules.items():
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
        yield Component("npm", name, version, True, licence, tuple(("SHA-256", digest) for digest in digests))


def _locked() -> Iterator[Component]:
    for lock in LOCKS:
        for place, package in json.loads(lock.read_text())["packages"].items():
            if place and "version" in package and not package.get("link"):
                name = package.get("name") or place.rpartition("node_modules/")[2]
                yield Component("npm", name, package["version"], False, "", _integrity(package.get("integrity", "")))


def _integrity(value: str) -> tuple[tuple[str, str], ...]:
    """As npm writes it: `sha512-` and base64."""
    kind, _, digest = value.partition("-")
    return (("SHA-512", base64.b64decode(digest).hex()),) if kind == "sha512" else ()


if __name__ == "__main__":
    json.dump(bom(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
