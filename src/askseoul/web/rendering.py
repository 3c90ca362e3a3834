"""Questions and answers as pieces of the web page.

Whatever comes from an article, a question or a file's name is data: it is escaped where it is put in, and what comes
out is cleaned once more down to the few elements that the page itself uses. Each piece stands on one line, because a
line break could end what the chat takes as HTML and begin what it takes as Markdown.

An article as the web page shows it beside an answer: its text, with what is quoted of it marked.

The text stands there character by character: the text of the element ``article-text`` is the article's text, or the
part of it around the quote where it is very long, and what is marked is the quote and nothing else.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup

from askseoul.answering.assembly import OPENINGS, by_sides, counted
from askseoul.domain import Answer, Article, Citation, Disagreement, Sentence, Span, Stage, Step, Verdict, as_json
from askseoul.nlp.text import canonical_text, replace_surrogates

MARKS: Final[dict[Verdict, str]] = {"supported": "✓", "partly": "≈", "contradicted": "✗", "unsupported": "?"}
SAYS: Final[dict[Verdict, str]] = {
    "supported": "Supported by what it quotes",
    "partly": "Only partly supported by what it quotes",
    "contradicted": "Contradicted by what it quotes",
    "unsupported": "Not supported by what it quotes",
}
STANCES: Final = {"states": "The article states it", "reports": "The article reports it", "forecasts": "A forecast"}
_TAGS: Final = set(
    "a article aside b blockquote button cite details div dl dt dd em footer h1 h2 h3 h4 header li mark ol p section "
    "small span strong summary time ul".split()
)
_ATTRIBUTES: Final = {
    "*": {"class", "dir", "id", "lang", "role", "tabindex", "title"},
    "a": {"href", "target"},
    "button": {"type"},
    "time": {"datetime"},
}
_NOT_IN_ADDRESS: Final = re.compile(r"[\s<>\"\\]")
_SCRIPTS: Final = {  # the languages whose script tells them from English; Han alone could be Chinese or Japanese
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "ja": "\u3040-\u30ff\u31f0-\u31ff",
    "zh": "\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "ar": "\u0600-\u06ff\u0750-\u077f",
    "he": "\u0590-\u05ff",
    "ru": "\u0400-\u04ff",
    "el": "\u0370-\u03ff",
}
_FOREIGN: Final = re.compile(
    "|".join(f"(?P<{name}>[{letters}]+(?:[ ·]+[{letters}]+)*)" for name, letters in _SCRIPTS.items())
)


def question_html(question: str) -> str:
    """What was asked, with a button to ask it otherwise."""
    return clean(
        Markup('<div class="asked"><h2 dir="auto">{}</h2>{}</div>').format(
            spoken(question), button("edit", "Edit", "Edit this question and ask it again")
        )
    )


def working_html(steps: Sequence[Step], sentences: Sequence[Sentence]) -> str:
    """What is done for a question so far: the step it is at, and the sentences that are verified."""
    done = [f" · {step_words(step)}: {after.seconds - step.seconds:.2f} s" for step, after in pairwise(steps)]
    now = f"{step_words(steps[-1])} …" if steps else "Starting …"
    # The step that runs stands first: what does not fit on the line is the past.
    line = Markup('<p class="working"><strong>{}</strong>{}</p>').format(now, "".join(reversed(done)))
    said = _joined(_sentence(sentence, ()) for sentence in sentences)
    return clean(Markup('<div class="answer">{}<div class="said">{}</div></div>').format(line, said))


def stopped_html(sentences: Sequence[Sentence], why: str, kept: str = "") -> str:
    """What was verified until the answer was stopped, or could not go on, and why it ends.

    ``kept`` is what the browser has in its place, as JSON, and goes on keeping."""
    said = _joined(_sentence(sentence, ()) for sentence in sentences)
    data = Markup(' data-kept="{}"').format(kept) if kept else ""
    return clean(
        Markup('<div class="answer"{}><div class="said">{}</div><p class="stopped" role="alert">{}</p>{}</div>').format(
            data, said, shown(why), _tools(has_answer=False)
        )
    )


def answer_html(answer: Answer, steps: Sequence[Step] = (), *, is_kept: bool = False) -> str:
    """An answer with its quotes, its checks, both sides where articles disagree, and what it rests on; or a refusal.

    The answer itself, as it is exported, goes with it: the browser keeps conversations and exports them from there. One
    that ``is_kept`` comes back from there: its quotes are proved, and what it rests on is told as of when it was asked.
    """
    parts = [
        _understood(answer),
        _steps(answer, steps),
        _refusal(answer) if answer.refusal else _said(answer),
        *(
            Markup('<p class="uncovered"><strong>Not answered:</strong> {} <small>{}</small></p>').format(
                spoken(each.part), spoken(each.reason)
            )
            for each in answer.uncovered
        ),
        Markup('<p class="coverage">{}{}</p>').format(
            "When it was asked: " if is_kept else "", shown(answer.coverage.message)
        ),
        _tools(has_answer=True),
    ]
    exported = json.dumps(as_json(answer), ensure_ascii=False)
    return clean(
        Markup('<div class="answer" lang="{}" data-answer="{}">{}</div>').format(
            answer.language, exported, _joined(parts)
        )
    )


def suggestions_html(title: str, questions: Iterable[str]) -> str:
    """Questions to go on with, as buttons; nothing where there are none."""
    buttons = _joined(button("ask", question, question=question) for question in questions)
    if not buttons:
        return ""
    return clean(Markup('<div class="suggestions"><h2>{}</h2><div>{}</div></div>').format(title, buttons))


def button(action: str, label: str, title: str = "", **data: str) -> Markup:
    """A button for the page's script: ``action`` says what it does, ``data`` to what."""
    attributes = _joined(Markup(' data-{}="{}"').format(name, value) for name, value in data.items())
    hint = Markup(' title="{}"').format(title) if title else ""
    return Markup('<button type="button" data-action="{}"{}{}>{}</button>').format(
        action, attributes, hint, spoken(label)
    )


def step_words(step: Step) -> str:
    """A step in words."""
    words: dict[Stage, str] = {
        "searching": f"Searching {counted(step.articles, 'article')}",
        "reading": f"Reading {counted(step.passages, 'passage')} of {counted(step.articles, 'article')}",
        "comparing": "Comparing what the articles say",
        "checking": "Checking each sentence against its quotes",
    }
    return words[step.stage]


def shown(text: str) -> str:
    """The text on one line, without what can't be seen or would steer how the rest is set."""
    return " ".join(canonical_text(replace_surrogates(text))[0].split())


def spoken(text: str) -> Markup:
    """The text, escaped, with what is in another script than English marked as such for those who have it read out."""
    return in_languages(shown(text))


def in_languages(plain: str) -> Markup:
    """The same for a text that stays character by character as it is."""
    parts = []
    end = 0
    for match in _FOREIGN.finditer(plain):
        parts += [
            Markup("{}").format(plain[end : match.start()]),
            Markup('<span lang="{}">{}</span>').format(match.lastgroup, match[0]),
        ]
        end = match.end()
    return _joined([*parts, Markup("{}").format(plain[end:])])


def link_to(url: str | None) -> str | None:
    """The address where it is one of the web that can stand in a link as it is, else None."""
    if not url or _NOT_IN_ADDRESS.search(url) or shown(url) != url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # as of "http://["
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def described(title: str, source: str | None, published: str | None) -> Markup:
    """An article in one line: title, source, date."""
    dated = Markup('<time datetime="{0}">{0}</time>').format(published) if published else Markup("undated")
    named = [Markup('<cite dir="auto">{}</cite>').format(spoken(title)) if title else "", spoken(source or "")]
    return Markup(" · ").join([*filter(None, named), dated])


def chip(citation: Citation) -> Markup:
    """The ``[1]`` that opens a quote in its article."""
    return Markup(
        '<button type="button" class="chip" data-action="cite" data-article="{}" data-start="{}" data-end="{}"'
        ' data-sha256="{}" aria-label="{}">[{}]</button>'
    ).format(
        citation.article_id,
        citation.start,
        citation.end,
        citation.sha256,
        f"Quote {citation.number}, {shown(citation.title)}",
        citation.number,
    )


def _understood(answer: Answer) -> Markup:
    if answer.rewritten_question is None:
        return Markup("")
    return Markup('<p class="understood">Understood as: <em>{}</em></p>').format(spoken(answer.rewritten_question))


def _steps(answer: Answer, steps: Sequence[Step]) -> Markup:
    """What was done and how long it took, folded up."""
    passages = counted(len(answer.retrieved), "passage")
    seconds = sum(answer.trace.seconds.values())
    lines = [f"{step_words(step)}: at {step.seconds:.2f} s" for step in steps]
    lines += [f"In all, {name}: {spent:.2f} s" for name, spent in answer.trace.seconds.items()]
    return Markup('<details class="steps"><summary>{}</summary><ol>{}</ol></details>').format(
        f"Read {passages} of {counted(answer.coverage.retrieved, 'article')} in {seconds:.2f} s",
        _joined(Markup("<li>{}</li>").format(line) for line in lines),
    )


def _said(answer: Answer) -> Markup:
    """The sides of each disagreement, then what else the answer says."""
    differing, others = by_sides(answer.sentences, answer.disagreements)
    cards = [_card(answer, disagreement, sides) for disagreement, sides in differing]
    said = _joined(_sentence(sentence, answer.citations) for sentence in others)
    return _joined([*cards, Markup('<div class="said">{}</div>').format(said)])


def _card(answer: Answer, disagreement: Disagreement, sides: Sequence[Sentence]) -> Markup:
    """A disagreement: what it is about, where that is not the question, and its sides with where they come from."""
    columns = []
    for side in sides:
        cited = answer.citations[side.citations[0] - 1]
        columns.append(
            Markup('<div class="side">{}<footer>{}</footer></div>').format(
                _sentence(side, answer.citations), described(cited.title, cited.source, cited.published)
            )
        )
    question = f"{disagreement.about}?"
    about = "" if question == answer.question else Markup('<p class="about">{}</p>').format(spoken(question))
    return Markup(
        '<section class="disagreement" data-kind="{}"><h3>{}</h3>{}<div class="sides">{}</div></section>'
    ).format(disagreement.kind, OPENINGS[disagreement.kind], about, _joined(columns))


def _sentence(sentence: Sentence, citations: Sequence[Citation]) -> Markup:
    """A sentence with the sign of its verdict, its quotes, and, for who points at it, why it stands."""
    chips = _joined(chip(citations[number - 1]) if citations else _pending(number) for number in sentence.citations)
    return Markup(
        '<p class="sentence" data-verdict="{}"><button type="button" class="sign" data-action="why" aria-label="{}">{}'
        '</button><span class="words" dir="auto">{}</span> {}{}</p>'
    ).format(
        sentence.verdict,
        f"{SAYS[sentence.verdict]}: why?",
        MARKS[sentence.verdict],
        spoken(sentence.text),
        chips,
        _why(sentence),
    )


def _pending(number: int) -> Markup:
    """What will be a chip once the answer is whole; as large, so that nothing moves."""
    return Markup('<span class="chip">[{}]</span>').format(number)


def _why(sentence: Sentence) -> Markup:
    """The verdict, who says it, and what each check found; those that had nothing to find stand in one line."""
    by = f", said by {sentence.speaker}" if sentence.speaker else ""
    lines = [Markup("<strong>{}</strong>").format(f"{SAYS[sentence.verdict]} ({sentence.support:.0%})")]
    lines.append(spoken(f"{STANCES[sentence.stance]}{by}"))
    lines += [
        spoken(f"{'✓' if check.passed else '✗'} {check.name}: {check.detail}")
        for check in sentence.checks
        if check.detail or not check.passed
    ]
    others = [check.name for check in sentence.checks if check.passed and not check.detail]
    lines += [spoken(f"✓ nothing against it in: {', '.join(others)}")] if others else []
    lines += [spoken(reading.says) for reading in sentence.times]
    items = _joined(Markup('<span class="line">{}</span>').format(line) for line in lines)
    return Markup('<span class="why" role="note">{}</span>').format(items)


def _refusal(answer: Answer) -> Markup:
    assert answer.refusal is not None
    refusal = answer.refusal
    nearest = _joined(
        Markup("<li><blockquote>{} {}</blockquote><footer>{}</footer></li>").format(
            Markup('<span dir="auto">“{}”</span>').format(spoken(cited.quote)),
            chip(cited),
            described(cited.title, cited.source, cited.published),
        )
        for cited in refusal.nearest
    )
    below = Markup("<h4>The nearest that they say</h4><ol>{}</ol>").format(nearest) if nearest else ""
    return Markup('<section class="refusal" data-reason="{0}"><h3>No answer: {0}</h3><p>{1}</p>{2}</section>').format(
        refusal.reason, spoken(refusal.message), below
    )


def _tools(*, has_answer: bool) -> Markup:
    """What can be done with an answer; without one it can only be asked for again."""
    again = button("retry", "Ask again", "Ask this question again")
    if not has_answer:
        return Markup('<div class="tools">{}</div>').format(again)
    forms = {"markdown": "Markdown", "html": "Web page", "json": "JSON, to verify"}
    exports = _joined(button("export", label, form=form) for form, label in forms.items())
    return Markup(
        '<div class="tools">{}<details class="menu"><summary>Export</summary><div>{}</div></details>{}{}</div>'
    ).format(
        button("copy", "Copy", "Copy the answer with its quotes"),
        exports,
        again,
        button("judge", "Right or wrong?", "Say whether this answer is right; it becomes a draft test question"),
    )


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def clean(html: str, *, keep_lines: bool = False) -> str:
    """The piece with nothing left in it but the elements that the page itself uses, on one line."""
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        generic_attribute_prefixes={"aria-", "data-"},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
    return cleaned if keep_lines else cleaned.replace("\n", "&#10;")  # which in an attribute is the line break itself


AROUND: Final = 60_000
"""Characters on each side of the quote that are shown: a browser sets twice as many in 0.1 s, a book takes seconds."""
_BREAK: Final = re.compile(r"\n(?:[ \t]*\n)+")
_HEADING: Final = re.compile(r"#{1,6} ")


def article_html(
    article: Article, quote: Span | None = None, others: Sequence[Span] = (), *, is_changed: bool = False
) -> str:
    """The article with ``quote`` and the ``others`` marked, which are other quotes of the same answer.

    One that ``is_changed`` since it was quoted says so. Raises ValueError where a span is not inside the text.
    """
    marked = sorted({*others, *([quote] if quote else [])}, key=lambda span: (span.start, span.end))
    if any(not 0 <= span.start < span.end <= len(article.text) for span in marked):
        raise ValueError(f"{article.id} has {len(article.text):,} characters: a quote of it lies outside of them.")
    middle = quote or Span(0, 0)
    window = Span(max(0, middle.start - AROUND), min(len(article.text), middle.end + AROUND))
    return clean(
        Markup(
            '<article class="source" lang="{}">{}{}<div class="article-text" data-start="{}">{}</div>{}</article>'
        ).format(
            article.language,
            _heading(article, quote, is_changed=is_changed),
            _cut(window.start),
            window.start,
            _text(article.text, window, quote, marked),
            _cut(len(article.text) - window.end),
        ),
        keep_lines=True,
    )


def _heading(article: Article, quote: Span | None, *, is_changed: bool) -> Markup:
    url = link_to(article.url)
    link = Markup('<a href="{0}" target="_blank">{0}</a>').format(url) if url else Markup("")
    place = f"{article.id}, characters {quote.start:,} to {quote.end:,}" if quote else article.id
    title = spoken(article.title) or spoken(article.id)
    changed = Markup('<p class="changed" role="alert">{}</p>').format(
        "This article says something else now than when it was quoted: ask again."
    )
    return Markup('<header><h2 dir="auto">{}</h2><p>{}</p><p class="place">{}</p>{}{}</header>').format(
        title,
        described("", article.source, article.published),
        spoken(place),
        link,
        changed if is_changed else "",
    )


def _cut(characters: int) -> Markup:
    return Markup('<p class="cut">… {} characters more …</p>').format(f"{characters:,}") if characters else Markup("")


def _text(text: str, window: Span, quote: Span | None, marked: Sequence[Span]) -> Markup:
    """The paragraphs of the window, with what stands between them."""
    parts = []
    at = window.start
    for match in [*_BREAK.finditer(text, window.start, window.end), None]:
        end = match.start() if match else window.end
        name = "heading" if _HEADING.match(text, at) else "paragraph"
        inside = _marked(text, Span(at, end), quote, marked)
        between = match[0] if match else ""
        parts.append(Markup('<p class="{}" dir="auto">{}</p>{}').format(name, inside, between) if inside else between)
        at = match.end() if match else end
    return Markup("").join(parts)


def _marked(text: str, paragraph: Span, quote: Span | None, marked: Sequence[Span]) -> Markup:
    """A paragraph with its part of the quotes marked; ``quote`` goes before the others where they overlap."""
    edges = {paragraph.start, paragraph.end}
    for span in marked:
        edges |= {place for place in (span.start, span.end) if paragraph.start < place < paragraph.end}
    places = sorted(edges)
    parts = []
    for start, end in itertools.pairwise(places):
        piece = in_languages(text[start:end])
        if quote and quote.start <= start and end <= quote.end:
            piece = Markup('<mark class="quote">{}</mark>').format(piece)
        elif any(span.start <= start and end <= span.end for span in marked):
            piece = Markup("<mark>{}</mark>").format(piece)
        parts.append(piece)
    return Markup("").join(parts)
