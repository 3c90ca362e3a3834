"""What happens to thousands of files that are damaged, mislabelled or malicious?

    python -m evals.robustness.hostile_files --files 10000 --seed 1          # read
    python -m evals.robustness.hostile_files --files 300 --seed 1 --index    # read and index, which takes far longer

Each file must be read, or rejected with a reason that names it, and every good file among them must be read. Exit
status 1 when one is not. The files are generated from the seed, in batches.
"""

from __future__ import annotations

import argparse
import io
import random
import stat
import struct
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Column, Table

from askseoul.errors import ArticleError, NothingIndexed
from askseoul.ingest.articles import SUFFIXES
from askseoul.ingest.reader import read_files
from evals.common import sample_files

Make = Callable[[random.Random], tuple[str, bytes]]
"""Makes a file: its suffix and its content."""

BATCH: Final = 500
"""Files that exist at the same time."""
SECONDS: Final = 30.0
"""Time limit for reading a file."""
_MARGIN: Final = 30.0
"""Seconds that a file at the time limit may take in addition on a busy machine."""
_WORDS: Final = (
    "Seoul waits while the minister said that trade with Beijing fell by 12.5 percent in 2024 and the allies agreed on "
    "more drills 대통령은 동맹국에 전화했다 🇰🇷 شرق café naïve e\u0301 — “quoted” words of a report on chips rare earths"
).split()


def _text(chance: random.Random, words: int = 40) -> str:
    return " ".join(chance.choices(_WORDS, k=words)) + "."


def good(chance: random.Random, suffix: str | None = None) -> tuple[str, bytes]:
    """An intact file."""
    suffix = suffix or chance.choice(SUFFIXES)
    texts = [_text(chance) for _ in range(chance.randrange(2, 12))]
    rows = [["Text", "Count"], *([text, str(len(text))] for text in texts)]
    front = "---\ntitle: A text\nlanguage: en\n---\n\n" if suffix == ".md" else ""
    makers: dict[str, Callable[[], bytes]] = {
        **dict.fromkeys((".html", ".htm", ".xhtml"), lambda: sample_files.web_page(texts)),
        ".pdf": lambda: sample_files.pdf([[text[:80] for text in texts]]),
        ".docx": lambda: sample_files.word(texts),
        ".epub": lambda: sample_files.epub([sample_files.chapter("".join(f"<p>{text}</p>" for text in texts))]),
        ".xlsx": lambda: sample_files.workbook({"Texts": rows}),
        ".pptx": lambda: sample_files.presentation({text[:20]: [text, "More."] for text in texts[:3]}),
        ".csv": lambda: sample_files.delimited(rows, chance.choice(",;|")),
        ".tsv": lambda: sample_files.delimited(rows, "\t"),
        ".eml": lambda: sample_files.mail("\n\n".join(texts) + "\n", attachments={"a.bin": bytes(len(texts))}),
    }
    plain = (front + "\n\n".join(texts)).encode()
    return suffix, makers[suffix]() if suffix in makers else plain


def _random_bytes(chance: random.Random) -> tuple[str, bytes]:
    suffix, content = good(chance)
    head = content[:8] if chance.random() < 0.5 else b""
    return suffix, head + chance.randbytes(chance.randrange(1, 20_000))


def _truncated(chance: random.Random) -> tuple[str, bytes]:
    suffix, content = good(chance)
    return suffix, content[: chance.randrange(1, len(content))]


def _mislabelled(chance: random.Random) -> tuple[str, bytes]:
    return chance.choice(SUFFIXES), good(chance)[1]


def _flipped(chance: random.Random) -> tuple[str, bytes]:
    suffix, content = good(chance)
    flipped = bytearray(content)
    for _ in range(chance.randrange(1, 30)):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return suffix, bytes(flipped)


def _shuffled(chance: random.Random) -> tuple[str, bytes]:
    suffix, content = good(chance)
    start, end = sorted(chance.choices(range(len(content)), k=2))
    return suffix, content[end:] + content[start:end] + content[:start] + content[start:end] * chance.randrange(3)


def _empty(chance: random.Random) -> tuple[str, bytes]:
    return chance.choice(SUFFIXES), chance.choice([b"", b" \r\n\t", "\ufeff\u200b".encode(), b"\n" * 1000])


_PACKED: Final = (".docx", ".epub", ".xlsx", ".pptx")


def _zip(suffix: str, name: str, content: bytes, **more: bytes) -> tuple[str, bytes]:
    """An intact archive of this kind with members added."""
    written = io.BytesIO(good(random.Random(1), suffix)[1])
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        for other, member in more.items():
            archive.writestr(other, member)
    return suffix, written.getvalue()


_MAIN_MEMBERS: Final = {
    ".docx": "word/document.xml",
    ".epub": "OEBPS/text/c0.xhtml",
    ".xlsx": "xl/worksheets/sheet1.xml",
    ".pptx": "ppt/slides/slide1.xml",
}


def _replaced(suffix: str, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """An intact archive of this kind with the content of one member changed."""
    with zipfile.ZipFile(io.BytesIO(good(random.Random(1), suffix)[1])) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    return sample_files.zipped(members | {name: change(members.get(name, b""))})


def _bomb(chance: random.Random) -> tuple[str, bytes]:
    name = chance.choice(
        ["word/media/a.xml", "OEBPS/text/c9.xhtml", "xl/worksheets/sheet9.xml", "ppt/media/a.xml", "a"]
    )
    return _zip(chance.choice(_PACKED), name, bytes(chance.randrange(20_000_000, 40_000_000)))


def _lying_bomb(chance: random.Random) -> tuple[str, bytes]:
    """An archive whose main text has 30 MB of spaces but claims to be small."""
    suffix = chance.choice(_PACKED)
    true = 30_000_000
    filling = b" " * true
    if suffix == ".docx":
        content = sample_files.word([], filling.decode())
    elif suffix == ".epub":
        content = sample_files.epub([sample_files.chapter(filling.decode())])
    else:
        content = _replaced(suffix, _MAIN_MEMBERS[suffix], lambda member: member + filling)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sizes = [member.file_size for member in archive.infolist() if member.file_size >= true]
    return suffix, content.replace(struct.pack("<I", sizes[0]), struct.pack("<I", chance.choice([100, 5_000_000])))


def _traversal(chance: random.Random) -> tuple[str, bytes]:
    name = chance.choice(
        ["../../../../tmp/askseoul-was-here", "/etc/askseoul", "C:\\askseoul", "..\\..\\a", "a/../../b"]
    )
    if chance.random() < 0.5:
        return _zip(chance.choice(_PACKED), name, b"text")
    package = sample_files.epub([])
    replaced = {"OEBPS_book.opf": f"<package><manifest><item id='a' href='{name}' media-type='text/html'/></manifest>"
                "<spine><itemref idref='a'/></spine></package>"}  # fmt: skip
    return ".epub", package if chance.random() < 0.1 else sample_files.epub([], "", **replaced)


def _many_members(chance: random.Random) -> tuple[str, bytes]:
    return _zip(chance.choice(_PACKED), "a", b"", **{f"m{number}": b"" for number in range(100_000)})


def _nested_archives(chance: random.Random) -> tuple[str, bytes]:
    content = b"text"
    for _ in range(chance.randrange(2, 60)):
        content = sample_files.zipped({"a.zip": content, "META-INF/container.xml": content[:50]})
    return chance.choice(_PACKED), content


def _links(chance: random.Random) -> tuple[str, bytes]:
    """A Word file whose main text is a symbolic link to another file."""
    link = zipfile.ZipInfo("word/document.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(link, chance.choice(["/etc/passwd", "../../secret", "document.xml"]))
        archive.writestr("[Content_Types].xml", "<Types/>")
    return ".docx", written.getvalue()


def _large_table(chance: random.Random) -> tuple[str, bytes]:
    """A table of a million cells, or one that says that it has many more."""
    suffix = chance.choice([".csv", ".tsv", ".xlsx", ".docx", ".pptx"])
    rows, columns = chance.choice([(1_000_000, 1), (1000, 1000), (10, 100_000), (2, 500_000)])
    if suffix in {".csv", ".tsv"}:
        delimiter = b"\t" if suffix == ".tsv" else b","
        return suffix, (chance.choice([b"1", b"", b"word"]) + delimiter) * columns + b"\n" * 1 + b"1\n" * rows
    if suffix == ".xlsx":
        return suffix, _replaced(suffix, _MAIN_MEMBERS[suffix], lambda member: _many_cells(chance, member, rows))
    if suffix == ".docx":
        cell = f"<w:tc><w:tcPr><w:gridSpan w:val='{chance.choice([1, 1000, 10**9, 10**30])}'/></w:tcPr><w:p/></w:tc>"
        first = "<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>"
        row = f"<w:tr>{first}{cell * min(columns, 20)}</w:tr>"
        return suffix, sample_files.word([], f"<w:tbl>{row * min(rows, 10_000)}</w:tbl>")
    row = "<a:tr h='1'>" + "<a:tc gridSpan='9'><a:txBody><a:p/></a:txBody></a:tc>" * min(columns, 1000) + "</a:tr>"
    frame = (
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id='9' name='a'/><p:cNvGraphicFramePr/><p:nvPr/>"
        "</p:nvGraphicFramePr><p:xfrm/><a:graphic><a:graphicData uri='http://schemas.openxmlformats.org/drawingml/2006/"
        f"table'><a:tbl>{row * min(rows, 50)}</a:tbl></a:graphicData></a:graphic></p:graphicFrame></p:spTree>"
    )
    content = _replaced(suffix, _MAIN_MEMBERS[suffix], lambda member: member.replace(b"</p:spTree>", frame.encode()))
    return suffix, content


def _many_cells(chance: random.Random, member: bytes, rows: int) -> bytes:
    cells = chance.choice(
        [
            "<row r='{row}'><c><v>1</v></c></row>"
            if rows > 1000
            else "<row r='{row}'>" + "<c><v>1</v></c>" * 999 + "</row>",
            "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
            "<row r='99999999999'><c r='ZZZZZZ99999999999'><v>1</v></c></row>",
            "<row><c t='s'><v>99999999</v></c><c s='99999'><v>1e999</v></c><c r='A'><v>x</v></c></row>",
        ]
    )
    written = "".join(cells.format(row=row) for row in range(20, 20 + (rows if "{row}" in cells else 1)))
    merged = chance.choice(["", "<mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells>"])
    return member.replace(b"</sheetData>", f"{written}</sheetData>{merged}".encode())


def _long_line(chance: random.Random) -> tuple[str, bytes]:
    suffix = chance.choice([".md", ".txt", ".html", ".xhtml", ".csv", ".tsv", ".eml"])
    line = chance.choice(["a", "word ", "한국어 ", "<b>", "#", "a\u0301\u0323", "[", "&amp;", ",", '"', ">"]).encode()
    begin = b"<p>" if suffix.endswith("html") else b"From: a\n\n" if suffix == ".eml" else b""
    return suffix, begin + line * (10_000_000 // len(line))


def _deep(chance: random.Random) -> tuple[str, bytes]:
    depth = chance.choice([100, 1000, 10_000, 100_000])
    kind = chance.randrange(5)
    tag = chance.choice(["div", "p", "b", "table", "ul", "blockquote", "table><tr><td", "x:y"])
    nested = f"<{tag}>" * depth + "deep" + "".join(f"</{part}>" for part in tag.split("><")[::-1]) * depth
    if kind == 0:
        return ".html", nested.encode()
    if kind == 1:
        return ".epub", sample_files.epub([sample_files.chapter(nested)])
    if kind == 2:
        box = "<w:txbxContent><w:p><w:r>"
        return ".docx", sample_files.word([], f"<w:p><w:r>{box * depth}<w:t>x</w:t>{'</w:r></w:p></w:txbxContent>' * depth}</w:r></w:p>")  # fmt: skip  # noqa: E501
    if kind == 3:
        return ".pdf", b"%PDF-1.7\n1 0 obj\n" + b"[" * depth + b"]" * depth + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    opening = chance.choice(["[", "{a: ", "- ", "? ", "&a [*a, ", "!!map {", "'"])
    return ".md", f"---\ntitle: {opening * depth}\n---\ntext".encode()


def _deep_office(chance: random.Random) -> tuple[str, bytes]:
    """Slides with groups in groups, workbooks with elements in elements, mails with mails in them."""
    depth = chance.choice([100, 1000, 10_000, 100_000])
    suffix = chance.choice([".pptx", ".xlsx", ".eml"])
    if suffix == ".pptx":
        group = "<p:grpSp><p:nvGrpSpPr><p:cNvPr id='9' name='a'/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>"
        inner, end = group * depth + "</p:grpSp>" * depth, "</p:spTree>"
    elif suffix == ".xlsx":
        inner, end = "<x>" * depth + "</x>" * depth, "</sheetData>"
    else:
        parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(min(depth, 10_000)))
        return suffix, f"From: a\n{chance.choice([parts, '> ' * depth, 'Subject: ' + '(' * depth])}\ndeep\n".encode()
    return suffix, _replaced(
        suffix, _MAIN_MEMBERS[suffix], lambda member: member.replace(end.encode(), (inner + end).encode())
    )


def _encoding(chance: random.Random) -> tuple[str, bytes]:
    text = _text(chance)
    named = chance.choice(
        ["utf-7", "punycode", "zip", "x-nothing", "utf-32", "idna", "euc-kr", "utf-8", "unicode_escape"]
    )
    written = text.encode(chance.choice(["euc-kr", "latin-1", "utf-16-le", "utf-32", "shift-jis"]), "ignore")
    suffix = chance.choice([".md", ".txt", ".html", ".xhtml", ".epub"])
    head = f"<?xml version='1.0' encoding='{named}'?><meta charset='{named}'><p>".encode()
    if suffix == ".epub":
        return suffix, sample_files.epub([head + written])
    return suffix, (head if suffix.endswith("html") else b"") + written


def _entities(chance: random.Random) -> tuple[str, bytes]:
    """XML with entities: exponential expansion, a local file, or a URL."""
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    doctype = chance.choice(
        [
            f"<!DOCTYPE x [<!ENTITY l0 'ha'>{laughs}]>",
            "<!DOCTYPE x [<!ENTITY l11 SYSTEM 'file:///etc/passwd'>]>",
            "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd' [<!ENTITY l11 SYSTEM 'http://127.0.0.1:9/'>]>",
            "<!DOCTYPE x [<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a; <!ENTITY l11 'x'>]>",
        ]
    )
    suffix = chance.choice([*_PACKED, ".xhtml", ".html"])
    page = sample_files.chapter("<p>text &l11; text</p>", doctype)
    if suffix == ".epub":
        return suffix, sample_files.epub([page])
    if suffix in _PACKED:
        changed = chance.choice([_MAIN_MEMBERS[suffix], "[Content_Types].xml", "_rels/.rels", "docProps/core.xml"])
        return suffix, _replaced(suffix, changed, lambda member: _with_entity(member, doctype.encode()))
    return suffix, page.encode()


def _with_entity(member: bytes, doctype: bytes) -> bytes:
    """An XML document with this type and a reference to the entity ``l11`` in its text."""
    declaration, _, rest = member.rpartition(b"?>")
    begin = declaration + b"?>" if declaration else b""
    return begin + doctype + rest.replace(b"</", b"&l11;</", 1)


KINDS: Final[dict[str, tuple[Make, float, int]]] = {
    "good": (good, 4, sys.maxsize),
    "random bytes": (_random_bytes, 14, sys.maxsize),
    "truncated": (_truncated, 22, sys.maxsize),
    "mislabelled": (_mislabelled, 12, sys.maxsize),
    "bytes flipped": (_flipped, 22, sys.maxsize),
    "parts swapped": (_shuffled, 8, sys.maxsize),
    "empty": (_empty, 4, sys.maxsize),
    "wrong encoding": (_encoding, 5, sys.maxsize),
    "entities": (_entities, 3, sys.maxsize),
    "nested too deep": (_deep, 3, 200),
    "nested Office files": (_deep_office, 2, 200),
    "path traversal": (_traversal, 1, sys.maxsize),
    "nested archives": (_nested_archives, 1, sys.maxsize),
    "symbolic links": (_links, 1, sys.maxsize),
    "large tables": (_large_table, 1, 100),
    "bomb": (_bomb, 1, 40),
    "bomb with false size": (_lying_bomb, 1, 40),
    "a line of 10 MB": (_long_line, 0.1, 10),
    "100,000 members": (_many_members, 0.1, 3),
}
"""Kinds of files: the function that makes one, the relative share, and the largest number."""


@dataclass(slots=True)
class Count:
    """What happened to the files of one kind."""

    files: int = 0
    read: int = 0
    rejected: int = 0
    crashes: int = 0
    """Exceptions that are not a rejection."""
    late: int = 0
    """Files that took longer than SECONDS and _MARGIN."""
    unnamed: int = 0
    """Rejections whose reason does not name the file."""
    slowest: float = 0.0
    """Seconds."""

    @property
    def is_bad(self) -> bool:
        """Whether there were crashes, late files or unnamed rejections."""
        return bool(self.crashes or self.late or self.unnamed)


def plan(files: int, chance: random.Random) -> list[str]:
    """The kinds of ``files`` files, in random order."""
    total = sum(share for _, share, _ in KINDS.values())
    kinds = [
        kind for kind, (_, share, most) in KINDS.items() for _ in range(max(1, min(round(files * share / total), most)))
    ]
    kinds += chance.choices(["truncated", "bytes flipped", "random bytes"], k=max(files - len(kinds), 0))
    chance.shuffle(kinds)
    return kinds[:files]


def make_batches(files: int, seed: int) -> Iterator[dict[Path, str]]:
    """The files of each batch with their kinds. A batch is deleted when the next one is requested."""
    chance = random.Random(seed)
    kinds = plan(files, chance)
    for start in range(0, len(kinds), BATCH):
        with tempfile.TemporaryDirectory(prefix="bad-files-") as folder:
            made = {}
            for number, kind in enumerate(kinds[start : start + BATCH], start):
                suffix, content = KINDS[kind][0](chance)
                path = Path(folder) / f"{number:06} 파일{suffix}"
                path.write_bytes(content)
                made[path] = kind
            yield made


def measure(files: int, seed: int) -> dict[str, Count]:
    """Read all files and count the outcomes by kind."""
    counts = {kind: Count() for kind in KINDS}
    for made in make_batches(files, seed):
        remaining = list(made)
        while remaining:
            remaining = _read(remaining, made, counts)
    return counts


def _read(paths: list[Path], made: dict[Path, str], counts: dict[str, Count]) -> list[Path]:
    """Read these files. Returns the files after the one that raised an exception, if one did."""
    done = 0
    before = time.monotonic()
    try:
        for read in read_files(paths, seconds=SECONDS):
            count = counts[made[read.path]]
            took, before = time.monotonic() - before, time.monotonic()
            _enter(count, read.path, str(read.outcome) if isinstance(read.outcome, ArticleError) else None)
            count.slowest = max(count.slowest, took)
            count.late += took > SECONDS + _MARGIN
            done += 1
    except Exception as error:  # this is what we look for
        sys.stderr.write(f"{paths[done]} ({made[paths[done]]}): {error!r}\n")
        count = counts[made[paths[done]]]
        count.files += 1
        count.crashes += 1
        done += 1
    return paths[done:]


def _enter(count: Count, path: Path, reason: str | None) -> None:
    count.files += 1
    count.read += reason is None
    count.rejected += reason is not None
    count.unnamed += reason is not None and (str(path) not in reason or ":" not in reason.replace(str(path), ""))


def measure_indexing(files: int, seed: int) -> dict[str, Count]:
    """Index all files and count the outcomes by kind. ``slowest`` is the mean time per file of the slowest batch."""
    from askseoul.pipeline import AskSeoul

    counts = {kind: Count() for kind in KINDS}
    with (
        tempfile.TemporaryDirectory(prefix="bad-files-index-") as folder,
        AskSeoul.open(Path(folder) / "index", create=True) as app,
    ):
        for made in make_batches(files, seed):
            start = time.monotonic()
            try:
                failed = {Path(failure.path): failure.reason for failure in app.index(list(made)).failed}
            except NothingIndexed as error:
                failed = dict.fromkeys(made, str(error))
            except Exception as error:  # this is what we look for
                sys.stderr.write(f"a batch of {len(made)} files: {error!r}\n")
                for kind in made.values():
                    counts[kind].files += 1
                    counts[kind].crashes += 1
                continue
            mean = (time.monotonic() - start) / len(made)
            for path, kind in made.items():
                _enter(counts[kind], path, failed.get(path))
                counts[kind].slowest = max(counts[kind].slowest, mean)
    return counts


def is_well(counts: dict[str, Count]) -> bool:
    """Whether every file was read or rejected with a reason, and every good one was read."""
    return not any(count.is_bad for count in counts.values()) and counts["good"].read == counts["good"].files


def main() -> None:
    """Read or index the files and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--index", action="store_true", help="index the files as well")
    arguments = parser.parse_args()
    start = time.monotonic()
    counts = (measure_indexing if arguments.index else measure)(arguments.files, arguments.seed)
    table = Table(Column("kind", no_wrap=True), title=f"{arguments.files:,} files in {time.monotonic() - start:.0f} s")
    for name in ("files", "read", "rejected", "crashes", "late", "unnamed", "slowest"):
        table.add_column(name, justify="right")
    for kind, count in counts.items():
        numbers = (count.files, count.read, count.rejected, count.crashes, count.late, count.unnamed)
        table.add_row(kind, *(f"{number:,}" for number in numbers), f"{count.slowest:.2f}")
    Console(width=100).print(table)
    raise SystemExit(0 if is_well(counts) else 1)


if __name__ == "__main__":
    main()
