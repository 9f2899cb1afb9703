"""Values that no phototagger writes, in a catalogue whose digests were made to fit."""

import sqlite3

import numpy as np
import pytest

from phototagger.core.checklist import Draft
from phototagger.core.score import Ranked
from phototagger.errors import DamagedCatalogueError
from phototagger.store import Catalogue, Edit, decide
from phototagger.store.catalogue.kinds import KINDS
from phototagger.store.catalogue.rows import put, seal_all, shape, tables
from phototagger.store.labels.custom_labels import add_word
from phototagger.store.labels.drafts import save_drafts
from phototagger.store.labels.suggestions import save_suggestions, scoring
from phototagger.store.photos.contents import KnownFile, remember_files
from phototagger.store.photos.medoids import KnownMedoid, remember_medoids
from tests.store.contents import sha1

CAT, PICTURE, LOOK = sha1("cat.jpg"), sha1("picture"), sha1("look")


@pytest.fixture
def filled(catalogue, run_dir):
    """A run_dir whose catalogue has a row in each table that is read in bulk."""
    remember_files(catalogue, [KnownFile("/photos/cat.jpg", CAT, 9, 9, 4, 3, None, PICTURE, LOOK)])
    with catalogue.transaction() as db:
        put(db, "edition", ("sha1", "first"), [(CAT, CAT)])
        put(db, "former", ("path", "sha1"), [(b"/photos/cat.jpg", CAT)])
        put(db, "unread", ("sha1",), [(CAT,)])
    decide(catalogue, [Edit(CAT, "cat", approved=True, score=0.5)], root="/photos", model="m-1")
    scored = scoring(catalogue, "m-1", ["cat", "dog"], ["{}"], threshold=0.2, topk=2)
    ranked = Ranked(np.array([1, 0], np.int32), np.array([0.5, 0.25], np.float32))
    save_suggestions(catalogue, scored, [(CAT, ranked)])
    remember_medoids(catalogue, "m-1", [KnownMedoid("/photos", b"m", "/photos/cat.jpg", 1.0)])
    save_drafts(catalogue, {CAT: Draft(frozenset({"cat"}), frozenset({"cat", "dog"}))})
    add_word(catalogue, "red kite")
    catalogue.close()
    Catalogue(run_dir).close()
    return run_dir


VERDICTS = (
    "7", "x'7b7d'", "'{}'", "'[]'", "'{'", """'{"a|b":[true]}'""", """'{"\\u001b":[true]}'""",
    """'{"' || char(27) || '":[true]}'""", """'{"a":[]}'""", """'{"a":[2]}'""",
    """'{"a":["x"]}'""", """'{"a":[true,"x"]}'""",
    """'{"a":[true,NaN]}'""", """'{"a":[true,null,-1]}'""", """'{"a":[true],}'""",
    """'{"a":[true,0.5,1,2]}'""", """'{"a":[true]} '""",
)  # fmt: skip
"""What an act never says of a photo."""

STRANGE = {
    "file.path": ["path = CAST(path AS TEXT)", "path = CAST(path || x'00' AS BLOB)", "path = 7",
                  "path = x'2e2e2f61'"],
    "file.sha1": ["sha1 = x'00'"], "file.size": ["size = -1", "size = 'x'"],
    "file.mtime_ns": ["mtime_ns = 1.5"],
    "photo.sha1": ["sha1 = 'abc'", "sha1 = x'00'"],
    "photo.width": ["width = 99999999999", "width = -3", "width = 'x'"],
    "photo.reason": ["reason = x'00'"],
    "verdict.place": ["place = -1", "place = 'x'"], "verdict.sha1": ["sha1 = 'x'"],
    "verdict.labels": [f"labels = {value}" for value in VERDICTS],
    "act.who": ["who = 'devil'"], "act.at": ["at = 9223372036854775807", "at = 'x'", "at = -1"],
    "act.model": ["model = x'ff'", "model = '../../photos'", "model = '..'"],
    "act.root": ["root = 'x'"],
    "scoring.labels": ["labels = '{'", "labels = '[1]'"], "scoring.topk": ["topk = 'x'"],
    "suggestion.positions": [
        "positions = x'ffffff7f00000000'", "positions = x'00'", "positions = 7",
        "positions = x'', scores = x''", "positions = x'0000000002000000'",
    ],
    "medoid.path": ["path = x'2f00'"], "medoid.cosine": ["cosine = 'x'"],
    "draft.checks": ["checks = '[[['", "checks = '{}'", "checks = '[[1], []]'"],
    "picture.digest": ["digest = x'00'", "digest = 'x'"], "picture.look": ["look = 7"],
    "edition.first": ["first = 'x'"], "edition.sha1": ["sha1 = x'00'"],
    "former.path": ["path = x'2f00'"], "former.sha1": ["sha1 = 7"],
    "unread.sha1": ["sha1 = x'00'"],
    "word.label": ["label = x'ff'", "label = char(10) || 'x'"],
}  # fmt: skip
CASES = [(column, change) for column, changes in STRANGE.items() for change in changes]


@pytest.mark.parametrize(("column", "change"), CASES, ids=[change for _, change in CASES])
@pytest.mark.parametrize("writable", [True, False], ids=["writer", "reader"])
def test_a_value_of_another_kind_is_named_before_it_is_used(filled, column, change, writable):
    table, _, name = column.partition(".")
    db = sqlite3.connect(filled / "catalogue.db", isolation_level=None)
    db.execute("BEGIN")
    db.execute(f"UPDATE {table} SET {change}")
    seal_all(db, 1)
    db.execute("COMMIT")
    db.close()
    before = (filled / "catalogue.db").read_bytes()
    with pytest.raises(DamagedCatalogueError) as caught:
        Catalogue(filled, writable=writable)
    assert f"{table} (" in str(caught.value)
    assert f"its column {name} holds what phototagger does not write" in str(caught.value)
    assert "doctor --repair" in str(caught.value)
    assert (filled / "catalogue.db").read_bytes() == before


def test_every_column_of_the_catalogue_has_a_kind(catalogue):
    db = catalogue.connection
    made = {table: set(shape(db, table).columns) for table in tables(db)}
    assert made == {table: set(kinds) for table, kinds in KINDS.items()}
