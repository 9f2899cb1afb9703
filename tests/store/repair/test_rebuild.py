"""A damaged catalogue is repaired: of its own rows and its copies, and nothing is overwritten."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from phototagger.core.checklist import Draft
from phototagger.errors import DamagedCatalogueError, UsageError
from phototagger.store import Catalogue, Edit, decide, decisions, redo, undo
from phototagger.store.catalogue.copies import copies_of, keep_copy
from phototagger.store.catalogue.rows import put
from phototagger.store.labels.custom_labels import add_word
from phototagger.store.labels.drafts import save_drafts
from phototagger.store.photos.contents import KnownFile, remember_files
from phototagger.store.repair.carve import PAGE, pages_of, records
from phototagger.store.repair.damage import damages
from phototagger.store.repair.rebuild import repair
from tests.faults.damaged_library import every_row
from tests.shared import RELEASED
from tests.store.contents import held, sha1

WHEN = datetime(2026, 1, 2, 3, 4, 5)
KEPT = "catalogue.db.damaged-20260102-030405"
CAT, DOG = sha1("cat.jpg"), sha1("dog.jpg")
INDEX_LEAF = 10


@pytest.fixture
def filled(catalogue, run_dir):
    """A catalogue with 400 photos, acts, one of them undone, a draft, a long sidecar."""
    files = [KnownFile(f"/photos/{n}.jpg", sha1(n), n, n, 40, 30, None) for n in range(400)]
    remember_files(catalogue, files)
    for number in range(60):
        edits = [Edit(sha1(number), label, True, 0.25) for label in ("sea", f"label {number}")]
        decide(catalogue, edits, root="/photos")
    undo(catalogue, root="/photos")
    save_drafts(catalogue, {CAT: Draft(frozenset({"sea"})), DOG: Draft(frozenset({"sky"}))})
    save_drafts(catalogue, {DOG: None})
    add_word(catalogue, "red kite")
    with catalogue.transaction() as db:
        entry = (b"/photos/1.xmp", "{}", os.urandom(20_000))
        put(db, "sidecar", ("path", "entry", "previous"), [entry])
    catalogue.close()
    return run_dir


def contents(run_dir: Path) -> dict[str, list[object]]:
    catalogue = Catalogue(run_dir, writable=False)
    found = every_row(catalogue.connection)
    catalogue.close()
    return found


def overwrite(path: Path, number: int, page: bytes = bytes(PAGE)) -> None:
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE)
        file.write(page)


def refused(run_dir: Path) -> str:
    with pytest.raises(DamagedCatalogueError) as caught:
        Catalogue(run_dir)
    return str(caught.value)


def repaired(run_dir: Path) -> dict[str, object]:
    return {one.table: one for one in repair(run_dir, lambda: WHEN).tables}


IS_ROW = {
    "act": lambda values: len(values) == 9 and values[1] == b"/photos",
    "file": lambda values: len(values) == 5 and str(values[0]).startswith("b'/photos/"),
    "verdict": lambda values: len(values) == 5 and "true" in str(values[3]),
}


def leaves(path: Path, table: str) -> list[int]:
    """The pages that hold rows of a table, by number."""
    pages = pages_of(path)
    return [
        number
        for number, page in enumerate(pages, start=1)
        if any(IS_ROW[table](one.values) for one in records(page, number, pages))
    ]


def test_a_page_that_is_gone_costs_its_rows_and_nothing_else(filled):
    before = contents(filled)
    path = filled / "catalogue.db"
    page = leaves(path, "verdict")[1]
    overwrite(path, page)
    damaged = path.read_bytes()
    assert "`phototagger doctor --repair --run-dir " in refused(filled)
    found = repaired(filled)
    after = contents(filled)
    lost = found["verdict"].lost
    assert 0 < lost < len(before["verdict"])
    assert len(after["verdict"]) == len(before["verdict"]) - lost
    assert {*after["verdict"]} < {*before["verdict"]}
    assert after["draft"] == before["draft"]
    assert after["sidecar"] == before["sidecar"]
    assert (filled / KEPT).read_bytes() == damaged
    catalogue = Catalogue(filled)
    assert list(damages(catalogue.connection)) == []
    catalogue.close()


def test_what_is_gone_comes_from_the_copy_and_what_came_after_it_from_the_catalogue(filled):
    catalogue = Catalogue(filled)
    assert keep_copy(catalogue) == ""
    decide(catalogue, [Edit(CAT, "sea", True)], root="/photos")
    save_drafts(catalogue, {CAT: None})
    catalogue.close()
    before = contents(filled)
    path = filled / "catalogue.db"
    overwrite(path, leaves(path, "verdict")[0])
    found = repaired(filled)
    assert found["verdict"].lost == 0
    assert found["verdict"].found["catalogue.db.day-1"] > 0
    assert contents(filled) == before


def test_a_cell_that_leads_to_zeros_is_no_row(filled):
    path = filled / "catalogue.db"
    pages = pages_of(path)
    number = next(one for one in leaves(path, "file") if pages[one - 1][0] == INDEX_LEAF)
    page = bytearray(pages[number - 1])
    at = int.from_bytes(page[8:10], "big")
    page[at : at + 7] = bytes([6, 6, 0, 0, 0, 0, 0])  # five empty values, the digest among them
    overwrite(path, number, bytes(page))
    assert (None,) * 5 in [one.values for one in records(bytes(page), number, pages_of(path))]
    page[at : at + 7] = bytes([6, 6, 0, 0, 0, 0, 8])  # and with a digest of zero
    overwrite(path, number, bytes(page))
    before = len(contents_of_copy(path))
    found = repaired(filled)
    assert (found["file"].rows, found["file"].lost) == (before - 1, 1)


def contents_of_copy(path: Path) -> list[object]:
    db = sqlite3.connect(path)
    rows = db.execute("SELECT path FROM file").fetchall()
    db.close()
    return rows


def test_rows_that_were_removed_do_not_come_back_from_a_copy(filled):
    catalogue = Catalogue(filled)
    keep_copy(catalogue)
    save_drafts(catalogue, {CAT: None})
    catalogue.close()
    overwrite(filled / "catalogue.db", leaves(filled / "catalogue.db", "file")[0])
    repaired(filled)
    assert contents(filled)["draft"] == []


@pytest.mark.parametrize("part", [0, 50], ids=["all of it", "its second half"])
def test_a_header_that_is_gone_costs_nothing(filled, part):
    before = contents(filled)
    path = filled / "catalogue.db"
    with path.open("r+b") as file:
        file.seek(part)
        file.write(b"\xff" * (100 - part))
    refused(filled)
    repaired(filled)
    assert contents(filled) == before


def test_a_catalogue_that_is_gone_comes_back_from_its_copy(filled):
    catalogue = Catalogue(filled)
    keep_copy(catalogue)
    catalogue.close()
    before = contents(filled)
    (filled / "catalogue.db").unlink()
    assert "it is gone, and catalogue.db.day-1 is there" in refused(filled)
    repaired(filled)
    assert contents(filled) == before


def test_an_act_that_is_gone_is_made_again_from_its_decisions(filled):
    before = held_in(filled)
    path = filled / "catalogue.db"
    for page in leaves(path, "act"):
        overwrite(path, page)
    refused(filled)
    repaired(filled)
    assert held_in(filled).items() >= before.items()


def held_in(run_dir: Path) -> dict[tuple[bytes, str], bool]:
    catalogue = Catalogue(run_dir)
    found = held(catalogue)
    catalogue.close()
    return found


def test_a_log_that_is_lost_is_noticed_and_what_is_there_is_kept(filled):
    catalogue = Catalogue(filled)
    catalogue.connection.execute("PRAGMA wal_autocheckpoint=0")
    decide(catalogue, [Edit(CAT, "sea", True)], root="/photos")
    files = {path.name: path.read_bytes() for path in filled.iterdir() if path.is_file()}
    catalogue.close()
    for name in ("catalogue.db", "catalogue.db.head"):
        (filled / name).write_bytes(files[name])
    assert "its last 1 changes are not in it" in refused(filled)
    assert repair(filled).missing == 1
    assert (CAT, "sea") not in held_in(filled)
    assert len(held_in(filled)) == 118


def test_acts_behind_a_hit_in_the_log_are_found_on_its_pages(filled):
    catalogue = Catalogue(filled)
    catalogue.connection.execute("PRAGMA wal_autocheckpoint=0")
    for label in ("sea", "sky", "sun"):
        decide(catalogue, [Edit(CAT, label, True)], root="/photos")
    files = {path.name: path.read_bytes() for path in filled.iterdir() if path.is_file()}
    catalogue.close()
    log = bytearray(files["catalogue.db-wal"])
    log[60] ^= 1  # in the first page
    for name in ("catalogue.db", "catalogue.db.head"):
        (filled / name).write_bytes(files[name])
    (filled / "catalogue.db-wal").write_bytes(log)
    refused(filled)
    repaired(filled)
    assert {label for sha, label in held_in(filled) if sha == CAT} == {"sea", "sky", "sun"}
    assert (filled / f"{KEPT}-wal").read_bytes() == log


@pytest.mark.parametrize("renames", range(1, 4))
def test_a_repair_that_is_cut_short_is_ended_by_the_next_one(filled, renames, monkeypatch):
    """The power fails after so many of the renames that put the new catalogue in its place."""
    (filled / "catalogue.db-wal").write_bytes(b"no log at all")
    overwrite(filled / "catalogue.db", leaves(filled / "catalogue.db", "file")[0])
    done = []
    rename = Path.rename

    def rename_some(path: Path, target: Path) -> Path:
        if len(done) == renames - 1:
            raise KeyboardInterrupt
        done.append(path)
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename_some)
        with pytest.raises(KeyboardInterrupt):
            repair(filled, lambda: WHEN)
    refused(filled)
    assert repair(filled, lambda: WHEN).tables == []
    assert len(held_in(filled)) == 118
    assert not (filled / "catalogue.db.repaired").exists()


OLD = RELEASED / "catalogue-11.sql"


@pytest.fixture
def old(run_dir):
    """A run_dir whose catalogue keeps verdicts by label, and what holds there."""
    run_dir.mkdir(exist_ok=True)
    with closing(sqlite3.connect(run_dir / "catalogue.db")) as database:
        database.executescript(OLD.read_text())
    reader = Catalogue(run_dir, writable=False)
    yield run_dir, list(decisions(reader))
    reader.close()


@pytest.mark.parametrize("header", [b"", b"\xff" * 100], ids=["a row", "the header"])
def test_a_damaged_catalogue_that_kept_verdicts_by_label_loses_none(old, header):
    run_dir, before = old
    path = run_dir / "catalogue.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE word SET label = 'rad kite'")
        database.commit()
    data = path.read_bytes()
    path.write_bytes(header + data[len(header) :])
    refused(run_dir)
    found = repaired(run_dir)
    assert (found["verdict"].rows, found["verdict"].lost) == (3, 0)
    catalogue = Catalogue(run_dir)
    assert list(decisions(catalogue)) == before
    assert redo(catalogue, root="/photos") is not None
    assert list(damages(catalogue.connection)) == []
    catalogue.close()


def test_what_a_new_catalogue_loses_comes_from_the_copy_of_the_version_before(old):
    run_dir, before = old
    shutil.copy(run_dir / "catalogue.db", run_dir / "catalogue.db.day-1")
    Catalogue(run_dir).close()
    with closing(sqlite3.connect(run_dir / "catalogue.db")) as database:
        database.execute("UPDATE verdict SET labels = replace(labels, 'dog', 'dig')")
        database.commit()
    refused(run_dir)
    found = repaired(run_dir)
    assert found["verdict"].lost == 0
    assert found["verdict"].found["a copy of an older version"] == 1
    catalogue = Catalogue(run_dir)
    assert list(decisions(catalogue)) == before
    catalogue.close()


def test_a_sound_catalogue_is_not_repaired(filled):
    before = (filled / "catalogue.db").read_bytes()
    with pytest.raises(UsageError, match="is not damaged"):
        repair(filled)
    assert (filled / "catalogue.db").read_bytes() == before


def test_one_copy_a_day_and_two_at_most_are_kept(filled, monkeypatch):
    catalogue = Catalogue(filled)
    day = 24 * 60 * 60
    for number in range(4):
        decide(catalogue, [Edit(CAT, f"day {number}", True)], root="/photos")
        keep_copy(catalogue)
        first = copies_of(catalogue.path)[0]
        kept = first.read_bytes()
        keep_copy(catalogue)  # the same day
        assert first.read_bytes() == kept
        for copy in copies_of(catalogue.path):
            age = copy.stat().st_mtime - day - 1
            os.utime(copy, (age, age))
    catalogue.close()
    assert [path.name for path in copies_of(filled / "catalogue.db")] == [
        "catalogue.db.day-1", "catalogue.db.day-2",
    ]  # fmt: skip
    for number, copy in zip((3, 2), copies_of(filled / "catalogue.db"), strict=True):
        db = sqlite3.connect(copy)
        said = " ".join(labels for (labels,) in db.execute("SELECT labels FROM verdict"))
        db.close()
        assert f'"day {number}"' in said
        assert f'"day {number + 1}"' not in said


def test_no_copy_is_made_of_what_is_damaged_nor_where_there_is_no_room(filled, monkeypatch):
    catalogue = Catalogue(filled)
    with monkeypatch.context() as patched:
        usage = type("Usage", (), {"free": 1000})
        patched.setattr("phototagger.store.catalogue.copies.shutil.disk_usage", lambda _: usage)
        assert "make room" in keep_copy(catalogue)
    catalogue.connection.execute("UPDATE word SET label = 'rad kite'")
    with pytest.raises(DamagedCatalogueError, match="word"):
        keep_copy(catalogue)
    with pytest.raises(DamagedCatalogueError):
        add_word(catalogue, "heath")
    catalogue.close()
    assert copies_of(filled / "catalogue.db") == []
    assert not list(filled.glob(".phototagger-*"))


def test_a_repair_removes_what_a_killed_one_left_and_no_folder_of_others(filled):
    (filled / ".phototagger-repair-killed").mkdir()
    (filled / ".phototagger-repair-killed" / "catalogue.db-wal").write_bytes(b"half")
    photo = filled / ".phototagger-repair-mine" / "catalogue.db" / "a.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"photo")
    (filled / "catalogue.db").write_bytes(b"no catalogue" * 1000)
    repair(filled)
    assert photo.read_bytes() == b"photo"
    assert [one.name for one in filled.glob(".phototagger-*")] == [".phototagger-repair-mine"]


def test_a_copy_that_is_stopped_leaves_nothing_and_the_one_before_as_it_is(filled):
    catalogue = Catalogue(filled)
    assert keep_copy(catalogue, lambda: True) == ""
    catalogue.close()
    assert copies_of(filled / "catalogue.db") == []
    assert not list(filled.glob(".phototagger-*"))


def test_a_key_does_not_wait_for_a_copy(filled):
    catalogue = Catalogue(filled)
    other = Catalogue(filled, check=False)
    made = []

    def decide_meanwhile() -> bool:
        if not made:
            made.append(decide(other, [Edit(CAT, "sea", True)], root="/photos"))
        return False

    assert keep_copy(catalogue, decide_meanwhile) == ""
    other.close()
    catalogue.close()
    (copy,) = copies_of(filled / "catalogue.db")
    db = sqlite3.connect(copy)
    assert list(damages(db)) == []
    db.close()
    assert (CAT, "sea") in held_in(filled)
