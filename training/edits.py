"""Edits: true sentences with a word or two changed, which make most of the false ones that a language model writes.

The claims of the stories differ from their twins in meaning, and rarely in a figure or a name alone. Here a supported
claim, or a sentence over itself, stands against copies in which a number, a name, a negation, a modal verb, a
quantifier or some other words were changed. A sentence without one of its clauses stays supported.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from askseoul.models.reader_input import ReaderTokenizer
from training.examples import VERDICTS, Group
from training.stories import Story, Verdict

CLAIMS, COPIES = 3, 2
"""Supported claims of a story that are edited in each epoch, and sentences that are edited over themselves."""
EDITED: Final = 3
"""Edits of each."""
LONG: Final = 4
"""Least letters of a word that is exchanged for another."""
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_NAME: Final = re.compile(r"(?<=[a-z가-힣,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_WORD: Final = re.compile(rf"\b[a-z]{{{LONG},}}\b|[가-힣]{{3,}}")
_CLAUSE: Final = re.compile(r", [^,;]{12,}(?=[,.])")
_COUNTS: Final = "one two three four five six seven eight nine ten eleven twelve".split()
_AUXILIARY: Final = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|should|must|did|does)\b")
_MODAL: Final = re.compile(r"\b(?:may|might|could|would|should|must|will|can)\b")
_MODALS: Final = ("may", "must", "will", "should", "could", "did")
_SOFTENER: Final = re.compile(
    r"\b(?:may|might|could|would|should|must|probably|perhaps|possibly|likely|reportedly|allegedly|nearly|almost|about|"
    r"only|at least|up to|more than|less than|not|never|no longer|hardly|most of|some of) "
)
_OPPOSITES: Final = dict(
    pair
    for words in (
        "more less,higher lower,rose fell,rise fall,before after,first last,increase decrease,increased decreased,"
        "gained lost,won lost,all some,most few,every no,always never,both neither,largest smallest,early late,opened "
        "closed,began ended,approved rejected,support oppose,supported opposed,up down,over under,with without,above "
        "below,longer shorter,better worse,many few,cheaper dearer,faster slower,true false"
    ).split(",")
    for one, other in [words.split()]
    for pair in ((one, other), (other, one))
)
_OPPOSITE: Final = re.compile(rf"\b(?:{'|'.join(_OPPOSITES)})\b")


def edit_groups(tokenizer: ReaderTokenizer, story: Story, choice: random.Random) -> Iterator[Group]:
    """Yield supported claims, and sentences over themselves, each against its edits."""
    supported = [claim for claim in story.claims if claim.verdict == "supported"]
    for claim in choice.sample(supported, min(CLAIMS, len(supported))):
        yield _group(tokenizer, story, claim.text, claim.evidence, choice)
    for identifier in choice.sample(story.sentence_ids(), COPIES):
        yield _group(tokenizer, story, story.sentence(identifier), (identifier,), choice)


def edited(text: str, others: Sequence[str], choice: random.Random) -> list[tuple[str, Verdict]]:
    """Return EDITED false copies of a text, or fewer; words come from the ``others``."""
    pool = " ".join(others)
    edits: list[tuple[Callable[[str, str, random.Random], str], Verdict]] = [
        (_other_number, "contradicted"),
        (_other_name, "unsupported"),
        (_names_swapped, "unsupported"),
        (_denied, "contradicted"),
        (_other_modal, "unsupported"),
        (_hardened, "unsupported"),
        (_opposite, "contradicted"),
        (_other_words, "unsupported"),
    ]
    made = [(edit(text, pool, choice), verdict) for edit, verdict in edits]
    false = [(changed, verdict) for changed, verdict in dict(made).items() if changed != text]
    return choice.sample(false, min(EDITED, len(false)))


def without_a_clause(text: str, choice: random.Random) -> str:
    """Return the text without one of its clauses between commas, or as it is."""
    return _replaced(text, _CLAUSE, lambda _: "", choice)


def _group(
    tokenizer: ReaderTokenizer, story: Story, text: str, evidence: Sequence[str], choice: random.Random
) -> Group:
    others = [story.sentence(one) for one in story.sentence_ids() if one not in evidence]
    source, context = story.text(evidence), story.before(evidence[0]) if choice.random() < 0.7 else ""
    claims: list[tuple[str, Verdict]] = [(text, "supported"), *edited(text, others, choice)]
    shorter = without_a_clause(text, choice)
    if shorter != text and text in source:
        claims.append((shorter, "supported"))
    inputs = tuple(tokenizer.supports(claim, source, context) for claim, _ in claims)
    false = [place for place, (_, verdict) in enumerate(claims) if verdict != "supported"]
    targets = tuple(float(VERDICTS[verdict]) for _, verdict in claims)
    return Group("supports", inputs, targets, tuple((0, place) for place in false))


def _replaced(text: str, pattern: re.Pattern[str], other: Callable[[str], str], choice: random.Random) -> str:
    """Return the text with one of the matches of a pattern replaced, or as it is."""
    matches = list(pattern.finditer(text))
    if not matches:
        return text
    match = choice.choice(matches)
    return text[: match.start()] + other(match[0]) + text[match.end() :]


def _other_number(text: str, pool: str, choice: random.Random) -> str:
    def other(number: str) -> str:
        found: list[str] = _NUMBER.findall(pool)
        if found and choice.random() < 0.5:
            return choice.choice(found)
        place = choice.choice([n for n, character in enumerate(number) if character.isdigit()])
        return f"{number[:place]}{choice.choice('123456789')}{number[place + 1 :]}"

    counts = re.compile(rf"\b(?:{'|'.join(_COUNTS)})\b")
    if not _NUMBER.search(text):
        return _replaced(text, counts, lambda word: choice.choice([one for one in _COUNTS if one != word]), choice)
    return _replaced(text, _NUMBER, other, choice)


def _other_name(text: str, pool: str, choice: random.Random) -> str:
    names = [name for name in _NAME.findall(pool) if name not in text]
    return _replaced(text, _NAME, lambda _: choice.choice(names), choice) if names else text


def _names_swapped(text: str, _: str, choice: random.Random) -> str:
    names = list(dict.fromkeys(_NAME.findall(text)))
    if len(names) < 2:
        return text
    one, other = choice.sample(names, 2)
    return re.sub(
        rf"{re.escape(one)}|{re.escape(other)}", lambda match: other if match[0] == one else one, text
    )


def _denied(text: str, _: str, choice: random.Random) -> str:
    if re.search(r"\bnot ", text):
        return re.sub(r"\bnot ", "", text, count=1)
    return _replaced(text, _AUXILIARY, lambda verb: f"{verb} not", choice)


def _other_modal(text: str, _: str, choice: random.Random) -> str:
    return _replaced(text, _MODAL, lambda verb: choice.choice([one for one in _MODALS if one != verb]), choice)


def _hardened(text: str, _: str, choice: random.Random) -> str:
    return _replaced(text, _SOFTENER, lambda _: "", choice)


def _opposite(text: str, _: str, choice: random.Random) -> str:
    return _replaced(text, _OPPOSITE, lambda word: _OPPOSITES[word], choice)


def _other_words(text: str, pool: str, choice: random.Random) -> str:
    """Return the text with one to three of its longer words exchanged."""
    words = [word for word in _WORD.findall(pool) if word not in text]
    for _ in range(choice.randint(1, 3) if words else 0):
        text = _replaced(text, _WORD, lambda _: choice.choice(words), choice)
    return text
