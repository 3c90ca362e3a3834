"""Questions, answers and checked texts as HTML for the web page, made of the pieces of ``markup``.

The answer comes first; below it stand its sources, once each, with their quotes, then what it rests on and how it was
found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from askseoul.answering.assembly import OPENINGS, by_sides, counted
from askseoul.domain import (
    Answer,
    CheckedClaim,
    Citation,
    Disagreement,
    Sentence,
    Stage,
    Step,
    Verdict,
    as_json,
)
from askseoul.nlp.markdown import unmarked
from askseoul.web.markup import (
    button,
    clean,
    display_text,
    join,
    lines_html,
    prose_html,
    source_html,
    text_html,
)

VERDICT_SIGNS: Final[dict[Verdict, str]] = {"supported": "✓", "partly": "≈", "contradicted": "✗", "unsupported": "?"}
VERDICT_LABELS: Final[dict[Verdict, str]] = {
    "supported": "Supported by its quotes",
    "partly": "Only partly supported by its quotes",
    "contradicted": "Contradicted by its quotes",
    "unsupported": "Not supported by its quotes",
}
CLAIM_LABELS: Final[dict[Verdict, str]] = {
    "supported": "Supported",
    "partly": "Partly supported",
    "contradicted": "Contradicted",
    "unsupported": "Not found",
}
"""The verdicts on a sentence of the reader's own."""
CLAIM_OPENINGS: Final[dict[Verdict, str]] = {
    "supported": "",
    "partly": "The articles say part of it:",
    "contradicted": "The articles say otherwise:",
    "unsupported": "What comes nearest:",
}
"""The words before the quotes of such a sentence."""
STANCE_LABELS: Final = {
    "states": "The article states it",
    "reports": "The article reports it",
    "forecasts": "A forecast",
}


# Questions and answers


def question_html(question: str) -> str:
    """A question with a button to edit it."""
    return clean(
        Markup('<div class="asked"><h2 dir="auto">{}</h2>{}</div>').format(
            text_html(question), button("edit", "Edit", "Edit this question and ask it again")
        )
    )


def working_html(steps: Sequence[Step], sentences: Sequence[Sentence]) -> str:
    """An answer in progress: the sentences verified so far, and below them the current step, then the earlier ones."""
    done = [f" · {step_label(step)}: {after.seconds - step.seconds:.2f} s" for step, after in pairwise(steps)]
    current = f"{step_label(steps[-1])} …" if steps else "Starting …"
    # The current step comes first, since the line is cut at its end.
    line = Markup('<p class="working"><strong>{}</strong>{}</p>').format(current, "".join(reversed(done)))
    verified = join(_sentence(sentence, ()) for sentence in sentences)
    return clean(Markup('<div class="answer"><div class="sentences">{}</div>{}</div>').format(verified, line))


def stopped_html(sentences: Sequence[Sentence], reason: str, stored: str = "") -> str:
    """The sentences verified before an answer was stopped or failed, and the reason.

    ``stored`` is the JSON of a conversation's answer that no longer holds; the browser goes on keeping it.
    """
    verified = join(_sentence(sentence, ()) for sentence in sentences)
    data = Markup(' data-stored="{}"').format(stored) if stored else ""
    return clean(
        Markup(
            '<div class="answer"{}><div class="sentences">{}</div><p class="stopped" role="alert">{}</p>{}</div>'
        ).format(data, verified, display_text(reason), _tools(has_answer=False))
    )


def answer_html(answer: Answer, steps: Sequence[Step] = (), *, is_restored: bool = False) -> str:
    """An answer or a refusal with its quotes, checks, disagreements and coverage.

    The exported answer is included as JSON, from which the browser stores and exports conversations. ``is_restored``:
    the answer comes from the browser, so its coverage is that of the time when it was asked.
    """
    parts = [
        _rewritten_question(answer),
        Markup('<p class="doubt">{}</p>').format(text_html(answer.doubt)) if answer.doubt else "",
        Markup('<p class="notice">{}</p>').format(lines_html(answer.notice)) if answer.notice else "",
        _refusal(answer) if answer.refusal else _sentences(answer),
        *(
            Markup('<p class="uncovered"><strong>Not answered:</strong> {} <small>{}</small></p>').format(
                text_html(each.part), text_html(each.reason)
            )
            for each in answer.uncovered
        ),
        *(
            Markup('<p class="uncovered"><strong>Warning:</strong> {}</p>').format(display_text(each))
            for each in answer.trace.warnings
        ),
        _sources(Markup("<h3>Sources</h3>"), answer.citations),
        "" if _is_greeting(answer) else _coverage(answer, is_restored=is_restored),
        _steps(answer, steps) if answer.retrieved else "",
        _tools(has_answer=True),
    ]
    exported = json.dumps(as_json(answer), ensure_ascii=False)
    return clean(
        Markup('<div class="answer" lang="{}" data-answer="{}">{}</div>').format(answer.language, exported, join(parts))
    )


def suggestions_html(title: str, questions: Iterable[str]) -> str:
    """Suggested questions as buttons; empty without questions."""
    buttons = join(button("ask", unmarked(question), question=question) for question in questions)
    if not buttons:
        return ""
    return clean(Markup('<div class="suggestions"><h2>{}</h2><div>{}</div></div>').format(title, buttons))


def step_label(step: Step) -> str:
    """A step of answering in words."""
    labels: dict[Stage, str] = {
        "searching": f"Searching {counted(step.articles, 'article')}",
        "reading": f"Reading {counted(step.passages, 'passage')} of {counted(step.articles, 'article')}",
        "comparing": "Comparing what the articles say",
        "checking": "Checking each sentence against its quotes",
        "wording": display_text(step.detail),
    }
    return labels[step.stage]


def citation_button(citation: Citation) -> Markup:
    """The button ``[1]`` that opens the quote in its article."""
    return Markup(
        '<button type="button" class="chip" data-action="cite" data-article="{}" data-start="{}" data-end="{}"'
        ' data-sha256="{}" aria-label="{}">[{}]</button>'
    ).format(
        citation.article_id,
        citation.start,
        citation.end,
        citation.sha256,
        f"Quote {citation.number}, {display_text(unmarked(citation.title))}",
        citation.number,
    )


def _rewritten_question(answer: Answer) -> Markup:
    if answer.rewritten_question is None:
        return Markup("")
    return Markup('<p class="understood">Understood as: <em>{}</em></p>').format(text_html(answer.rewritten_question))


def _steps(answer: Answer, steps: Sequence[Step]) -> Markup:
    """The steps of answering with their times, collapsed."""
    passages = counted(len(answer.retrieved), "passage")
    seconds = sum(answer.trace.seconds.values())
    lines = [f"{step_label(step)}: at {step.seconds:.2f} s" for step in steps]
    lines += [f"{name}: {spent:.2f} s in total" for name, spent in answer.trace.seconds.items()]
    return Markup('<details class="steps"><summary>{}</summary><ol>{}</ol></details>').format(
        f"Read {passages} of {counted(answer.coverage.retrieved, 'article')} in {seconds:.2f} s",
        join(Markup("<li>{}</li>").format(line) for line in lines),
    )


def _sentences(answer: Answer) -> Markup:
    """The disagreements, then the other sentences of the answer."""
    disagreements, others = by_sides(answer.sentences, answer.disagreements)
    cards = [_disagreement(answer, disagreement, sides) for disagreement, sides in disagreements]
    rest = join(_sentence(sentence, answer.citations) for sentence in others)
    return join([*cards, Markup('<div class="sentences">{}</div>').format(rest)])


def _disagreement(answer: Answer, disagreement: Disagreement, sides: Sequence[Sentence]) -> Markup:
    """A card with the sides of a disagreement and their sources; its subject is shown unless it is the question."""
    columns = []
    for side in sides:
        cited = answer.citations[side.citations[0] - 1]
        columns.append(
            Markup('<div class="side">{}<footer>{}</footer></div>').format(
                _sentence(side, answer.citations), source_html(cited.title, cited.source, cited.published)
            )
        )
    question = f"{disagreement.about}?"
    about = "" if question == answer.question else Markup('<p class="about">{}</p>').format(prose_html(question))
    return Markup(
        '<section class="disagreement" data-kind="{}"><h3>{}</h3>{}<div class="sides">{}</div></section>'
    ).format(disagreement.kind, OPENINGS[disagreement.kind], about, join(columns))


def _sentence(sentence: Sentence, citations: Sequence[Citation]) -> Markup:
    """A sentence with the sign of its verdict, its citations and the note that explains the verdict.

    Without ``citations``, while the answer is in progress, the citations are placeholders of the same size.
    """
    markers = join(
        citation_button(citations[number - 1]) if citations else Markup('<span class="chip">[{}]</span>').format(number)
        for number in sentence.citations
    )
    return Markup(
        '<p class="sentence" data-verdict="{}"><button type="button" class="sign" data-action="why" aria-label="{}">{}'
        '</button><span class="words" dir="auto">{}</span> {}{}</p>'
    ).format(
        sentence.verdict,
        f"{VERDICT_LABELS[sentence.verdict]}: why?",
        VERDICT_SIGNS[sentence.verdict],
        prose_html(sentence.text),
        markers,
        _explanation(sentence),
    )


def _explanation(sentence: Sentence) -> Markup:
    """The verdict, the stance and the result of each check; passed checks without a detail share one line."""
    speaker = f", said by {sentence.speaker}" if sentence.speaker else ""
    lines = [Markup("<strong>{}</strong>").format(f"{VERDICT_LABELS[sentence.verdict]} ({sentence.support:.0%})")]
    lines.append(text_html(f"{STANCE_LABELS[sentence.stance]}{speaker}"))
    lines += [
        text_html(f"{'✓' if check.passed else '✗'} {check.name}: {check.detail}")
        for check in sentence.checks
        if check.detail or not check.passed
    ]
    passed = [check.name for check in sentence.checks if check.passed and not check.detail]
    lines += [text_html(f"✓ passed: {', '.join(passed)}")] if passed else []
    lines += [text_html(reading.says) for reading in sentence.times]
    items = join(Markup('<span class="line">{}</span>').format(line) for line in lines)
    return Markup('<span class="why" role="note">{}</span>').format(items)


def _is_greeting(answer: Answer) -> bool:
    """Whether nothing was asked, so that nothing is refused either."""
    return answer.refusal is not None and answer.refusal.reason == "no question"


def _refusal(answer: Answer) -> Markup:
    """Why there is no answer, and what the articles say nearest to it; to a greeting only what can be asked."""
    assert answer.refusal is not None
    refusal = answer.refusal
    return Markup('<section class="refusal" data-reason="{}">{}<p>{}</p>{}</section>').format(
        refusal.reason,
        "" if _is_greeting(answer) else Markup("<h3>No answer</h3>"),
        text_html(refusal.message),
        _sources(Markup("<h4>Closest quotes in the articles</h4>"), refusal.nearest),
    )


def _coverage(answer: Answer, *, is_restored: bool) -> Markup:
    """What the answer rests on, in one line."""
    return Markup('<p class="coverage">{}{}</p>').format(
        "When it was asked: " if is_restored else "", display_text(answer.coverage.message)
    )


def _sources(heading: Markup, citations: Sequence[Citation]) -> Markup:
    """The sources under a heading, each with its quotes; nothing without quotes."""
    if not citations:
        return Markup("")
    return Markup('<section class="sources">{}{}</section>').format(heading, _quotes(citations))


def _quotes(citations: Sequence[Citation]) -> Markup:
    """Each source once, in the order of its first quote: title, outlet and date, and below it its quotes, each with the
    button that opens it in its article."""
    quotes: dict[str, list[Citation]] = {}
    for cited in citations:
        quotes.setdefault(cited.article_id, []).append(cited)
    items = join(
        Markup('<li><p class="origin">{}</p>{}</li>').format(
            source_html(own[0].title, own[0].source, own[0].published),
            join(
                Markup('<blockquote>{} <span dir="auto">“{}”</span></blockquote>').format(
                    citation_button(cited), prose_html(cited.quote)
                )
                for cited in own
            ),
        )
        for own in quotes.values()
    )
    return Markup("<ol>{}</ol>").format(items)


def _tools(*, has_answer: bool) -> Markup:
    """The buttons below an answer; without an answer only the one that asks again."""
    again = button("retry", "Ask again", "Ask this question again")
    if not has_answer:
        return Markup('<div class="tools">{}</div>').format(again)
    forms = {"markdown": "Markdown", "html": "Web page", "json": "JSON, to verify"}
    exports = join(button("export", label, form=form) for form, label in forms.items())
    return Markup(
        '<div class="tools">{}<details class="menu"><summary>Export</summary><div>{}</div></details>{}{}</div>'
    ).format(
        button("copy", "Copy", "Copy the answer with its quotes"),
        exports,
        again,
        button("judge", "Right or wrong?", "Say whether this answer is right; this drafts a test question"),
    )


# Checked texts


def checked_html(claims: Sequence[CheckedClaim], left_out: int = 0, waiting: int = 0, error: str = "") -> str:
    """The sentences of a text, each with its verdict and the quotes that speak for or against it.

    ``left_out`` of its sentences are not checked, and ``waiting`` not yet; ``error`` says why no more are.
    """
    verdicts = [claim.verdict for claim in claims]
    counts = [f"{verdicts.count(each)} {label.lower()}" for each, label in CLAIM_LABELS.items() if each in verdicts]
    said = f"{counted(len(claims), 'sentence')}: {', '.join(counts)}." if claims else ""
    if waiting:
        said = f"Checking sentence {len(claims) + 1} of {len(claims) + waiting} …"
    elif left_out:
        said += (
            " The last sentence was left out: check it separately."
            if left_out == 1
            else f" The last {left_out:,} sentences were left out: check them separately."
        )
    parts = [
        Markup('<p class="count" role="status">{}</p>').format(said) if said else "",
        Markup('<p class="stopped" role="alert">{}</p>').format(display_text(error)) if error else "",
        Markup("<ul>{}</ul>").format(join(map(_claim, claims))) if claims else "",
    ]
    return clean(Markup('<div class="checked">{}</div>').format(join(parts)))


def _claim(claim: CheckedClaim) -> Markup:
    """A checked sentence with its verdict, the checks it failed, and its quotes."""
    citations = claim.counter or claim.citations
    said = CLAIM_OPENINGS[claim.verdict]
    opening = Markup('<p class="opening">{}</p>').format(said) if said else Markup("")
    failed = [f"{check.name}: {check.detail}" for check in claim.checks if not check.passed]
    return Markup(
        '<li data-verdict="{}"><p class="claim"><strong><span class="sign">{}</span> {}</strong> '
        '<span class="words" dir="auto">{}</span></p>{}{}</li>'
    ).format(
        claim.verdict,
        VERDICT_SIGNS[claim.verdict],
        CLAIM_LABELS[claim.verdict],
        text_html(claim.text),
        Markup('<p class="failed">{}</p>').format(text_html("; ".join(failed)))
        if failed and claim.verdict != "supported"
        else "",
        opening + _quotes(citations) if citations else "",
    )
