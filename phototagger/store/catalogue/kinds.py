"""What a value of each column may be, whoever wrote it.

Digests show accidents; somebody who makes a catalogue makes them fit. So values are also looked at
for what they are, column by column, as fast as they are read.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from phototagger.store.vectors.keys import KEY_BYTES

Column = Sequence[Any]
Kind = Callable[[Column], bool]

LETTERS = "abcdefghijklmnoprstvwxyz"
"""Letters that labels may have: in the review ``q`` leaves and ``u`` undoes."""

NAMINGS = ("rename", "merge", "remove", "synonym", "add")
"""How a label comes to another name, or to none."""

SOURCES = ("stack",)
"""What an act decided at once, where it was more than a photo."""

_DAY = 24 * 60  # minutes
_LAST_MOMENT = 253_402_300_799_999_999  # of the year 9999, in microseconds
_MODEL = re.compile(r"[A-Za-z0-9._-]+")
_NO_LABEL = re.compile("[\0-\x1f\x7f-\x9f|]")
_VERDICT = r"""
    "(?:[^"\\|\x00-\x1f\x7f-\x9f]|\\["\\])*":           # a label
    \[(?:true|false|null)                              # approved
    (?:,(?:null|-?\d{1,25}(?:\.\d{1,25})?(?:e[+-]?\d{1,3})?)  # score
    (?:,\d{1,18})?)?\]                                 # act
"""
_VERDICTS = re.compile(rf"\{{{_VERDICT}(?:,{_VERDICT})*\}}", re.VERBOSE)
_NUMBERS = frozenset({int, float})
_FLOAT_BYTES = 4


def _all(kind: type, values: Column) -> bool:
    return set(map(type, values)) <= {kind}


def _whole(low: int, high: int, values: Column) -> bool:
    return _all(int, values) and (not values or (low <= min(values) and max(values) <= high))


def _real(values: Column) -> bool:
    return set(map(type, values)) <= _NUMBERS


def _key(values: Column) -> bool:
    return _all(bytes, values) and set(map(len, values)) <= {KEY_BYTES}


def _rows(size: int, values: Column) -> bool:
    return _all(bytes, values) and not any(len(value) % size for value in values)


_keys = partial(_rows, KEY_BYTES)


def _share(values: Column) -> bool:
    return _real(values) and all(0 <= value <= 1 for value in values)


def _path(values: Column) -> bool:
    if not values or not _all(bytes, values):
        return not values
    joined, between = b"\0".join(values), len(values) - 1  # no path holds a NUL
    return joined[:1] == b"/" and joined.count(b"\0") == joined.count(b"\0/") == between


def _label(values: Column) -> bool:
    return _all(str, values) and not any(map(_NO_LABEL.search, set(values)))


def _verdicts(values: Column) -> bool:
    return _all(str, values) and all(map(_VERDICTS.fullmatch, set(values)))


def _model(values: Column) -> bool:
    """Tell whether all are ids of models, each a folder's name that leads nowhere else."""
    return _all(str, values) and all(
        _MODEL.fullmatch(value) and value.strip(".") for value in set(values) - {""}
    )


def _json(fits: Callable[[Any], bool], values: Column) -> bool:
    try:
        return _all(str, values) and all(fits(json.loads(value)) for value in set(values))
    except (ValueError, RecursionError):
        return False


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _checks(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_texts, value))  # noqa: PLR2004


def _stamps(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(stamp, list) and list(map(type, stamp)) == [str, int, int] for stamp in value
    )


def _is_found(value: Any) -> bool:
    """Tell whether a value is what a provider proposed: a label, a score, and a box or nothing."""
    if not (isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)):  # noqa: PLR2004
        return False
    label, score, box = value
    numbers = [score, *(box if isinstance(box, list) else ())]
    return (
        not _NO_LABEL.search(label)
        and (box is None or len(numbers) == 5)  # noqa: PLR2004
        and all(type(number) in _NUMBERS and 0 <= number <= 1 for number in numbers)
    )


def _founds(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_found, value))


def _or_null(kind: Kind, values: Column) -> bool:
    return kind([value for value in values if value is not None])


TEXT, BLOB = partial(_all, str), partial(_all, bytes)
COUNT, NUMBER = partial(_whole, 0, 2**63 - 1), partial(_whole, -(2**63), 2**63 - 1)
PIXELS = partial(_or_null, partial(_whole, 0, 2**31 - 1))

KINDS: Mapping[str, Mapping[str, Kind]] = {
    "photo": {
        "sha1": _key, "width": PIXELS, "height": PIXELS, "reason": partial(_or_null, TEXT),
    },
    "file": {"path": _path, "sha1": _key, "size": COUNT, "mtime_ns": NUMBER},
    "weights": {
        "model_name": TEXT, "pretrained": TEXT, "files": partial(_json, _stamps), "digest": TEXT,
        "model": _model,
    },
    "scoring": {
        "id": COUNT, "model": _model, "labels_digest": BLOB, "prompt": partial(_json, _texts),
        "threshold": _real, "topk": partial(_whole, 1, 2**31 - 1),
        "labels": partial(_json, _texts),
    },
    "suggestion": {"scoring": COUNT, "sha1": _key, "positions": BLOB, "scores": BLOB},
    "medoid": {"model": _model, "folder": _path, "members": BLOB, "path": _path, "cosine": _real},
    "act": {
        "id": COUNT, "root": _path, "who": lambda values: set(values) <= {"person", "auto"},
        "at": partial(_whole, 0, _LAST_MOMENT), "model": _model, "state": partial(_whole, 0, 2),
        "verdicts": partial(_or_null, COUNT),
        "source": lambda values: set(values) <= {None, *SOURCES},
    },
    "verdict": {"act": COUNT, "place": COUNT, "sha1": _key, "labels": _verdicts},
    "naming": {
        "act": COUNT, "kind": lambda values: set(values) <= set(NAMINGS), "label": _label,
        "becomes": _label,
    },
    "taken": {
        "sha1": _key, "clock": partial(_or_null, NUMBER),
        "zone": partial(_or_null, partial(_whole, -_DAY, _DAY)), "camera": partial(_or_null, TEXT),
    },
    "grouping": {"act": COUNT, "sha1": _key, "stack": COUNT},
    "sidecar": {"path": _path, "entry": TEXT, "previous": partial(_or_null, BLOB)},
    "sidecar_intent": {"path": _path, "intent": TEXT},
    "draft": {
        "sha1": _key, "checks": partial(_json, _checks), "act": partial(_or_null, COUNT),
    },
    "word": {"id": COUNT, "label": _label},
    "letter": {"label": _label, "letter": lambda values: set(values) <= set(LETTERS)},
    "picture": {
        "sha1": _key, "digest": partial(_or_null, _key), "look": partial(_or_null, _key),
    },
    "edition": {"sha1": _key, "first": _key},
    "former": {"path": _path, "sha1": _key},
    "unread": {"sha1": _key},
    "certificate": {
        "id": COUNT, "root": _path, "at": partial(_whole, 0, _LAST_MOMENT), "model": _model,
        "labels": partial(_json, _texts), "taught": COUNT, "precision": _share,
        "confidence": _share, "over_labels": partial(_whole, 0, 1), "seed": COUNT,
        "state": partial(_whole, 0, 2), "tests": COUNT, "tested": COUNT, "library": _keys,
        "pairs": partial(_rows, 3 * _FLOAT_BYTES), "act": partial(_or_null, COUNT),
        "threshold": partial(_or_null, _share), "bound": partial(_or_null, _share),
        "looks": partial(_or_null, COUNT), "wrong": partial(_or_null, COUNT),
        "photos": partial(_or_null, COUNT), "approved": partial(_or_null, COUNT),
        "answers": partial(_or_null, _key),
    },
    "drawn": {"certificate": COUNT, "place": COUNT, "sha1": _key},
    "discovery": {"id": COUNT, "provider": TEXT, "version": TEXT, "model": _model},
    "discovered": {"sha1": _key, "discovery": COUNT, "found": partial(_json, _founds)},
    "threshold": {"root": _path, "model": _model, "value": _real},
    "exported": {"run": BLOB, "last_act": COUNT, "undone": COUNT},
}  # fmt: skip
"""For each column of each table, what tells whether all of some values can be there."""


def unfit(table: str, names: Sequence[str], columns: Sequence[Column]) -> str:
    """Return the column of a table that holds a value that cannot be there; empty for none."""
    kinds = KINDS.get(table, {})
    for name, values in zip(names, columns, strict=True):
        if name in kinds and not kinds[name](values):
            return name
    return ""


def unfit_suggestions(
    db: sqlite3.Connection, names: Sequence[str], columns: Sequence[Column]
) -> bool:
    """Tell whether suggestions, each value of its kind, do not fit the labels they are of."""
    asked = db.execute("SELECT id, labels, topk FROM scoring").fetchall()
    labels = {number: len(json.loads(text)) for number, text, _ in asked}
    least = {number: min(labels[number], topk) for number, _, topk in asked}
    named = dict(zip(names, columns, strict=True))
    scorings, positions, scores = named["scoring"], named["positions"], named["scores"]
    lengths = list(map(len, positions))
    if lengths != list(map(len, scores)) or any(length % _FLOAT_BYTES for length in lengths):
        return True
    counts = np.array(lengths, np.int64) // _FLOAT_BYTES
    most = np.array([labels.get(number, 0) for number in scorings], np.int64)
    if (counts < [least.get(number, 1) for number in scorings]).any():
        return True
    flat = np.frombuffer(b"".join(positions), np.int32)
    return bool((flat < 0).any() or (flat >= np.repeat(most, counts)).any())
