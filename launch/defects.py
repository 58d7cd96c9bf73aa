"""Whether anything we are made of has a known defect: python3 -m launch.defects

Asks the public database OSV, which gathers the advisories of PyPI and npm, once about all of them. A defect that cannot be
mended yet stands in accepted_defects.toml with its reason. Ends with 1 if there is another, with UNREACHABLE if nobody answers.
"""

import json
import os
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from launch.sbom import components

OSV = "https://api.osv.dev/v1/querybatch"
PATIENCE = 10.0  # seconds
AT_ONCE = 1000  # packages in a question, the most that OSV takes
UNREACHABLE = 75
ACCEPTED = Path(__file__).with_name("accepted_defects.toml")


class Defect(NamedTuple):
    package: str  # its package URL
    id: str


def known_defects(packages: Iterable[str], url: str) -> set[Defect]:
    """Raises OSError if there is no answer, ValueError if it cannot be read."""
    asked, found = list(packages), set()
    for begin in range(0, len(asked), AT_ONCE):
        part = asked[begin : begin + AT_ONCE]
        results = _ask(url, {"queries": [{"package": {"purl": package}} for package in part]})
        for package, result in zip(part, results, strict=True):
            found |= {Defect(package, defect["id"]) for defect in result.get("vulns", ())}
    return found


def accepted(path: Path = ACCEPTED) -> dict[Defect, str]:
    """And why. Raises ValueError if a reason is missing."""
    entries = tomllib.loads(path.read_text()).get("accepted", [])
    reasons = {Defect(entry["package"], entry["id"]): str(entry.get("reason", "")).strip() for entry in entries}
    if not all(reasons.values()):
        raise ValueError(f"{path.name}: every accepted defect needs its reason")
    return reasons


def complaints(found: set[Defect], known: dict[Defect, str]) -> list[str]:
    new = [f"{defect.package} has {defect.id}: https://osv.dev/{defect.id}" for defect in sorted(found - known.keys())]
    return new + [f"{defect.package} has {defect.id} no longer: {ACCEPTED.name}" for defect in sorted(known.keys() - found)]


def _ask(url: str, question: dict[str, object]) -> list[dict[str, list[dict[str, str]]]]:
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError(f"{url} is no https address")
    request = urllib.request.Request(url, json.dumps(question).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        results: list[dict[str, list[dict[str, str]]]] = json.load(answer)["results"]
        return results


def main() -> int:
    packages = [component.purl for component in components()]
    try:
        found = known_defects(packages, os.environ.get("OSV_URL", OSV))
    except (OSError, ValueError, KeyError) as error:
        print(f"the database of defects gave no answer: {error}")
        return UNREACHABLE
    wrong = complaints(found, accepted())
    print("\n".join(wrong) or f"{len(packages)} packages without a known defect")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
