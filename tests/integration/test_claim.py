"""Claims in other words, verified with the real reader: what holds is told from what was made false."""

from __future__ import annotations

import pytest

from askseoul.verification.claim import verify_sentence

GUARANTOR = "Washington remains the guarantor of the peninsula's security, and American troops deter North Korea."
COMMAND = "Under a new deal Seoul could be given operational command in war."
FERRY = "The ferry Mara carried 214 people when it ran aground, and none of them was hurt."


def verified(text, *quotes, reader):
    return verify_sentence(text, quotes, reader=reader)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("Seoul could get command in wartime under a new bargain.", COMMAND, id="nearly no word kept"),
        pytest.param("No one on the Mara was injured.", FERRY, id="a denial in other words"),
        pytest.param("Lee was called by Trump.", "Trump called Lee.", id="the passive"),
        pytest.param("The pier was opened by the mayor.", "The mayor opened the pier.", id="the passive of a deed"),
    ],
)
def test_what_holds_in_other_words_is_supported(text, quote, reader):
    support = verified(text, quote, reader=reader)
    assert support.verdict == "supported", support
    assert all(check.passed for check in support.checks)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param(GUARANTOR.replace("security", "harvest"), GUARANTOR, id="a word changed in a copy"),
        pytest.param(GUARANTOR.replace("guarantor", "breeder").replace("deter", "juggle"), GUARANTOR, id="several"),
        pytest.param("Washington does not remain the guarantor of the peninsula's security.", GUARANTOR, id="denied"),
        pytest.param("Bread is baked at dawn in the villages.", GUARANTOR, id="another subject"),
        pytest.param("Everyone aboard the Mara died.", FERRY, id="the opposite"),
        pytest.param("Several passengers of the Mara were injured.", FERRY, id="what it rules out"),
        pytest.param("The ferry Mara carried 241 people.", FERRY, id="another number"),
        pytest.param("The ship was sold.", "The firm denied that it had sold the ship.", id="what was denied"),
        pytest.param(
            "The school was closed.", "The board rejected the plan to close the school.", id="what did not come about"
        ),
        pytest.param("The pilots have ended their strike.", "The pilots' strike goes on.", id="over and going on"),
        pytest.param("서울은 전쟁 중이다.", COMMAND, id="Hangul"),
        pytest.param("🙂", COMMAND, id="an emoji"),
        pytest.param("", COMMAND, id="nothing"),
    ],
)
def test_what_was_made_false_is_not_supported(text, quote, reader):
    support = verified(text, quote, reader=reader)
    assert support.verdict != "supported", support
    assert not all(check.passed for check in support.checks)


@pytest.mark.parametrize(
    ("true", "false", "quote"),
    [
        pytest.param(GUARANTOR.replace("guarantor", "protector"), GUARANTOR.replace("guarantor", "enemy"), GUARANTOR,
                     id="a synonym and the opposite"),
        pytest.param("No one on the Mara was injured.", "Some people on the Mara were injured.", FERRY, id="none"),
        pytest.param("Seoul may get command in wartime.", "Seoul has command in wartime.", COMMAND, id="may, has"),
    ],
)  # fmt: skip
def test_a_claim_has_more_support_than_its_twin(true, false, quote, reader):
    assert verified(true, quote, reader=reader).support > verified(false, quote, reader=reader).support


@pytest.mark.xfail(strict=False, reason="the reader is deceived, and too few words stand in their order for a copy")
@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("Trump telephoned Lee.", "Lee telephoned Trump.", id="names in each other's place"),
        pytest.param("American soldiers have left.", GUARANTOR, id="what nobody says"),
        pytest.param("The minister resigned.", "The minister refused to resign.", id="what was refused"),
    ],
)
def test_what_deceives_the_reader_is_not_supported(text, quote, reader):
    assert verified(text, quote, reader=reader).verdict != "supported"


@pytest.mark.parametrize("text", [GUARANTOR, COMMAND, FERRY, "서울의 배는 새 배다.", "🙂 to the sea\r\nand back"])
def test_a_quote_supports_itself(text, reader):
    support = verified(text, text, reader=reader)
    assert (support.verdict, support.support) == ("supported", 1.0)
