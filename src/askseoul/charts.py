"""Figures into pictures: small SVG drawings for a page, in the page's own colours and type.

They hold no script and no colour of their own (classes of the page's style do), so they are right by day and by night,
and every bar and line says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

WIDTH: Final = 520
_LABEL: Final = 178
_ROW: Final = 30
_BAR: Final = 16
_END: Final = 70
"""Room for the count behind a bar."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 12, 36
_HEIGHT: Final = 220
_STEPS: Final = 4


class Part(NamedTuple):
    """A part of a bar: how many, what they are, and the class that gives it its look."""

    questions: int
    name: str
    look: str


def stacked_bars(rows: Sequence[tuple[str, Sequence[Part]]]) -> Markup:
    """One bar a row, as wide as the share of each part in it, with the number of all behind it."""
    drawn = []
    room = WIDTH - _LABEL - _END
    for place, (label, parts) in enumerate(rows):
        y = place * _ROW + (_ROW - _BAR) / 2
        total = sum(part.questions for part in parts)
        drawn.append(Markup('<text class="label" x="{}" y="{}" text-anchor="end">{}</text>').format(
            _LABEL - 10, y + _BAR - 4, label))  # fmt: skip
        x = float(_LABEL)
        for part in parts:
            if part.questions:
                width = room * part.questions / total
                title = f"{label}: {part.questions} of {total} {part.name}"
                drawn.append(Markup(
                    '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}"><title>{}</title></rect>'
                ).format(part.look, x, y, max(width - 1.5, 1.0), _BAR, title))  # fmt: skip
                x += width
        first = parts[0].questions if parts else 0
        drawn.append(Markup('<text class="count" x="{}" y="{}">{} of {}</text>').format(
            WIDTH - _END + 8, y + _BAR - 4, first, total))  # fmt: skip
    return _svg(len(rows) * _ROW, drawn, "; ".join(_in_words(label, parts) for label, parts in rows))


def _in_words(label: str, parts: Sequence[Part]) -> str:
    return f"{label}: " + ", ".join(f"{part.questions} {part.name}" for part in parts if part.questions)


def curve(points: Sequence[tuple[float, float]], across: str, up: str) -> Markup:
    """A line through points whose both values are shares in [0, 1]; its ends are told in words too."""
    if not points:
        return Markup("")
    highest = max(0.05, *(y for _, y in points))
    drawn = _axes([f"{highest * step / _STEPS:.0%}" for step in range(_STEPS + 1)],
                  [f"{step / _STEPS:.0%}" for step in range(_STEPS + 1)], across, up)  # fmt: skip
    placed = [(_x(x), _y(y / highest)) for x, y in points]
    path = f"M{placed[0][0]:.1f},{placed[0][1]:.1f}" + "".join(f"L{x:.1f},{y:.1f}" for x, y in placed[1:])
    x, y = placed[-1]
    drawn.append(
        Markup('<path class="line" d="{}"/><circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(path, x, y)
    )
    drawn.append(Markup('<text class="count" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>').format(
        x - 6, max(y - 9, 12), f"{points[-1][1]:.0%}"))  # fmt: skip
    return _svg(_HEIGHT, drawn, f"{up} by {across}: {points[0][1]:.0%} at first, {points[-1][1]:.0%} at the end")


def distribution(seconds: Sequence[float], marks: Sequence[float]) -> Markup:
    """How many questions took how long, in bars of equal width, with dashed lines at the marks."""
    if not seconds:
        return Markup("")
    longest = max(seconds) or 1.0
    bins = min(24, max(6, len(seconds) // 4))
    counts = [0] * bins
    for value in seconds:
        counts[min(int(value / longest * bins), bins - 1)] += 1
    most = -(-max(counts) // _STEPS) * _STEPS
    drawn = _axes([f"{most * step // _STEPS}" for step in range(_STEPS + 1)],
                  [f"{longest * step / _STEPS:.2f}" for step in range(_STEPS + 1)], "seconds", "questions")  # fmt: skip
    width = (WIDTH - _LEFT - _RIGHT) / bins
    for place, count in enumerate(counts):
        top = _y(count / most)
        title = f"{count} took {longest * place / bins:.2f} to {longest * (place + 1) / bins:.2f} s"
        drawn.append(Markup(
            '<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
        ).format(_LEFT + place * width + 1, top, width - 2, _y(0) - top, title))  # fmt: skip
    for value in marks:
        x = _x(value / longest)
        drawn.append(Markup('<line class="mark" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>').format(x, _TOP, _y(0)))
    return _svg(_HEIGHT, drawn, f"{len(seconds)} questions, the longest took {longest:.2f} seconds")


def _axes(upwards: Sequence[str], across: Sequence[str], below: str, beside: str) -> list[Markup]:
    drawn = []
    for step, label in enumerate(upwards):
        y = _y(step / _STEPS)
        drawn.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(_LEFT, WIDTH - _RIGHT, y, y)
        )
        drawn.append(
            Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(_LEFT - 6, y + 4, label)
        )
    for step, label in enumerate(across):
        anchor = "end" if step == _STEPS else "middle" if step else "start"
        drawn.append(Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(
            _x(step / _STEPS), _HEIGHT - _BOTTOM + 15, anchor, label))  # fmt: skip
    drawn.append(Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        (_LEFT + WIDTH - _RIGHT) / 2, _HEIGHT - 4, f"{below} (up: {beside})"))  # fmt: skip
    return drawn


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _svg(height: float, drawn: Sequence[Markup], told: str) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, told, Markup("").join(drawn)
    )
