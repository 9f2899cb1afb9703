"""What became of sidecars, as text for a person and as JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phototagger.core.export import path_bytes, path_fields, shown
from phototagger.printable import one_line, printable
from phototagger.sidecars.xmp.keywords import Field

if TYPE_CHECKING:
    from phototagger.sidecars.apply import Drift, SidecarResult


def result_text(result: SidecarResult) -> str:
    """Return the readable difference of one sidecar."""
    new = " (new)" if result.created else ""
    lines = [f"{printable(result.sidecar)}{new}"]
    lines += [f"  + {printable(label)}" for label in result.added]
    lines += [f"  - {printable(label)}" for label in result.removed]
    lines += [f"    {printable(label)}" for label in result.kept]
    for field, edit in result.edits.items():
        if field is not Field.SUBJECT:
            added = (entry for entry in edit.added if entry not in result.added)
            removed = (entry for entry in edit.removed if entry not in result.removed)
            lines += [f"  + {printable(entry)} ({field.value})" for entry in added]
            lines += [f"  - {printable(entry)} ({field.value})" for entry in removed]
    if result.note:
        lines.append(f"  ({one_line(result.note)})")
    return "\n".join(lines)


def result_data(result: SidecarResult) -> dict[str, Any]:
    """Return one sidecar's difference as JSON data."""
    data: dict[str, Any] = {
        "event": "sidecar",
        "outcome": result.outcome,
        "photo": shown(str(result.photo)),
        "path": shown(str(result.sidecar)),
        "created": result.created,
        "added": result.added,
        "removed": result.removed,
        "kept": result.kept,
        "edits": {field.value: edit._asdict() for field, edit in result.edits.items()},
        "reason": result.reason,
        "note": result.note,
    }
    raw = path_bytes(str(result.sidecar))
    return data if raw is None else {**data, "path_bytes": raw.hex()}


def drift_text(drift: Drift) -> str:
    """Return what others did to one sidecar."""
    why = f": {one_line(drift.reason)}" if drift.reason else ""
    lines = [f"{printable(drift.sidecar)}: {drift.what}{why}"]
    lines += [f"  + {printable(label)}" for label in drift.added]
    lines += [f"  - {printable(label)}" for label in drift.removed]
    return "\n".join(lines)


def drift_data(drift: Drift) -> dict[str, Any]:
    """Return what others did to one sidecar, as JSON data."""
    return {
        "event": "drift",
        "what": drift.what,
        **path_fields("photo", str(drift.photo)),
        **path_fields("path", str(drift.sidecar)),
        "added": drift.added,
        "removed": drift.removed,
        "reason": drift.reason,
    }
