"""Verification of claims: what the reader and the guards say of one sentence and the quotes it rests on.

The reader says how likely the quotes support a sentence. A quote in its own words needs no reading. A copy of a quote
with some words changed is the likeliest to be false and looks the truest: a single word decides there.

What AskSeoul itself says has to be safe, for the quote can always stand in its place: the reader must be sure, figures,
names and quoted phrases must stand in the quotes, and a changed copy is not said at all. A sentence of somebody's own
has no such stand-in, and may tell figures otherwise ("a third" of "two of six"), so the likelier verdict counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from askseoul.domain import Article, Check, Quote, Support, Verdict
from askseoul.models.reader import CONTRADICTED, SUPPORTED, UNSUPPORTED, EvidencedClaim, Reader
from askseoul.nlp.lines import sentence_before
from askseoul.nlp.text import parse, split_sentences
from askseoul.verification.guards import check_form, check_guards, content_share, copy_of, swapped_units

SUPPORTING: Final = 0.55
"""Least probability at which somebody's own sentence is supported. Of 960 claims of 48 stories that did not
choose it, 0.56 of the faithful ones are kept and 0.81 of the others caught."""
SAYING: Final = 0.7
"""Least probability at which AskSeoul says a sentence in words of its own. Of the English claims of 40 stories it
keeps 0.30 of the faithful ones, with the guards, and catches 0.93 of the others."""
SURE: Final = 0.8
"""Least probability at which a changed copy in somebody's own text is supported."""
COPIED: Final = 0.7
"""Least share of a sentence's words, in their order, in a quote of which it is a copy."""
MOSTLY: Final = 0.7
"""Least share of a sentence's content in quotes that support it partly."""
CONTEXT_CHARACTERS: Final = 600
"""Number of characters on each side of a quote that may explain a short form of a name or a pronoun in it."""


def verify_claim(
    text: str, quotes: Sequence[Quote], reader: Reader, *, exact: bool = True
) -> Iterator[tuple[str, Support]]:
    """Yield the claim and each of its sentences, with their support; ``exact`` is that of ``verify_sentence``.

    Sentences are verified by themselves as well, because a true one could outweigh a false one in the claim; those of a
    quote in its own words are not.
    """
    texts = [quote.text for quote in quotes]
    contexts = [quote_context(quote.article, quote.start, quote.end) for quote in quotes]
    before = sentence_before(quotes[0].article.text, quotes[0].start) if quotes else ""
    copied = copy_of(parse(text), tuple(map(parse, texts))).whole
    parts = [] if copied else [text[span.start : span.end] for span in split_sentences(text)]
    for part in dict.fromkeys([text, *parts]):
        yield part, verify_sentence(part, texts, contexts=contexts, before=before, reader=reader, exact=exact)


def quote_context(article: Article, start: int, end: int) -> str:
    """Return the title of an article and the text around a quote, which may explain a short form of a name in it."""
    return f"{article.title}\n{article.text[max(start - CONTEXT_CHARACTERS, 0) : end + CONTEXT_CHARACTERS]}"


def verify_sentence(
    text: str,
    quotes: Sequence[str],
    *,
    reader: Reader,
    contexts: Sequence[str] = (),
    before: str = "",
    exact: bool = True,
) -> Support:
    """Check a sentence against all its quotes together; the checks have a fixed order.

    The verdict is "supported" if all checks pass. Otherwise it is "contradicted" if the quotes say something else,
    "partly" if they hold most of its content, and "unsupported" if they don't.

    ``contexts`` are the text around each quote and the title of its article; they explain a name that a quote has in a
    short form or as a pronoun. ``before`` is the sentence before the first quote, which the reader reads too. ``exact``
    is for what AskSeoul itself says.
    """
    sentence, parsed = parse(text), tuple(map(parse, quotes))
    form = check_form(text, quotes)
    guards = list(check_guards(sentence, parsed, tuple(map(parse, contexts))))
    copy = copy_of(sentence, parsed)
    if copy.whole:
        read = Check("reading", passed=True, detail="the words of the quote")
        checks = (read, *guards, form)
        return Support("supported" if all(check.passed for check in checks) else "partly", 1.0, checks)
    if not quotes:
        return Support("unsupported", 0.0, (Check("reading", passed=False, detail="no quotes"), *guards, form))
    probabilities = reader.supports([EvidencedClaim(text, quotes, before)])[0]
    supported = float(probabilities[SUPPORTED])
    copied = copy.share >= COPIED
    if exact and copied:
        read = Check("reading", passed=False, detail="a changed copy of the quote")
    else:
        needed = SAYING if exact else SURE if copied else SUPPORTING
        read = Check("reading", supported >= needed, f"supported with {supported:.2f}, where {needed:.2f} is needed")
    if not (exact or copied or swapped_units(sentence, (*parsed, parse(before)))):
        guards = [_told_otherwise(guard) for guard in guards]
    checks = (read, *guards, form)
    if all(check.passed for check in checks):
        return Support("supported", round(supported, 3), checks)
    differs = any(not guard.passed for guard in guards)
    verdict: Verdict = "partly" if content_share(text, quotes) >= MOSTLY else "unsupported"
    if differs or probabilities[CONTRADICTED] > max(supported, probabilities[UNSUPPORTED]):
        verdict = "contradicted"
    return Support(verdict, round(min(supported, 1 - SUPPORTING) if differs else supported, 3), checks)


def _told_otherwise(guard: Check) -> Check:
    """A guard of a sentence in words of its own: what it misses may be told in other words, which the reader judges."""
    return guard if guard.passed else Check(guard.name, passed=True, detail=f"{guard.detail} in this form")
