"""PDFs by several programs, with their true text, made of invented prose.

A `Story` is what is told; a `Layout` how it is set. Every program sets stories by its own means: with reportlab and
cairo each line is drawn at a computed place; typst, pdflatex, LibreOffice and Chromium lay out pages themselves.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

_PLACES: Final = "Brenholm Norvik Kelmet Averland Sundby Oster Halmstad Tarvisk Elmfors Quillby Rastad Vennhof".split()
_NAMES: Final = "Varga Ekdahl Lindqvist Moen Sollberg Aune Darvish Solheim Okafor Petrov Nakamura Halloran".split()
_FIRST: Final = "Ilse Tomas Petra Harald Katrin Birgit Leila Eirik Ngozi Ivan Yuki Fiona".split()
_WHO: Final = (
    "the town council of {place}", "harbour master {first} {name}", "the transport ministry",
    "a committee of {n} members",
    "the largest trade union", "engineer {first} {name}", "the fishing cooperative of {place}", "the regional court",
    "residents of the old quay", "the office for official statistics", "an inquiry led by {first} {name}",
)  # fmt: skip
_DID: Final = (
    "approved", "rejected", "postponed", "criticised", "will finance", "wants to examine", "has defended", "confirmed",
    "called for", "withdrew", "published", "is preparing",
)  # fmt: skip
_WHAT: Final = (
    "a new ferry terminal", "the reform of the pension system", "a tax rebate of {n} percent on diesel",
    "an agreement with {place}", "the report on {n} skipped inspections", "a temporary bridge across the river",
    "the reconstruction of the scientific archive", "a levy of {n} thalers on every household",
    "the classification of {n} officers as unfit", "plans for affordable housing in {place}",
)  # fmt: skip
_MORE: Final = (
    "although the law demands otherwise", "because costs had risen by {n} percent within a year",
    "after weeks of protests in {place}", "which {n} petitioners had opposed", "before the end of {year}",
    "while neighbouring {place} waits for an investigation", "according to a letter of {year}",
    "at a cost of {n} million kroner", "and nobody answered the objections of {first} {name}",
    "as unemployment continued to fall throughout the northern municipalities",
)  # fmt: skip
_KOREAN: Final = (
    "{place} 시의회는 {year}년에 새 여객선 터미널 건설 계획을 승인했다.",
    "교통부는 조사가 끝날 때까지 기다리지 않겠다고 밝혔다.",
    "노동조합은 {n}만 명의 조합원이 파업에 참여할 것이라고 발표했다.",
    "전문가들은 이번 개혁으로 해마다 {n}억 원을 아낄 수 있다고 본다.",
    "항만 책임자는 첫 배가 {year}년 5월에 들어올 것으로 기대한다고 말했다.",
    "주민들은 더 작은 건물을 요구하며 {n}명의 서명을 모았다.",
    "지난해 어획량은 {n}톤으로 10년 전보다 크게 줄었다.",
)
_HEBREW: Final = (
    "מועצת העיר אישרה את התוכנית בשנת {year}.",
    "השר אמר כי העלות תגיע ל {n} מיליון.",
    "התושבים ביקשו בניין קטן יותר ליד הנמל.",
    "הדוח פורסם אחרי {n} ימים של דיונים.",
)
_KOREAN_PLACES: Final = ("부산", "인천", "목포", "여수", "속초", "군산")


class Prose:
    """Invented sentences, the same for the same seed."""

    def __init__(self, seed: int, language: str = "en") -> None:
        self._chance = random.Random(seed)
        self._language = language

    def sentence(self) -> str:
        """A sentence of 6 to 35 words, most of them said nowhere else."""
        if self._language != "en":
            return self._filled(self._chance.choice(_KOREAN if self._language == "ko" else _HEBREW))
        chance = self._chance
        parts = [chance.choice(_WHO), chance.choice(_DID), chance.choice(_WHAT)]
        parts += chance.sample(_MORE, chance.choice([0, 1, 1, 2]))
        written = " ".join(map(self._filled, parts))
        if chance.random() < 0.15:
            written = f"“{written[0].upper()}{written[1:]},” said {self._filled('{first} {name}')}"
        return written[0].upper() + written[1:] + "."

    def paragraph(self, sentences: int) -> str:
        """A paragraph of so many sentences."""
        return " ".join(self.sentence() for _ in range(sentences))

    def heading(self) -> str:
        """A heading of three to five words."""
        if self._language == "ko":
            return self._filled("{place} 항만 개발 소식")
        return self._filled(
            self._chance.choice(
                ["What {place} decided", "The {name} report", "Waiting for {place}", "A vote in {place}"]
            )
        )

    def phrase(self) -> str:
        """A few words without a full stop."""
        return self._filled(self._chance.choice(_WHAT))

    def number(self) -> int:
        """A number of up to three digits."""
        return self._chance.randrange(11, 990)

    def place(self) -> str:
        """The name of a town."""
        return self._chance.choice(_PLACES)

    def _filled(self, text: str) -> str:
        chance = self._chance
        places = _KOREAN_PLACES if self._language == "ko" else _PLACES
        return text.format(
            place=chance.choice(places),
            name=chance.choice(_NAMES),
            first=chance.choice(_FIRST),
            n=chance.randrange(11, 990),
            year=chance.randrange(1998, 2026),
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """How a story is set. Lengths are in points."""

    columns: int = 1
    size: float = 10
    gutter: float = 18
    is_justified: bool = False
    is_row_by_row: bool = False
    """Whether lines are drawn across columns, where a program lets us choose."""
    is_indented: bool = False
    """Whether paragraphs begin with an indent and no room above."""
    font: str = "sans"
    has_running: bool = False
    """Whether pages have a header, a footer and a page number."""
    rotation: int = 0
    is_hyphenated: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Story:
    """A text in parts. ``table`` has ``table_headers`` rows of headers, a spanned cell repeated."""

    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    items: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    table_headers: int = 1
    note: str = ""
    """A footnote of the first paragraph."""
    caption: str = ""
    sidebar: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def flows(self) -> tuple[tuple[str, ...], ...]:
        """The true paragraphs, in the order in which they have to be read; parts that stand apart each by itself."""
        body = [self.title]
        for number, (heading, paragraphs) in enumerate(self.sections):
            body += [heading, *paragraphs]
            if number == 0 and self.items:
                body += self.items
        apart = [[part] for part in (self.note, self.caption, *self.sidebar) if part]
        apart += [[row] for row in statements(self.table, self.table_headers)]
        apart += [[f"{label}: {value}"] for label, value in self.fields]
        return tuple(map(tuple, [body, *apart]))


@dataclass(frozen=True, slots=True)
class Sample:
    """A PDF and its true text."""

    name: str
    producer: str
    content: bytes = field(repr=False)
    flows: tuple[tuple[str, ...], ...] = field(repr=False)
    is_single_column: bool = False
    """Whether nothing on its pages stands beside something else."""
    is_kept_aside: bool = False
    """Whether it was not looked at while the converter was made."""


def statements(rows: tuple[tuple[str, ...], ...], headers: int) -> list[str]:
    """The statement that each row of a table has to become."""
    names = (
        [" ".join(dict.fromkeys(row[column] for row in rows[:headers])).strip() for column in range(len(rows[0]))]
        if rows
        else []
    )
    return [
        "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=True) if cell) + "."
        for row in rows[headers:]
    ]


def make_story(seed: int, paragraphs: int = 8, language: str = "en", *parts: str) -> Story:
    """A story with these parts besides its text: items, table, merged, note, caption, sidebar, fields."""
    prose = Prose(seed, language)
    chance = random.Random(seed)
    sections = []
    left = paragraphs
    while left > 0:
        count = min(left, chance.choice([2, 3]))
        sections.append((prose.heading(), tuple(prose.paragraph(chance.choice([2, 3, 4, 5])) for _ in range(count))))
        left -= count
    items = tuple(prose.sentence() for _ in range(4)) if "items" in parts else ()
    table: tuple[tuple[str, ...], ...] = ()
    headers = 1
    districts = chance.sample(_PLACES, 5)
    if "table" in parts:
        head = ("District", "2017", "2021", "2025")
        table = (head, *((place, *(f"{chance.randrange(400, 799) / 10}" for _ in "abc")) for place in districts))
    elif "merged" in parts:
        headers = 2
        table = (
            ("District", "Turnout", "Turnout", "Seats", "Seats"),
            ("District", "2021", "2025", "2021", "2025"),
            *((place, *(str(chance.randrange(10, 99)) for _ in "abcd")) for place in districts),
        )
    return Story(
        title=f"{prose.heading()} and {prose.heading().lower()}",
        sections=tuple(sections),
        items=items,
        table=table,
        table_headers=headers,
        note=f"The figures are those of {prose.place()} in {prose.number()} documents that were published later."
        if "note" in parts
        else "",
        caption=f"Figure 1: The view of {prose.place()} from the quay, photographed in the spring."
        if "caption" in parts
        else "",
        sidebar=(f"Background of {prose.place()}", prose.paragraph(3)) if "sidebar" in parts else (),
        fields=tuple((label, prose.phrase()) for label in ("Subject", "Purpose", "Remarks"))
        if "fields" in parts
        else (),
    )
