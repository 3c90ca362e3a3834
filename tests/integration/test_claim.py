"""Claims in other words, verified with the real encoder."""

from __future__ import annotations

import pytest

from askseoul.verification.alignment import TokenSimilarity
from askseoul.verification.claim import FAILED_CHECK_FACTOR, verify_sentence


@pytest.fixture(scope="module")
def similarity(encoder):
    return TokenSimilarity(lambda: encoder)


def verified(text, *quotes, similarity):
    found = verify_sentence(text, quotes, similarity=similarity)
    return found.verdict, {check.name for check in found.checks if not check.passed}


GUARANTOR = "Washington remains the guarantor of the peninsula's security, and American troops deter North Korea."


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("US soldiers keep Pyongyang at bay.", GUARANTOR, id="in free words"),
        pytest.param("Seoul could get command in wartime under a new bargain.",
                     "Under a new deal Seoul could be given operational command in war.", id="nearly no word kept"),
        pytest.param(GUARANTOR.replace("guarantor", "protector"), GUARANTOR, id="a synonym among words that were kept"),
    ],
)  # fmt: skip
def test_faithful_in_other_words(text, quote, similarity):
    assert verified(text, quote, similarity=similarity) == ("supported", set())


@pytest.mark.parametrize(
    ("text", "quote", "verdict", "check"),
    [
        pytest.param(GUARANTOR.replace("security", "harvest"), GUARANTOR, "partly", "wording",
                     id="a word changed among words that were kept"),
        pytest.param(GUARANTOR.replace("guarantor", "breeder").replace("deter", "juggle"), GUARANTOR, "partly",
                     "wording", id="several"),
        pytest.param("Dependence on Beijing is our liability in place of our liability.",
                     "Dependence on Beijing is our asset in place of our liability.", "contradicted", "wording",
                     id="a word of the quote in another's place"),
        pytest.param("Washington does not remain the guarantor of the peninsula's security.", GUARANTOR, "contradicted",
                     "negation", id="denied"),
        pytest.param("Bread is baked at dawn in the villages.", GUARANTOR, "unsupported", "content",
                     id="another subject"),
    ],
)  # fmt: skip
def test_made_false_in_other_words(text, quote, verdict, check, similarity):
    found, failed = verified(text, quote, similarity=similarity)
    assert found == verdict
    assert check in failed


def test_support_falls_with_each_check_that_fails(similarity):
    whole = verify_sentence(GUARANTOR, [GUARANTOR], similarity=similarity)
    denied = verify_sentence(GUARANTOR.replace("remains", "is not"), [GUARANTOR], similarity=similarity)
    assert whole.support == 1.0
    failed = sum(not check.passed for check in denied.checks)
    assert failed > 0
    assert denied.support == pytest.approx(
        (denied.share + denied.closeness) / 2 * FAILED_CHECK_FACTOR**failed, abs=0.001
    )
