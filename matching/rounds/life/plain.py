"""Frozen data from plain data and back, such as settings out of JSON."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def built(form: type[T], plain: Mapping[str, Any]) -> T:
    """Return plain data as a dataclass, the exact inverse of `dataclasses.asdict`.

    A field that is not there keeps its default, so that data of an older release can be read.
    """
    return cast(T, _built(form, plain))


@cache
def _types(form: type) -> dict[str, Any]:
    hints = get_type_hints(form)
    return {field.name: hints[field.name] for field in fields(form)}


def _built(form: Any, value: Any) -> Any:
    if is_dataclass(form) and isinstance(form, type):
        parts = {
            name: _built(of, value[name]) for name, of in _types(form).items() if name in value
        }
        return form(**parts)
    inner = get_args(form)
    if get_origin(form) is types.UnionType:
        return None if value is None else _built(inner[0], value)
    if get_origin(form) is not tuple:
        return value
    if inner[-1] is Ellipsis:
        return tuple(_built(inner[0], item) for item in value)
    return tuple(_built(of, item) for of, item in zip(inner, value, strict=True))
