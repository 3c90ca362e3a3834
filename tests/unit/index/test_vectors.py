"""Token vectors in two bits a number: values by hand, and how well late interaction keeps its scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askseoul.index.vectors import dequantize, quantize
from askseoul.retrieval.search import late_interaction


def unit_rows(count, width, seed=0):
    rows = np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_each_number_becomes_the_nearest_of_four_levels():
    # At width 4 numbers are scaled by 2, so the edges ±0.9816 are at ±0.4908.
    (rows,) = dequantize([quantize(np.array([[-0.5, -0.49, 0.49, 0.5]], np.float32))], 4)
    levels = np.array([-1.5104, -0.4528, 0.4528, 1.5104])
    assert rows == pytest.approx((levels / np.linalg.norm(levels) / 0.9394)[None])


def test_a_dequantized_row_has_a_product_of_one_with_the_original():
    rows = unit_rows(500, 384)
    (expanded,) = dequantize([quantize(rows)], 384)
    assert np.einsum("td,td->t", rows, expanded).mean() == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 26, 384])
def test_a_row_takes_a_quarter_of_its_width_in_bytes(width):
    assert len(quantize(unit_rows(7, width))) == 7 * -(-width // 4)


@given(st.lists(st.integers(0, 9), max_size=5), st.integers(1, 50))
def test_texts_dequantized_together_keep_their_rows(counts, width):
    texts = [unit_rows(count, width, seed) for seed, count in enumerate(counts)]
    expanded = dequantize([quantize(rows) for rows in texts], width)
    assert [rows.shape for rows in expanded] == [(count, width) for count in counts]
    for rows in expanded:
        assert np.linalg.norm(rows, axis=1) == pytest.approx(np.full(len(rows), 1 / 0.9394), abs=1e-5)


def test_late_interaction_changes_by_less_than_two_hundredths():
    question = unit_rows(12, 384, seed=99)
    # Rows close to those of the question, as in a text that answers it.
    texts = [
        unit_rows(100, 384, seed) + share * question[seed % 12] for seed, share in enumerate(np.linspace(0, 1, 20))
    ]
    texts = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in texts]
    exact = [late_interaction(question, rows) for rows in texts]
    compressed = [late_interaction(question, rows) for rows in dequantize(list(map(quantize, texts)), 384)]
    assert compressed == pytest.approx(exact, abs=0.02)
