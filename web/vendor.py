"""The libraries of the web client, as they came from npm: python -m web.vendor tests/js/node_modules

They lie in the repository, so that a clone needs neither node nor a network; a test copies them again and compares.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "web" / "vendor"
MODULES = {
    "preact.js": "preact/dist/preact.mjs",
    "preact-hooks.js": "preact/hooks/dist/hooks.mjs",
    "htm.js": "htm/dist/htm.mjs",
    "signals-core.js": "@preact/signals-core/dist/signals-core.mjs",
    "signals.js": "@preact/signals/dist/signals.mjs",
}
MAP = re.compile(r"\n?//# sourceMappingURL=.*\n?$")


def files(packages: Path) -> Iterator[tuple[str, str]]:
    """Names and contents: each module with its package, version and licence on top, then the licences."""
    for name, source in MODULES.items():
        package = packages / re.match(r"(@[^/]+/)?[^/]+", source)[0]  # type: ignore[index]
        about = json.loads((package / "package.json").read_text())
        code = MAP.sub("", (packages / source).read_text()).rstrip()
        licence = f"{name.removesuffix('.js')}.LICENSE"
        yield name, f"// {about['name']} {about['version']}, {about['license']}: {licence}\n{code}\n"
        yield licence, (package / "LICENSE").read_text()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in files(Path(sys.argv[1])):
        (FOLDER / name).write_text(content)
