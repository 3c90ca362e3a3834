"""JSON into the frozen records that it was exported from."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from askseoul.errors import AnswerInvalid

_SHOWN: Final = 60
"""Characters of a value, a sentence or a quote that name it in a message."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

_Record = TypeVar("_Record")


def shown(text: str) -> str:
    """The text as a message names it: on one line, in quotation marks, and not too long."""
    plain = " ".join(text.split())
    return f"“{plain}”" if len(plain) <= _SHOWN else f"“{plain[: _SHOWN - 1].rstrip()}…”"


def record_of(kind: type[_Record], value: Any, where: str = "") -> _Record:  # noqa: ANN401
    """JSON as a record of this kind; names that the record does not have are left aside. Raises AnswerInvalid."""
    if not isinstance(value, Mapping):
        raise AnswerInvalid(f"{where or 'The answer'} is not an object.")
    hints = get_type_hints(kind)
    given = {}
    for field in fields(kind):  # type: ignore[arg-type]
        name = f"{where}.{field.name}".lstrip(".")
        if field.name in value:
            given[field.name] = _value(hints[field.name], value[field.name], name)
        elif field.default is MISSING:
            raise AnswerInvalid(f"{name} is missing.")
    return kind(**given)


def _value(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401
    origin, options = get_origin(kind), get_args(kind)
    if type(None) in options:
        return None if value is None else _value(options[0], value, where)
    if is_dataclass(kind):
        return record_of(kind, value, where)  # type: ignore[arg-type]
    if origin is Mapping and isinstance(value, Mapping):
        return {
            _value(options[0], key, f"A name in {where}"): _value(options[1], item, f"{where}.{key}")
            for key, item in value.items()
        }
    if origin is tuple and isinstance(value, list):
        return tuple(_value(options[0], item, f"{where}[{place}]") for place, item in enumerate(value))
    if origin is Literal and value in options:
        return value
    is_of_kind = (
        type(value) in (int, float) and abs(value) <= sys.float_info.max if kind is float else type(value) is kind
    )
    if is_of_kind and not _SURROGATE.search(str(value)):
        return value
    raise AnswerInvalid(f"{where} is {shown(repr(value))}, which it can't be.")
