"""Whether a sentence that keeps the wording of its quotes has words put into it that they don't say.

In free wording whole phrases correspond and single words need not; the more of the quotes' wording was kept, the more a
word without a counterpart tells that the sentence was changed to say something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from askseoul.edits import Edit, edits_of
from askseoul.meaning import Counterpart
from askseoul.words import LIGHT_WORDS, Word, words_of

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


def words_out_of_place(sentence: str, quotes: tuple[str, ...], counterparts: Sequence[Counterpart]) -> list[str]:
    """The words of a folded sentence that its folded quotes don't account for; ``counterparts`` tell how near they
    come."""
    stems = {word.stem for quote in quotes for word in words_of(quote)}
    found = [*_strangers(counterparts, stems), *_misplaced(sentence, quotes, counterparts, stems)]
    because = _BECAUSE.search(sentence)
    if because and not any(map(_TELLS_A_CAUSE.search, quotes)):
        found.append(because[0])  # two things that both stand there, and one said to be the other's cause
    return list(dict.fromkeys(found))


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
