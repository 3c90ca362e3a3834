"""The report of an evaluation: one HTML page with scores, charts, changes since an earlier run, and every question.

Charts are SVG in the colours and fonts of the page, so they suit light and dark mode. They contain no script, and each
bar and line has a description in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from askseoul.evaluation.datasets import Aspect
from askseoul.evaluation.metrics import percentile, risk_at_coverage
from askseoul.evaluation.results import differences
from askseoul.evaluation.scores import GATED_LANGUAGE

TEMPLATE: Final = Path(__file__).with_name("report.html")
OUTCOMES: Final = ("right", "partly right", "wrong", "refused in error", "answered in error")
"""The possible outcomes of a question, best first."""
_CLASSES: Final = {"right": "good", "partly right": "partly", "wrong": "bad", "refused in error": "refused",
                 "answered in error": "bad"}  # fmt: skip
_SIGNS: Final = {"right": "✓", "partly right": "◐", "wrong": "✗", "refused in error": "∅", "answered in error": "✗"}
_ARTICLES: Final = 20
"""Number of articles in the chart, those with most questions."""
_LONGEST_NAME: Final = 22
"""Maximum characters of an article's name in the chart."""

WIDTH: Final = 520
_LABEL: Final = 178
_ROW: Final = 30
_BAR: Final = 16
_END: Final = 70
"""Width of the count after a bar."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 12, 36
_HEIGHT: Final = 220
_STEPS: Final = 4


class Tile(NamedTuple):
    """One of the main scores at the top of the page."""

    name: str
    explained: str
    value: float
    interval: Sequence[float] | None
    before: float | None
    """The score of the earlier run, if there is one."""


_TILES: Final = (
    ("facts_held", "Facts held", "share of the required facts that the answers hold"),
    ("balanced_accuracy", "Answered or refused rightly", "mean of answerable questions answered and others refused"),
    ("evidence_cited", "Evidence cited", "share of the gold quotes that the answers cite"),
    ("citation_precision", "Citation precision", "share of the citations that overlap a gold quote"),
    ("quotes_exact", "Quotes exact", "share of the quotes that are the article's text at their offsets"),
    ("proved", "Answers verified", "share of the answers that hold when they are verified again"),
    ("ndcg_at_10", "Retrieval, nDCG@10", "rank of the passages with the gold quotes"),
    ("both_sides", "Both sides shown", "share of the questions with a disagreement whose sides are both shown"),
)  # fmt: skip


def outcome(question: Mapping[str, Any]) -> str:
    """The outcome of a question, one of OUTCOMES."""
    if question["kind"] == "unanswerable":
        return "answered in error" if question["answered"] else "right"
    if not question["answered"]:
        return "refused in error"
    return "right" if question["correct"] == 1 else "partly right" if question["correct"] else "wrong"


def report_page(results: Mapping[str, Any], earlier: Mapping[str, Any] | None = None) -> str:
    """The page as HTML that needs no other file; ``results`` and ``earlier`` are those of ``results.as_json``.

    Scores and charts cover the English questions, which thresholds apply to, or if there are none those in the language
    of the first question. Every question is listed."""
    questions = [{**each, "outcome": outcome(each)} for each in results["questions"]]
    language = GATED_LANGUAGE if GATED_LANGUAGE in results["scores"] else questions[0]["lang"]
    gated = [each for each in questions if each["lang"] == language]
    scores = results["scores"][language]
    before = {each["id"]: each for each in earlier["questions"]} if earlier else {}
    for each in questions:
        was = before.get(each["id"])
        each["was"] = outcome(was) if was else None
        each["moved"] = _moved(each, was)
    answered = [each for each in gated if each["answered"] and each["confidence"] is not None]
    seconds = [each["seconds"] for each in gated]
    articles = _by_article(gated)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["percent"] = _percent
    page: str = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        summary=_summary(gated),
        language=language,
        others=len(questions) - len(gated),
        tiles=_tiles(scores, results["intervals"], (earlier["scores"].get(language) or {}) if earlier else {}),
        by_kind=stacked_bars(_by_kind(gated)),
        by_article=stacked_bars(articles) if articles else "",
        risk=curve(
            risk_at_coverage([each["confidence"] for each in answered], [float(each["correct"]) for each in answered]),
            "share of answers kept, most confident first",
            "share not right",
        ),
        latency=distribution(seconds, [percentile(seconds, 0.5), percentile(seconds, 0.95)]),
        verifier=results["verifier"],
        labelled=len(results["verifier"]["right"]),
        differences=differences(earlier, results) if earlier else None,
        moved=[each for each in questions if each["moved"]],
        gone=[known for known in before if known not in {each["id"] for each in questions}],
        questions=sorted(questions, key=lambda each: -OUTCOMES.index(each["outcome"])),
        outcomes=[(name, _SIGNS[name], sum(each["outcome"] == name for each in questions)) for name in OUTCOMES],
        kinds=list(dict.fromkeys(each["kind"] for each in questions)),
        signs=_SIGNS,
        classes=_CLASSES,
        scores=scores,
        intervals=results["intervals"],
        made_of={name: value for name, value in results["made_of"].items() if not name.startswith("constants of ")},
    )
    return page


def _moved(question: Mapping[str, Any], was: Mapping[str, Any] | None) -> str:
    if was is None or (was["correct"] == question["correct"] and question["was"] == question["outcome"]):
        return ""
    if was["correct"] == question["correct"]:
        return "changed"
    return "better" if question["correct"] > was["correct"] else "worse"


def _percent(share: float) -> str:
    """A share in percent, without decimals unless that would round it to 0 or 100."""
    whole = f"{share:.0%}".removesuffix("%")
    return whole if share in (0, 1) or whole not in ("0", "100") else f"{math.floor(share * 1000) / 10:.1f}"


def _tiles(
    scores: Mapping[str, float], intervals: Mapping[str, Sequence[float]], before: Mapping[str, float]
) -> list[Tile]:
    return [
        Tile(name, explained, scores[key], intervals.get(key), before.get(key))
        for key, name, explained in _TILES
        if key in scores
    ]


def _summary(questions: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    answerable = [each for each in questions if each["kind"] != "unanswerable"]
    others = [each for each in questions if each["kind"] == "unanswerable"]
    return {
        "answerable": len(answerable),
        "has_facts": any(each["measures"].get("facts_held") is not None for each in answerable),
        "wrong": sum(each["outcome"] == "wrong" for each in answerable),
        "right": sum(each["outcome"] == "right" for each in answerable),
        "partly": sum(each["outcome"] == "partly right" for each in answerable),
        "refused": sum(each["outcome"] == "refused in error" for each in answerable),
        "unanswerable": len(others),
        "rightly_refused": sum(each["outcome"] == "right" for each in others),
    }


def _by_kind(questions: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Part]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for each in questions:
        groups.setdefault(each["kind"], []).append(each)
    for aspect in get_args(Aspect):
        trying = [each for each in questions if each["aspect"] == aspect]
        if trying:
            groups[f"· {aspect}"] = trying
    return [(name, _parts(group)) for name, group in groups.items()]


def _by_article(questions: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Part]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for each in questions:
        for article in dict.fromkeys(gold["article"] for gold in each["gold"]):
            groups.setdefault(article, []).append(each)
    most_asked = sorted(groups.items(), key=lambda item: -len(item[1]))[:_ARTICLES]
    return [(_shortened(name), _parts(group)) for name, group in most_asked]


def _parts(questions: Sequence[Mapping[str, Any]]) -> list[Part]:
    return [Part(sum(each["outcome"] == name for each in questions), name, _CLASSES[name]) for name in OUTCOMES]


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


class Part(NamedTuple):
    """A part of a bar: a number of questions, their name, and the CSS class of its colour."""

    questions: int
    name: str
    css_class: str


def stacked_bars(rows: Sequence[tuple[str, Sequence[Part]]]) -> Markup:
    """One bar per row, with parts as wide as their shares, followed by the number of the first part and the total."""
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
                ).format(part.css_class, x, y, max(width - 1.5, 1.0), _BAR, title))  # fmt: skip
                x += width
        first = parts[0].questions if parts else 0
        drawn.append(Markup('<text class="count" x="{}" y="{}">{} of {}</text>').format(
            WIDTH - _END + 8, y + _BAR - 4, first, total))  # fmt: skip
    return _svg(len(rows) * _ROW, drawn, "; ".join(_in_words(label, parts) for label, parts in rows))


def _in_words(label: str, parts: Sequence[Part]) -> str:
    return f"{label}: " + ", ".join(f"{part.questions} {part.name}" for part in parts if part.questions)


def curve(points: Sequence[tuple[float, float]], across: str, up: str) -> Markup:
    """A line through points in [0, 1] x [0, 1], with both ends in words."""
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
    """A histogram of the seconds per question, with dashed lines at the marks."""
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


def _svg(height: float, drawn: Sequence[Markup], description: str) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, description, Markup("").join(drawn)
    )
