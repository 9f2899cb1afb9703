"""Rows carry their digests and tables their seals, whichever way they are written."""

import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import phototagger
from phototagger.core.checklist import Draft
from phototagger.store import Edit, decide, redo, undo
from phototagger.store.catalogue.rows import (
    blocks,
    delete,
    digests,
    insert,
    put,
    shape,
    tables,
    update,
)
from phototagger.store.labels.custom_labels import add_word
from phototagger.store.labels.drafts import save_drafts
from phototagger.store.repair.damage import damages
from tests.store.contents import sha1

CAT, DOG = sha1("cat.jpg"), sha1("dog.jpg")
SIZES = ("sha1", "width", "height")
_WRITES = re.compile(r"\b(INSERT (OR \w+ )?INTO|REPLACE INTO|UPDATE|DELETE FROM) (\{?\w+)")
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
)


def said_of(catalogue) -> dict[str, str]:
    return dict(damages(catalogue.connection))


def test_no_table_is_written_but_by_store_rows():
    """A table written by plain SQL would look damaged."""
    package = Path(phototagger.__file__).parent
    found = {
        (path.name, match[3])
        for path in package.rglob("*.py")
        for match in _WRITES.finditer(path.read_text())
        if path.name not in ("rows.py", "schema.py")
    }
    assert found == set()


@given(st.lists(st.tuples(VALUES, VALUES), max_size=6))
def test_a_row_read_back_has_the_digest_it_was_written_with(rows):
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE photo (a INTEGER, b REAL)")
    db.executemany("INSERT INTO photo VALUES (?, ?)", rows)
    back = db.execute("SELECT a, b FROM photo ORDER BY rowid").fetchall()
    plain = [row for row in rows if not any(_is_number_in_text(value) for value in row)]
    kept = [new for row, new in zip(rows, back, strict=True) if row in plain]
    assert digests("ab", plain).tolist() == digests("ab", kept).tolist()
    db.close()


def _is_number_in_text(value: object) -> bool:
    """Whether SQLite may make a number of a text, which nothing here ever writes."""
    return isinstance(value, str) and any(char.isdecimal() for char in value)


def test_a_digest_depends_on_every_value_and_its_column():
    row = (CAT, 4, "sea")
    (plain,) = digests(("a", "b", "c"), [row])
    others = [(DOG, 4, "sea"), (CAT, 5, "sea"), (CAT, 4, "sky"), (CAT, None, "sea")]
    assert plain not in digests(("a", "b", "c"), others)
    assert plain not in digests(("a", "b", "d"), [row])
    assert digests(("c", "a", "b"), [("sea", CAT, 4)]).tolist() == [plain]


def test_a_column_added_later_and_empty_leaves_the_digests_as_they_are():
    assert digests(("a", "b"), [(1, None)]).tolist() == digests(("a",), [(1,)]).tolist()


def test_equal_numbers_have_equal_digests():
    assert len({*digests("a", [(1,), (1.0,), (True,)]).tolist()}) == 1
    assert len({*digests("a", [(0.0,), (-0.0,), (0,)]).tolist()}) == 1


def test_every_way_to_write_keeps_digests_and_seals(catalogue):
    with catalogue.transaction() as db:
        put(db, "photo", SIZES, [(CAT, 1, 1), (DOG, 2, 2), (CAT, 3, 3)])
        put(db, "photo", SIZES, [(DOG, 4, 4)])
        insert(db, "word", ("id", "label"), [(1, "sea"), (2, "sky")])
        assert update(db, "word", {"label": "lake"}, "id = ?", (2,)) == 1
        assert update(db, "word", {"label": "lake"}, "id = ?", (7,)) == 0
        delete(db, "word", "label = ?", ("sea",))
        delete(db, "word", "label = ?", ("sea",))
    assert said_of(catalogue) == {}
    assert catalogue.connection.execute("SELECT id, label FROM word").fetchall() == [(2, "lake")]
    (columns,) = blocks(catalogue.connection, "photo")
    assert len(columns[0]) == 2


def test_acts_drafts_and_words_leave_a_catalogue_sound(catalogue):
    for label in ("sea", "sky"):
        decide(catalogue, [Edit(CAT, label, True, 0.5), Edit(DOG, label, None)], root="/photos")
    undo(catalogue, root="/photos")
    redo(catalogue, root="/photos")
    undo(catalogue, root="/photos")
    save_drafts(catalogue, {CAT: Draft(frozenset({"sea"})), DOG: Draft(frozenset())})
    save_drafts(catalogue, {DOG: None})
    decide(catalogue, [Edit(CAT, "sky", False)], root="/photos", finished=True)
    add_word(catalogue, "red kite")
    assert said_of(catalogue) == {}


def test_what_is_taken_back_leaves_a_catalogue_sound(catalogue):
    def write_half() -> None:
        with catalogue.transaction() as db:
            put(db, "photo", SIZES, [(CAT, 1, 1)])
            raise KeyError

    with pytest.raises(KeyError):
        write_half()
    assert said_of(catalogue) == {}


@pytest.fixture
def full(catalogue):
    """A catalogue with something in the tables that a person's work is in."""
    decide(catalogue, [Edit(CAT, "sea", True, 0.5), Edit(CAT, "sky", False)], root="/photos")
    decide(catalogue, [Edit(DOG, "sea", True)], root="/photos")
    save_drafts(catalogue, {CAT: Draft(frozenset({"sea"}))})
    add_word(catalogue, "red kite")
    with catalogue.transaction() as db:
        put(db, "photo", SIZES, [(CAT, 1, 1), (DOG, 2, 2)])
        put(db, "sidecar", ("path", "entry", "previous"), [(b"/a.xmp", "{}", None)])
    return catalogue


@pytest.mark.parametrize("table", ["act", "draft", "photo", "sidecar", "verdict", "word"])
def test_a_row_that_vanishes_is_missed(full, table):
    full.connection.execute("PRAGMA foreign_keys=OFF")
    key = shape(full.connection, table).keys[0]
    first = f"SELECT min({key}) FROM {table}"
    full.connection.execute(f"DELETE FROM {table} WHERE {key} = ({first})")
    assert "that were written" in said_of(full)[table]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("act", "at = at + 1"),
        ("draft", "checks = '[[], []]'"),
        ("photo", "width = NULL"),
        ("sidecar", "previous = x'00'"),
        ("verdict", "labels = replace(labels, 'false', 'true')"),
        ("verdict", "labels = replace(labels, '0.5', '0.25')"),
        ("word", "label = 'rad kite'"),
        ("photo", "row_digest = row_digest + 1"),
    ],
)
def test_a_value_that_changes_is_noticed(full, table, change):
    full.connection.execute(f"UPDATE {table} SET {change}")
    assert "not as they were written" in said_of(full)[table]


def test_every_table_of_the_catalogue_is_sealed(full):
    seals = {name for (name,) in full.connection.execute("SELECT name FROM seal")}
    assert seals - {"", " version"} == {*tables(full.connection)}


@pytest.mark.parametrize("count", [1, 124, 125, 126, 1001])
def test_rows_that_go_into_one_statement_are_those_that_were_given(catalogue, count):
    rows = [(sha1(number), number, None) for number in range(count)]
    with catalogue.transaction() as db:
        insert(db, "photo", SIZES, rows)
        put(db, "photo", SIZES, [(key, width, 7) for key, width, _ in rows[::2]])
    kept = catalogue.connection.execute(f"SELECT {', '.join(SIZES)} FROM photo").fetchall()
    assert sorted(kept) == sorted((key, width, None if width % 2 else 7) for key, width, _ in rows)
    assert said_of(catalogue) == {}
