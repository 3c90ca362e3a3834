"""One sentence against the quotes it rests on: named checks, by rule, on text alone.

A sentence may be shown as supported only when every check passes. The checks look for what makes a sentence say
something else than its quotes while it still looks like them: another number, unit, date or name, a dropped "not" or
"may", names that changed places. They cannot tell whether a source is right, nor see a change made wholly in words
that the quotes don't share.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Iterator, Sequence, Set

from askseoul.cues import DENYING_WORDS, MODAL_WORDS, modality_fault, negation_fault, quantifier_fault
from askseoul.domain import Check, Support, Verdict
from askseoul.edits import Edit, edits_of, put_or_taken
from askseoul.meaning import Counterpart, Meaning
from askseoul.names import forms_of, missing_names, names_of
from askseoul.quantities import Figures, Quantity, figures_of
from askseoul.relations import comparison_fault, roles_fault
from askseoul.words import LIGHT_WORDS, Word, fold, words_of

LEAST_SHARE = 0.7
"""Share of a sentence's content that is enough when it stands in its quotes word by word."""
LEAST_CLOSENESS = 0.57
"""Else the least mean cosine of its content words with their counterparts. Of 162 faithful paraphrases, 90 of them in
free words, 9 are below; of 486 pairings with a near sentence of the same articles that says something else, 24 are
above."""
KEPT_CLOSENESS, KEPT_SHARE = 0.6, 0.8
"""A sentence keeps its quotes' wording when that share of its content words has a counterpart so close."""
STRANGER = 0.45
"""A sentence that keeps its quotes' wording may not have a content word whose nearest counterpart is further than this:
one word that was put in or changed among others that stayed is what falsifies. In free wording such words abound, since
whole phrases correspond."""
ALIEN, MOST_ALIEN = 0.3, 0.2
"""Nor may it, however free its wording, have two words or more that are further than this and make up that share of its
content. With three words put in by chance 82 of 100 paraphrases are caught in place of 68; of 162 faithful ones 3 more
are refused."""
SUBSTITUTE, KEPT_WORDS, KEPT_NEARLY_ALL = 0.48, 0.5, 0.7
"""Nor may a word that was put between words that were kept, in a sentence of which that share was kept in order, or
anywhere in one of which nearly all was. Of 316 words put in by chance 85 % are further than this, and none of 14 such
words in faithful paraphrases."""
APART = 0.65
"""Nor may two words that were put into a sentence of which nearly all was kept, where neither is nearer than this."""

FAILED_CHECK = 0.8
"""What remains of a claim's support with each check that fails. On WiCE, thresholds by cross-validation, 0.73 balanced
accuracy; 0.70 with 0.7, 0.69 with no loss."""
CONTRADICTING = frozenset({"numbers", "bounds", "dates", "negation", "comparison", "roles"})
"""Checks that fail where the quotes say something else; the others fail where they don't say it."""

_MARKUP = re.compile(r"[<>`*|]|\[\^?\d+(?:,\s*\d+)*\]|\]\(|://|\bwww\.")
_CONDITION = re.compile(r"\W*(if|unless|whether|suppose|supposing|assuming)\b", re.IGNORECASE)
_TURNED = frozenset(
    frozenset(pair.split("/"))
    for pair in (
        "because/although because/though because/despite since/although as/although so/although for/against "
        "with/against to/from in/until in/before in/after in/since on/before on/after by/after since/until "
        "since/before before/after until/after within/after above/below over/under and/or both/neither every/no all/no"
    ).split()
)
"""Words of which one in the place of the other, among words that were kept, says something else."""
_NAME_WEIGHT = 2.0
_QUOTED = re.compile(r"\"([^\"]+)\"|(?<![\w'])'((?:[^']|'(?=\w))+)'(?!\w)")


def check_sentence(
    text: str, quotes: Sequence[str], *, contexts: Sequence[str] = (), meaning: Meaning | None = None
) -> tuple[Check, ...]:
    """Every check of a sentence against all its quotes together, in a fixed order.

    ``contexts`` are the passages around the quotes and their articles' titles. They explain a name that a quote has
    in a short form or as a pronoun, and nothing else. Without ``meaning`` a sentence's content is compared by words
    alone, and one in other words than its quotes fails.
    """
    sentence, folded, around = fold(text), tuple(map(fold, quotes)), tuple(map(fold, contexts))
    foreign = [mark for mark in _foreign_marks(text) if not any(mark in quote for quote in quotes)]
    return (*_checks(sentence, folded, around, meaning), _check("form", foreign, []))


def weigh(text: str, quotes: Sequence[str], *, contexts: Sequence[str] = (), meaning: Meaning | None = None) -> Support:
    """The checks of a sentence and what they come to.

    It is supported when all pass. When its content stands in the quotes and they say something else of it (another
    number, the contrary, the other way round) it is contradicted, when something of it lacks a source it is partly
    supported, and when its content does not stand in them it is unsupported."""
    checks = check_sentence(text, quotes, contexts=contexts, meaning=meaning)
    failed = {check.name for check in checks if not check.passed}
    folded = tuple(map(fold, quotes))
    share, _ = _support(fold(text), folded)
    closeness = _closeness(_counterparts(fold(text), folded, meaning), share)
    support = round((share + closeness) / 2 * FAILED_CHECK ** len(failed), 3)
    verdict: Verdict = "supported"
    if "content" in failed:
        verdict = "unsupported"
    elif failed:
        verdict = "contradicted" if failed & CONTRADICTING else "partly"
    return Support(verdict, support, share, closeness, checks)


def content_share(text: str, quotes: Sequence[str]) -> float:
    """Share in [0, 1] of a sentence's content that stands in its quotes; a name or a number counts twice a word.

    A sentence without content has 1.0 where it stands in a quote as it is, else 0.0. Words are compared by their stems,
    numbers and dates by their values.
    """
    return _support(fold(text), tuple(map(fold, quotes)))[0]


def _checks(
    sentence: str, quotes: tuple[str, ...], contexts: tuple[str, ...], meaning: Meaning | None
) -> Iterator[Check]:
    own, quoted = figures_of(sentence), _figures(quotes)
    yield from _number_checks(own, quoted)
    lacking = [date.text for date in own.dates if not _date_stands(date.text, own, quoted)]
    yield _check("dates", lacking, [date.text for date in own.dates])
    unexplained, explained = missing_names(sentence, quotes, contexts)
    found = [
        f"{name.text} (from the context)" if name in explained else name.text
        for name in names_of(sentence, (*quotes, *contexts))
    ]
    yield _check("names", [name.text for name in unexplained], found)
    phrases = [match[1] or match[2] for match in _QUOTED.finditer(sentence)]
    yield _check(
        "quoted phrases",
        [phrase for phrase in phrases if not any(_holds_phrase(quote, phrase) for quote in quotes)],
        phrases,
    )
    comparison, roles = comparison_fault(sentence, quotes), roles_fault(sentence, quotes)
    if comparison and roles:
        comparison = roles = None  # "A stayed longer than B" is "B stayed shorter than A"
    for name, fault in (
        ("negation", negation_fault(sentence, quotes) or put_or_taken(sentence, quotes, DENYING_WORDS)),
        (
            "modality",
            _frame_fault(sentence, quotes)
            or modality_fault(sentence, quotes)
            or put_or_taken(sentence, quotes, MODAL_WORDS),
        ),
        ("quantifiers", quantifier_fault(sentence, quotes)),
        ("comparison", comparison),
        ("roles", roles),
    ):
        yield Check(name, fault is None, fault or "")
    share, missing = _support(sentence, quotes)
    counterparts = _counterparts(sentence, quotes, meaning)
    stems = {word.stem for quote in quotes for word in words_of(quote)}
    told_apart = {word for name in names_of(sentence, quotes) for word in name.text.split()}
    told_apart |= {word for quantity in own.quantities for word in re.findall(r"\w+", quantity.text)}
    out_of_place = [*_strangers(counterparts, stems), *_misplaced(sentence, quotes, counterparts, stems)]
    strangers = [word for word in dict.fromkeys(out_of_place) if word not in told_apart]
    yield _check("wording", strangers, [])
    closeness = _closeness(counterparts, share)
    detail = f"{share:.2f} of the content, closeness {closeness:.2f}"
    detail += f"; not in the quotes: {', '.join(missing)}" if missing else ""
    yield Check("content", bool(quotes) and (share >= LEAST_SHARE or closeness >= LEAST_CLOSENESS), detail)


def _counterparts(sentence: str, quotes: tuple[str, ...], meaning: Meaning | None) -> Sequence[Counterpart]:
    """None are looked for where a quote holds the sentence as it is."""
    if meaning is None or not quotes or any(sentence.strip(" .") in quote for quote in quotes):
        return ()
    return meaning.counterparts(sentence, quotes)


def _closeness(counterparts: Sequence[Counterpart], share: float) -> float:
    """Mean cosine of a sentence's content words with their counterparts; the share of its content where none were
    looked for."""
    return statistics.fmean(each.cosine for each in counterparts) if counterparts else share


def _strangers(counterparts: Sequence[Counterpart], stems: Set[str]) -> list[str]:
    """The words without a counterpart in a sentence that else keeps the wording of its quotes; in any other, those that
    are alien to them, if they are several."""
    own = [each for each in counterparts if each.stem not in stems and each.word.lower() not in LIGHT_WORDS]
    kept = [each.stem in stems or each.cosine >= KEPT_CLOSENESS for each in counterparts]
    if kept and sum(kept) >= KEPT_SHARE * len(kept):
        return [each.word for each in own if each.cosine < STRANGER]
    alien = [each.word for each in own if each.cosine < ALIEN]
    return alien if len(alien) > 1 and len(alien) >= MOST_ALIEN * len(counterparts) else []


def _misplaced(
    sentence: str, quotes: tuple[str, ...], counterparts: Sequence[Counterpart], stems: Set[str]
) -> Iterator[str]:
    """The words that were put among or in the place of others in a sentence that keeps the words of a quote."""
    changes = edits_of(sentence, quotes)
    cosines = {each.word: each.cosine for each in counterparts if each.stem not in stems}
    nearly_all = changes.kept >= KEPT_NEARLY_ALL
    put = [word for edit in changes.edits for word in edit.put if _tells(word, edit)]
    apart = [word.text for word in put if cosines.get(word.text, 1.0) < APART]
    if nearly_all and len(apart) > 1:
        yield from apart
    for edit in changes.edits:
        if nearly_all or (edit.flanked and changes.kept >= KEPT_WORDS):
            yield from (word.text for word in edit.put if word in put and cosines.get(word.text, 1.0) < SUBSTITUTE)
        if edit.flanked and len(edit.put) == len(edit.taken) == 1:
            turned = frozenset({edit.put[0].lower, edit.taken[0].lower}) in _TURNED
            if turned or _said_again(edit, sentence, quotes):
                yield edit.put[0].text


def _frame_fault(sentence: str, quotes: Sequence[str]) -> str | None:
    """What makes a question or a condition of a whole sentence that its quotes state."""
    if sentence.rstrip("\"') ").endswith("?") and not any("?" in quote for quote in quotes):
        return "a question, which is not in the quote"
    opening = _CONDITION.match(sentence)
    if opening and not any(re.search(rf"\b{opening[1]}\b", quote, re.IGNORECASE) for quote in quotes):
        return f"“{opening[1]}” is not in the quote"
    return None


def _tells(word: Word, edit: Edit) -> bool:
    """Whether a word that was put in says something: a light one does in the place of one that does."""
    replaces = edit.flanked and len(edit.put) == len(edit.taken) == 1
    told = replaces and edit.taken[0].content and edit.taken[0].lower not in LIGHT_WORDS
    return word.lower not in LIGHT_WORDS or told


def _said_again(edit: Edit, sentence: str, quotes: Sequence[str]) -> bool:
    """Whether a word was replaced by one that the quotes have elsewhere, and less often: "a liability in place of a
    liability" of "an asset in place of a liability"."""
    put, taken = edit.put[0], edit.taken[0]
    if not (put.content and taken.content) or put.stem == taken.stem or put.text[0].isupper():
        return False
    times = sum(word.stem == put.stem for word in words_of(sentence))
    return 0 < sum(word.stem == put.stem for quote in quotes for word in words_of(quote)) < times


def _foreign_marks(text: str) -> Iterator[str]:
    """What an article's prose seldom holds and a reader can be misled by: markup, links, what is not seen, other
    scripts."""
    yield from _MARKUP.findall(text)
    for word in text.split():
        letters = [character for character in word if character.isalpha()]
        if letters and not any("LATIN" in unicodedata.name(character, "") for character in letters):
            yield word.strip(".,;:!?()\"'“”‘’")
    yield from (character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs"))


def _check(name: str, lacking: Sequence[str], found: Sequence[str]) -> Check:
    return Check(name, not lacking, "not in the quotes: " + ", ".join(lacking) if lacking else ", ".join(found))


def _figures(quotes: Sequence[str]) -> Figures:
    read = [figures_of(quote) for quote in quotes]
    return Figures(
        tuple(quantity for figures in read for quantity in figures.quantities),
        tuple(date for figures in read for date in figures.dates),
    )


def _number_checks(own: Figures, quoted: Figures) -> tuple[Check, Check]:
    lacking: list[str] = []
    unbound: list[str] = []
    for quantity in own.quantities:
        candidates = _candidates(quantity, quoted)
        if candidates is None:
            lacking.append(quantity.text)
        elif candidates and not any(quantity.follows_from(candidate) for candidate in candidates):
            unbound.append(f"“{quantity.bound} {quantity.text}” against “{candidates[0].bound} {candidates[0].text}”")
    found = [quantity.text for quantity in own.quantities]
    return _check("numbers", lacking, found), Check(
        "bounds", not unbound, ", ".join(unbound or [q.bound for q in own.quantities if q.bound])
    )


def _candidates(quantity: Quantity, quoted: Figures) -> list[Quantity] | None:
    """The quotes' quantities that are this one; None where the number is wrong; empty where it needs none."""
    same = [other for other in quoted.quantities if quantity.matches(other)]
    counted_alike = [other for other in quoted.quantities if quantity.counted and other.counted == quantity.counted]
    if any(other.counted == quantity.counted or not other.counted for other in same):
        return [other for other in same if other.counted in (quantity.counted, "")]
    if any(not quantity.matches(other) for other in counted_alike):
        # "20 men and 30 women" holds a 30, and not for the men.
        return None
    # "the three" against "the two" points back at something else.
    if (
        quantity.referring
        and not same
        and any(other.referring and 1 not in (other.value, quantity.value) for other in quoted.quantities)
    ):
        return None
    if same or quantity.referring:
        return same
    year = (
        quantity.value.denominator == 1
        and not quantity.unit
        and any(date.year == quantity.value for date in quoted.dates)
    )
    return [] if year else None


def _date_stands(text: str, own: Figures, quoted: Figures) -> bool:
    date = next(date for date in own.dates if date.text == text)
    if any(date.matches(other) for other in quoted.dates):
        return True
    bare_year = date.year is not None and date.month is None
    return bare_year and any(quantity.value == date.year and not quantity.unit for quantity in quoted.quantities)


def _holds_phrase(quote: str, phrase: str) -> bool:
    wanted = " ".join(phrase.split()).rstrip(".,;:!?")
    pattern = rf"(?<!\w){re.escape(wanted)}(?!\w)"
    if wanted and wanted[0].isalpha():
        pattern = rf"(?<!\w)[{wanted[0].lower()}{wanted[0].upper()}]{re.escape(wanted[1:])}(?!\w)"
    return re.search(pattern, " ".join(quote.split())) is not None


def _support(sentence: str, quotes: tuple[str, ...]) -> tuple[float, list[str]]:
    """The share, and the words that are missing."""
    stems = {word.stem for quote in quotes for word in words_of(quote)}
    forms = {form for quote in quotes for form in forms_of(quote)}
    own, quoted = figures_of(sentence), _figures(quotes)
    names = names_of(sentence, quotes)
    named = {place for name in names for place in range(name.first, name.last + 1)}
    total = held = 0.0
    missing: list[str] = []

    def count(stands: bool, weight: float, text: str) -> None:
        nonlocal total, held
        total += weight
        held += weight * stands
        if not stands:
            missing.append(text)

    for place, word in enumerate(words_of(sentence)):
        if word.content and place not in named and not any(map(str.isdigit, word.text)):
            count(word.stem in stems, 1.0, word.text)
    unknown = missing_names(sentence, quotes, ())[0]
    for name in names:
        for form in name.words:
            stands = name not in unknown or form in forms or form.removesuffix("s") in forms
            count(stands, _NAME_WEIGHT / len(name.words), form)
    for quantity in own.quantities:
        if not quantity.referring:
            count(_candidates(quantity, quoted) is not None, _NAME_WEIGHT, quantity.text)
    for date in own.dates:
        count(_date_stands(date.text, own, quoted), _NAME_WEIGHT, date.text)
    if not total:  # nothing to compare by meaning, such as "Yes": it has to be the quote's own words
        bare = sentence.strip(" .…\"'")
        return float(any(bare and bare in quote for quote in quotes)), missing
    return held / total, missing
