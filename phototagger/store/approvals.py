"""Decisions by content, from one machine to another: CSV or Parquet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from phototagger.core.errors import UsageError, printable
from phototagger.core.files import write_atomically
from phototagger.core.labels import normalise_label
from phototagger.store.decisions import WHOLE_PHOTO, Decision, Edit, Who, decide, decisions
from phototagger.store.keys import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from phototagger.store.catalogue import Catalogue

COLUMNS = ("sha1", "label", "decision", "score", "who", "when", "model")
_WORDS = {True: "approved", False: "rejected"}
_DECISIONS = {word: approved for approved, word in _WORDS.items()}


def export_approvals(catalogue: Catalogue, target: Path) -> int:
    """Write every decision that holds; return how many. The empty label is the photo itself."""
    rows = [_row(one) for one in decisions(catalogue)]
    with write_atomically(target) as file:
        if _is_parquet(target):
            import polars as pl

            types = {"score": pl.Float64(), "when": pl.Datetime("us", "UTC")}
            schema = [(name, types.get(name, pl.String())) for name in COLUMNS]
            pl.DataFrame(rows, schema=schema, orient="row").write_parquet(file)
        else:
            out = io.TextIOWrapper(file, encoding="utf-8", newline="")
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
            out.flush()
            out.detach()
    return len(rows)


def _row(one: Decision) -> tuple[object, ...]:
    word = _WORDS[one.approved]
    return one.sha1.hex(), one.label, word, one.score, one.who.value, one.when, one.model


def import_approvals(catalogue: Catalogue, told: Iterable[Decision], *, root: str) -> int:
    """Take in decisions that were exported elsewhere; return how many were new.

    Of two decisions on a label of a photo the later one holds, and a person's before auto's. Who
    decided, and when, is kept: each of the other machine's acts becomes an act here. All of them
    are taken in, or none.
    """
    here = {(one.sha1, one.label): one for one in decisions(catalogue)}
    new = [one for one in told if _beats(one, here.get((one.sha1, one.label)))]
    new.sort(key=lambda one: (one.when, one.who, one.model))
    with catalogue.transaction():
        for (when, who, model), act in groupby(new, key=lambda one: (one.when, one.who, one.model)):
            edits = [Edit(one.sha1, one.label, one.approved, one.score) for one in act]
            decide(catalogue, edits, root=root, who=who, model=model, when=when)
    return len(new)


def _beats(new: Decision, old: Decision | None) -> bool:
    if old is None:
        return True
    if new.who is not old.who:
        return new.who is Who.PERSON
    return new.when > old.when


def read_approvals(source: Path) -> list[Decision]:
    """Return the decisions of a file. Raises UsageError naming the line that holds none."""
    return list(_read(source))


def _read(source: Path) -> Iterator[Decision]:
    where = printable(source)
    for number, row in enumerate(_rows(source), start=2):
        try:
            yield _decision(row)
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise UsageError(
                f"{where}:{number}: is no decision ({error})",
                f"the columns are {', '.join(COLUMNS)}",
            ) from error


def _rows(source: Path) -> Iterable[dict[str, Any]]:
    where = printable(source)
    try:
        if not _is_parquet(source):
            with source.open(newline="", encoding="utf-8-sig") as file:
                return list(csv.DictReader(file))
        import polars as pl

        return pl.read_parquet(source).to_dicts()
    except OSError as error:
        raise UsageError(
            f"{where}: cannot be read: {error.strerror or error}", "name a file that can be read"
        ) from error
    except Exception as error:
        if type(error).__module__.startswith("polars") or isinstance(error, ValueError | csv.Error):
            raise UsageError(
                f"{where}: cannot be read as a table: {error}",
                "name the CSV or Parquet file that `approvals export` wrote",
            ) from error
        raise


def _decision(row: dict[str, Any]) -> Decision:
    sha1 = bytes.fromhex(row["sha1"])
    if len(sha1) != KEY_BYTES:
        raise ValueError(f"not a SHA-1: {row['sha1']!r}")
    label = row["label"] or WHOLE_PHOTO
    when = row["when"]
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    score = row.get("score")
    return Decision(
        sha1,
        normalise_label(label) if label else WHOLE_PHOTO,
        _DECISIONS[row["decision"]],
        None if score in (None, "") else float(score),
        Who(row["who"]),
        when.astimezone(UTC),
        row["model"] or "",
    )


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"
