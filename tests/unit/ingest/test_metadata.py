"""What is stated beside a file: the rows of metadata.csv, what is wrong in them, and options."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askseoul.errors import UsageError
from askseoul.ingest.metadata import Metadata, Options, Tables, read_table
from tests.support.articles import make_article


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.md", "b.pdf", "나루.txt", "a, b.txt"):
        (tmp_path / name).touch()
    return tmp_path


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "metadata.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


A = Metadata(title="The tram", published="2024-11-08", published_from="metadata.csv")


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param("file,title,published\na.md,The tram,2024-11-08\n", {"a.md": A}, id="a row"),
        pytest.param("\ufefffile;title;published\r\na.md;The tram;2024-11-08", {"a.md": A}, id="semicolons and a mark"),
        pytest.param(
            "File\tTitle\tPublished\na.md\tThe tram\t2024-11-08".encode("utf-16"), {"a.md": A}, id="UTF-16, tabs"
        ),
        pytest.param("published,title,file\n2024-11-08,The tram,a.md\n,,\n\n", {"a.md": A}, id="another order"),
        pytest.param(
            'file,title\n"a, b.txt","“A, b” says\nKim"', {"a, b.txt": Metadata(title="“A, b” says Kim")}, id="quoted"
        ),
        pytest.param(
            "file,language\na.md,en-GB\n나루.txt,KO",
            {"a.md": Metadata(language="en"), "나루.txt": Metadata(language="ko")},
            id="languages",
        ),
        pytest.param(
            "file,source,url\na.md,Courier,https://a.org",
            {"a.md": Metadata(source="Courier", source_from="metadata.csv", url="https://a.org")},
            id="source and address",
        ),
        pytest.param("file,title\na.md\n", {"a.md": Metadata()}, id="a short row"),
        pytest.param("file,title\n", {}, id="no rows"),
    ],
)
def test_rows(folder: Path, content: str | bytes, rows: dict[str, Metadata]) -> None:
    table = read_table(written(folder, content))
    assert (dict(table.rows), table.faults) == (rows, ())


@pytest.mark.parametrize(
    ("content", "faults", "read"),
    [
        pytest.param(
            "file,published\nc.md,2024\na.md,2024",
            ["line 2: there is no file “c.md” beside it; the row"],
            ["a.md"],
            id="missing file",
        ),
        pytest.param(
            "file,published\na.md,3 March",
            ["line 2: `published` of a.md must be a date such as 2025-06-04, 2025-06 or 2025, and “3 March”"],
            ["a.md"],
            id="bad date",
        ),
        pytest.param(
            "file,published\na.md,2025-02-30",
            ["line 2: `published` of a.md must be a date"],
            ["a.md"],
            id="no such day",
        ),
        pytest.param(
            "file,publishd\na.md,2024",
            ["line 1: “publishd” is no column: there are file, title,"],
            ["a.md"],
            id="unknown column",
        ),
        pytest.param(
            "name,title\na.md,A", ["line 1: there is no column `file`, and nothing is read"], [], id="no file column"
        ),
        pytest.param(
            "file,title\na.md,A\na.md,B",
            ["line 3: “a.md” has a row already, in line 2; the row"],
            ["a.md"],
            id="duplicate row",
        ),
        pytest.param(
            "file,title,title\na.md,A,B",
            ["line 1: the column `title` stands there 2 times"],
            ["a.md"],
            id="duplicate column",
        ),
        pytest.param("file,title\nsub/a.md,A", ["line 2: “sub/a.md” is not beside the table"], [], id="another folder"),
        pytest.param("file,title\n,A", ["line 2: no file is named"], [], id="no name"),
        pytest.param(
            "file,title\na.md,A,more", ["line 2: the row has 3 cells, and there are 2 columns"], [], id="too many cells"
        ),
        pytest.param(
            'file,title\na.md,"A\nand\nB"\nc.md,C',
            ["line 5: there is no file “c.md”"],
            ["a.md"],
            id="lines within a cell",
        ),
        pytest.param(
            "file,url\na.md,javascript:alert(1)",
            ["line 2: `url` of a.md must be an http or https address"],
            ["a.md"],
            id="script address",
        ),
        pytest.param(b"file,title\na.md,\x00\x01\xff", ["can't be read"], [], id="binary"),
        pytest.param(" \n", [" is empty: its first line names the columns, file, title,"], [], id="empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    folder: Path, content: str | bytes, faults: list[str], read: list[str]
) -> None:
    path = written(folder, content)
    table = read_table(path)
    assert list(table.rows) == read
    assert len(table.faults) == len(faults)
    for told, expected in zip(table.faults, faults, strict=True):
        assert told.startswith(f"{path}")
        assert expected in told


def test_a_guessed_encoding_is_told(folder: Path) -> None:
    content = "file,title\na.md,Café à Besançon – été déjà passé\n".encode("cp1252")
    table = read_table(written(folder, content))
    assert table.rows["a.md"].title == "Café à Besançon – été déjà passé"
    assert ["windows-1252" in fault for fault in table.faults] == [True]


def test_names_are_compared_as_they_look(folder: Path) -> None:
    written(folder, f"file,title\n{unicodedata.normalize('NFD', '나루.txt')},나루")
    row = Tables(()).row(folder / unicodedata.normalize("NFC", "나루.txt"))
    assert row == Metadata(title="나루")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='file,;\t"\n\rtitlea.md20', max_size=200))
def test_any_table_is_read(folder: Path, content: str | bytes) -> None:
    read_table(written(folder, content))


def test_a_table_that_can_not_be_reached_states_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(path)

    path = written(folder, "file,title\na.md,A\n")
    monkeypatch.setattr(Path, "is_file", refuse)
    assert Tables([path]).row(folder / "a.md") is None


@pytest.mark.parametrize(
    ("published", "source", "stated"),
    [
        pytest.param("2025-03-04", " A\n Gazette ", ("2025-03-04", "option", "A Gazette", "option"), id="both"),
        pytest.param("2025", None, ("2025", "option", "Own", None), id="date"),
        pytest.param(None, None, ("1999", "dateline", "Own", None), id="none"),
        pytest.param("", "", ("1999", "dateline", "Own", None), id="taken back"),
    ],
)
def test_options_go_before_what_the_file_states(
    published: str | None, source: str | None, stated: tuple[str | None, ...]
) -> None:
    article = make_article("Seoul.", published="1999", published_from="dateline", source="Own")
    applied = Options.of(published, source).metadata.applied_to(article)
    assert (applied.published, applied.published_from, applied.source, applied.source_from) == stated


@pytest.mark.parametrize("published", ["3 March 2025", "2025-13", "yesterday", " "])
def test_an_option_that_is_no_date_is_refused(published: str) -> None:
    with pytest.raises(UsageError, match="is no date of publication: give a date such as 2025-06-04"):
        Options.of(published, None)
