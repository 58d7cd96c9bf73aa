"""Both ways to unmask do what RFC 6455 section 5.3 says."""

import runpy
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.wire import masking


@given(st.binary(max_size=1000), st.binary(min_size=4, max_size=4))
def test_every_byte_meets_its_own(data: bytes, mask: bytes):
    expected = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
    assert masking.unmask(data, mask) == masking.unmask_by_integer(data, mask) == expected


def test_without_c_the_integer_does_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "websockets.speedups", None)
    module = runpy.run_path(masking.__file__)
    assert module["unmask"] is module["unmask_by_integer"]
