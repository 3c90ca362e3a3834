"""Bytes of text files: what is known of their encoding, what is guessed and told, and what is no text."""

from __future__ import annotations

import pytest
from evals.common.legacy_texts import LegacyText, legacy_texts

from askseoul.ingest.encodings import decode_text

KOREAN = "대통령은 정상 회담 전에 동맹국에 전화했다."


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        pytest.param(b"Seoul waits.", None, "Seoul waits.", id="ASCII"),
        pytest.param(KOREAN.encode(), None, KOREAN, id="UTF-8"),
        pytest.param(KOREAN.encode("utf-8-sig"), None, KOREAN, id="UTF-8 with a mark"),
        pytest.param(KOREAN.encode("utf-16"), None, KOREAN, id="UTF-16 with a mark"),
        pytest.param(KOREAN.encode("utf-32"), None, KOREAN, id="UTF-32 with a mark"),
        pytest.param(KOREAN.encode(), "euc-kr", KOREAN, id="UTF-8 in spite of what is declared"),
        pytest.param(KOREAN.encode("cp949"), "KS_C_5601-1987", KOREAN, id="declared"),
        pytest.param("日本".encode("iso2022_jp"), "iso-2022-jp", "日本", id="declared, and valid UTF-8 as well"),
        pytest.param(b"", None, "", id="nothing"),
    ],
)
def test_what_is_known_is_not_guessed(content, declared, text):
    assert decode_text(content, declared) == (text, None)


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        pytest.param("The café owner José Muñoz said “It’s over” – twice.", "cp1252", "windows-1252", id="French name"),
        pytest.param("The director Jiří Dvořák called Škoda “the future”.", "cp1250", "windows-1250", id="Czech name"),
        pytest.param("The toll costs £4 and the ferry €12.", "cp1252", "windows-1252", id="prices"),
        pytest.param("The ferry to Tsushima (쓰시마) sails.", "cp949", "euc-kr", id="a Korean word among English"),
        pytest.param("橋は閉まっている。", "cp932", "shift_jis", id="one Japanese sentence"),
        pytest.param("橋は閉まっている。", "iso2022_jp", "iso-2022-jp", id="escapes"),
        pytest.param("Мэр представил бюджет города.", "koi8_r", "koi8-u", id="Russian"),
        pytest.param("The café opened in May.", "utf-16-le", "utf-16-le", id="UTF-16 without a mark"),
        pytest.param("First line\r\nthe café\r\n", "cp1252", "windows-1252", id="CRLF"),
        pytest.param("ראש העיר הציג את התקציב.", "cp1255", "windows-1255", id="right to left"),
    ],
)
def test_a_guess_is_told(text, encoding, name):
    assert decode_text(text.encode(encoding)) == (text, f"its encoding was guessed: {name}")


def test_the_language_that_a_page_states_helps():
    text = "Borgarstjóri kynnti fjárhagsáætlun borgarinnar á fimmtudag"
    assert decode_text(text.encode("cp1252"), language="is-IS")[0] == text


def test_a_dos_file_may_end_with_its_mark():
    assert decode_text("café".encode("cp1252") + b"\x1a")[0] == "café"


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        pytest.param(KOREAN.encode() + b"\xea", None, KOREAN + "\ufffd", id="cut UTF-8"),
        pytest.param(KOREAN.encode("cp949") + b"\xb4", "euc-kr", KOREAN + "\ufffd", id="cut EUC-KR"),
    ],
)
def test_a_broken_character_is_replaced_and_told(content, declared, text):
    assert decode_text(content, declared) == (text, "1 broken character was replaced by \ufffd")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"caf\xe9\x00\x01\x02", id="control characters"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", id="picture"),
        pytest.param(b"\xff\xfea", id="half a character of UTF-16"),
        pytest.param(b"\xef\xbb\xbfabc\xff", id="marked as UTF-8"),
        pytest.param(b"\xff\xfe" + bytes(range(0x80, 0x100)) * 9 + b"\x00\xd8", id="marked as UTF-16"),
    ],
)
def test_what_is_no_text_is_refused(content):
    with pytest.raises(ValueError, match="neither UTF-8 nor text"):
        decode_text(content)


@pytest.mark.parametrize("name", ["punycode", "zip", "unicode_escape", "nothing"])
def test_no_other_codec_of_python_is_used(name):
    assert decode_text(b"caf\xe9", name)[0] == "café"


LEGACY = [text for text in legacy_texts() if not text.content.isascii()]


def share_right(texts: list[LegacyText]) -> float:
    return sum(decode_text(text.content)[0] == text.expected for text in texts) / len(texts)


@pytest.mark.parametrize(("length", "least"), [("long", 1.0), ("whole", 1.0), ("first", 0.9), ("short", 0.85)])
def test_guesses_are_right(length, least):
    assert share_right([text for text in LEGACY if text.length == length]) >= least
