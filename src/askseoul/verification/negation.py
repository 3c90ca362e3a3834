"""How a text asserts what it says: denied or not, certain or not.

A long quote may deny one thing and state another, so nothing is counted over a whole text. Every cue ("not", "may")
has a focus, the few content words that it governs, and two texts are compared where they share a focus.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from askseoul.nlp.text import ParsedText, Word, annotation, stem

_FOCUS_WORDS = 3
_SHORTEST_BASE = 5

_NOTDENIALS = re.compile(
    r"\b(?:not|no)\s+(?:only|just|merely|simply|least|doubt|matter|time\s+in|(?:less|more|fewer|higher|greater|later|"
    r"earlier)\s+than|less\s+\w+|(?:other|single)?\s*\w+\s+(?:\w+\s+)?(?:a\s+)?(?:more|less|bigger|larger|better|greater|"
    r"higher|closer)\b.*?\bthan)\b|\bor\s+not\b|\bnothing\s+but\b",
    re.IGNORECASE,
)
_KINDS = {
    "denial": r"no\s+longer|not|no|never|without|neither|none|nobody|nothing|cannot|\w+n't|hardly|scarcely|"
              r"not\s+\w+\s+any\s?more|anything\s+but|barely|doubtful|untrue|nowhere|(?:wrong|false)\s+that|(?<!\ba\s)(?<!\bthe\s)(?:little|few)(?!\s+by\b)|nor",
    "refusal": r"fail(?:s|ed|ing)?\s+to|refus(?:e|es|ed|ing|al)|den(?:y|ies|ied|ying)|declin(?:e|es|ed|ing)\s+to|"
               r"reject(?:s|ed|ing|ion)?|"
    r"avoid(?:s|ed|ing)?|escap(?:e|es|ed|ing)|lack(?:s|ed|ing)?|unable|abandon(?:s|ed|ing)?|shun(?:s|ned|ning)?|instead\s+of|rather\s+than",
    "contrast": r"instead|unlike|out\s+of|away\s+from|distance\s+from|free\s+(?:of|from)|far\s+from|prevent(?:s|ed)?|"
                r"stop(?:s|ped)?|end(?:s|ed)?|"
    r"exclud(?:e|es|ed|ing)|against",
    "only": r"only|solely|exclusively|merely",
    "spent": r"(?:has|have|had)\s+(?:reached\s+(?:its|their)\s+limits?|run\s+(?:its|their)\s+course|ended|expired)|"
             r"(?:is|are|be|was)\s+over|no\s+longer\s+works|"
    r"(?:is|are)\s+fading|(?:reached|at)\s+(?:its|their)\s+limits?|has\s+stalled",
    "possible": r"may|might|(?:could|can)(?!\s+(?:not|no\s+longer|never)\b)|possibl[ey]|possibility|perhaps|"
    r"potential|potentially|maybe|risks?|chance|threatens?|if",
    "likely": r"likely|probably|expect(?:s|ed|ing)?|foresees?|set\s+to|poised\s+to|appear(?:s|ed)?\s+to|seem(?:s|ed)?|"
              r"forecasts?|predict(?:s|ed)?|looked\s+like",
    "must": r"must|ha(?:s|ve|d)\s+to|required\s+to|obliged\s+to",
    "should": r"should|ought\s+to|needs?\s+to|needed\s+to|supposed\s+to",
    "arranged": r"(?:are|is|was|were)\s+to",
    "demand": r"demand(?:s|ed|ing)?|urg(?:e|es|ed|ing)|ask(?:s|ed|ing)?|press(?:es|ed|ing)?|call(?:s|ed|"
              r"ing)?\s+(?:for|on)|insist(?:s|ed|ing)?|request(?:s|ed)?|(?:told|tells?)\s+to|being\s+told",
    "intent": r"plan(?:s|ned|ning)?|aim(?:s|ed|ing)?|want(?:s|ed|ing)?|hop(?:e|es|ed|ing)|seek(?:s|ing)?|sought|"
              r"intend(?:s|ed|ing)?|pledg(?:e|es|ed|ing)|"
    r"promis(?:e|es|ed|ing)|tr(?:y|ies|ied|ying)\s+to|meant\s+to|propos(?:e|es|ed|al)|attempt(?:s|ed|ing)?|"
    r"consider(?:s|ed|ing)?|ready\s+(?:to|for)|willing|keen|"
    r"open\s+to|wish(?:es|ed)?|desire[sd]?|wish|goal|purpose|designed\s+to|work(?:s|ed|ing)?\s+to|intention|vow(?:s|"
    r"ed)?|agreed\s+to",
    "supposed": r"would|scenarios?|were\s+to|hypothetical(?:ly)?|suppose",
    "future": r"will|shall|going\s+to|\w+'ll",
    "claimed": r"alleg(?:e|es|ed|edly)|claim(?:s|ed|ing)?|reportedly|rumou?red|accus(?:e|es|ed)|"
               r"(?:some|others|critics)\s+(?:\w+\s+)?(?:think|say|found|find)|by\s+(?:some|others|critics)",
    "reported": r"says?|said|argu(?:e|es|ed)|according\s+to|believ(?:e|es|ed)|insist(?:s|ed)?|report(?:s|ed)|"
                r"contend(?:s|ed)?|thinks?|thought",
    "all": r"(?<!\bat\s)(?<!\bafter\s)(?<!\babove\s)(?<!\bof\s)(?<!\bfirst\sof\s)all(?!\s+but\b)|every|always|"
           r"entire|entirely|fully|completely|whole|everyone|everybody|unanimous|unanimously|unconditional|ever",
    "mostly": r"most\s+of|mostly|mainly|chiefly|primarily|largely|majority|bulk",
    "purpose": r"to(?=\s+[a-z])",
}  # fmt: skip
_CUE = re.compile(
    "|".join(rf"(?P<{kind}>(?<![\w'])(?:{pattern})(?![\w]))" for kind, pattern in _KINDS.items()), re.IGNORECASE
)
DENYING_WORDS = frozenset(
    "not no never longer neither nor hardly barely scarcely rarely seldom nowhere anything doubtful untrue "
    "falsely".split()
)
MODAL_WORDS = frozenset(
    """may might could would should must can possibly potentially perhaps probably likely reportedly allegedly
    supposedly apparently wants want hopes plans aims seeks tries once formerly previously until if whether
    unless""".split()
)
"""Words with which alone, put between the words of a quote or taken out there, a sentence says something else."""
DENIALS = frozenset({"denial", "refusal", "contrast", "spent"})
_ASKED_OF_QUOTE = frozenset({"denial", "refusal", "spent"})
_WEAKER = {  # kind of the quote: kinds with which a sentence claims no more
    "possible": {"possible"}, "likely": {"likely", "possible"}, "must": {"must", "should", "demand"},
    "should": {"should", "demand", "possible", "arranged"},
    "arranged": {"arranged", "should", "must", "demand", "intent", "future", "supposed"},
    "demand": {"demand", "must", "should", "intent"}, "intent": {"intent", "possible", "likely", "should", "demand",
    "supposed", "arranged", "purpose"},
    "supposed": {"supposed", "possible", "likely", "intent", "should"},
    "future": {"future", "likely", "possible", "intent", "supposed", "should"},
    "claimed": {"claimed", "reported", "possible"},
}  # fmt: skip
_MODALS = frozenset(_WEAKER)
_FIRMER = {  # kind of a sentence: kinds of a quote that are as firm
    "must": {"must", "demand"}, "should": {"should", "must", "demand", "intent", "arranged"},
    "future": {"future", "must", "arranged"},
}  # fmt: skip

_VERBS = {  # a modal verb: those that claim no more in its place
    "may": {"may", "might", "could", "can"}, "might": {"may", "might", "could"},
    "could": {"may", "might", "could", "can"}, "would": {"would", "might", "could", "may"},
    "should": {"should", "could", "may", "might"}, "must": {"must", "should"},
    "will": {"will", "may", "might", "could", "would", "should"},
}  # fmt: skip
_QUANTIFIERS = {"all": {"all", "only"}, "mostly": {"all", "mostly", "likely"}}
"""Kind of a sentence: kinds of a quote that make as much of it."""

_NEGATIVE_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non")


class Cue(NamedTuple):
    """A word or phrase that changes how something is asserted."""

    kind: str
    text: str
    clause: int
    focus: frozenset[str]
    """Stems of the content words that it governs."""
    around: frozenset[str]
    """Those, and the content words before it."""


def _governed(words: Sequence[Word], first: int, last: int, *, before: bool) -> frozenset[str]:
    """Stems of up to three content words after the cue in its clause; before it where there are none or as told."""
    clause, sentence = words[last].clause, words[last].sentence
    after = [word.stem for word in words[last + 1 :] if word.clause == clause and word.content][:_FOCUS_WORDS]
    if after and not before:
        return frozenset(after)
    return frozenset(
        [word.stem for word in words[:first] if word.sentence == sentence and word.content][-_FOCUS_WORDS:]
    )


@annotation
def cues_of(parsed: ParsedText) -> tuple[Cue, ...]:
    """The cues of denial and of modality in a text."""
    words = parsed.words
    hidden = _NOTDENIALS.sub(lambda match: "\x00" * len(match.group()), parsed.normalized)
    found: list[Cue] = []
    for match in _CUE.finditer(hidden):
        kind = match.lastgroup or ""
        if match.group() in ("May", "Will") and match.start() > 0:
            continue
        inside = [n for n, word in enumerate(words) if word.start < match.end() and match.start() < word.end]
        if not inside:
            continue
        first, last = inside[0], inside[-1]
        if kind == "supposed" and match.group().lower().startswith("scenario"):
            focus = frozenset(word.stem for word in words if word.sentence == words[last].sentence and word.content)
        else:
            focus = _governed(words, first, last, before=kind == "spent")
        if kind == "purpose":
            focus = around = frozenset(word.stem for word in words[last + 1 : last + 2])
        else:
            before = [word.stem for word in words[:first] if word.clause == words[first].clause and word.content]
            around = focus | frozenset(before[-_FOCUS_WORDS:])
        found.append(Cue(kind, match.group(), words[last].clause, focus, around))
    # "not a lack of" denies nothing.
    for first_cue, second_cue in zip(tuple(found), tuple(found[1:]), strict=False):
        if (
            first_cue.kind == "denial"
            and second_cue.kind == "refusal"
            and stem(second_cue.text.split()[0]) in first_cue.focus
        ):
            found = [cue for cue in found if cue not in (first_cue, second_cue)]
    return tuple(found)


def _shares(focus: frozenset[str], stems: frozenset[str]) -> bool:
    """Whether a text speaks of what a cue governs: two of its words, or its only one."""
    return bool(focus) and len(focus & stems) >= min(2, len(focus))


def _speaks_of(cue: Cue, stems: frozenset[str]) -> bool:
    if cue.text.lower().startswith("scenario"):
        # The frame governs its whole sentence, of which a shorter sentence can only share a part.
        return 2 * len(cue.focus & stems) >= min(len(stems), len(cue.focus))
    return _shares(cue.focus, stems)


def _answers(other: Cue, cue: Cue, words: Sequence[Word]) -> bool:
    """Whether a cue of another text governs what this cue governs, or stands in the clause that speaks of it."""
    if other.kind == "purpose":
        return bool(other.focus & cue.focus)
    return bool(other.around & cue.around) or any(
        word.clause == other.clause and word.stem in cue.focus for word in words
    )


def _text(cue: Cue) -> str:
    return cue.text.lower()


def _kind(cue: Cue) -> str:
    return cue.kind


def _any(_: Cue) -> str:
    return ""


def negation_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """What the sentence denies and the quotes don't, or the other way round; None where they agree."""
    words, stems = sentence.words, sentence.content_stems
    own = [cue for cue in cues_of(sentence) if cue.kind in DENIALS]
    quoted = [(cue, quote) for quote in quotes for cue in cues_of(quote) if cue.kind in DENIALS]
    # A denial of the quote accounts for one of the sentence, the most alike first: "does not keep away" denies twice.
    unanswered, spare = list(own), list(quoted)
    for alike in (_text, _kind, _any):
        for cue in tuple(unanswered):
            for pair in spare:
                other, quote = pair
                if alike(cue) == alike(other) and (_answers(cue, other, words) or _answers(other, cue, quote.words)):
                    unanswered.remove(cue)
                    spare.remove(pair)
                    break
        if alike is _text:
            own, quoted = list(unanswered), list(spare)
    for cue, _ in quoted:
        if (
            cue.kind in _ASKED_OF_QUOTE
            and _shares(cue.focus, stems)
            and not any(_answers(other, cue, words) for other in own)
        ):
            if _negated_by_prefix(cue.focus, words):
                continue
            return f"the quote has “{cue.text}”"
    for cue in unanswered:
        if cue.kind not in ("denial", "refusal") or any(_negated_by_prefix(cue.focus, quote.words) for quote in quotes):
            continue
        if cue.kind == "denial" or any(_shares(cue.focus, quote.content_stems) for quote in quotes):
            return f"“{cue.text}” is not in the quote"
    if any(cue.kind == "only" and _shares(cue.focus, _all_stems(quotes)) for cue in cues_of(sentence)) and not any(
        cue.kind == "only" for quote in quotes for cue in cues_of(quote)
    ):
        return "“only” is not in the quote"
    return _prefixed_fault(sentence, quotes)


def quantifier_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """A quantifier of the sentence that makes more of what the quotes say; None where there is none."""
    stems = _all_stems(quotes)
    quoted = {cue.kind for quote in quotes for cue in cues_of(quote)}
    for cue in cues_of(sentence):
        as_much = _QUANTIFIERS.get(cue.kind)
        if as_much and not as_much & quoted and cue.around & stems:
            return f"“{cue.text}” is not in the quote"
    return None


def _all_stems(quotes: Sequence[ParsedText]) -> frozenset[str]:
    return frozenset().union(*(quote.content_stems for quote in quotes))


def _negated_by_prefix(focus: frozenset[str], words: Iterable[Word]) -> bool:
    """Whether a text denies by a prefix ("irresolute") what a focus denies by a word ("not resolute")."""
    return any(
        word.lower.startswith(prefix) and word.lower.removeprefix(prefix).startswith(base[:_SHORTEST_BASE])
        for word in words
        for prefix in _NEGATIVE_PREFIXES
        for base in focus
    )  # fmt: skip


def _prefixed_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    own = {word.lower for word in sentence.words}
    quoted = {word.lower for quote in quotes for word in quote.words}
    denied = {
        base for text in (sentence, *quotes) for cue in cues_of(text) if cue.kind in DENIALS for base in cue.focus
    }
    for ours, theirs in ((own, quoted), (quoted, own)):
        for word in sorted(ours - theirs):
            for prefix in _NEGATIVE_PREFIXES:
                base = word.removeprefix(prefix)
                if base != word and len(base) >= _SHORTEST_BASE and base in theirs - ours and stem(base) not in denied:
                    return f"“{word}” against “{base}”"
    return None


def _replaced_modal(words: Sequence[Word], quotes: Sequence[ParsedText]) -> str | None:
    """A modal verb of a quote that was dropped, or changed for a firmer one, between the same two words."""
    lowered = [word.lower for word in words]
    own = set(itertools.pairwise(lowered))
    changed = {
        (before, after): between for before, between, after in zip(lowered, lowered[1:], lowered[2:], strict=False)
    }
    for quote in quotes:
        said = [word.lower for word in quote.words]
        for before, modal, after in zip(said, said[1:], said[2:], strict=False):
            weaker = _VERBS.get(modal)
            if weaker is None or before in _VERBS:
                continue
            instead = changed.get((before, after))
            if (before, after) in own or (instead is not None and instead not in weaker):
                return modal
    return None


def modality_fault(sentence: ParsedText, quotes: Sequence[ParsedText]) -> str | None:
    """What the sentence says more firmly than the quotes; None where it does not.

    A weaker modal over a flat quote ("may" for "does") claims less and passes; a new duty ("must", "should") does not.
    """
    words, stems = sentence.words, sentence.content_stems
    own = cues_of(sentence)
    quoted = [cue for quote in quotes for cue in cues_of(quote)]
    replaced = _replaced_modal(words, quotes)
    if replaced:
        return f"the quote has “{replaced}”"
    denied = frozenset().union(*(cue.focus for cue in quoted if cue.kind == "denial"))
    for cue in quoted:
        if cue.kind not in _MODALS or not _speaks_of(cue, stems) or stem(cue.text.split()[0]) in denied:
            continue  # what somebody "no longer wants" may as well be told by what is wanted instead
        if not any(
            other.kind in _WEAKER[cue.kind] and (_answers(other, cue, words) or not other.focus) for other in own
        ):
            return f"the quote has “{cue.text}”"
    for cue in own:
        as_firm = _FIRMER.get(cue.kind)
        if as_firm is None or any(other.kind in as_firm and _answers(other, cue, ()) for other in quoted):
            continue
        softened = any(
            other.kind in _MODALS and len(other.focus & cue.focus) >= min(2, len(cue.focus)) for other in quoted
        )
        # "will" over a flat present is only a tense; over "may" it is a promise. A duty is more than either.
        if softened or (
            cue.kind != "future"
            and not any(other.kind in as_firm for other in quoted)
            and _shares(cue.focus, _all_stems(quotes))
        ):
            return f"“{cue.text}” is not in the quote"
    return None
