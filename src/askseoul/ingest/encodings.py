"""Bytes to text: by a byte order mark, as UTF-8, by the declared encoding, or by a guess that is told.

UTF-8 is tried before the declared encoding: text in another encoding is hardly ever valid UTF-8 by chance, and pages
are often converted without their declaration. The guess is that of chardetng, by which Firefox reads such pages.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Final

from chardetng_py import EncodingDetector

ENCODINGS: Final = {
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1259)},
    **{f"iso-8859-{part}": f"iso8859_{part}" for part in (*range(2, 9), 10, 11, 13, 14, 15, 16)},
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ksc5601", "windows-949", "cp949", "uhc"), "cp949"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs"), "big5hkscs"),
    **{"iso-8859-9": "cp1254", "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp", "iso-2022-kr": "iso2022_kr"},
    **{"koi8-r": "koi8_r", "koi8-u": "koi8_u", "windows-874": "cp874", "cp874": "cp874", "tis-620": "cp874"},
    **{"iso-8859-8-i": "iso8859_8", "ibm866": "cp866", "x-mac-cyrillic": "mac_cyrillic", "macintosh": "mac_roman"},
}
"""Python's codecs for the encodings that files declare, as browsers interpret them. No other codec is used: some of
Python's are not for text."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # it begins with the mark of UTF-16
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT: Final = "neither UTF-8 nor text in another encoding"
_LEAST_UTF16: Final = 20
_ZEROS: Final = 0.7
_SAMPLE_BYTES: Final = 500_000
_SAMPLE_LEAD: Final = 2_000
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_END_OF_FILE: Final = b"\x1a"
"""What DOS programs write at the end of a text."""
_ESCAPES: Final = ((b"\x1b$)C", "iso-2022-kr"), (b"\x1b$", "iso-2022-jp"))
_READ_PER_BROKEN: Final = 10
"""Text with this many characters outside ASCII for each one that is broken was cut or patched, not misread."""
_NO_CHARACTERS: Final = frozenset({"Cn", "Co", "Cs"})
"""Categories of characters that nobody has assigned. Bytes that are no text are decoded to many of them."""
_BROKEN: Final = "\ufffd"
_JAPANESE: Final = ("shift_jis", "euc-jp")
_KANA = re.compile("[\u3041-\u30fe]")
_KANA_SHARE: Final = 0.3
"""Of the characters outside ASCII. In these encodings, no other text has as many by chance."""
_PRICE = re.compile(rb"(?<![\w\x80-\xff])[\xa3\xa5] ?\d")
_LATIN: Final = frozenset({"windows-1250", "windows-1254", "windows-1257", "iso-8859-2", "iso-8859-4"})
_TOP_LEVEL_DOMAINS: Final = {
    **{code: code for code in "bg de es fi fr hr hu is it lt lv mk nl no pl pt ro ru sk th tr".split()},
    **{"ar": "eg", "be": "by", "cs": "cz", "da": "dk", "el": "gr", "et": "ee", "fa": "ir", "he": "il", "iw": "il"},
    **{"ja": "jp", "ka": "ge", "kk": "kz", "ko": "kr", "nb": "no", "nn": "no", "sl": "si", "sq": "al", "sr": "rs"},
    **{"sv": "se", "uk": "ua", "vi": "vn", "zh": "cn", "zh-hant": "tw", "zh-hk": "hk", "zh-tw": "tw"},
}
"""Domains by language: what chardetng takes as a hint."""


def decode_text(content: bytes, declared: str | None = None, language: str | None = None) -> tuple[str, str | None]:
    """Return the text, and a note of what was guessed: None where the encoding was marked, declared or UTF-8.

    ``declared`` is the name of an encoding and ``language`` a language's code, both as the file states them. Raises
    ValueError for what is no text in an encoding that is known here.
    """
    marked = next((codec for mark, codec in _MARKS if content.startswith(mark)), None)
    if marked is None and (unmarked := _unmarked_utf16(content)):
        return content.decode(unmarked, "replace"), f"its encoding was guessed: {unmarked}"
    named = ENCODINGS.get((declared or "").strip().lower())
    stated = [marked] if marked else ["utf-8", *filter(None, (named,))]
    if not marked and _ESCAPES[-1][0] in content:
        # The bytes of ISO 2022 are ASCII, and so valid UTF-8 as well.
        stated = [named] if named in ("iso2022_jp", "iso2022_kr") else []
    for codec in stated:
        try:
            return content.decode(codec), None
        except UnicodeDecodeError:
            continue
    is_binary = not marked and _CONTROL.search(content.rstrip(_END_OF_FILE))
    for codec in () if is_binary else stated:
        if mended := _mended(content, codec):
            return mended
    if is_binary or marked:
        raise ValueError(_NO_TEXT)
    return _guessed(content, (language or "").lower().replace("_", "-"))


def _unmarked_utf16(content: bytes) -> str | None:
    """Return the name of UTF-16 without a mark if nearly every second byte is zero, as in text that is mostly ASCII."""
    halves = content[::2].count(0), content[1::2].count(0)
    if len(content) < _LEAST_UTF16 or not any(halves) or all(halves):
        return None
    return ("utf-16-be" if halves[0] else "utf-16-le") if sum(halves) >= _ZEROS * len(content) / 2 else None


def _mended(content: bytes, codec: str) -> tuple[str, str] | None:
    """Return text of which little can't be decoded, with a note of how much; None if that is more than little."""
    text = content.decode(codec, "replace")
    broken = text.count(_BROKEN)
    read = _not_ascii(text) - broken
    is_text = all(unicodedata.category(character) not in _NO_CHARACTERS for character in set(text))
    if not read or read < _READ_PER_BROKEN * broken or not is_text:
        return None
    return text, f"{broken} broken character{'s were' if broken > 1 else ' was'} replaced by {_BROKEN}"


def _guessed(content: bytes, language: str) -> tuple[str, str | None]:
    names = [name for escape, name in _ESCAPES if escape in content]
    if _NOT_ASCII.search(content):
        names = [*filter(lambda name: _is_japanese(content, name), _JAPANESE), _likely(content, language)]
        names.append("windows-1252")
    for name in names:
        try:
            return content.decode(ENCODINGS[name]).rstrip("\x1a"), f"its encoding was guessed: {name}"
        except (KeyError, UnicodeDecodeError):
            continue
    for name in names:
        mended = _mended(content, ENCODINGS[name])
        if mended is not None:
            return mended[0], f"its encoding was guessed: {name}, and {mended[1]}"
    raise ValueError(_NO_TEXT)


def _is_japanese(content: bytes, name: str) -> bool:
    text = _sample(content).decode(ENCODINGS[name], "ignore")
    return len(_KANA.findall(text)) >= _KANA_SHARE * _not_ascii(text) > 0


def _not_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _likely(content: bytes, language: str) -> str:
    """Return the name of the encoding that the text is most likely in, of all that are known here."""
    domain = _TOP_LEVEL_DOMAINS.get(language) or _TOP_LEVEL_DOMAINS.get(language.partition("-")[0])
    detector = EncodingDetector()
    detector.feed(_sample(content), last=True)
    name: str = detector.guess(tld=domain and domain.encode(), allow_utf8=False).lower()
    # What central European encodings have as a letter, a price in pounds or yen has before its figure.
    return "windows-1252" if name in _LATIN and _PRICE.search(content) else name


def _sample(content: bytes) -> bytes:
    found = _NOT_ASCII.search(content)
    start = max(0, found.start() - _SAMPLE_LEAD) if found else 0
    return content[start : start + _SAMPLE_BYTES]
