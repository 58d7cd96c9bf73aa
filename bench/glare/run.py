"""How many calls connect when clients offer at the same time: real Chromium, real Socket.IO, a running instance.

    RATE_LIMITS=off ./run --port 5001 &
    .venv/bin/python bench/glare/run.py --url http://127.0.0.1:5001

Needs Debian's chromium, and socket.io-client as ./test installs it in tests/js.
"""

import argparse
import asyncio
import secrets
import shutil
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import requests
from playwright.async_api import Page, async_playwright

HERE = Path(__file__).parent
SOCKETIO = HERE.parent.parent / "tests/js/node_modules/socket.io-client/dist/socket.io.min.js"
DELAYS = [(1, 1), (40, 40), (2, 150), (150, 2)]  # milliseconds each way, even and odd clients
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"]
FLAGS += ["--disable-features=WebRtcHideLocalIpsWithMdns"]


def sign_up(url: str) -> str:
    name = f"glare-{secrets.token_hex(5)}"
    body = {"username": name, "email": f"{name}@example.com", "password": "password123"}
    answer = requests.post(f"{url}/api/auth/register", json=body, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["token"])


async def series(page: Page, tokens: list[str], kind: str, people: int, count: int, address: str, verbose: bool) -> str:
    good, times, errors = 0, [], Counter[str]()
    for number in range(count):
        delays = DELAYS[number * len(DELAYS) // count]
        trial: dict[str, Any] = {"kind": kind, "tokens": tokens[:people], "room": f"glare-{secrets.token_hex(4)}"}
        result = await page.evaluate("trial", {**trial, "delays": delays, "patience": 8000, "address": address})
        errors.update(result["errors"])
        if result["ok"]:
            good += 1
            times.append(result["ms"])
        elif verbose:
            print("  failed", delays, result["states"], result["names"], flush=True)
    median = statistics.median(times) if times else float("nan")
    return f"| {kind} | {people} | {good} of {count} | {median:.0f} | {max(times, default=0)} | {dict(errors)} |"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:5000")
    parser.add_argument("--kinds", nargs="+", default=["sample", "perfect", "mixed"])
    parser.add_argument("--people", nargs="+", type=int, default=[2, 4])
    parser.add_argument("--pairs", type=int, default=40, help="trials with two people")
    parser.add_argument("--groups", type=int, default=20, help="trials with more")
    parser.add_argument("--address", choices=["/socket.io", "/socket"], default="/socket.io", help="engine path")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    tokens = [sign_up(options.url) for _ in range(max(options.people))]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        print("| clients | people | connected | median ms | slowest ms | errors the clients saw |\n|---|--:|--:|--:|--:|---|")
        for kind in options.kinds:
            for people in options.people:
                page = await browser.new_page()
                await page.goto(f"{options.url}/api/health")
                await page.add_script_tag(path=SOCKETIO)
                await page.add_script_tag(path=HERE / "page.js")
                count = options.pairs if people == 2 else options.groups
                print(await series(page, tokens, kind, people, count, options.address, options.verbose), flush=True)
                await page.close()
        await browser.close()


asyncio.run(main())
