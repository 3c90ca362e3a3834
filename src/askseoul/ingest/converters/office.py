"""What Word, Excel and PowerPoint files have in common: packages, properties, charts, drawings, alternative texts.

The date at which such a file was made or changed is no date of publication, and is not read.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from askseoul.ingest.converters.base import BoundedZip, named_author, one_line
from askseoul.ingest.converters.grids import grid_text
from askseoul.ingest.converters.trees import local_name, parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element


_PROPERTIES: Final = "docProps/core.xml"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
"""The names of the same elements in files saved as "Strict Open XML"."""
_TRANSITIONAL: Final = rb"http://schemas.openxmlformats.org/\1/2006/"
_DEFAULT_TITLE = re.compile(
    r"Microsoft (?:Office )?(?:Word|Excel|PowerPoint)\b.*|(?:Word|PowerPoint|Excel) (?:document|presentation|workbook)"
    r"|(?:Document|Presentation|Book|Workbook|Slide|Title|Untitled)[ _-]?\d*|[^ ]*\.(?:doc|dot|ppt|pot|xls|xlt|rtf)\w?",
    re.IGNORECASE,
)
_DEFAULT_SHEET = re.compile(
    r"(?:sheet|tabelle|feuil|hoja|foglio|planilha|blad|ark|arkusz|munka|list|taulukko|sayfa|лист|аркуш|시트|工作表)"
    r"[ _-]?\d*",
    re.IGNORECASE,
)
_DEFAULT_PICTURE = re.compile(
    r"(?:picture|image|img|graphic|bild|photo|logo|icon|figure|그림)[ _-]?\d*"
    r"|[^ ]*\.(?:png|jpe?g|gif|bmp|tiff?|[ew]mf|svg)",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"\s*(?:Description automatically generated|AI-generated content may be incorrect).*", re.DOTALL
)
_TERMINATED = re.compile(r"[.!?…。！？][\"'”’»)]*$")
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DRAWN: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_LONGEST_SERIES: Final = 10_000


def uncompressed(archive: BoundedZip) -> io.BytesIO:
    """Return an uncompressed copy of a package with empty members in place of pictures, fonts and programs.

    Libraries unpack members without limits; in the copy there is nothing to unpack. Raises ArticleTooLarge,
    ArticleUnreadable.
    """
    copied = io.BytesIO()
    with zipfile.ZipFile(copied, "w", zipfile.ZIP_STORED) as copy:
        for name in archive:
            copy.writestr(name, member_content(archive, name) if _is_xml(name) else b"")
    copied.seek(0)
    return copied


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def member_content(archive: BoundedZip, name: str) -> bytes:
    """Return the XML in an existing member. Raises ArticleTooLarge, ArticleUnreadable."""
    return _STRICT.sub(_TRANSITIONAL, archive.read(name))


def member_xml(archive: BoundedZip, name: str) -> _Element | None:
    """Return the root of a member, or None without it. Raises ArticleTooLarge, ArticleUnreadable, XMLSyntaxError."""
    return parse_xml(member_content(archive, name)) if name in archive else None


def relations(archive: BoundedZip, member: str) -> dict[str, tuple[str, str]]:
    """Return the kinds and the names of the members that one refers to, by the ids of its references.

    Raises ArticleTooLarge, ArticleUnreadable, XMLSyntaxError.
    """
    folder, _, name = member.rpartition("/")
    root = member_xml(archive, f"{folder}/_rels/{name}.rels")
    found = {}
    for relation in () if root is None else root.iter("{*}Relationship"):
        target = relation.get("Target") or ""
        if relation.get("TargetMode") != "External":
            place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[relation.get("Id") or ""] = ((relation.get("Type") or "").rpartition("/")[2], place)
    return found


def properties(archive: BoundedZip) -> dict[str, str | None]:
    """Return the title and the source that a document states, without those that programs make up.

    The language that it states is that of the program's menus as often as that of the text.
    """
    from lxml.etree import XMLSyntaxError

    try:
        root = member_xml(archive, _PROPERTIES)
    except XMLSyntaxError:
        root = None
    stated = {local_name(element): one_line(element.text) for element in (() if root is None else root)}
    title = stated.get("title")
    return {
        "title": None if title is None or _DEFAULT_TITLE.fullmatch(title) else title,
        "source": named_author(stated.get("creator")),
    }


def counted(number: int, one: str, many: str) -> str:
    """Return the note that so many things were left out."""
    return f"{number:,} {one} was left out" if number == 1 else f"{number:,} {many} were left out"


def is_default_sheet(name: str) -> bool:
    """Whether a sheet has the name that programs give to new ones."""
    return _DEFAULT_SHEET.fullmatch(name) is not None


def picture_text(alternative: str | None) -> str | None:
    """Return the paragraph that stands for a picture with an alternative text, or None if nobody has written one."""
    written = one_line(_GENERATED.sub("", alternative or ""))
    if written is None or _DEFAULT_PICTURE.fullmatch(written):
        return None
    return f"Picture: {written}" + ("" if _TERMINATED.search(written) else ".")


def chart_text(path: Path, root: _Element) -> str:
    """Return a chart part's title and its figures, as a table of categories and series. Raises ArticleTooLarge."""
    names, columns = [], []
    labels: dict[int, str] = {}
    for series in (element for element in root.iter() if local_name(element) == "ser"):
        parts = {local_name(part): part for part in series}
        name = parts.get("tx")
        labels = _points(parts.get("cat", parts.get("xVal"))) or labels
        columns.append(_points(parts.get("val", parts.get("yVal"))))
        names.append(" ".join(_points(name).values()) if name is not None else "")
    numbers = sorted(set(labels).union(*columns))[:_LONGEST_SERIES]
    rows = [[labels.get(number, ""), *(column.get(number, "") for column in columns)] for number in numbers]
    title = next((element for element in root.iter() if local_name(element) == "title"), None)
    heading = "" if title is None else drawn_text(title)
    table = grid_text(path, [["", *names], *rows] if any(names) else rows, int(any(names)), has_spans=False)
    return "\n\n".join(filter(None, [heading, table]))


def _points(part: _Element | None) -> dict[int, str]:
    """Return the texts that are kept for a part of a series, by their index."""
    points: dict[int, str] = {}
    for point in () if part is None else part.iter():
        if local_name(point) == "pt" and (point.get("idx") or "").isdecimal():
            value = next((child.text for child in point if local_name(child) == "v"), None)
            points.setdefault(int(point.get("idx")), number_text(value or ""))
        elif local_name(point) == "v" and local_name(point.getparent()) == "tx":
            points.setdefault(0, point.text or "")
    return points


def number_text(written: str) -> str:
    """Return a number as written without the digits that binary arithmetic adds, as 58.7 for 58.699999999999996."""
    if _NUMBER.fullmatch(written) is None:
        return written
    value = float(written)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.12g}"


def drawn_text(element: _Element) -> str:
    """Return the text of a drawing's element in one line."""
    pieces = []
    for inner in element.iter(f"{_DRAWN}t", f"{_DRAWN}br", f"{_DRAWN}p"):
        pieces.append(inner.text or "" if inner.tag == f"{_DRAWN}t" else " ")
    return " ".join("".join(pieces).split())


def drawn_paragraphs(root: _Element) -> list[str]:
    """Return the texts of the paragraphs of a drawing, without empty ones."""
    return list(filter(None, map(drawn_text, root.iter(f"{_DRAWN}p"))))
