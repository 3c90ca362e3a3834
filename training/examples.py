"""Examples: inputs of the reader with their right outputs, in groups that also say which input must score higher.

A model can guess that a claim is wrong, or that a question has no answer, from how it is worded. So every group sets
inputs against each other that differ in one thing: a claim and its twin over the same evidence, one claim over its own
and over other evidence, a question and its twin over the same passage. Over another story, twins must score the same.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from askseoul.models.reader_input import ReaderInput, ReaderTokenizer
from training.public_sets import Entailment, Paragraph
from training.stories import Claim, Question, Story, Verdict

if TYPE_CHECKING:
    from training.model import Task

VERDICTS: Final[dict[Verdict, int]] = {"supported": 0, "unsupported": 1, "contradicted": 2}
RELATIONS: Final = {"agree": 0, "complement": 1, "unrelated": 1, "conflict": 2, "superseded": 2, "forecast": 2}
BATCH_TOKENS: Final = 2_600
"""Tokens of a batch, padding included."""
RELATED_CLAIMS: Final = 2
"""Twins of a story that teach the relation too in each epoch."""
TWINS: Final = 0.7
"""Share of the twin claims of a story in each epoch: it has twice as many of them as of questions."""
JOINED: Final = 0.2
"""Share of the twins that another claim is joined to."""
ALONE: Final = 0.25
"""Share of the questions that stand over sentences without their neighbours."""
DISTRACTED: Final = 0.2
"""Share of the twins whose evidence stands among sentences of another story."""
OTHER_SENTENCES: Final = 3
"""Sentences that do not answer, beside those that come near, over which a question stands in each epoch."""
PUBLIC_OTHER_SENTENCES: Final = 2
"""The same for a question of a public set."""
HARD_SENTENCES: Final = 4
"""Of a story's sentences that do not answer, those most alike to the question in words: all but one of the others of
an epoch are drawn from them."""


@dataclass(frozen=True)
class Group:
    """Inputs that belong into one batch."""

    task: Task
    inputs: tuple[ReaderInput, ...]
    targets: tuple[float, ...]
    """One an input: for *answers* a probability, for the other heads a class."""
    higher: tuple[tuple[int, int], ...] = ()
    """Positions in ``inputs``: the first must score higher than the second."""
    alike: tuple[tuple[int, int], ...] = ()
    """Positions in ``inputs``: both must score the same, since nothing but their wording tells them apart."""

    @property
    def longest(self) -> int:
        """The number of tokens of the longest input."""
        return max(len(one.ids) for one in self.inputs)


def entailment_group(tokenizer: ReaderTokenizer, pair: Entailment) -> Group:
    """Return a claim of a public set over its evidence."""
    return Group("supports", (tokenizer.supports(pair.claim, pair.evidence),), (VERDICTS[pair.verdict],))


def entailment_relation(tokenizer: ReaderTokenizer, pair: Entailment) -> Group:
    """Return the same as two sentences, of which one may say otherwise than the other; there is no question."""
    # The classes of both heads go together: supported and same, unsupported and compatible, contradicted and conflict.
    return _relation(tokenizer, "", pair.evidence, pair.claim, VERDICTS[pair.verdict])


def paragraph_group(tokenizer: ReaderTokenizer, paragraph: Paragraph, choice: random.Random) -> Group:
    """Return a question of a public set over the sentences that answer it and some of the others."""
    answering = [place for place, answers in enumerate(paragraph.answering) if answers]
    others = [place for place, answers in enumerate(paragraph.answering) if not answers]
    places = answering + choice.sample(others, min(PUBLIC_OTHER_SENTENCES, len(others)))
    inputs = [
        tokenizer.answers(paragraph.question, paragraph.sentences[place], paragraph.around(place)) for place in places
    ]
    return _ranked(inputs, [float(paragraph.answering[place]) for place in places])


def story_groups(tokenizer: ReaderTokenizer, story: Story, other: Story, choice: random.Random) -> Iterator[Group]:
    """Yield the groups of a story for one epoch; ``choice`` draws anew which evidence is exchanged for the other's."""
    supported = [claim for claim in story.claims if claim.verdict == "supported" and len(claim.evidence) == 1]
    for right, wrong in choice.sample(story.claim_twins, round(TWINS * len(story.claim_twins))):
        twins = (story.claims[right], story.claims[wrong])
        companions = [claim for claim in supported if claim not in twins]
        if companions and choice.random() < JOINED:
            twins = _joined(twins, choice.choice(companions), choice)
        yield _claims(tokenizer, story, other, twins, choice)
    # Evidence of several sentences would be cut.
    brief = [pair for pair in story.claim_twins if all(len(story.claims[one].evidence) == 1 for one in pair)]
    for right, wrong in choice.sample(brief, min(RELATED_CLAIMS, len(brief))):
        for claim in (story.claims[right], story.claims[wrong]):
            yield entailment_relation(tokenizer, Entailment(claim.text, story.text(claim.evidence), claim.verdict))
    for answered, unanswerable in story.question_twins:
        questions = (story.questions[answered], story.questions[unanswerable])
        yield _question_twins(tokenizer, story, questions, choice)
        yield _exchanged_questions(tokenizer, other, questions, choice)
    for question in story.questions:
        yield from _answer_sentences(tokenizer, story, question)
        if question.answerable:
            yield _question(tokenizer, story, question, choice)
    for pair in story.pairs:
        sides = (story.sentence(pair.left), story.sentence(pair.right))
        yield _relation(tokenizer, pair.question, *sides, RELATIONS[pair.relation])
        if choice.random() < 0.5:
            kept, foreign = choice.choice(sides), other.sentence(choice.choice(other.sentence_ids()))
            yield _relation(tokenizer, pair.question, kept, foreign, RELATIONS["unrelated"])


def batches(groups: Iterable[Group], choice: random.Random) -> list[list[Group]]:
    """Return batches of groups of one task and of similar length, in random order."""
    by_task: dict[Task, list[Group]] = {}
    for group in groups:
        by_task.setdefault(group.task, []).append(group)
    made: list[list[Group]] = []
    for of_task in by_task.values():
        of_task.sort(key=lambda group: group.longest + choice.random() * 12)
        batch: list[Group] = []
        for group in of_task:
            count = sum(len(one.inputs) for one in [*batch, group])
            if batch and count * max(one.longest for one in [*batch, group]) > BATCH_TOKENS:
                made.append(batch)
                batch = []
            batch.append(group)
        made.append(batch)
    choice.shuffle(made)
    return made


def _relation(tokenizer: ReaderTokenizer, question: str, left: str, right: str, relation: int) -> Group:
    """Return two sentences in both orders."""
    inputs = (tokenizer.relation(question, left, right), tokenizer.relation(question, right, left))
    return Group("relation", inputs, (relation,) * 2)


def _joined(twins: tuple[Claim, Claim], companion: Claim, choice: random.Random) -> tuple[Claim, Claim]:
    """Return each twin joined with a supported claim, over the evidence of both: a wrong half makes the whole wrong."""
    behind = choice.random() < 0.5

    def joined(twin: Claim) -> Claim:
        parts = (twin, companion) if behind else (companion, twin)
        evidence = dict.fromkeys(identifier for part in parts for identifier in part.evidence)
        return replace(twin, text=" ".join(part.text for part in parts), evidence=tuple(evidence))

    return joined(twins[0]), joined(twins[1])


def _claims(
    tokenizer: ReaderTokenizer, story: Story, other: Story, twins: tuple[Claim, Claim], choice: random.Random
) -> Group:
    """Return twins over their evidence, both over other sentences, and the wrong one over what says just that."""
    right, wrong = twins
    with_context = choice.random() < 0.7
    distractors = choice.sample(other.sentence_ids(), 3) if choice.random() < DISTRACTED else ()
    place = choice.randint(0, len(distractors))

    def over(claim: Claim, source: Story, identifiers: Sequence[str]) -> ReaderInput:
        context = source.before(identifiers[0]) if with_context else ""
        texts = [other.text(distractors[:place]), source.text(identifiers), other.text(distractors[place:])]
        return tokenizer.supports(claim.text, " ".join(filter(None, texts)), context)

    inputs = [over(right, story, right.evidence), over(wrong, story, wrong.evidence)]
    targets = [VERDICTS[right.verdict], VERDICTS[wrong.verdict]]
    higher = [(0, 1)]
    alike = []
    unrelated = [one for one in story.sentence_ids() if one not in {*right.evidence, *wrong.evidence}]
    if choice.random() < 0.5:
        source = choice.choice([story, other])
        identifiers = unrelated if source is story else other.sentence_ids()
        evidence = choice.sample(identifiers, min(len(right.evidence), len(identifiers)))
        higher.append((0, 2))
        if source is other:
            alike.append((2, 3))
        inputs += [over(claim, source, evidence) for claim in twins]
        targets += [VERDICTS["unsupported"]] * 2
    if choice.random() < 0.25:
        sentences = [story.sentence(choice.choice(unrelated)), wrong.text]
        choice.shuffle(sentences)
        higher.append((len(inputs), 1))
        inputs.append(tokenizer.supports(wrong.text, " ".join(sentences)))
        targets.append(VERDICTS["supported"])
    return Group("supports", tuple(inputs), tuple(targets), tuple(higher), tuple(alike))


def _answer_sentences(tokenizer: ReaderTokenizer, story: Story, question: Question) -> Iterator[Group]:
    """Yield the sentences of the gold answer over what they cite: all are supported."""
    for text, cites in question.answer:
        if len(cites) <= 3:
            yield Group("supports", (tokenizer.supports(text, story.text(cites)),), (VERDICTS["supported"],))


def _question(tokenizer: ReaderTokenizer, story: Story, question: Question, choice: random.Random) -> Group:
    """Return a question over the sentences that answer it, those that come near, and some of the others."""
    alone = choice.random() < ALONE
    others = _near_and_others(tokenizer, story, question, choice, question.answering, alone)
    answering = sorted(question.answering)
    return _ranked(
        [*others, *(_candidate(tokenizer, story, question, identifier, alone) for identifier in answering)],
        [*(0.0 for _ in others), *(_target(question, identifier) for identifier in answering)],
    )


def _question_twins(
    tokenizer: ReaderTokenizer, story: Story, twins: tuple[Question, Question], choice: random.Random
) -> Group:
    """Return an unanswerable question over what comes near, and over what answers its twin, both beside the twin."""
    answered, unanswerable = twins
    shared = sorted(answered.answering)
    alone = choice.random() < ALONE
    inputs = [_candidate(tokenizer, story, question, identifier, alone) for identifier in shared for question in twins]
    targets = [target for identifier in shared for target in (_target(answered, identifier), 0.0)]
    others = _near_and_others(tokenizer, story, unanswerable, choice, answered.answering, alone)
    higher = tuple((2 * place, 2 * place + 1) for place in range(len(shared)))
    return Group("answers", (*inputs, *others), (*targets, *(0.0 for _ in others)), higher)


def _exchanged_questions(
    tokenizer: ReaderTokenizer, other: Story, twins: tuple[Question, Question], choice: random.Random
) -> Group:
    """Return a question and its unanswerable twin over a sentence of another story, which answers neither."""
    identifier = choice.choice(other.sentence_ids())
    inputs = tuple(_candidate(tokenizer, other, question, identifier) for question in twins)
    return Group("answers", inputs, (0.0, 0.0), alike=((0, 1),))


def _near_and_others(
    tokenizer: ReaderTokenizer, story: Story, question: Question, choice: random.Random, besides: Set[str], alone: bool
) -> list[ReaderInput]:
    """Return the question over the sentences that come near, and some of the others; over none of those besides."""
    near = [identifier for identifier in question.near if identifier not in besides]
    others = [
        _candidate(tokenizer, story, question, identifier, alone)
        for identifier in story.sentence_ids()
        if identifier not in besides and identifier not in near
    ]
    others = sorted(others, key=_likeness(others), reverse=True)
    hard = choice.sample(others[:HARD_SENTENCES], min(OTHER_SENTENCES - 1, len(others)))
    rest = [other for other in others if other not in hard]
    rest = choice.sample(rest, min(1, len(rest)))
    return [*(_candidate(tokenizer, story, question, identifier, alone) for identifier in near), *hard, *rest]


def _likeness(inputs: Sequence[ReaderInput]) -> Callable[[ReaderInput], float]:
    """Return what scores an input: how many of the question's pieces its sentence has, each weighed by its rareness."""
    held = Counter(piece for one in inputs for piece in {*one.ids[slice(*one.span)]})

    def score(one: ReaderInput) -> float:
        shared = {*one.ids[: one.span[0]]} & {*one.ids[slice(*one.span)]}
        return sum(math.log(len(inputs) / held[piece]) for piece in sorted(shared))

    return score


def _candidate(
    tokenizer: ReaderTokenizer, story: Story, question: Question, identifier: str, alone: bool = False
) -> ReaderInput:
    return tokenizer.answers(question.text, story.sentence(identifier), "" if alone else story.around(identifier))


def _target(question: Question, identifier: str) -> float:
    return 1.0 if identifier in question.support else 0.8 if identifier in question.also else 0.0


def _ranked(inputs: Sequence[ReaderInput], targets: Sequence[float]) -> Group:
    """Return inputs of which each that answers must score higher than each that does not."""
    answering = [place for place, target in enumerate(targets) if target]
    others = [place for place, target in enumerate(targets) if not target]
    return Group("answers", tuple(inputs), tuple(targets), tuple((one, other) for one in answering for other in others))
