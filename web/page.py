"""What the page of the reference web client says about itself: its modules, and what a browser may load for it."""

import base64
import hashlib
import json
from pathlib import Path

from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

HERE = Path(__file__).parent / "static" / "web"
SDK = Path(__file__).parent.parent / "clients" / "js" / "src"
IMPORTS = {
    "preact": "web/vendor/preact.js",
    "preact/hooks": "web/vendor/preact-hooks.js",
    "htm": "web/vendor/htm.js",
    "@preact/signals-core": "web/vendor/signals-core.js",
    "@preact/signals": "web/vendor/signals.js",
    "projectvoice": "sdk/index.js",
}


def import_map() -> SafeString:
    """Bare names of modules and where they lie; of our own making, so it needs no escaping."""
    imports = {name: static(path) for name, path in IMPORTS.items()}
    return mark_safe(json.dumps({"imports": imports}))  # noqa: S308


def modules() -> list[str]:
    """All of them, so that a browser asks for all at once rather than for one import after the other."""
    places = (("web", HERE), ("sdk", SDK))
    return [static(f"{name}/{path.relative_to(place)}") for name, place in places for path in sorted(place.rglob("*.js"))]


def styles() -> list[str]:
    """In the order of their names."""
    return [static(f"web/{path.relative_to(HERE)}") for path in sorted(HERE.glob("styles/*.css"))]


def headers(inline: str) -> dict[str, str]:
    """`inline`: the one script that stands in the page itself. Browsers take no import map from a file."""
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    policy = (
        "default-src 'self'",
        f"script-src 'self' 'sha256-{digest}'",
        "connect-src 'self' ws://{host} wss://{host}",  # 'self' alone does not cover WebSockets in every browser
        "img-src 'self' https: http: data: blob:",  # profile pictures live anywhere; blob: what is about to be uploaded
        "media-src 'self' https: http: blob: mediastream:",
        "base-uri 'none'",
        "form-action 'none'",  # forms are handled by scripts
        "frame-ancestors 'none'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",  # with no policy that could make HTML of text
        "trusted-types 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Permissions-Policy": "camera=(self), display-capture=(self), geolocation=(), microphone=(self), speaker-selection=(self)",
        "Cache-Control": "no-cache",
    }
