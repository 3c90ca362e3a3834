"""The shipped reader: it reads stories that it was not trained on, always alike, whatever it is given."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from askseoul.errors import ModelError
from askseoul.models.reader import (
    CONFLICT,
    MANIFEST,
    SHIPPED,
    SUPPORTED,
    AnswerPair,
    Candidate,
    EvidencedClaim,
    load_reader,
)

FERRY = [
    "The ferry Aurelia carries 300 passengers and 40 cars.",
    "It was built in 1998 in Gdańsk.",
    "The operator plans to replace it in 2031.",
]
AWKWARD = ["", " ", "🙂", "한미 동맹", "שלום", "a\r\nb", "e\u0301", "</s><s>", "word " * 900]


def test_the_sentence_that_answers_scores_highest(reader):
    for question, answer in (("How many people fit on the Aurelia?", 0), ("when will the ship be replaced", 2)):
        assert reader.answers([Candidate(question, sentence) for sentence in FERRY]).argmax() == answer


def test_a_claim_is_told_from_its_twin(reader):
    right, wrong = reader.supports(
        [
            EvidencedClaim("The operator means to replace the ferry in 2031.", FERRY[2:]),
            EvidencedClaim("The operator has replaced the ferry in 2031.", FERRY[2:]),
        ]
    )
    assert right[SUPPORTED] > wrong[SUPPORTED]


def test_opposite_answers_conflict_more_than_the_same_answer_twice(reader):
    question = "How many passengers does the Aurelia carry?"
    other, same = reader.relations(
        [
            AnswerPair(question, FERRY[0], "The Aurelia has room for no more than 180 passengers."),
            AnswerPair(question, FERRY[0], "Three hundred passengers fit on the Aurelia."),
        ]
    )
    assert other[CONFLICT] > same[CONFLICT]


def test_the_order_of_a_pair_has_no_effect(reader):
    one, other = reader.relations([AnswerPair("When?", FERRY[1], FERRY[2]), AnswerPair("When?", FERRY[2], FERRY[1])])
    assert one == pytest.approx(other, abs=1e-6)


def test_long_evidence_is_read_in_windows(reader):
    claim = "The ferry was built in 1998."
    filler = ["The harbour of the town has been dredged again, as it is every other spring."] * 40
    [alone, hidden] = reader.supports(
        [EvidencedClaim(claim, FERRY[1:2]), EvidencedClaim(claim, filler + FERRY + filler)]
    )
    assert alone[SUPPORTED] > 0.5
    assert hidden[SUPPORTED] > 0.5


@pytest.mark.parametrize("text", AWKWARD, ids=lambda text: repr(text)[:16])
def test_awkward_text_gives_probabilities(reader, text):
    answers = reader.answers([Candidate(text, text), Candidate(text, FERRY[0], text)])
    assert answers.shape == (2,)
    supports = reader.supports([EvidencedClaim(text, [text]), EvidencedClaim(text, [FERRY[0], text], text)])
    relations = reader.relations([AnswerPair(text, text, FERRY[0])])
    for probabilities in (supports, relations):
        assert np.isfinite(probabilities).all()
        assert probabilities.sum(axis=1) == pytest.approx(1)


def test_nothing_to_read_gives_nothing(reader):
    assert reader.answers([]).shape == (0,)
    assert reader.supports([]).shape == reader.relations([]).shape == (0, 3)


def test_a_reading_does_not_depend_on_what_is_read_with_it_or_on_threads(reader):
    claims = [EvidencedClaim(f"The ferry carries {count} passengers.", FERRY) for count in range(280, 320)]
    together = reader.supports(claims)
    with ThreadPoolExecutor(4) as threads:
        alone = list(threads.map(lambda claim: reader.supports([claim])[0], claims))
    assert np.array_equal(together, np.stack(alone))


def test_a_graph_compiled_in_32_bits_is_not_taken_for_another_precision(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    candidate = Candidate("How many people does the ferry carry?", FERRY[0])
    exact, auto = (load_reader(precision=precision).answers([candidate])[0] for precision in ("f32", "auto"))
    assert auto == pytest.approx(exact, abs=0.03)


def damaged(folder):
    path = folder / "graph.bin"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)


def of_another_format(folder):
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))


def without_a_head(folder):
    path = folder / MANIFEST
    content = json.loads(path.read_text())
    del content["calibration"]["relation"]
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            damaged, r"graph\.bin is not the file that manifest\.json names: name a folder", id="a byte changed"
        ),
        pytest.param(of_another_format, r"manifest\.json has format 99, and this version reads 1", id="a newer format"),
        pytest.param(lambda folder: (folder / "heads.npz").unlink(), r"heads\.npz can't be read", id="a file missing"),
        pytest.param(
            lambda folder: (folder / MANIFEST).write_text("{"), "no manifest of a reader", id="half a manifest"
        ),
        pytest.param(lambda folder: (folder / MANIFEST).write_text("[]"), "no manifest of a reader", id="a list"),
        pytest.param(without_a_head, r"no manifest of a reader \(KeyError\('relation'\)\)", id="a head missing"),
        pytest.param(shutil.rmtree, r"manifest\.json can't be read \(No such file", id="no folder"),
    ],
)
def test_weights_that_are_not_whole_are_an_error_with_a_remedy(tmp_path, change, message):
    folder = tmp_path / "reader"
    shutil.copytree(SHIPPED, folder)
    change(folder)
    with pytest.raises(ModelError, match=message):
        load_reader(folder)
