"""An older catalogue: copied, then brought to this version in one transaction, or not at all."""

import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from phototagger.errors import PhototaggerError
from phototagger.notices import listen
from phototagger.store import Catalogue, Edit, decide
from phototagger.store.catalogue.rows import put
from phototagger.store.catalogue.schema import MIGRATIONS, REWRITTEN, TABLES, VERSION
from tests.store.contents import held, sha1

CAT = sha1("cat.jpg")
NEXT = VERSION + 1
COPY = f"catalogue.db.bak-{VERSION}"
TO_NEXT = """
ALTER TABLE photo ADD COLUMN taken INTEGER;  -- microseconds UTC
CREATE TABLE place (label TEXT PRIMARY KEY); INSERT INTO place VALUES ('sea; sky');
UPDATE photo SET taken = 0"""


@pytest.fixture
def present(catalogue, run_dir):
    """A catalogue of this version with a decision and a photo in it."""
    decide(catalogue, [Edit(CAT, "cat", approved=True)], root="/photos")
    with catalogue.transaction() as db:
        put(db, "photo", ("sha1", "width", "height"), [(CAT, 4, 3)])
    return catalogue


def now_of_version(monkeypatch, version, migrations, made=None):
    made = made or ";".join([TABLES, *migrations.values()])
    for module in ("database", "foreign", "migrating"):
        monkeypatch.setattr(f"phototagger.store.catalogue.{module}.VERSION", version)
    monkeypatch.setattr("phototagger.store.catalogue.migrating.MIGRATIONS", migrations)
    monkeypatch.setattr("phototagger.store.catalogue.migrating.REWRITTEN", {"photo", *REWRITTEN})
    monkeypatch.setattr("phototagger.store.catalogue.foreign.TABLES", made)


def put_in_place(copy) -> None:
    copy.replace(copy.with_name("catalogue.db"))
    copy.with_name("catalogue.db.head").unlink()


def version_of(path) -> int:
    with sqlite3.connect(path) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return version


def test_a_new_catalogue_has_this_version_and_needs_no_copy(catalogue, run_dir):
    assert catalogue.connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert not list(run_dir.glob("*.bak*"))


def test_every_version_before_this_one_has_a_migration():
    assert sorted(MIGRATIONS) == list(range(1, VERSION))


def test_an_older_catalogue_is_migrated_and_its_copy_stays(present, run_dir, monkeypatch):
    present.close()
    now_of_version(monkeypatch, NEXT, {VERSION: TO_NEXT})
    migrated = Catalogue(run_dir)
    assert held(migrated) == {(CAT, "cat"): True}
    assert migrated.connection.execute("SELECT sha1, width, taken FROM photo").fetchall() == [
        (CAT, 4, 0)
    ]
    assert migrated.connection.execute("SELECT label FROM place").fetchall() == [("sea; sky",)]
    migrated.close()
    assert version_of(run_dir / "catalogue.db") == NEXT
    assert version_of(run_dir / COPY) == VERSION
    names = {path.name for path in run_dir.iterdir()}
    assert names == {"catalogue.db", "catalogue.db.head", COPY}


def test_several_versions_are_caught_up_in_one_go_with_one_copy(present, run_dir, monkeypatch):
    present.close()
    steps = {
        VERSION: "CREATE TABLE second (x PRIMARY KEY);",
        NEXT: "ALTER TABLE second RENAME TO third;",
    }
    now_of_version(monkeypatch, NEXT + 1, steps)
    migrated = Catalogue(run_dir)
    assert migrated.connection.execute("SELECT count(*) FROM third").fetchone() == (0,)
    migrated.close()
    assert [path.name for path in run_dir.glob("*.bak*")] == [COPY]


def test_the_copy_works_in_the_place_of_the_catalogue(present, run_dir, monkeypatch):
    present.close()
    with monkeypatch.context() as patched:
        now_of_version(patched, NEXT, {VERSION: TO_NEXT})
        Catalogue(run_dir).close()
    put_in_place(run_dir / COPY)
    restored = Catalogue(run_dir)
    assert held(restored) == {(CAT, "cat"): True}
    restored.close()


def test_the_copy_holds_everything_also_while_a_reader_keeps_the_log_open(
    present, run_dir, monkeypatch
):
    reader = Catalogue(run_dir, writable=False)
    reader.connection.execute("BEGIN")
    held(reader)  # its view of the catalogue keeps the log from being emptied
    decide(present, [Edit(CAT, "pet", approved=True)], root="/photos")
    present.close()
    with monkeypatch.context() as patched:
        now_of_version(patched, NEXT, {VERSION: TO_NEXT})
        Catalogue(run_dir).close()
    reader.close()
    for left in run_dir.glob("catalogue.db-*"):
        left.unlink()
    put_in_place(run_dir / COPY)
    restored = Catalogue(run_dir)
    assert held(restored) == {(CAT, "cat"): True, (CAT, "pet"): True}
    restored.close()


def test_a_migration_that_fails_leaves_the_catalogue_as_it_was(present, run_dir, monkeypatch):
    present.close()
    with monkeypatch.context() as patched:
        script = f"{TO_NEXT}; INSERT INTO nowhere VALUES (1);"
        now_of_version(patched, NEXT, {VERSION: script}, made=TABLES + TO_NEXT)
        with pytest.raises(PhototaggerError) as caught:
            Catalogue(run_dir)
    assert "damaged" not in str(caught.value)
    assert f"from version {VERSION} to {NEXT}" in str(caught.value)
    assert "no such table: nowhere" in str(caught.value)
    again = Catalogue(run_dir)
    assert held(again) == {(CAT, "cat"): True}
    assert again.connection.execute("SELECT sha1, width FROM photo").fetchall() == [(CAT, 4)]
    again.close()
    assert version_of(run_dir / "catalogue.db") == VERSION


def files_of(folder) -> dict[str, bytes]:
    """What files hold, SQLite's own apart, which it makes for readers too."""
    return {path.name: path.read_bytes() for path in folder.glob("catalogue.db*[!lm]")}


def test_a_reader_has_a_migrated_copy_and_leaves_the_file_as_it_is(
    present, run_dir, monkeypatch, tmp_path
):
    present.close()
    before = files_of(run_dir)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    now_of_version(monkeypatch, NEXT, {VERSION: TO_NEXT})
    reader = Catalogue(run_dir, writable=False)
    assert held(reader) == {(CAT, "cat"): True}
    assert reader.connection.execute("SELECT taken FROM photo").fetchall() == [(0,)]
    assert reader.check()
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(lambda: reader.connection.execute("SELECT label FROM place").fetchone())
        assert found.result() == ("sea; sky",)
    reader.close()
    assert files_of(run_dir) == before
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_reader_sees_what_a_writer_has_only_put_into_its_log(present, run_dir, monkeypatch):
    decide(present, [Edit(CAT, "dog", approved=False)], root="/photos")
    now_of_version(monkeypatch, NEXT, {VERSION: TO_NEXT})
    reader = Catalogue(run_dir, writable=False)
    assert held(reader) == {(CAT, "cat"): True, (CAT, "dog"): False}
    reader.close()
    assert version_of(run_dir / "catalogue.db") == VERSION


def test_a_copy_that_cannot_be_migrated_is_told_as_that(present, run_dir, monkeypatch, tmp_path):
    present.close()
    before = files_of(run_dir)
    now_of_version(monkeypatch, NEXT, {VERSION: "UPDATE nowhere SET x = 1"}, made=TABLES)
    with pytest.raises(PhototaggerError, match=f"from version {VERSION} to {NEXT}"):
        Catalogue(run_dir, writable=False)
    assert files_of(run_dir) == before


def names_in(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_full_disk_while_the_copy_is_made_leaves_nothing_of_it(present, run_dir, monkeypatch):
    present.close()
    before = names_in(run_dir)
    now_of_version(monkeypatch, NEXT, {VERSION: TO_NEXT})

    class Full(sqlite3.Connection):
        """Where a copy is written to there is room for a page."""

        def backup(self, target, **more):
            target.execute("PRAGMA max_page_count=1")
            super().backup(target, **more)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **more: connect(*a, factory=Full, **more))
    with pytest.raises((PhototaggerError, sqlite3.Error), match="full"):
        Catalogue(run_dir)
    assert names_in(run_dir) == before
    assert version_of(run_dir / "catalogue.db") == VERSION


@pytest.fixture
def told():
    said = []
    listen(said.append)
    yield said
    listen(None)


@pytest.mark.parametrize("writable", [True, False])
def test_what_takes_long_is_said_before_it_is_done(present, run_dir, monkeypatch, told, writable):
    present.close()
    now_of_version(monkeypatch, NEXT, {VERSION: TO_NEXT})
    monkeypatch.setattr("phototagger.store.catalogue.migrating._LONG", 1)
    Catalogue(run_dir, writable=writable).close()
    [said] = told
    assert said.startswith("bringing the" if writable else "bringing a copy of the")
    assert f"{run_dir} (" in said
    assert f"to version {NEXT}" in said
    Catalogue(run_dir, writable=writable).close()
    assert len(told) == (1 if writable else 2)


def test_a_small_catalogue_is_brought_up_without_a_word(present, run_dir, monkeypatch, told):
    present.close()
    now_of_version(monkeypatch, NEXT, {VERSION: TO_NEXT})
    Catalogue(run_dir).close()
    assert told == []


def test_the_tables_are_made_whole_or_not_at_all(run_dir, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(
            "phototagger.store.catalogue.migrating.TABLES", f"{TABLES}; CREATE TABLE photo (x);"
        )
        with pytest.raises(PhototaggerError):
            Catalogue(run_dir)
    catalogue = Catalogue(run_dir)
    assert held(catalogue) == {}
    catalogue.close()
