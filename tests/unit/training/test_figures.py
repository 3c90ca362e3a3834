"""The figures that judge a reader, on readers so simple that the right figure can be told by eye."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from training.figures import auroc, balanced_accuracy, calibration_error, figures, read
from training.stories import part_of, read_stories

from askseoul.models.reader import AnswerPair, Candidate, EvidencedClaim

STORIES = part_of(read_stories(), "held_out")[:6]


class Oracle:
    """Knows the labels of the stories it is given, by the texts alone."""

    def __init__(self, stories):
        self.verdicts = {
            (claim.text, tuple(map(story.sentence, claim.evidence))): claim.verdict
            for story in stories
            for claim in story.claims
        }
        self.answering = {
            (question.text, story.sentence(one))
            for story in stories
            for question in story.questions
            for one in question.answering
        }
        self.conflicts = {
            (pair.question, story.sentence(pair.left), story.sentence(pair.right))
            for story in stories
            for pair in story.pairs
            if pair.relation in {"conflict", "superseded", "forecast"}
        }

    def answers(self, candidates: list[Candidate]):
        return np.array([float((one.question, one.sentence) in self.answering) for one in candidates], np.float32)

    def supports(self, claims: list[EvidencedClaim]):
        verdicts = [self.verdicts.get((claim.claim, tuple(claim.sentences)), "unsupported") for claim in claims]
        order = ("supported", "unsupported", "contradicted")
        return np.array([[float(verdict == one) for one in order] for verdict in verdicts], np.float32)

    def relations(self, pairs: list[AnswerPair]):
        conflicts = np.array([(pair.question, pair.left, pair.right) in self.conflicts for pair in pairs], np.float32)
        return np.stack([np.zeros_like(conflicts), 1 - conflicts, conflicts], axis=1)


class Guesser(Oracle):
    """Reads nothing but the question or the claim: it says the same whatever the evidence is."""

    def answers(self, candidates):
        return np.array([len(one.question) % 7 / 7 for one in candidates], np.float32)

    def supports(self, claims):
        wrong = {text for (text, _), verdict in self.verdicts.items() if verdict != "supported"}
        supported = np.array([float(claim.claim not in wrong) for claim in claims], np.float32)
        return np.stack([supported, 1 - supported, np.zeros_like(supported)], axis=1)


def test_a_reader_that_knows_every_label_is_perfect_and_its_controls_are_at_chance():
    found = {name: figure.value for name, figure in figures(read(Oracle(STORIES), STORIES)).items()}
    for name in (
        "claims: twin wins",
        "claims: balanced accuracy",
        "claims: AUROC",
        "claims: accuracy of three",
        "questions: best sentence answers",
        "questions: AUROC over twins",
        "questions: twin wins",
        "relation: AUROC of conflict",
    ):
        assert found[name] == 1, name
    assert found["claims: control"] == found["questions: control, twin wins"] == found["relation: control"] == 0.5
    assert found["claims: calibration error"] == found["questions: calibration error"] == 0


def test_a_reader_that_guesses_by_the_wording_of_claims_is_found_out_by_the_control():
    found = {name: figure.value for name, figure in figures(read(Guesser(STORIES), STORIES)).items()}
    assert found["claims: AUROC"] == 1
    assert found["claims: control"] == 1
    assert found["questions: twin wins"] == found["questions: control, twin wins"]


def test_a_figure_lies_within_its_interval():
    for name, figure in figures(read(Guesser(STORIES), STORIES)).items():
        assert figure.low <= figure.value <= figure.high, name


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_auroc_is_that_of_scikit_learn_with_ties(rows):
    labels, scores = np.array([label for label, _ in rows]), np.array([float(score) for _, score in rows])
    if labels.all() or not labels.any():
        assert math.isnan(auroc(labels, scores))
    else:
        assert auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores))


def test_balanced_accuracy_weighs_both_labels_alike():
    labels = np.array([True, False, False, False])
    assert balanced_accuracy(labels, np.array([True, True, False, False])) == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize(
    ("labels", "probabilities", "error"),
    [
        pytest.param([1, 1, 0, 0], [1.0, 1.0, 0.0, 0.0], 0.0, id="certain and right"),
        pytest.param([0, 0, 1, 1], [1.0, 1.0, 0.0, 0.0], 1.0, id="certain and wrong"),
        pytest.param([1, 0, 1, 0], [0.75, 0.75, 0.75, 0.75], 0.25, id="a quarter too sure"),
        pytest.param([1, 0], [0.55, 0.05], 0.25, id="mean over bins by their size"),
    ],
)
def test_calibration_error(labels, probabilities, error):
    assert calibration_error(np.array(labels, bool), np.array(probabilities)) == pytest.approx(error)
