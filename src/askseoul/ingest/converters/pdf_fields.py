"""What is added to a PDF page: filled form fields, each as a line with its label, text boxes and comments."""

from __future__ import annotations

import ctypes
from typing import Final

from askseoul.ingest.converters.pdf_lines import Line, Page, upright

_MOST_FIELDS: Final = 2_000
_MOST_CHARACTERS: Final = 20_000
_NEAR, _FAR = 3, 12
"""Type sizes between a field and its label: of a choice, and of others."""
_OFF: Final = frozenset({"", "Off"})


def read_annotations(page: object, found: Page) -> None:
    """Add the text boxes that were put on a page to its lines, and count its comments."""
    from pypdfium2 import raw

    for number in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            if kind == raw.FPDF_ANNOT_FREETEXT:
                text = _string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents")
                if text:
                    found.turned.append(text)
            elif kind in (
                raw.FPDF_ANNOT_TEXT,
                raw.FPDF_ANNOT_HIGHLIGHT,
                raw.FPDF_ANNOT_UNDERLINE,
                raw.FPDF_ANNOT_STRIKEOUT,
            ):
                found.comments += bool(_string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents"))
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def filled_fields(form: object, page: object, found: Page) -> list[Line]:
    """Return the page's lines with those of its filled fields, "Label: value".

    The label is what is printed to the left of a field, else its description, else its name. A box that is ticked has
    the value "yes".
    """
    from pypdfium2 import raw

    lines = list(found.lines)
    for number in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        try:
            value = _value(form, annotation)
            if value:
                box = raw.FS_RECTF()
                raw.FPDFAnnot_GetRect(annotation, box)
                (x1, y1), (x2, y2) = (
                    upright(found.quadrant, box.left, box.bottom),
                    upright(found.quadrant, box.right, box.top),
                )
                left, right, top, bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
                named = _string(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation) or _string(
                    raw.FPDFAnnot_GetFormFieldName, form, annotation
                )
                lines = _with_field(
                    lines, value, named, (left, right, top, bottom), is_choice=_is_choice(form, annotation)
                )
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return lines


def _value(form: object, annotation: object) -> str:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    if _is_choice(form, annotation):
        if not raw.FPDFAnnot_IsChecked(form, annotation):
            return ""
        value = _string(raw.FPDFAnnot_GetFormFieldExportValue, form, annotation)
        return "yes" if kind == raw.FPDF_FORMFIELD_CHECKBOX or value in _OFF else value
    if kind in (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX):
        return _string(raw.FPDFAnnot_GetFormFieldValue, form, annotation)
    return ""


def _is_choice(form: object, annotation: object) -> bool:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    return kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)


def _string(get: object, form: object, annotation: object) -> str:
    """Return what one of PDFium's functions writes as UTF-16, in one line."""
    length = get(form, annotation, None, 0)  # type: ignore[operator]
    if not 2 < length <= 2 * _MOST_CHARACTERS:
        return ""
    buffer = ctypes.create_string_buffer(length)
    from pypdfium2 import raw

    get(form, annotation, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), length)  # type: ignore[operator]
    return " ".join(buffer.raw[: length - 2].decode("utf-16-le", "replace").split())


def _with_field(
    lines: list[Line], value: str, name: str, box: tuple[float, float, float, float], *, is_choice: bool
) -> list[Line]:
    """Return the lines with a field's value after its printed label, or as a line of its own.

    The label stands before the field, that of a choice behind it.
    """
    left, right, top, bottom = box
    level = [line for line in lines if top - 2 <= line.y - line.size / 4 <= bottom + 2 and not line.table]
    before = max((line for line in level if line.right <= left + 2), key=lambda line: line.right, default=None)
    after = min((line for line in level if line.left >= right - 2), key=lambda line: line.left, default=None)
    label = after if is_choice and after is not None and after.left - right < _NEAR * after.size else before
    if label is not None and (label is after or left - label.right < _FAR * label.size):
        text = label.text.strip()
        label.text = f"{text}{'' if text.endswith(':') else ':'} {value}"
        label.left, label.right = min(label.left, left), max(label.right, right)
        return lines
    size = lines[0].size if lines else 10.0
    return [*lines, Line(f"{name}: {value}" if name else value, left, right, (top + bottom) / 2 + size / 3, size)]
