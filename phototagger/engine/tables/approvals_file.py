"""Files of decisions, CSV or Parquet: written for other machines, and read with suspicion.

A file that holds anything but decisions is refused as a whole, with every mistake and its line.
"""

import codecs
import csv
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, TypeVar

from phototagger.core.labels import normalise_label
from phototagger.errors import ApprovalsError
from phototagger.files.csv import write_rows
from phototagger.files.named import read_at_most
from phototagger.files.paths import shown
from phototagger.printable import printable
from phototagger.store.labels.edits import WHOLE_PHOTO, Who
from phototagger.store.labels.holding import Decision

COLUMNS = ("sha1", "label", "decision", "score", "who", "when", "model")
_WORDS = {True: "approved", False: "rejected"}
_DECISIONS = {word: approved for approved, word in _WORDS.items()}

_Value = TypeVar("_Value")

_MOST_MISTAKES = 20  # that are told of one file
_LONGEST_LINE = 65_536  # bytes
_MOST_PARQUET = 2**30  # bytes
_LONGEST_MODEL = 1_000  # characters
_SHOWN = 60  # characters of a wrong value
_YEARS = range(1970, 2200)
_COSINE = 1.001  # a cosine of float32 may be rounded past 1
_CONTROL = ("Cc", "Cs")
_SHA1 = re.compile("[0-9a-fA-F]{40}")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_EXPORTED = "name the CSV or Parquet file that `approvals export` wrote"


def write_approvals(file: BinaryIO, decided: Iterable[Decision], *, parquet: bool = False) -> int:
    """Write decisions; return how many. The empty label is the photo itself."""
    rows = [_row(decision) for decision in decided]
    if not parquet:
        write_rows(file, COLUMNS, rows)
        return len(rows)
    import polars as pl

    types = {"score": pl.Float64(), "when": pl.Datetime("us", "UTC")}
    schema = [(name, types.get(name, pl.String())) for name in COLUMNS]
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(file)
    return len(rows)


def _row(decision: Decision) -> tuple[object, ...]:
    word = _WORDS[decision.approved]
    return (
        decision.sha1.hex(),
        decision.label,
        word,
        decision.score,
        decision.who.value,
        decision.when,
        shown(decision.model),
    )


def read_approvals(file: BinaryIO, where: str, *, parquet: bool = False) -> list[Decision]:
    """Return the decisions of a file. Raises ApprovalsError with its mistakes, the first twenty.

    ``where`` begins each message. Columns beyond ours are passed over, in any order, and so are
    rows without decision and time: questions of a sample that nobody has answered. A decision
    without a time is of this moment.
    """
    now = datetime.now(UTC)
    decisions: list[Decision] = []
    mistakes: list[str] = []
    rows = _parquet_rows(file) if parquet else _csv_rows(file)
    try:
        for place, row in rows:
            mistakes += [f"{where}:{place}: {wrong}" for wrong in _take(row, decisions, now)]
            if len(mistakes) > _MOST_MISTAKES:
                break
    except _UnreadableError as error:
        mistakes.append(f"{where}:{error}")
    if mistakes:
        more = ["there are more mistakes"] if len(mistakes) > _MOST_MISTAKES else []
        raise ApprovalsError([*mistakes[:_MOST_MISTAKES], *(f"{where}: {line}" for line in more)])
    return decisions


class _UnreadableError(Exception):
    """The rest of the file cannot be read; the message begins with the place, if there is one."""


def _take(row: Mapping[str, Any] | str, decisions: list[Decision], now: datetime) -> list[str]:
    """Add the decision of a row, or return what is wrong with it."""
    if isinstance(row, str):
        return [row]
    if row["decision"] == row["when"] == "":  # a question without its answer
        return []
    values: list[Any] = []
    wrong = []
    for name, check in _CHECKS.items():
        try:
            values.append(now if name == "when" and row[name] == "" else check(row[name]))
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    if not wrong:
        decisions.append(Decision(*values))
    return wrong


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {_brief(value)}")  # noqa: TRY004  (as all mistakes)
    return value


def _sha1(value: Any) -> bytes:
    if not _SHA1.fullmatch(_text(value)):
        raise ValueError(f"must be the 40 hexadecimal digits of a SHA-1, not {_brief(value)}")
    return bytes.fromhex(value)


def _label(value: Any) -> str:
    return normalise_label(value) if _text(value) else WHOLE_PHOTO


def _decision(value: Any) -> bool:
    return _one_of(_DECISIONS, value)


def _score(value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        score = float(value)
    except (ValueError, TypeError):
        score = math.nan
    if isinstance(value, bool) or not -_COSINE <= score <= _COSINE:
        raise ValueError(f"must be a cosine from -1 to 1, or nothing, not {_brief(value)}")
    return score


def _who(value: Any) -> Who:
    return _one_of({who.value: who for who in Who}, value)


def _when(value: Any) -> datetime:
    when = value
    if isinstance(value, str):
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            when = None
    if not isinstance(when, datetime) or when.year not in _YEARS:
        years = f"{_YEARS.start} to {_YEARS.stop - 1}"
        raise ValueError(
            f"must be a time such as 2026-05-01T12:00:00+00:00, {years}, not {_brief(value)}"
        )
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def _model(value: Any) -> str:
    model = "" if value is None else _text(value)
    if len(model) > _LONGEST_MODEL or any(
        unicodedata.category(character) in _CONTROL for character in model
    ):
        raise ValueError(f"must be the name of a model, not {_brief(value)}")
    return model


_CHECKS: dict[str, Callable[[Any], Any]] = dict(
    zip(COLUMNS, (_sha1, _label, _decision, _score, _who, _when, _model), strict=True)
)


def _one_of(words: Mapping[str, _Value], value: Any) -> _Value:
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"must be {' or '.join(words)}, not {_brief(value)}")
    return words[value]


def _brief(value: Any) -> str:
    text = printable(str(value))
    return f"'{text[:_SHOWN]}…'" if len(text) > _SHOWN else f"'{text}'"


def _csv_rows(file: BinaryIO) -> Iterator[tuple[str, Mapping[str, str] | str]]:
    """Yield the place of each row, and its fields by column, or what is wrong with it."""
    reader = csv.reader(_lines(file), strict=True)
    header: list[str] | None = None
    while True:
        place = str(reader.line_num + 1)
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise _UnreadableError(f"{place}: is no CSV: {error}; {_EXPORTED}") from error
        if fields is None:
            if header is None:  # as what a command leaves in a pipe that failed
                raise _UnreadableError(f" is empty; {_EXPORTED}")
            return
        if header is None:
            header = fields
            _check_columns(header, place)
        elif len(fields) == len(header):
            yield place, dict(zip(header, fields, strict=True))
        elif fields:
            yield place, f"has {len(fields)} fields, not {len(header)} as the header"


def _lines(file: BinaryIO) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if line.startswith(_UTF16) and number == 1:
            raise _UnreadableError(f"{number}: is UTF-16; save the file as UTF-8")
        if len(line) > _LONGEST_LINE:
            raise _UnreadableError(f"{number}: is longer than {_LONGEST_LINE:,} bytes; {_EXPORTED}")
        try:
            yield (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).decode()
        except UnicodeDecodeError as error:
            raise _UnreadableError(f"{number}: is not UTF-8; save the file as UTF-8") from error


def _check_columns(header: list[str], place: str) -> None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise _UnreadableError(f"{place}: has no column {', '.join(missing)}; {_EXPORTED}")
    doubled = [name for name in COLUMNS if header.count(name) > 1]
    if doubled:
        raise _UnreadableError(f"{place}: has two columns {', '.join(doubled)}; {_EXPORTED}")


def _parquet_rows(file: BinaryIO) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import polars as pl

    try:
        table = pl.read_parquet(read_at_most(file, _MOST_PARQUET, "-"))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _UnreadableError(f" cannot be read as Parquet: {error}; {_EXPORTED}") from error
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise _UnreadableError(f" has no column {', '.join(missing)}; {_EXPORTED}")
    for number, row in enumerate(table.select(COLUMNS).iter_rows(named=True), start=1):
        yield f"row {number}", row
