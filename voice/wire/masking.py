"""Unmasking, RFC 6455 section 5.3. The one loop over bytes on the way of a signal: docs/decisions/0030."""

from collections.abc import Callable


def unmask_by_integer(data: bytes, mask: bytes) -> bytes:
    """Without C, one long integer is the fastest way: 1.4 µs for 500 bytes, where a loop takes 31 and C 0.1."""
    size = len(data)
    tiled = mask * (size // 4) + mask[: size % 4]
    return (int.from_bytes(data, "little") ^ int.from_bytes(tiled, "little")).to_bytes(size, "little")


unmask: Callable[[bytes, bytes], bytes]
try:
    from websockets.speedups import apply_mask
except ImportError:  # its wheels for some platforms have no C
    unmask = unmask_by_integer
else:
    unmask = apply_mask
