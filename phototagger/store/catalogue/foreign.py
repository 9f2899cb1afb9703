"""A catalogue that may be somebody else's: what must hold before it is opened, and used.

SQLite follows what it finds: a link, a second name of another file, a journal that names a file to
be removed, a trigger. None of these is in a catalogue of ours.
"""

import contextlib
import os
import re
import sqlite3
from functools import cache
from pathlib import Path

from phototagger.errors import DamagedCatalogueError, UsageError
from phototagger.files.own import check_own, create_file, open_to_read
from phototagger.printable import printable
from phototagger.store.catalogue.rows import seal_all
from phototagger.store.catalogue.schema import REMOVED, TABLES, VERSION, add_functions

_BESIDE = ("-wal", "-shm", "-journal")
_NAMES_ANOTHER = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"  # how such a journal ends (SQLite file format)
_CURE = "move it away, or name another folder with --run-dir"

Definition = tuple[str, ...]


def check_files(path: Path, *, make: bool) -> os.stat_result:
    """Return what is known of a catalogue's file; ``make`` it, empty, where there is none.

    Raises UsageError where that, or a file that SQLite keeps beside it, may be somebody else's.
    """
    if make:
        with contextlib.suppress(FileExistsError):
            os.close(create_file(path))
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        status = check_own(beside, path.parent)
        if status is not None and suffix == "-journal" and _names_another(beside):
            raise UsageError(
                f"{printable(beside)}: names another file, which SQLite would remove; it is none "
                "of phototagger's and was left as it is",
                _CURE,
            )
    status = check_own(path, path.parent)
    if status is None:
        raise FileNotFoundError(2, os.strerror(2), os.fspath(path))
    return status


def check_same(path: Path, before: os.stat_result) -> None:
    """Raise UsageError where the catalogue that was opened is not the file that was looked at."""
    if not os.path.samestat(before, check_files(path, make=False)):
        raise UsageError(f"{printable(path)}: was exchanged while it was opened", _CURE)


def _names_another(journal: Path) -> bool:
    try:
        with open(open_to_read(journal), "rb") as file:  # noqa: PTH123  (a descriptor)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(_NAMES_ANOTHER)))
            return file.read() == _NAMES_ANOTHER
    except FileNotFoundError:  # its writer is done
        return False


def check_schema(db: sqlite3.Connection, path: Path, version: int) -> None:
    """Raise DamagedCatalogueError where a catalogue holds what phototagger does not make.

    One of an older version is looked at in full only after it was brought to this one.
    """
    actual = _schema(db)
    wanted = _made_of(TABLES)
    if version == 0:
        strange = list(actual)
    elif version < VERSION:
        strange = [key for key in actual if key not in wanted and key not in REMOVED]
    else:
        strange = [key for key in {**wanted, **actual} if actual.get(key) != wanted.get(key)]
    if strange:
        kind, name = strange[0]
        raise DamagedCatalogueError(
            f"{printable(path)}: the {kind} {printable(name)} is not as phototagger makes it, so "
            "the catalogue is damaged or somebody else's; it was left as it is",
            f"{_CURE}; where it is yours, `phototagger doctor --repair` makes a new one from what "
            "can be read and from its last good copy",
        )


@cache
def _made_of(script: str) -> dict[tuple[str, str], Definition]:
    """Return the schema of a new catalogue whose tables a script makes."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    add_functions(db)
    db.executescript(script)
    seal_all(db, 0)
    schema = _schema(db)
    db.close()
    return schema


def _schema(db: sqlite3.Connection) -> dict[tuple[str, str], Definition]:
    """Return the definition of everything in a catalogue but what SQLite makes by itself."""
    rows = db.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {
        (str(kind), str(name)): _definition(str(sql))
        for kind, name, sql in rows
        if sql is not None or kind != "index"
    }


def _definition(sql: str) -> Definition:
    """Return what makes a definition, whatever its spaces, comments and order of columns.

    A column that was added to a table stands elsewhere than in a new one.
    """
    text = " ".join(re.sub("--[^\n]*", "", sql).replace('"', "").split())
    head, _, body = text.partition("(")
    inner, _, tail = body.rpartition(")")
    parts, depth = [""], 0
    for character in inner:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    parts = [part.strip() for part in parts]
    return (head.strip(), tail.strip(), *(sorted(parts) if "TABLE" in head else parts))
