"""Lines over a number that grows by decades, both axes logarithmic: a flat line does not grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

Points = Sequence[tuple[float, float]]

_LEFT, _TOP, _WIDTH, _HEIGHT, _RIGHT, _BELOW = 60, 30, 460, 260, 130, 45
_COLOURS = ("#2563eb", "#d97706", "#6b7280", "#059669", "#9333ea", "#dc2626")


class _Axis:
    """Whole decades around the values, from `start` to `end` on the page."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self.low, self.high = floor(log10(min(values))), ceil(log10(max(values)))
        self.high = max(self.high, self.low + 1)
        self._start, self._span = start, end - start

    def place(self, value: float) -> float:
        return self._start + (log10(value) - self.low) / (self.high - self.low) * self._span

    def decades(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def curves(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """An SVG. Every value is above zero."""
    points = [point for line in lines.values() for point in line]
    x = _Axis([point[0] for point in points], _LEFT, _LEFT + _WIDTH)
    y = _Axis([point[1] for point in points], _TOP + _HEIGHT, _TOP)
    size = f'width="{_LEFT + _WIDTH + _RIGHT}" height="{_TOP + _HEIGHT + _BELOW}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">']
    parts.append(_text(_LEFT, 16, f"{title}: {up}", anchor="start"))
    parts.append(_text(_LEFT + _WIDTH / 2, _TOP + _HEIGHT + 36, across))
    parts += _grid(x, y)
    for number, (name, line) in enumerate(lines.items()):
        parts += _line(name, line, _COLOURS[number % len(_COLOURS)], x, y)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _grid(x: _Axis, y: _Axis) -> list[str]:
    parts = []
    for value in x.decades():
        at = f"{x.place(value):.1f}"
        parts.append(f'<path d="M{at} {_TOP}V{_TOP + _HEIGHT}" stroke="#e5e7eb"/>')
        parts.append(_text(x.place(value), _TOP + _HEIGHT + 16, f"{value:,g}"))
    for value in y.decades():
        at = f"{y.place(value):.1f}"
        parts.append(f'<path d="M{_LEFT} {at}H{_LEFT + _WIDTH}" stroke="#e5e7eb"/>')
        parts.append(_text(_LEFT - 6, y.place(value) + 4, f"{value:,g}", anchor="end"))
    return parts


def _line(name: str, line: Points, colour: str, x: _Axis, y: _Axis) -> list[str]:
    places = [(x.place(across), y.place(up)) for across, up in line]
    path = "L".join(f"{across:.1f} {up:.1f}" for across, up in places)
    dots = [f'<circle cx="{across:.1f}" cy="{up:.1f}" r="2.5" fill="{colour}"/>' for across, up in places]
    last = places[-1]
    return [
        f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
        *dots,
        _text(last[0] + 8, last[1] + 4, f"{name} {line[-1][1]:.3g}", anchor="start", colour=colour),
    ]


def _text(x: float, y: float, text: str, *, anchor: str = "middle", colour: str = "#374151") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
