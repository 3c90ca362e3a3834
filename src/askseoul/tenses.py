"""Whether what a clause tells of lies before or after the day on which it was written."""

from __future__ import annotations

import re
from typing import Literal

from askseoul.domain import Span

Tense = Literal["past", "future", "unclear"]

_LOOK_AROUND = 200
"""Characters before and after a place in which the verb of its clause is sought."""
_WILL = (
    r"(?P<future>(?:\b(?:will|shall|won['’]t|plans?\s{1,4}to"
    r"|(?:is|are)\s{1,4}(?:(?:set|due|expected|scheduled|likely|going)\s{1,4})?to"
    r"|(?:due|scheduled|slated|expected|planned)(?=\s{1,4}$))|['’]ll)\b)"
)
_MODAL = r"(?P<unclear>\b(?:would|could|may|might|should|must|can)\b)"
_CUE = re.compile(f"{_WILL}|{_MODAL}")
_FIRST_VERB = re.compile(
    rf"{_WILL}|{_MODAL}|(?P<past>\b(?:(?!need|speed|indeed)[a-z]{{2,20}}ed|was|were|had|has|have|said|says|told|met|held"
    r"|made|took|gave|went|came|that|which|who)\b)|[;:]"
)
_CLAUSE_END = re.compile(
    r"[,;:()“”\"—–]|\b(?:said|says|told|announced|that|which|who|after|because|since|when|while|but)\b"
)
_FRONT = re.compile(r"\W*(?:(?:And|But|So|Then|Yet)\W+)?")
_LONGEST_FRONT = 12


def tense_at(text: str, sentence: Span, start: int, end: int) -> Tense:
    """The tense of the clause around ``text[start:end]``, by its auxiliary verbs; the past where none speaks.

    ``would`` and ``may`` are unclear, and so is ``will`` where a comma or another verb parts it from the place. What
    was said in a speech that ended before the place counts for nothing.
    """
    before = text[max(sentence.start, start - _LOOK_AROUND) : start]
    cues = list(_CUE.finditer(before))
    since = before[cues[-1].end() :] if cues else ""
    speech_ended = since.count("”") > since.count("“") or since.count('"') % 2 == 1
    if cues and not speech_ended:
        parted = _CLAUSE_END.search(since) is not None
        if cues[-1]["future"]:
            return "unclear" if parted else "future"
        if not parted:
            return "unclear"
    if _is_in_front(text, sentence, start):
        verb = _FIRST_VERB.search(text, end, min(sentence.end, end + _LOOK_AROUND))
        if verb and (verb["future"] or verb["unclear"]):
            return "future" if verb["future"] else "unclear"
    elif _CUE.match(text, min(end + 1, sentence.end), sentence.end):
        return "unclear"
    return "past"


def opens_story(text: str, sentence: Span, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` opens a sentence in the past tense: ``Over the next two years, exports doubled``."""
    verb = _FIRST_VERB.search(text, end, min(sentence.end, end + _LOOK_AROUND))
    return _is_in_front(text, sentence, start) and verb is not None and verb["past"] is not None


def _is_in_front(text: str, sentence: Span, start: int) -> bool:
    return start - sentence.start <= _LONGEST_FRONT and _FRONT.fullmatch(text, sentence.start, start) is not None
