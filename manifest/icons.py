"""The app's two icons, drawn here so that no picture editor is needed to change them. PNG by the standard library."""

import struct
import zlib
from collections.abc import Callable
from functools import cache

Pixel = tuple[int, int, int, int]

ACCENT = "#0B6E8F"
_ACCENT: Pixel = (0x0B, 0x6E, 0x8F, 0xFF)
_WHITE: Pixel = (0xFF, 0xFF, 0xFF, 0xFF)
# Each pixel is asked this many times in each direction: smooth edges.
_FINE = 4


@cache
def color() -> bytes:
    """192 by 192 pixels: a white speech bubble with three people in a row, on the accent colour to the edges."""
    return _png(192, lambda x, y: _WHITE if _bubble(x, y, 0.0) and not _people(x, y) else _ACCENT)


@cache
def outline() -> bytes:
    """32 by 32 pixels: the same in white lines on nothing."""
    nothing: Pixel = (0xFF, 0xFF, 0xFF, 0)

    def paint(x: float, y: float) -> Pixel:
        is_line = _bubble(x, y, -0.13) and not _bubble(x, y, -0.05)
        return _WHITE if is_line or _people(x, y) else nothing

    return _png(32, paint)


def _bubble(x: float, y: float, shrunk: float) -> bool:
    """A rounded box with a tail at its lower left; a negative `shrunk` makes it larger."""
    left, right, top, bottom, radius = 0.17 + shrunk, 0.83 - shrunk, 0.2 + shrunk, 0.66 - shrunk, 0.12
    near_x = min(max(x, left + radius), right - radius)
    near_y = min(max(y, top + radius), bottom - radius)
    in_box = (x - near_x) ** 2 + (y - near_y) ** 2 <= radius**2
    tail = 0.28 + shrunk / 2 <= x <= 0.5 - (y - bottom) and bottom - 0.1 <= y <= 0.82 - shrunk
    return in_box or tail


def _people(x: float, y: float) -> bool:
    return any((x - middle) ** 2 + (y - 0.43) ** 2 <= 0.055**2 for middle in (0.33, 0.5, 0.67))


def _png(side: int, paint: Callable[[float, float], Pixel]) -> bytes:
    """A square picture, eight bits each of red, green, blue and opacity (PNG, third edition, colour type 6)."""
    rows = bytearray()
    for row in range(side):
        rows.append(0)
        for column in range(side):
            rows += _pixel(side, column, row, paint)
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    picture = zlib.compress(bytes(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", picture) + _chunk(b"IEND", b"")


def _pixel(side: int, column: int, row: int, paint: Callable[[float, float], Pixel]) -> bytes:
    points = [
        paint((column + (i + 0.5) / _FINE) / side, (row + (j + 0.5) / _FINE) / side)
        for i in range(_FINE)
        for j in range(_FINE)
    ]
    return bytes(sum(point[part] for point in points) // len(points) for part in range(4))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
