"""A catalogue that came from elsewhere: nothing it brings along is followed, run or believed."""

import os
import shutil
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from phototagger.errors import DamagedCatalogueError, PhototaggerError, UsageError
from phototagger.store import Catalogue, Edit, decide
from phototagger.store.catalogue.schema import VERSION
from tests.places import FOREIGN, as_user, let_others_reach, needs_root
from tests.shared import RELEASED, names_in
from tests.store.contents import held, sha1

CAT = sha1("cat.jpg")
APPROVED = [Edit(CAT, "cat", approved=True)]
WRITABLE = pytest.mark.parametrize("writable", [True, False], ids=["writer", "reader"])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"a photo")
    return path


@pytest.fixture
def path(catalogue: Catalogue, run_dir: Path) -> Path:
    """Give the file of a catalogue that is closed."""
    decide(catalogue, APPROVED, root="/photos")
    catalogue.close()
    return run_dir / "catalogue.db"


@WRITABLE
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize("put", FOREIGN.values(), ids=FOREIGN)
def test_a_file_of_the_catalogue_that_may_be_somebody_elses_is_not_opened(
    path, photo, suffix, put, writable
):
    place = path.with_name(path.name + suffix)
    place.unlink(missing_ok=True)
    put(place, photo)
    before = os.lstat(place), names_in(path.parent)
    with pytest.raises(PhototaggerError, match=r"catalogue.db.*(left as it is|no catalogue yet)"):
        Catalogue(path.parent, writable=writable)
    assert (os.lstat(place), names_in(path.parent)) == before
    assert photo.read_bytes() == b"a photo"
    assert names_in(photo.parent) == ["photo.jpg", "runs"]


def hot_journal(folder: Path, victim: Path) -> None:
    """Leave a catalogue with a journal to be rolled back, which names a file to be removed."""
    script = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=DELETE")
db.execute("PRAGMA cache_size=1")
db.execute("CREATE TABLE IF NOT EXISTS word (a)")
db.execute("INSERT INTO word VALUES (zeroblob(100000))")
db.execute("BEGIN")
db.execute("UPDATE word SET a = randomblob(100000)")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script, folder / "catalogue.db"], check=True)
    name = os.fsencode(victim)
    record = struct.pack(">I", 2**30 // 4096 + 1) + name + struct.pack(">II", len(name), sum(name))
    with (folder / "catalogue.db-journal").open("ab") as journal:
        journal.write(record + b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")


@WRITABLE
def test_a_journal_that_names_a_file_to_be_removed_is_not_played_back(run_dir, photo, writable):
    hot_journal(run_dir, photo)
    before = {path.name: path.read_bytes() for path in run_dir.iterdir()}
    with pytest.raises(UsageError, match="names another file, which SQLite would remove"):
        Catalogue(run_dir, writable=writable)
    assert photo.read_bytes() == b"a photo"
    assert {path.name: path.read_bytes() for path in run_dir.iterdir()} == before


def test_a_journal_that_a_killed_writer_of_ours_left_is_played_back(path):
    script = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=DELETE")
db.execute("PRAGMA cache_size=1")
db.execute("BEGIN")
db.execute("DELETE FROM verdict")
db.executemany("INSERT INTO word (label, row_digest) VALUES (?, 0)",
               [(f"{n}" * 99,) for n in range(999)])
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script, path], check=True)
    assert path.with_name("catalogue.db-journal").stat().st_size > 512
    again = Catalogue(path.parent)
    assert held(again) == {(CAT, "cat"): True}
    again.close()


STRANGE = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON act BEGIN DELETE FROM verdict; END",
    "a view": "CREATE VIEW v AS SELECT * FROM act",
    "a table more": "CREATE TABLE more (a)",
    "a virtual table": "CREATE VIRTUAL TABLE f USING fts5(a)",
    "an index more": "CREATE INDEX i ON act (who)",
    "an index on an expression": "CREATE INDEX i ON verdict (abs(place))",
    "a column more": "ALTER TABLE word ADD COLUMN a",
    "a generated column": "ALTER TABLE word ADD COLUMN a AS (upper(label))",
    "a table less": "DROP TABLE draft",
    "a table with a check": "DROP TABLE word; CREATE TABLE word (id INTEGER PRIMARY KEY, "
    "label TEXT NOT NULL UNIQUE CHECK (label != 'cat'), row_digest INTEGER NOT NULL DEFAULT 0)",
    "a table that replaces": "DROP TABLE word; CREATE TABLE word (id INTEGER PRIMARY KEY, "
    "label TEXT NOT NULL UNIQUE ON CONFLICT REPLACE, row_digest INTEGER NOT NULL DEFAULT 0)",
}


@WRITABLE
@pytest.mark.parametrize("sql", STRANGE.values(), ids=STRANGE)
def test_a_catalogue_that_holds_what_phototagger_does_not_make_is_refused(path, sql, writable):
    with sqlite3.connect(path) as db:
        db.executescript(sql)
    db.close()
    before = path.read_bytes()
    with pytest.raises(DamagedCatalogueError, match="is not as phototagger makes it"):
        Catalogue(path.parent, writable=writable)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", range(1, VERSION))
@pytest.mark.parametrize("kind", ["a trigger", "a view", "a table more", "a virtual table"])
def test_an_older_one_with_a_stranger_in_it_is_not_brought_up(run_dir, version, kind):
    released = RELEASED / f"catalogue-{version}.sql"
    with sqlite3.connect(run_dir / "catalogue.db") as db:
        db.executescript(released.read_text())
        db.executescript(STRANGE[kind])
    db.close()
    before = (run_dir / "catalogue.db").read_bytes()
    with pytest.raises(DamagedCatalogueError, match="is not as phototagger makes it"):
        Catalogue(run_dir)
    assert (run_dir / "catalogue.db").read_bytes() == before
    assert names_in(run_dir) == ["catalogue.db"]


def test_a_database_of_another_program_gets_no_tables_of_ours(run_dir):
    with sqlite3.connect(run_dir / "catalogue.db") as db:
        db.execute("CREATE TABLE Images (id INTEGER PRIMARY KEY, name TEXT)")
    db.close()
    before = (run_dir / "catalogue.db").read_bytes()
    with pytest.raises(DamagedCatalogueError, match="the table Images is not as"):
        Catalogue(run_dir)
    assert (run_dir / "catalogue.db").read_bytes() == before


def test_functions_of_the_schema_are_not_trusted_and_no_value_is_endless(catalogue):
    assert catalogue.connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
    with pytest.raises(sqlite3.DataError, match="too big"):
        catalogue.connection.execute("SELECT zeroblob(1 << 28)")


@pytest.mark.parametrize(
    ("folder_has", "file_has"), [(0o700, 0o600), (0o750, 0o640), (0o2770, 0o660)]
)
def test_a_catalogue_has_no_right_that_its_folder_lacks(tmp_path, folder_has, file_has):
    before = os.umask(0o022)
    folder = tmp_path / "runs"
    folder.mkdir()
    folder.chmod(folder_has)
    try:
        catalogue = Catalogue(folder)
        modes = {one.name: one.stat().st_mode & 0o777 for one in folder.iterdir()}
        catalogue.close()
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(
        ("catalogue.db", "catalogue.db-shm", "catalogue.db-wal", "catalogue.db.head"), file_has
    )


@needs_root
@pytest.mark.parametrize(
    ("owner", "outcome"), [(4002, "opened"), (4003, "belongs to another user")]
)
def test_a_catalogue_of_another_user_in_a_folder_that_all_may_write_to_is_refused(
    path, owner, outcome
):
    let_others_reach(path.parent, 0o777)
    os.chown(path, owner, owner)
    path.chmod(0o666)
    os.chown(path.parent, 4002, 4002)
    said = as_user(
        4001,
        f"""
from phototagger.store.catalogue.database import Catalogue
from phototagger.errors import UsageError
try:
    Catalogue({str(path.parent)!r}).close()
    print("opened")
except UsageError as error:
    print(error)
""",
    )
    assert outcome in said


def test_a_copy_in_another_folder_is_used(path, tmp_path):
    shutil.copytree(path.parent, tmp_path / "copy")
    again = Catalogue(tmp_path / "copy")
    assert held(again) == {(CAT, "cat"): True}
    again.close()


@pytest.mark.parametrize("put", FOREIGN.values(), ids=FOREIGN)
def test_a_note_of_changes_that_may_be_somebody_elses_is_neither_read_nor_written(path, photo, put):
    note = path.with_name("catalogue.db.head")
    note.unlink(missing_ok=True)
    put(note, photo)
    before = os.lstat(note)
    with closing(Catalogue(path.parent)) as catalogue:
        decide(catalogue, APPROVED, root="/photos")
    assert os.lstat(note) == before
    assert photo.read_bytes() == b"a photo"


def test_a_file_that_is_too_long_to_be_a_note_of_changes_is_left_as_it_is(path):
    note = path.with_name("catalogue.db.head")
    note.write_bytes(b"a photo" * 99)
    with closing(Catalogue(path.parent)) as catalogue:
        decide(catalogue, APPROVED, root="/photos")
    assert note.read_bytes() == b"a photo" * 99
