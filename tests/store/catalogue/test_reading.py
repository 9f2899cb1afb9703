"""A run_dir in which its reader may write nothing: another user's, or on a disk mounted to read."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from phototagger.store import Edit, decide
from tests.places import as_user, hashes, let_others_reach, needs_root
from tests.shared import names_in
from tests.store.contents import sha1

STRANGER = 4001
EDIT = Edit(sha1("cat.jpg"), "cat", approved=True)

READ = """
from phototagger.errors import PhototaggerError
tempfile.tempdir = {temporary!r}
try:
    catalogue = phototagger.store.catalogue.database.Catalogue({run_dir!r}, writable=False)
except PhototaggerError as error:
    print(type(error).__name__, error)
else:
    print(catalogue.connection.execute("SELECT count(*) FROM act").fetchone()[0], "acts")
    print(len(os.listdir({temporary!r})), "copies")
    catalogue.close()
print(len(os.listdir({temporary!r})), "left")
"""

pytestmark = needs_root


@pytest.fixture
def theirs(tmp_path: Path, run_dir: Path) -> Path:
    """Return a folder, not yet locked, that strangers can reach."""
    let_others_reach(tmp_path)
    (tmp_path / "temporary").mkdir()
    (tmp_path / "temporary").chmod(0o777)
    return tmp_path / "theirs"


def read(folder: Path, mode: int = 0o444) -> list[str]:
    """Read a catalogue as a stranger; return what was printed."""
    for name in names_in(folder):
        (folder / name).chmod(mode)
    folder.chmod(0o555)
    before = hashes(folder)
    temporary = str(folder.with_name("temporary"))
    said = as_user(STRANGER, READ.format(run_dir=str(folder), temporary=temporary))
    assert hashes(folder) == before
    return said.splitlines()


def test_a_catalogue_that_was_closed_is_read_where_it_is(catalogue, run_dir, theirs):
    decide(catalogue, [EDIT], root="/photos")
    catalogue.close()
    shutil.copytree(run_dir, theirs)
    assert read(theirs) == ["1 acts", "0 copies", "0 left"]


def test_what_a_killed_writer_left_in_its_log_is_read_in_a_copy(catalogue, run_dir, theirs):
    decide(catalogue, [EDIT], root="/photos")
    shutil.copytree(run_dir, theirs, ignore=lambda *_: ["catalogue.db-shm", "lock"])
    assert (theirs / "catalogue.db-wal").stat().st_size
    assert read(theirs) == ["1 acts", "1 copies", "0 left"]


def test_a_catalogue_is_read_while_its_owner_writes(catalogue, run_dir, theirs):
    decide(catalogue, [EDIT], root="/photos")
    assert read(run_dir.rename(theirs)) == ["1 acts", "0 copies", "0 left"]


def test_a_change_that_was_cut_short_is_not_read(catalogue, run_dir, theirs):
    decide(catalogue, [EDIT], root="/photos")
    catalogue.close()
    with closing(sqlite3.connect(run_dir / "catalogue.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("PRAGMA cache_size=1")
        db.execute("BEGIN")
        db.execute("CREATE TABLE filler (text)")
        db.executemany("INSERT INTO filler VALUES (?)", [("x" * 4000,)] * 50)
        shutil.copytree(run_dir, theirs)
        db.execute("ROLLBACK")
    assert (theirs / "catalogue.db-journal").stat().st_size
    assert (theirs / "catalogue.db").stat().st_size > (run_dir / "catalogue.db").stat().st_size
    assert read(theirs) == ["1 acts", "1 copies", "0 left"]


def test_what_may_not_be_read_is_named_with_its_cure(catalogue, run_dir, theirs):
    catalogue.close()
    shutil.copytree(run_dir, theirs)
    said, left = read(theirs, mode=0o400)
    assert said.startswith(f"MissingError {theirs}/catalogue.db: cannot be read: Permission denied")
    assert "right to read" in said
    assert left == "0 left"


def test_the_copy_of_a_killed_reader_goes_with_the_next_one(catalogue, run_dir, theirs):
    decide(catalogue, [EDIT], root="/photos")
    shutil.copytree(run_dir, theirs, ignore=lambda *_: ["catalogue.db-shm", "lock"])
    temporary = theirs.with_name("temporary")
    theirs.chmod(0o755)
    for file in theirs.iterdir():
        file.chmod(0o444)
    killed = READ.partition("    catalogue.close()")[0] + "    print(flush=True); os._exit(9)"
    said = as_user(STRANGER, killed.format(run_dir=str(theirs), temporary=str(temporary)))
    assert said.splitlines() == ["1 acts", "1 copies", ""]
    assert len(names_in(temporary)) == 1
    assert read(theirs) == ["1 acts", "1 copies", "0 left"]
