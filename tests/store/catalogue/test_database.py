"""The catalogue's file: opened, shared between connections, refused where it cannot be used."""

import functools
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from phototagger.errors import (
    DamagedCatalogueError,
    MissingError,
    NewerCatalogueError,
    PhototaggerError,
)
from phototagger.store import Catalogue, Edit, decide
from phototagger.store.catalogue.filesystem import is_network
from phototagger.store.catalogue.rows import put
from phototagger.store.catalogue.schema import VERSION
from phototagger.store.places import remember_run_dir
from tests.store.contents import held, sha1

CAT, DOG = sha1("cat.jpg"), sha1("dog.jpg")
APPROVED = [Edit(CAT, "cat", approved=True)]


def pragma(catalogue: Catalogue, name: str) -> object:
    return catalogue.connection.execute(f"PRAGMA {name}").fetchone()[0]


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def mounted_by_nfs(run_dir, tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nbox:/export {run_dir} nfs4 rw 0 0\n")
    monkeypatch.setattr(
        "phototagger.store.catalogue.database.is_network",
        functools.partial(is_network, mounts=mounts),
    )


def test_each_thread_has_one_connection_that_writes_through_to_the_disk(catalogue):
    seen = []

    def look() -> None:
        seen.append((catalogue.connection, pragma(catalogue, "synchronous")))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    look()
    look()
    assert len({id(connection) for connection, _ in seen}) == 4
    assert seen[-1][0] is seen[-2][0]
    assert [level for _, level in seen] == [2] * 5  # FULL


def test_any_folder_name_will_do(tmp_path):
    folder = tmp_path / "caf\udce9 #1?mode=ro%41&"
    folder.mkdir()
    catalogue = Catalogue(folder)
    decide(catalogue, APPROVED, root="/photos")
    catalogue.close()
    assert names_in(folder) == {"catalogue.db", "catalogue.db.head"}
    reader = Catalogue(folder, writable=False)
    assert held(reader) == {(CAT, "cat"): True}
    reader.close()


def test_on_a_local_disk_it_keeps_a_write_ahead_log(catalogue):
    assert pragma(catalogue, "journal_mode") == "wal"


@pytest.mark.usefixtures("mounted_by_nfs")
def test_on_a_network_file_system_it_keeps_a_rollback_journal(run_dir):
    catalogue = Catalogue(run_dir)
    decide(catalogue, APPROVED, root="/photos")
    assert pragma(catalogue, "journal_mode") == "delete"
    assert pragma(catalogue, "synchronous") == 2
    assert names_in(run_dir) == {"catalogue.db", "catalogue.db.head"}
    catalogue.close()


def test_one_that_moves_to_a_network_file_system_changes_its_journal(catalogue, run_dir, request):
    decide(catalogue, APPROVED, root="/photos")
    catalogue.close()
    request.getfixturevalue("mounted_by_nfs")
    again = Catalogue(run_dir)
    assert pragma(again, "journal_mode") == "delete"
    assert held(again) == {(CAT, "cat"): True}
    again.close()


def test_another_connection_sees_a_decision_as_soon_as_it_is_made(catalogue, run_dir):
    reader = Catalogue(run_dir, writable=False)
    assert held(reader) == {}
    decide(catalogue, APPROVED, root="/photos")
    assert held(reader) == {(CAT, "cat"): True}
    reader.close()


def test_another_process_sees_a_decision_as_soon_as_it_is_made(catalogue, run_dir):
    decide(catalogue, APPROVED, root="/photos")
    script = (
        "import sys; from phototagger.store import Catalogue, decisions; "
        "print(*[one.label for one in decisions(Catalogue(sys.argv[1], writable=False))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, run_dir], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["cat"]


@pytest.mark.parametrize("where", ["a local disk", "a network file system"])
def test_a_reader_does_not_wait_for_a_writer_in_its_transaction(run_dir, where, request):
    if where == "a network file system":
        request.getfixturevalue("mounted_by_nfs")
    catalogue = Catalogue(run_dir)
    decide(catalogue, APPROVED, root="/photos")
    reader = Catalogue(run_dir, writable=False)
    reader.connection.execute("PRAGMA busy_timeout=0")
    with catalogue.transaction() as db:
        db.execute("DELETE FROM verdict")
        assert held(reader) == {(CAT, "cat"): True}
    assert held(reader) == {}
    reader.close()
    catalogue.close()


def test_a_reader_cannot_write(catalogue, run_dir):
    reader = Catalogue(run_dir, writable=False)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        decide(reader, APPROVED, root="/photos")
    assert held(catalogue) == {}
    reader.close()


def test_a_reader_says_that_there_is_no_catalogue_yet_and_makes_none(run_dir):
    with pytest.raises(PhototaggerError) as caught:
        Catalogue(run_dir, writable=False)
    assert str(caught.value) == (
        f"{run_dir}/catalogue.db: there is no catalogue yet; run phototagger with this run_dir "
        "first, or name the right one with --run-dir"
    )
    assert names_in(run_dir) == set()


def test_a_newer_catalogue_is_refused_with_both_versions_and_stays_as_it_is(catalogue, run_dir):
    catalogue.connection.execute(f"PRAGMA user_version={VERSION + 1}")
    catalogue.connection.execute(f"UPDATE seal SET rows = {VERSION + 1} WHERE name = ' version'")
    catalogue.close()
    before = (run_dir / "catalogue.db").read_bytes()
    for writable in (True, False):
        with pytest.raises(NewerCatalogueError) as caught:
            Catalogue(run_dir, writable=writable)
        assert f"has version {VERSION + 1}" in str(caught.value)
        assert f"knows versions up to {VERSION};" in str(caught.value)
        assert "use the newer phototagger" in str(caught.value)
    assert (run_dir / "catalogue.db").read_bytes() == before


BROKEN = {
    "no database": lambda _: b"these are not the tables you are looking for" * 99,
    "four bytes": lambda _: b"SQLi",
    "zeros": lambda data: bytes(len(data)),
    "noise after the header": lambda data: data[:16] + b"\xff" * (len(data) - 16),
    "cut in its first page": lambda data: data[:100],
    "cut in half": lambda data: data[: len(data) // 2],
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("writable", [True, False], ids=["writer", "reader"])
def test_a_damaged_catalogue_is_told_with_its_cure_and_left_as_it_is(
    catalogue, run_dir, how, writable
):
    decide(catalogue, APPROVED, root="/photos")
    catalogue.close()
    path = run_dir / "catalogue.db"
    path.write_bytes(BROKEN[how](path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(PhototaggerError) as caught:
        Catalogue(run_dir, writable=writable)
    message = str(caught.value)
    assert message.startswith(f"{path}: the catalogue is damaged: ")
    assert "`phototagger doctor --repair --run-dir " in message
    assert path.read_bytes() == before
    ours = {"catalogue.db", "catalogue.db.head", "catalogue.db-wal", "catalogue.db-shm"}
    assert names_in(run_dir) <= ours


def test_what_cannot_be_opened_is_not_called_damaged(run_dir):
    (run_dir / "catalogue.db").mkdir()
    with pytest.raises(PhototaggerError) as caught:
        Catalogue(run_dir)
    assert "damaged" not in str(caught.value)
    assert str(caught.value).startswith(f"{run_dir}/catalogue.db: is no regular file")
    assert "--run-dir" in str(caught.value)


def test_a_full_disk_is_told_as_such_while_the_catalogue_is_made(run_dir, monkeypatch):
    connect = sqlite3.connect

    def on_a_full_disk(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA max_page_count=3")
        return connection

    monkeypatch.setattr(sqlite3, "connect", on_a_full_disk)
    with pytest.raises(MissingError, match="disk is full; make room"):
        Catalogue(run_dir)
    monkeypatch.undo()
    catalogue = Catalogue(run_dir)
    decide(catalogue, APPROVED, root="/photos")
    assert held(catalogue) == {(CAT, "cat"): True}
    catalogue.close()


def test_a_disk_that_fills_up_loses_nothing_and_the_next_transaction_works(catalogue):
    decide(catalogue, APPROVED, root="/photos")
    pages = pragma(catalogue, "page_count")
    catalogue.connection.execute(f"PRAGMA max_page_count={pages}")
    many = [Edit(sha1(number), "sea", approved=True) for number in range(5000)]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        decide(catalogue, many, root="/photos")
    assert held(catalogue) == {(CAT, "cat"): True}
    catalogue.connection.execute("PRAGMA max_page_count=100000")
    decide(catalogue, [Edit(DOG, "dog", approved=True)], root="/photos")
    assert held(catalogue) == {(CAT, "cat"): True, (DOG, "dog"): True}


def test_an_error_inside_a_transaction_takes_all_of_it_back(catalogue):
    def learn_half() -> None:
        with catalogue.transaction() as db:
            put(db, "photo", ("sha1",), [(CAT,)])
            raise KeyError

    with pytest.raises(KeyError):
        learn_half()
    assert catalogue.connection.execute("SELECT count(*) FROM photo").fetchone() == (0,)
    assert not catalogue.connection.in_transaction


def test_a_transaction_inside_another_is_on_disk_with_it_or_not_at_all(catalogue):
    def both(*, fails: bool) -> None:
        with catalogue.transaction():
            decide(catalogue, APPROVED, root="/photos")
            assert catalogue.connection.in_transaction
            if fails:
                raise KeyError

    with pytest.raises(KeyError):
        both(fails=True)
    assert held(catalogue) == {}
    both(fails=False)
    assert held(catalogue) == {(CAT, "cat"): True}
    assert not catalogue.connection.in_transaction


def test_a_commit_that_fails_leaves_no_transaction_open(run_dir, request):
    request.getfixturevalue("mounted_by_nfs")
    catalogue = Catalogue(run_dir)
    catalogue.connection.execute("PRAGMA busy_timeout=0")
    reader = Catalogue(run_dir, writable=False)
    reader.connection.execute("BEGIN")
    held(reader)  # now it has a lock that a rollback journal's commit must wait for
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        decide(catalogue, APPROVED, root="/photos")
    reader.connection.execute("COMMIT")
    assert held(catalogue) == {}
    decide(catalogue, APPROVED, root="/photos")
    assert held(reader) == {(CAT, "cat"): True}
    reader.close()
    catalogue.close()


def test_what_a_killed_writer_committed_is_there_and_what_it_did_not_is_not(catalogue, run_dir):
    catalogue.close()
    script = """
import os, signal, sys
from phototagger.store import Catalogue, Edit, decide
from tests.store.contents import sha1
catalogue = Catalogue(sys.argv[1])
decide(catalogue, [Edit(sha1("cat.jpg"), "cat", approved=True)], root="/photos")
with catalogue.transaction() as db:
    db.execute("DELETE FROM verdict")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, run_dir], check=False, cwd=Path(__file__).parents[3]
    )
    assert done.returncode == -9
    again = Catalogue(run_dir)
    assert held(again) == {(CAT, "cat"): True}
    again.close()


def test_a_catalogue_that_was_emptied_or_removed_is_not_begun_anew_in_silence(catalogue, run_dir):
    decide(catalogue, APPROVED, root="/photos")
    catalogue.close()
    file, note = run_dir / "catalogue.db", run_dir / "catalogue.db.head"
    lost = r"is empty or gone, and 2 changes .*remove catalogue.db.head.*--repair"
    file.write_bytes(b"")
    for writable in (True, False):
        with pytest.raises(DamagedCatalogueError, match=lost):
            Catalogue(run_dir, writable=writable)
    assert file.read_bytes() == b""
    file.unlink()
    with pytest.raises(DamagedCatalogueError, match=lost):
        Catalogue(run_dir)
    assert not file.exists()
    note.unlink()
    Catalogue(run_dir).close()


def test_damage_in_the_words_of_sqlites_own_message_is_told_as_damage(catalogue, run_dir):
    catalogue.close()
    path = run_dir / "catalogue.db"
    data = path.read_bytes()
    assert data.count(b"CREATE TABLE word (") == 1
    path.write_bytes(data.replace(b"CREATE TABLE word (", b"CREATE \xdfABLE word ("))
    with pytest.raises(DamagedCatalogueError, match="doctor --repair"):
        Catalogue(run_dir)


def test_a_version_that_only_the_header_has_is_damage(catalogue, run_dir):
    for version in (0, 1, 2, VERSION + 1):
        catalogue.connection.execute(f"PRAGMA user_version={version}")
        with pytest.raises(DamagedCatalogueError, match=f"its header says version {version}, "):
            Catalogue(run_dir)


@pytest.fixture
def known(run_dir, tmp_path, monkeypatch):
    """The run_dir as one that this user has used before."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    remember_run_dir(str(run_dir))
    return run_dir


def looks_at_values(run_dir, monkeypatch, **how) -> bool:
    """Open and close a catalogue; tell whether every value was looked at."""
    looked = []
    with monkeypatch.context() as patched:
        patched.setattr(
            "phototagger.store.catalogue.database.refuse_damaged", lambda *_: looked.append(1)
        )
        Catalogue(run_dir, **how).close()
    return bool(looked)


def test_a_file_that_holds_what_it_held_when_it_was_closed_is_not_looked_at_again(
    catalogue, known, run_dir, monkeypatch
):
    decide(catalogue, APPROVED, root="/photos")
    assert looks_at_values(run_dir, monkeypatch, writable=False)  # while another may write
    catalogue.close()
    assert not looks_at_values(run_dir, monkeypatch, writable=False)
    assert not looks_at_values(run_dir, monkeypatch)
    changed = Catalogue(run_dir)
    decide(changed, APPROVED, root="/photos")
    changed.close()
    assert not looks_at_values(run_dir, monkeypatch)


@pytest.mark.parametrize("at", [20, 5000, -1])
def test_a_single_bit_elsewhere_has_every_value_looked_at(
    catalogue, known, run_dir, at, monkeypatch
):
    decide(catalogue, APPROVED, root="/photos")
    catalogue.close()
    path = run_dir / "catalogue.db"
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with monkeypatch.context() as patched:
        patched.setattr("phototagger.store.catalogue.database.refuse_damaged", refused)
        with pytest.raises((LookedError, DamagedCatalogueError)):
            Catalogue(run_dir)


def test_a_catalogue_that_cannot_be_opened_leaves_no_connection_open(run_dir, monkeypatch):
    (run_dir / "catalogue.db").write_bytes(b"no catalogue" * 400)
    connect, made = sqlite3.connect, []

    def connected(*arguments, **options):
        made.append(connect(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", connected)
    for writable in (True, False):
        with pytest.raises(DamagedCatalogueError):
            Catalogue(run_dir, writable=writable)
    assert made
    for connection in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


class LookedError(Exception):
    pass


def refused(*_: object) -> None:
    raise LookedError


def test_after_a_kill_every_value_is_looked_at(catalogue, known, run_dir, monkeypatch):
    catalogue.close()
    script = """
import os, signal, sys
from phototagger.store import Catalogue, Edit, decide
from tests.store.contents import sha1
catalogue = Catalogue(sys.argv[1])
decide(catalogue, [Edit(sha1("cat.jpg"), "cat", approved=True)], root="/photos")
os.kill(os.getpid(), signal.SIGKILL)
"""
    here = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", script, run_dir], check=False, cwd=here)
    assert looks_at_values(run_dir, monkeypatch)
    assert not looks_at_values(run_dir, monkeypatch)


def test_what_came_with_somebodys_album_is_looked_at_whatever_its_note_says(
    catalogue, run_dir, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    decide(catalogue, APPROVED, root="/photos")
    catalogue.close()
    assert looks_at_values(run_dir, monkeypatch)
    assert looks_at_values(run_dir, monkeypatch, writable=False)


def test_a_catalogue_that_was_written_past_its_digests_is_not_noted_as_sound(
    catalogue, known, run_dir
):
    decide(catalogue, APPROVED, root="/photos")
    catalogue.connection.execute("UPDATE verdict SET labels = '{\"cat\":[false]}'")
    catalogue.close()
    with pytest.raises(DamagedCatalogueError, match="verdict"):
        Catalogue(run_dir)
