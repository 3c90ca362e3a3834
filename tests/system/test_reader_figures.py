"""The shipped weights reach, on stories that did not train them, the figures that training/README.md states."""

import json

import pytest
from training.figures import figures, read
from training.report import RESULTS
from training.stories import part_of, read_stories

from askseoul.models.reader import MANIFEST, SHIPPED, load_reader

TOLERANCE = 0.02
"""Training measures in 16 bits before the weights are compressed to 8."""


@pytest.mark.full
@pytest.mark.skipif(not (SHIPPED / MANIFEST).is_file(), reason="no weights are shipped: run make train")
def test_the_shipped_reader_reaches_the_figures_of_its_model_card():
    stated = json.loads((RESULTS / "held_out.json").read_text(encoding="utf-8"))["figures"]
    found = figures(read(load_reader(precision="f32"), part_of(read_stories(), "held_out")))
    assert found.keys() == stated.keys()
    for name, figure in found.items():
        assert figure.value == pytest.approx(stated[name]["value"], abs=TOLERANCE), name
