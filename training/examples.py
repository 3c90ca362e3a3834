"""Examples: inputs of the reader with their right outputs, in groups that also say which input must score higher.

A model can guess that a claim is wrong, or that a question has no answer, from how it is worded. So every group sets
inputs against each other that differ in one thing: a claim and its twin over the same evidence, one claim over its own
and over other evidence, a question and its twin over the same passage. Over another story, twins must score the same.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Final

from askseoul.models.reader_input import ReaderInput, ReaderTokenizer
from training.model import Task
from training.public_sets import Entailment, Paragraph
from training.stories import Claim, Question, Story, Verdict

VERDICTS: Final[dict[Verdict, int]] = {"supported": 0, "unsupported": 1, "contradicted": 2}
RELATIONS: Final = {"agree": 0, "complement": 1, "unrelated": 1, "conflict": 2, "superseded": 2, "forecast": 2}
BATCH_TOKENS: Final = 2_600
"""Tokens of a batch, padding included."""
RELATED_CLAIMS: Final = 3
"""Twins of a story that teach the relation too in each epoch."""
EXCHANGED_SENTENCES: Final = 3
"""Sentences of another story over which a question and its twin stand."""


@dataclass(frozen=True)
class Group:
    """Inputs that belong into one batch."""

    task: Task
    inputs: tuple[ReaderInput, ...]
    targets: tuple[float, ...]
    """One a span of the inputs: for *answers* a probability, for the other heads a class."""
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


def paragraph_group(tokenizer: ReaderTokenizer, paragraph: Paragraph) -> Group:
    """Return a question of a public set over a paragraph."""
    targets = tuple(float(answers) for answers in paragraph.answering)
    return Group("answers", (tokenizer.answers(paragraph.question, paragraph.sentences),), targets)


def story_groups(tokenizer: ReaderTokenizer, story: Story, other: Story, choice: random.Random) -> Iterator[Group]:
    """Yield the groups of a story for one epoch; ``choice`` draws anew which evidence is exchanged for the other's."""
    for right, wrong in story.claim_twins:
        yield _claims(tokenizer, story, other, (story.claims[right], story.claims[wrong]), choice)
    for right, wrong in choice.sample(story.claim_twins, min(RELATED_CLAIMS, len(story.claim_twins))):
        for claim in (story.claims[right], story.claims[wrong]):
            yield entailment_relation(tokenizer, Entailment(claim.text, story.text(claim.evidence), claim.verdict))
    against_twin = {}
    for answered, unanswerable in story.question_twins:
        twins = (story.questions[answered], story.questions[unanswerable])
        passages = {identifier[0] for identifier in twins[0].support}
        against_twin.update(dict.fromkeys(twins, passages))
        for passage in sorted(passages):
            yield _question_twins(tokenizer, story, twins, passage)
        yield _exchanged_questions(tokenizer, other, twins, choice)
    for question in story.questions:
        yield from _answer_sentences(tokenizer, story, question)
        yield from _windows(tokenizer, story, question, against_twin.get(question, set()), choice)
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


def _claims(
    tokenizer: ReaderTokenizer, story: Story, other: Story, twins: tuple[Claim, Claim], choice: random.Random
) -> Group:
    """Return twins over their evidence, both over other sentences, and the wrong one over what says just that."""
    right, wrong = twins
    context = story.before(right.evidence[0]) if choice.random() < 0.7 else ""
    inputs = [
        tokenizer.supports(right.text, story.text(right.evidence), context),
        tokenizer.supports(wrong.text, story.text(wrong.evidence), context),
    ]
    targets = [VERDICTS[right.verdict], VERDICTS[wrong.verdict]]
    higher = [(0, 1)]
    alike = []
    if choice.random() < 0.5:
        source = choice.choice([story, other])
        others = [
            identifier for identifier in source.sentence_ids() if source is other or identifier not in right.evidence
        ]
        evidence = source.text(choice.sample(others, min(len(right.evidence), len(others))))
        higher.append((0, 2))
        alike.append((2, 3))
        inputs += [tokenizer.supports(claim.text, evidence) for claim in twins]
        targets += [VERDICTS["unsupported"]] * 2
    if choice.random() < 0.25:
        sentences = [story.sentence(choice.choice(story.sentence_ids())), wrong.text]
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


def _windows(
    tokenizer: ReaderTokenizer, story: Story, question: Question, leave_out: Set[str], choice: random.Random
) -> Iterator[Group]:
    """Yield the question over windows of the passages that answer it or come near, and at times of another one."""
    asked = {identifier[0] for identifier in (*question.answering, *question.near)}
    rest = [passage for passage in story.passages if passage not in asked]
    if rest and choice.random() < 0.5:
        asked.add(choice.choice(rest))
    for passage in sorted(asked - leave_out):
        identifiers = _identifiers(story, passage)
        if choice.random() < 0.4:
            length = choice.randint(1, len(identifiers))
            start = choice.randint(0, len(identifiers) - length)
            identifiers = identifiers[start : start + length]
        if question.answering & set(identifiers) and choice.random() < 0.25:
            identifiers = [identifier for identifier in identifiers if identifier not in question.answering]
        if identifiers:
            yield _window(tokenizer, story, question, identifiers)


def _identifiers(story: Story, passage: str) -> list[str]:
    return [identifier for identifier in story.sentence_ids() if identifier[0] == passage]


def _window(tokenizer: ReaderTokenizer, story: Story, question: Question, identifiers: Sequence[str]) -> Group:
    targets = tuple(
        1.0 if identifier in question.support else 0.8 if identifier in question.also else 0.0
        for identifier in identifiers
    )
    return Group("answers", (tokenizer.answers(question.text, [*map(story.sentence, identifiers)]),), targets)


def _question_twins(tokenizer: ReaderTokenizer, story: Story, twins: tuple[Question, Question], passage: str) -> Group:
    """Return a question and its unanswerable twin over a passage that answers the first."""
    first, second = (_window(tokenizer, story, question, _identifiers(story, passage)) for question in twins)
    return Group("answers", first.inputs + second.inputs, first.targets + second.targets, ((0, 1),))


def _exchanged_questions(
    tokenizer: ReaderTokenizer, other: Story, twins: tuple[Question, Question], choice: random.Random
) -> Group:
    """Return a question and its unanswerable twin over some sentences of another story, which answer neither."""
    sentences = choice.choice([*other.passages.values()])[:EXCHANGED_SENTENCES]
    inputs = tuple(tokenizer.answers(question.text, sentences) for question in twins)
    return Group("answers", inputs, (0.0,) * (2 * len(sentences)), alike=((0, 1),))
