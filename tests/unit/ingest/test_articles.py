"""Files into articles: what is read, what is refused and with which words, and what an id hangs on."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from pathlib import Path

import pytest
from evals.common.sample_files import chapter, epub, pdf, web_page, word
from hypothesis import given
from hypothesis import strategies as st

from askseoul.errors import (
    ArticleEmpty,
    ArticleError,
    ArticleMissing,
    ArticleTooLarge,
    ArticleUnreadable,
    FormatUnsupported,
)
from askseoul.ingest import articles
from askseoul.ingest.articles import FoundFiles, find_files, read_article
from askseoul.nlp.text import canonical_text

FULL = """---
title: The price
  of hedging
source: "digest of: a paper"
published: 2025-06-04
url: https://example.org/a?b=c
language: en-GB
author: [somebody, else]
---

# Another title

Seoul waits.
"""


def written(folder: Path, content: str | bytes, name: str = "a.md") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_front_matter_and_body(tmp_path: Path) -> None:
    path = written(tmp_path, FULL)
    article = read_article(path)
    assert article.id == "a.md"
    assert article.title == "The price of hedging"
    assert article.source == "digest of: a paper"
    assert (article.published, article.url, article.language) == ("2025-06-04", "https://example.org/a?b=c", "en")
    assert article.text == "# Another title\n\nSeoul waits."
    assert article.sha256 == hashlib.sha256(article.text.encode()).hexdigest()
    assert article.places == (str(path),)
    assert read_article(path, "other.md").id == "other.md"


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    [
        pytest.param("title: 1984", {"title": "1984"}, id="a number is a title"),
        pytest.param("language: no", {"language": "no"}, id="Norwegian is not false"),
        pytest.param("published: 2025", {"published": "2025"}, id="year"),
        pytest.param("published: 2025-06", {"published": "2025-06"}, id="month"),
        pytest.param("published: 2025-06-04T10:00:00Z", {"published": "2025-06-04"}, id="time of day is left out"),
        pytest.param("published: null\nurl:\nsource: ~", {"published": None, "url": None, "source": None}, id="null"),
        pytest.param("# nothing", {"published": None}, id="empty"),
    ],
)
def test_front_matter_values(tmp_path: Path, front_matter: str, expected: dict[str, str | None]) -> None:
    article = read_article(written(tmp_path, f"---\n{front_matter}\n---\nSeoul waits."))
    assert {name: getattr(article, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("front_matter", "message"),
    [
        pytest.param("title: a\nsource: b: c", "line 3: mapping values", id="bad YAML"),
        pytest.param("- a\n- b", "line 2: .*`name: value`", id="a list"),
        pytest.param("title: a\npublished: 4 June", "line 3: `published` must be a date", id="not an ISO date"),
        pytest.param("published: 2025-02-30", "`published` must be a date", id="no such day"),
        pytest.param("published: 2025-13", "`published` must be a date", id="no such month"),
        pytest.param("published: [2025]", "`published` must be a date", id="a list of dates"),
        pytest.param("language: English", "`language` must be an ISO 639 code", id="language by name"),
        pytest.param("url: javascript:alert(1)", "`url` must be an http", id="script address"),
        pytest.param("url: file:///etc/passwd", "`url` must be an http", id="file address"),
        pytest.param("title: {a: b}", "`title` must be a single piece of text", id="title of parts"),
        pytest.param("a: " + "[" * 5000, "line 2: ", id="nested without end"),
    ],
)
def test_broken_front_matter_names_file_line_and_remedy(tmp_path: Path, front_matter: str, message: str) -> None:
    with pytest.raises(
        ArticleUnreadable, match=rf"a\.md, {message}" if message.startswith("line") else message
    ) as raised:
        read_article(written(tmp_path, f"---\n{front_matter}\n---\nSeoul waits."))
    assert "correct the front matter" in str(raised.value)


def test_a_rule_at_the_top_is_not_front_matter(tmp_path: Path) -> None:
    assert read_article(written(tmp_path, "---\nSeoul waits.")).text == "---\nSeoul waits."


def test_long_front_matter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArticleUnreadable, match=r"line 2: the front matter has 200,00\d characters, 100,000 at most"):
        read_article(written(tmp_path, f"---\ntitle: {'a' * 200_000}\n---\nSeoul waits."))


SENTENCE = "The president called his allies before the summit began; e\u0301\u200b 한국."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.HTML", web_page(["", SENTENCE]), id="web page"),
        pytest.param("a.docx", word(["# Seoul waits", SENTENCE]), id="Word"),
        pytest.param("a.epub", epub([chapter(f"<h1>Seoul waits</h1><p>{SENTENCE}</p>")]), id="EPUB"),
    ],
)
def test_articles_of_other_kinds_are_canonical_too(tmp_path: Path, name: str, content: bytes) -> None:
    path = written(tmp_path, content, name)
    article = read_article(path)
    assert article.text == "# Seoul waits\n\nThe president called his allies before the summit began; é 한국."
    assert article.sha256 == hashlib.sha256(article.text.encode()).hexdigest()
    assert (article.id, article.title, article.language) == (name, "Seoul waits", "en")
    assert article.places == (str(path),)
    assert article.stripped == 1


def test_an_article_that_begins_with_a_table_is_named_as_its_file(tmp_path: Path) -> None:
    article = read_article(written(tmp_path, "도시,인구\nSeoul,9.3\nBusan,3.3\n", "인구.csv"))
    assert (article.title, article.text.partition("\n")[0]) == ("인구", "| 도시: Seoul; 인구: 9.3.")


def test_what_other_kinds_state_has_the_form_of_front_matter(tmp_path: Path) -> None:
    metadata = (
        "<dc:title>A\u202e\n book</dc:title><dc:language>English</dc:language><dc:date>2025-06-04T10:00:00Z</dc:date>"
    )
    article = read_article(written(tmp_path, epub([chapter(f"<p>{SENTENCE}</p>")], metadata), "a.epub"))
    assert (article.title, article.language, article.published) == ("A book", "en", "2025-06-04")
    assert read_article(written(tmp_path, pdf([["---", "title: B", "---", "Text."]]), "b.pdf")).title == "title: B"


def test_what_is_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "")
    os.truncate(path, 100_000_001)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(
        ArticleTooLarge, match=r"a\.md has 100,000,001 bytes, and 100,000,000 are read at most: split it"
    ):
        read_article(path)


@pytest.mark.parametrize("name", ["a.md", "a.html"])
def test_a_text_that_is_too_long_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "MAXIMUM_CHARACTERS", 1000)
    assert len(read_article(written(tmp_path, "<p>" + "한" * 997, name)).text) in {1000, 997}
    with pytest.raises(ArticleTooLarge, match=r"holds 1,001 characters, and an article has 1,000 at most: split it"):
        read_article(written(tmp_path, "<p>" + "한" * (998 if name == "a.md" else 1001), name))


def test_plain_text_has_no_front_matter(tmp_path: Path) -> None:
    assert read_article(written(tmp_path, FULL, "a.txt")).text == FULL.strip()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("# **The price**\n\nSeoul waits.", "The price", id="heading"),
        pytest.param("A line.\n\n## The price #\n\nSeoul waits.", "The price", id="heading further down"),
        pytest.param("Seoul waits.\nBeijing does not.", "Seoul waits.", id="first line"),
        pytest.param(
            "one, two three four five six seven eight nine ten, eleven",
            "one, two three four five six seven eight nine ten…",
            id="words",
        ),
        pytest.param("extraordinarily " * 9, "extraordinarily " * 4 + "extraordinarily…", id="long words"),
        pytest.param("首" * 200, "首" * 80 + "…", id="no spaces"),
        pytest.param("***\n\n**Seoul** waits.", "Seoul waits.", id="marks"),
        pytest.param("…!?", "a", id="no words: the file's name"),
    ],
)
def test_title(tmp_path: Path, text: str, title: str) -> None:
    assert read_article(written(tmp_path, f"---\nlanguage: en\n---\n{text}")).title == title


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The president called his allies before the summit began.", "en"),
        ("대통령은 정상 회담 전에 동맹국에 전화했다.", "ko"),
    ],
    ids=["English", "Korean"],
)
def test_language_is_detected(tmp_path: Path, text: str, language: str) -> None:
    assert read_article(written(tmp_path, text)).language == language


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffSeoul\r\nwaits é".encode(),
        "Seoul\rwaits e\u0301".encode(),
        "Seoul\u2028waits é".encode("utf-16"),
        "Seo\u00adul\u0085wa\u200bits é\u202e".encode(),
    ],
    ids=["BOM and CRLF", "CR and combining mark", "UTF-16", "invisible characters"],
)
def test_bytes_become_the_same_canonical_text(tmp_path: Path, content: bytes) -> None:
    assert read_article(written(tmp_path, content)).text == "Seoul\nwaits é"


@pytest.mark.parametrize(
    ("raw", "canonical", "stripped"),
    [
        pytest.param("a\u200b\u200d\ufeffb", "ab", 3, id="zero-width"),
        pytest.param("\u202eabc\u202c\u2066d\u2069", "abcd", 4, id="bidi controls"),
        pytest.param("hi" + "".join(chr(0xE0000 + ord(one)) for one in "obey"), "hi", 4, id="tags"),
        pytest.param("👩\u200d💻 ❤\ufe0f", "👩💻 ❤", 2, id="emoji joiner and variation selector"),
        pytest.param("a\x07b\x1bc\x9bd\te", "abcd\te", 3, id="controls, tab stays"),
        pytest.param("a\x0cb\x0bc\u2029d", "a\nb\nc\nd", 0, id="form feed and other line ends"),
        pytest.param("\u1112\u1161\u11ab", "한", 0, id="Hangul jamo composed"),
        pytest.param("e\u200b\u0301", "é", 1, id="composed across what was left out"),
        pytest.param("\u0600 \u05d0\u05d1\xa0", "\u0600 \u05d0\u05d1\xa0", 0, id="visible right-to-left text stays"),
    ],
)
def test_canonical_text(raw: str, canonical: str, stripped: int) -> None:
    assert canonical_text(raw) == (canonical, stripped)


@given(st.text())
def test_canonical_text_is_its_own_canonical_text(raw: str) -> None:
    canonical, _ = canonical_text(raw)
    assert canonical_text(canonical) == (canonical, 0)
    assert unicodedata.is_normalized("NFC", canonical)
    assert "\r" not in canonical


@given(st.text(st.sampled_from("a\u0301\u0323\u0344\u05b0\u0f73≠é"), min_size=150, max_size=300))
def test_long_runs_of_combining_marks_are_put_in_order_as_short_ones_are(raw: str) -> None:
    assert canonical_text(raw) == (unicodedata.normalize("NFC", raw), 0)


def test_hostile_text_takes_no_longer_than_any(tmp_path: Path) -> None:
    marks = read_article(written(tmp_path, "a" + "\u0301\u0323" * 500_000))  # hours, were they ordered one by one
    assert len(marks.text) == 1_000_000
    signs = read_article(written(tmp_path, "a" + "#" * 1_000_000 + "b"))
    assert signs.title == "a"


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        pytest.param("a.md", "", ArticleEmpty, "holds no text", id="empty"),
        pytest.param("a.txt", "\ufeff \r\n\u200b", ArticleEmpty, "holds no text", id="nothing to see"),
        pytest.param("a.md", "---\ntitle: a\n---\n", ArticleEmpty, "holds no text", id="front matter alone"),
        pytest.param("a.png", "text", FormatUnsupported, r"only \.md, \.txt, .* files are read", id="unsupported"),
        pytest.param("a", "text", FormatUnsupported, r"only \.md, \.txt, .* files are read", id="no suffix"),
        pytest.param("a.txt", b"abc\x01\xff", ArticleUnreadable, r"neither UTF-8.*convert it to UTF-8", id="not text"),
        pytest.param("a.txt", b"\xef\xbb\xbfabc\xff", ArticleUnreadable, "neither UTF-8", id="marked, and not UTF-8"),
        pytest.param("a.txt", b"\xff\xfea", ArticleUnreadable, "neither UTF-8", id="half a UTF-16 character"),
        pytest.param("a.txt", b"ab\x00c", ArticleUnreadable, "NUL at character 2", id="binary"),
    ],
)
def test_refused(tmp_path: Path, name: str, content: str | bytes, error: type[ArticleError], message: str) -> None:
    with pytest.raises(error, match=message):
        read_article(written(tmp_path, content, name))


def test_missing_file_folder_pipe_and_unreadable_name(tmp_path: Path) -> None:
    with pytest.raises(ArticleMissing, match="does not exist"):
        read_article(tmp_path / "a.md")
    with pytest.raises(ArticleMissing):
        read_article(written(tmp_path, "text") / "b.md")
    with pytest.raises(ArticleUnreadable, match="can't be read"):
        read_article(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(ArticleUnreadable, match="not a regular file"):
        read_article(tmp_path / "pipe.txt")
    with pytest.raises(ArticleUnreadable, match="name is not UTF-8"):
        read_article(tmp_path / "caf\udce9.txt")
    with pytest.raises(ArticleUnreadable, match="null"):
        read_article(tmp_path / "a\0.txt")
    with pytest.raises(ArticleUnreadable, match="can't be read"):
        read_article(tmp_path / ("a" * 5000 + ".txt"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission(tmp_path: Path) -> None:
    path = written(tmp_path, "text")
    path.chmod(0)
    with pytest.raises(ArticleUnreadable, match="Permission denied"):
        read_article(path)


def test_find_files(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.TXT", "a/b/c.md", "a/picture.png", ".hidden.md", ".git/c.md", "odd.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        written(tmp_path, "text", name)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "broken.md").symlink_to(tmp_path / "nowhere")
    missing = tmp_path / "missing"
    found = find_files([tmp_path, tmp_path / "odd.png", missing, tmp_path / "a" / ".." / "b.md"])
    assert found.files == (
        *(tmp_path / name for name in ("a/b/c.md", "a/z.TXT", "b.md", "broken.md", "odd.png")),
        missing,
    )
    assert found.unread == (tmp_path / "a/picture.png",)


def test_a_table_of_metadata_is_no_article_even_if_it_is_named(tmp_path: Path) -> None:
    table, _ = written(tmp_path, "file,title\na.md,A\n", "metadata.csv"), written(tmp_path, "text")
    assert find_files([tmp_path]) == FoundFiles(files=(tmp_path / "a.md",), tables=(table,), unread=())
    assert find_files([tmp_path / "a.md", table]) == find_files([tmp_path])


DATED = "The council voted on Monday to close the old bridge, and the mayor said that it would take nine months."


@pytest.mark.parametrize(
    ("name", "content", "published", "published_from"),
    [
        pytest.param(
            "a.md", "---\npublished: 2025-06\n---\n2024-01-02\n\n" + DATED, "2025-06", "front matter", id="stated"
        ),
        pytest.param("a.md", "---\ntitle: A\n---\n2024-01-02\n\n" + DATED, "2024-01-02", "dateline", id="not stated"),
        pytest.param("a.txt", "Velmora, 3 April 2025 – " + DATED, "2025-04-03", "dateline", id="plain text"),
        pytest.param("a.txt", "On 3 April 2025: " + DATED, None, None, id="no date"),
    ],
)
def test_how_the_date_is_known(
    tmp_path: Path, name: str, content: str, published: str | None, published_from: str | None
) -> None:
    article = read_article(written(tmp_path, content, name))
    assert (article.published, article.published_from) == (published, published_from)


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_rows_of_tables_are_statements(tmp_path: Path, name: str) -> None:
    article = read_article(written(tmp_path, "Turnout\n\n| City | 2021 |\n|---|---|\n| 강릉 | 61 % |\n", name))
    assert article.text == "Turnout\n\n| City: 강릉; 2021: 61 %."


def test_a_guessed_encoding_is_noted(tmp_path: Path) -> None:
    article = read_article(written(tmp_path, f"Le café de José a fermé après été. {DATED}".encode("cp1252"), "a.txt"))
    assert "windows-1252" in " ".join(article.notes)


@pytest.mark.parametrize(
    "source",
    ["(anonymous)", "unknown", "N/A", "python-docx", "Microsoft® Word 2019", "LibreOffice 7.4", "LaTeX with hyperref",
     "Skia/PDF m120", "WordPress.com", "calibre (7.2.0)"],
)  # fmt: skip
def test_no_name_is_no_source(tmp_path: Path, source: str) -> None:
    article = read_article(written(tmp_path, f"---\nsource: {source}\n---\nSeoul waits."))
    assert (article.source, article.source_from) == (None, None)


@pytest.mark.parametrize("source", ["Microsoft Research", "Prince Albert Herald", "Texas Tribune", "Chrome Hearts"])
def test_a_name_that_begins_like_a_programs_is_a_source(tmp_path: Path, source: str) -> None:
    assert read_article(written(tmp_path, f"---\nsource: {source}\n---\nSeoul waits.")).source == source
