"""Plots as SVG, written by hand: lines over time, for light and dark pages."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 300, 56, 130, 34, 36
COLOURS = ("#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#8b5cf6", "#6b7280")
STYLE = "text{font:12px system-ui,sans-serif;fill:#71717a}.title{font-size:14px;font-weight:600}.grid{stroke:#a1a1aa;stroke-opacity:.3}"
TICKS = 5

Points = Sequence[tuple[float, float]]


def lines(title: str, x_label: str, series: Mapping[str, Points], *, logarithmic: bool = False) -> str:
    """`logarithmic`: of the y axis; what is 0 is left out there."""
    drawn = {name: [(x, y) for x, y in points if y > 0 or not logarithmic] for name, points in series.items()}
    xs = [x for points in drawn.values() for x, _ in points] or [0.0]
    ys = [y for points in drawn.values() for _, y in points] or [1.0]
    marks = _powers(min(ys), max(ys)) if logarithmic else _even(0, max(ys))
    low, high = (math.log(marks[0]), math.log(marks[-1])) if logarithmic else (marks[0], marks[-1])
    x_marks = _even(min(xs), max(xs))

    def across(x: float) -> float:
        return LEFT + (x - x_marks[0]) / (x_marks[-1] - x_marks[0]) * (WIDTH - LEFT - RIGHT)

    def up(y: float) -> float:
        share = ((math.log(y) if logarithmic else y) - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    out += [f"<style>{STYLE}</style>", f'<text class="title" x="{LEFT}" y="18">{escape(title)}</text>']
    for mark in marks:
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(mark):.1f}" y2="{up(mark):.1f}"/>')
        out.append(f'<text text-anchor="end" x="{LEFT - 8}" y="{up(mark) + 4:.1f}">{mark:g}</text>')
    out += [f'<text text-anchor="middle" x="{across(mark):.1f}" y="{HEIGHT - BOTTOM + 18}">{mark:g}</text>' for mark in x_marks]
    out.append(f'<text text-anchor="end" x="{WIDTH - RIGHT}" y="{HEIGHT - 2}">{escape(x_label)}</text>')
    for place, (name, points) in enumerate(drawn.items()):
        colour = COLOURS[place % len(COLOURS)]
        way = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.8" points="{way}"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 12}" y="{TOP + 16 * place + 8}" style="fill:{colour}">{escape(name)}</text>')
    return "\n".join([*out, "</svg>", ""])


def _even(low: float, high: float) -> list[float]:
    """Round numbers from `low` to beyond `high`."""
    step = 10 ** math.floor(math.log10(max(high - low, 1e-9) / TICKS))
    step *= next(times for times in (1, 2, 5, 10) if (high - low) / (step * times) <= TICKS)
    first, marks = math.floor(low / step), 2
    while (first + marks - 1) * step < high:
        marks += 1
    return [round((first + place) * step, 10) for place in range(marks)]


def _powers(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]
