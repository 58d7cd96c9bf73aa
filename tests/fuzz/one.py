"""`python -m tests.fuzz.one TARGET FOLDER -max_total_time=10 …`: one target under atheris; the flags are libFuzzer's.

`module:function` stands for a target that is not among ours.
"""

import sys
from importlib import import_module

import atheris


def main() -> None:
    _, target, *arguments = sys.argv
    with atheris.instrument_imports(include=["turn", "voice"]):
        module, _, name = target.partition(":")
        run = getattr(import_module(module), name) if name else import_module("tests.fuzz.targets").TARGETS[target]
    atheris.Setup([sys.argv[0], *arguments], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
