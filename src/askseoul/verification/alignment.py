"""Alignment of texts: a quote with its place in an article, and a sentence with the quotes that it rests on.

``find_quote`` finds the text of a quote in an article. Quoting from memory or by program changes quotation marks,
dashes, spaces, capitals and the encoding of letters. Both texts are compared without these differences, and the result
is always the article's own text. A quote that was altered in more than its typography is found where most of it stands.

``edits_of`` compares a sentence with its quotes word by word, in order. A false sentence is often a true one with one
word changed, and a change between words that were kept is the most telling.

``TokenSimilarity`` aligns the words of a claim with those of its quotes by meaning. The encoder gives every token a
vector that depends on its context; a word is aligned when a token of the quotes has nearly the same direction:
"worldwide" with "global", but "withdrawn" not with "stationed". This is the greedy matching of BERTScore (Zhang et al.,
2020), restricted to content words and read as recall.

``unaligned_words`` returns the words of a sentence that neither of the two accounts for.
"""

from __future__ import annotations

import difflib
import itertools
import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz

from askseoul.domain import Article, Quote, Span
from askseoul.models.encoder import Encoder, Encoding, FloatVector
from askseoul.models.graph import FloatMatrix
from askseoul.nlp.text import LIGHT_WORDS, ParsedText, Word, annotation

MIN_SIMILARITY = 85.0
"""Minimum similarity, in [0, 100], of an altered quote and its place (``rapidfuzz.fuzz.partial_ratio_alignment``)."""
MIN_SIMILAR_CHARACTERS = 24
"""Minimum length of a quote that is searched by similarity: a shorter one would be similar to many places."""
MAX_GAP_CHARACTERS = 240
"""Maximum number of characters that an ellipsis in a quote may stand for."""

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‘’ʼ‚`´′", "'") | dict.fromkeys("“”„«»‹›「」『』″", '"') | dict.fromkeys("‐‑‒–—―−﹣－", "-")
)
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*")
_GROUPED = re.compile(r"\d[.,]\d")
_EDGES = " \t\n\"'.,;:!?-"


class PlainText(NamedTuple):
    """A text without typographic differences; character ``n`` comes from ``[starts[n], ends[n])`` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@lru_cache(maxsize=256)
def plain_text(text: str) -> PlainText:
    """Return the text in NFKC and case-folded, with single spaces and ASCII quotation marks and dashes.

    A letter is normalized together with the combining marks that follow it, because they may compose to one character.
    """
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _graphemes(text):
        grapheme = text[start:end]
        plain = " " if grapheme.isspace() else unicodedata.normalize("NFKC", grapheme).translate(_TYPOGRAPHY).casefold()
        for character in plain:
            if character.isspace() and characters and characters[-1] == " ":
                ends[-1] = end
                continue
            characters.append(" " if character.isspace() else character)
            starts.append(start)
            ends.append(end)
    return PlainText("".join(characters), tuple(starts), tuple(ends))


def _graphemes(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets of each character with the combining marks that follow it."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not unicodedata.combining(text[end]):
            yield start, end
            start = end


def find_quote(wanted: str, article: Article, within: Span | None = None) -> Quote | None:
    """Find the passage of the article that the text ``wanted`` quotes; None if there is none.

    Tried in turn: the same text but for typography; the parts around each ellipsis, in order; for a long text the most
    similar place, if its similarity is at least MIN_SIMILARITY. ``within`` restricts the search to a span.
    """
    searched = within or Span(0, len(article.text))
    held = plain_text(article.text[searched.start : searched.end])
    needle = plain_text(unicodedata.normalize("NFC", wanted)).text.strip(_EDGES)
    parts = [part.strip(_EDGES) for part in _ELLIPSIS.split(needle)]
    found = _exactly(needle, held) or _parts(parts, held) or _similar(max(parts, key=len), held)
    if found is None:
        return None
    start, end = held.starts[found.start] + searched.start, held.ends[found.end - 1] + searched.start
    return Quote(article, start, end)


def _exactly(needle: str, held: PlainText, begin: int = 0) -> Span | None:
    """Find the first occurrence of whole words; each letter of a script without spaces counts as a word."""
    while needle and (start := held.text.find(needle, begin)) >= 0:
        end = start + len(needle)
        if not (_splits_word(held.text, start) or _splits_word(held.text, end)):
            return Span(start, end)
        begin = start + 1
    return None


def _splits_word(text: str, offset: int) -> bool:
    """Whether a cut at this offset would split a word or a number, such as 28,500."""
    if not 0 < offset < len(text):
        return False
    around = text[max(offset - 2, 0) : offset + 2]
    return (_in_word(text[offset - 1]) and _in_word(text[offset])) or _GROUPED.search(around) is not None


def _in_word(character: str) -> bool:
    return character.isdecimal() or (character.isalpha() and unicodedata.category(character) != "Lo")


def _parts(parts: list[str], held: PlainText) -> Span | None:
    """Find the parts of a quote with ellipses in order, with no gap longer than MAX_GAP_CHARACTERS."""
    if len(parts) == 1:
        return None
    found: list[Span] = []
    for part in filter(None, parts):
        span = _exactly(part, held, found[-1].end if found else 0)
        if span is None:
            return None
        found.append(span)
    if not found or any(second.start - first.end > MAX_GAP_CHARACTERS for first, second in itertools.pairwise(found)):
        return None
    return Span(found[0].start, found[-1].end)


def _similar(needle: str, held: PlainText) -> Span | None:
    """Find the place most similar to a long text, widened to whole words."""
    if not MIN_SIMILAR_CHARACTERS <= len(needle) <= len(held.text):
        return None
    best = fuzz.partial_ratio_alignment(needle, held.text, score_cutoff=MIN_SIMILARITY)
    if best is None:
        return None
    start, end = best.dest_start, best.dest_end
    while _splits_word(held.text, start):
        start -= 1
    while _splits_word(held.text, end):
        end += 1
    start += len(held.text[start:end]) - len(held.text[start:end].lstrip())
    end -= len(held.text[start:end]) - len(held.text[start:end].rstrip())
    return Span(start, end)


class Edit(NamedTuple):
    """Words of a sentence in the place of words of its quote; either may be none."""

    put: tuple[Word, ...]
    taken: tuple[Word, ...]
    flanked: bool
    """Whether the quote's words, or its end, stand on both sides, LEAST_KEPT words together."""


class Edits(NamedTuple):
    """How a sentence comes from the quote that it is most like."""

    edits: tuple[Edit, ...]
    kept: float
    """Share of the sentence's words that stand in the quote in this order."""


_BESIDE = frozenset({"but", "recently", "be", "have", "to"})
"""Words that may stand beside one that is looked for, as in "anything but" and "until recently"."""
LEAST_KEPT = 3
"""Words around a change that were kept."""


@annotation
def edits_of(sentence: ParsedText, quotes: tuple[ParsedText, ...]) -> Edits:
    """The changes between the sentence and that one of the quotes of which it keeps most words."""
    return max((_edits(sentence, quote) for quote in quotes), key=lambda found: found.kept, default=Edits((), 0.0))


def put_or_taken(sentence: ParsedText, quotes: tuple[ParsedText, ...], words: Set[str]) -> str | None:
    """One of these words that was put between words of a quote that were kept, or taken out there, and nothing else."""
    for edit in edits_of(sentence, quotes).edits:
        changed = {word.lower for word in (*edit.put, *edit.taken)}
        if edit.flanked and not (edit.put and edit.taken) and changed & words and changed <= words | _BESIDE:
            where = "not in the quote" if edit.put else "in the quote"
            return f"“{' '.join(word.text for word in edit.put or edit.taken)}” is {where}"
    return None


def _edits(sentence: ParsedText, quote: ParsedText) -> Edits:
    own, held = sentence.words, quote.words
    matcher = difflib.SequenceMatcher(None, _lowered(own), _lowered(held), autojunk=False)
    codes = [("equal", 0, 0, 0, 0), *matcher.get_opcodes(), ("equal", 0, 0, 0, 0)]
    found = []
    for left, (what, start, end, held_start, held_end), right in zip(codes, codes[1:], codes[2:], strict=False):
        if what != "equal":
            before, after = left[2] - left[1], right[2] - right[1]
            closed = before > 0 and (after > 0 or (end == len(own) and held_end == len(held)))
            flanked = closed and before + after >= LEAST_KEPT
            found.append(Edit(own[start:end], held[held_start:held_end], flanked))
    kept = sum(block.size for block in matcher.get_matching_blocks())
    return Edits(tuple(found), kept / len(own) if own else 0.0)


def _lowered(words: Sequence[Word]) -> list[str]:
    return [word.lower for word in words]


PARAPHRASE_WEIGHTS = (-4.16, 12.72, -4.22)
"""Intercept and weights of the log odds that two answers are the same: of the cosine of what each says beyond the
question, and of how close their words come in the mean."""
REMEMBERED = 256
"""Texts whose vectors are kept: an answer's evidence is compared with every sentence that may rest on it."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """How near the quotes come to one content word of a claim."""

    word: str
    stem: str
    cosine: float
    """Best cosine with a token of the quotes, in [-1, 1]."""


class TokenSimilarity:
    """Compares texts through an encoder, which is loaded when texts are first compared. Safe to use from several
    threads."""

    def __init__(self, load: Callable[[], Encoder]) -> None:
        self._load = load
        self._encoder: Encoder | None = None
        self._lock = threading.Lock()
        self._read: OrderedDict[str, Encoding] = OrderedDict()

    def counterparts(self, claim: ParsedText, quotes: Sequence[ParsedText]) -> list[Alignment]:
        """The content words of a claim in order, each with how near its quotes come to it.

        A word that the encoder does not read, since the claim is too long, is left out."""
        read = self._encodings([claim.normalized, *(quote.normalized for quote in quotes)])
        tokens = np.concatenate([read[quote.normalized].tokens for quote in quotes])
        found = []
        for word in claim.words:
            own = _tokens_of(read[claim.normalized], word.start, word.end)
            if word.content and len(own):
                vector = own.mean(axis=0)
                # Not `@`: for matrices this small the threads of BLAS wait for each other.
                cosines = np.einsum("d,td->t", vector / np.linalg.norm(vector), tokens)
                found.append(Alignment(word.text, word.stem, float(cosines.max(initial=-1.0))))
        return found

    def paraphrase_score(self, question: ParsedText, one: ParsedText, other: ParsedText) -> float:
        """Log odds that two answers to a question are the same, in other words or not: above 0 they are.

        Compared is what each says beyond the question itself, the cosine of both vectors without their part along the
        question's; long answers that only have words in common are held against it. A logistic regression on 1,574
        pairs of answers that people compared (NAnCo, Laban et al., 2022) has balanced accuracy 0.90, a cosine of the
        answers alone 0.88, both by cross-validation; ``evals.quality.disagreement nanco`` measures it."""
        read = self._encodings([each.normalized for each in (question, one, other)])
        asked = read[question.normalized].vector
        beyond = [_without(read[text.normalized].vector, asked) for text in (one, other)]
        in_common = np.mean([each.cosine for each in self.counterparts(one, [other])] or [0.0])
        in_common += np.mean([each.cosine for each in self.counterparts(other, [one])] or [0.0])
        intercept, of_cosine, of_words = PARAPHRASE_WEIGHTS
        return float(intercept + of_cosine * (beyond[0] @ beyond[1]) + of_words * in_common / 2)

    def _encodings(self, texts: Sequence[str]) -> dict[str, Encoding]:
        with self._lock:
            known = {text: self._read[text] for text in texts if text in self._read}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            with self._lock:
                self._encoder = self._encoder or self._load()
            known |= dict(zip(fresh, self._encoder.encode_document(fresh), strict=True))
        with self._lock:
            for text in texts:
                self._read[text] = known[text]
                self._read.move_to_end(text)
            while len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        return known


def _without(vector: FloatVector, direction: FloatVector) -> FloatVector:
    """A unit vector without its part along another, of length 1 again."""
    rest = vector - (vector @ direction) * direction
    return np.asarray(rest / max(float(np.linalg.norm(rest)), 1e-6), dtype=np.float32)


def _tokens_of(encoding: Encoding, start: int, end: int) -> FloatMatrix:
    """The vectors of the tokens that stand within these characters of the text."""
    inside = (encoding.offsets[:, 0] >= start) & (encoding.offsets[:, 1] <= end)
    return encoding.tokens[inside]


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

_TURNED = frozenset(
    frozenset(pair.split("/"))
    for pair in (
        "because/although because/though because/despite since/although as/although so/although for/against "
        "with/against to/from in/until in/before in/after in/since on/before on/after by/after since/until "
        "since/before before/after until/after within/after above/below over/under and/or both/neither every/no all/no"
    ).split()
)
"""Words of which one in the place of the other, among words that were kept, says something else."""
_BECAUSE = re.compile(r"\b(?:because|due\s+to|owing\s+to|as\s+a\s+result\s+of|on\s+account\s+of)\b", re.IGNORECASE)
_TELLS_A_CAUSE = re.compile(
    r"\b(?:because|since|as|so|thus|hence|therefore|due|owing|thanks|caus\w+|reasons?|why|result\w*|led|leads?|leading|"
    r"driv\w+|drove|forc\w+|prompt\w*|trigger\w*|spark\w*|fuel\w*|bring\w*|brought|means?|stem(?:s|med|ming)|account\w*|"
    r"attribut\w+|blam\w+|explain\w*|respon\w+|retaliat\w*)\b",
    re.IGNORECASE,
)
"""What may tell a cause in a quote: much more than what does so in a sentence that is held against it."""


def unaligned_words(
    sentence: ParsedText, quotes: tuple[ParsedText, ...], counterparts: Sequence[Alignment]
) -> list[str]:
    """The words of a sentence that its quotes don't account for; ``counterparts`` tell how near they come."""
    stems = {stem for quote in quotes for stem in quote.stems}
    found = [*_strangers(counterparts, stems), *_misplaced(sentence, quotes, counterparts, stems)]
    because = _BECAUSE.search(sentence.normalized)
    if because and not any(_TELLS_A_CAUSE.search(quote.normalized) for quote in quotes):
        found.append(because[0])  # two things that both stand there, and one said to be the other's cause
    return list(dict.fromkeys(found))


def _strangers(counterparts: Sequence[Alignment], stems: Set[str]) -> list[str]:
    """The words without a counterpart in a sentence that else keeps the wording of its quotes; in any other, those that
    are alien to them, if they are several."""
    own = [each for each in counterparts if each.stem not in stems and each.word.lower() not in LIGHT_WORDS]
    kept = [each.stem in stems or each.cosine >= KEPT_CLOSENESS for each in counterparts]
    if kept and sum(kept) >= KEPT_SHARE * len(kept):
        return [each.word for each in own if each.cosine < STRANGER]
    alien = [each.word for each in own if each.cosine < ALIEN]
    return alien if len(alien) > 1 and len(alien) >= MOST_ALIEN * len(counterparts) else []


def _misplaced(
    sentence: ParsedText, quotes: tuple[ParsedText, ...], counterparts: Sequence[Alignment], stems: Set[str]
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


def _tells(word: Word, edit: Edit) -> bool:
    """Whether a word that was put in says something: a light one does in the place of one that does."""
    replaces = edit.flanked and len(edit.put) == len(edit.taken) == 1
    told = replaces and edit.taken[0].content and edit.taken[0].lower not in LIGHT_WORDS
    return word.lower not in LIGHT_WORDS or told


def _said_again(edit: Edit, sentence: ParsedText, quotes: Sequence[ParsedText]) -> bool:
    """Whether a word was replaced by one that the quotes have elsewhere, and less often: "a liability in place of a
    liability" of "an asset in place of a liability"."""
    put, taken = edit.put[0], edit.taken[0]
    if not (put.content and taken.content) or put.stem == taken.stem or put.text[0].isupper():
        return False
    times = sum(word.stem == put.stem for word in sentence.words)
    return 0 < sum(word.stem == put.stem for quote in quotes for word in quote.words) < times
