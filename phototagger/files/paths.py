"""Paths whose bytes are not UTF-8, where only UTF-8 can stand: JSON, CSV, Parquet."""

import os
from typing import Any


def readable(value: Any) -> Any:
    """Return a setting as JSON can hold it: a path that is not UTF-8 as {"path_bytes": hex}."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return {"path_bytes": os.fsencode(value).hex()}
    return value


def restored(value: Any) -> Any:
    """Return what ``readable`` was given."""
    if isinstance(value, dict) and set(value) == {"path_bytes"}:
        return os.fsdecode(bytes.fromhex(value["path_bytes"]))
    return value


def shown(path: str) -> str:
    """Return a path as text that can be stored as UTF-8: U+FFFD for what is not."""
    return _raw(path).decode("utf-8", "replace")


def path_bytes(path: str) -> bytes | None:
    """Return a path's bytes where it is not UTF-8, else None."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return _raw(path)
    return None


def _raw(path: str) -> bytes:
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:  # half a surrogate pair, which YAML and JSON can spell
        return path.encode("utf-8", "surrogatepass")


def path_fields(name: str, path: str) -> dict[str, str]:
    """Return a path's field, and its bytes in hexadecimal where it is not UTF-8."""
    raw = path_bytes(path)
    fields = {name: shown(path)}
    return fields if raw is None else {**fields, f"{name}_bytes": raw.hex()}
