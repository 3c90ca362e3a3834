"""What is exported reads as what was trained, and is calibrated on stories that it was not trained on."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from training.calibrate import calibrate
from training.export import export
from training.model import OUTPUTS, ReaderModel
from training.stories import part_of, read_stories
from training.torch_reader import TorchReader

from askseoul.models.reader import AnswerPair, Calibration, Candidate, EvidencedClaim, Reader, load_reader

STORIES = part_of(read_stories(), "development")[:4]
CALIBRATION = {
    "answers": Calibration(1.5, (-0.25,)),
    "supports": Calibration(0.75, (0.5, 0.0, -0.5)),
    "relation": Calibration(2.0, (0.0, 0.25, 0.0)),
}


def test_the_exported_reader_reads_as_the_trained_one(base, tokenizer, tmp_path):
    model = ReaderModel(base)
    calibration = {head: asdict(of_head) for head, of_head in CALIBRATION.items()}
    export(model, base / "tokenizer.json", calibration, "tiny", tmp_path, lambda graph: graph)
    trained, exported = TorchReader(model, tokenizer, CALIBRATION), load_reader(tmp_path, "f32")
    assert exported.identity.startswith("tiny ")
    story = STORIES[0]
    candidates = [
        Candidate(question.text, story.sentence(one), story.around(one))
        for question in story.questions
        for one in story.sentence_ids()
    ]
    claims = [EvidencedClaim(claim.text, [*map(story.sentence, claim.evidence)], "So.") for claim in story.claims]
    pairs = [AnswerPair(pair.question, story.sentence(pair.left), story.sentence(pair.right)) for pair in story.pairs]
    # The trained one computes in bf16, whose numbers have three digits.
    for name, texts in (("answers", candidates), ("supports", claims), ("relations", pairs)):
        assert getattr(exported, name)(texts) == pytest.approx(getattr(trained, name)(texts), abs=0.02), name


def test_a_manifest_names_every_file(base, tmp_path):
    export(ReaderModel(base), base / "tokenizer.json", {}, "tiny", tmp_path, lambda graph: graph)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert {*manifest["files"], "manifest.json"} == {path.name for path in tmp_path.iterdir()}


class Guesser(Reader):
    """Says anything, and is very sure of it."""

    def __init__(self, tokenizer):
        super().__init__("guesser", tokenizer, CALIBRATION)
        self._chance = np.random.default_rng(1)

    def raw_logits(self, head, inputs):
        return self._chance.normal(0, 20, (len(inputs), OUTPUTS[head])).astype(np.float32)


def test_logits_that_say_nothing_are_calibrated_to_how_often_each_label_is_right(tokenizer):
    fitted = calibrate(Guesser(tokenizer), STORIES)
    pairs = [
        question.answering & {one} for story in STORIES for question in story.questions for one in story.sentence_ids()
    ]
    share = np.mean([bool(answers) for answers in pairs])
    assert 1 / (1 + np.exp(-fitted["answers"].bias[0])) == pytest.approx(share, abs=0.02)
    for of_head in fitted.values():
        assert of_head.scale < 0.05
