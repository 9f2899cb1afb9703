"""What a person said of how photos stand: one act each, undone and done again, by content."""

from phototagger.store import redo, undo
from phototagger.store.catalogue.rows import put
from phototagger.store.labels.history import decide, next_undo
from phototagger.store.labels.stacks import ALONE, Grouping, groupings
from tests.store.contents import sha1

ROOT = "/photos"
A, B, C = (sha1(name) for name in ("a", "b", "c"))


def group(catalogue, sha1s, *, is_one):
    return decide(catalogue, [], root=ROOT, grouping=Grouping(sha1s, is_one))


def test_what_is_said_last_holds_and_survives_a_restart(reopened):
    made = group(reopened(), [A, B, C], is_one=True)
    assert groupings(reopened()) == dict.fromkeys([A, B, C], made)
    group(reopened(), [B], is_one=False)
    assert groupings(reopened()) == {A: made, B: ALONE, C: made}


def test_each_is_one_undo_that_names_its_photos(reopened):
    catalogue = reopened()
    made = group(catalogue, [A, B], is_one=True)
    group(catalogue, [A, B], is_one=False)
    past = next_undo(catalogue, root=ROOT)
    assert past.photos == [A, B]
    assert past.grouping == Grouping([A, B], is_one=False)
    assert undo(reopened(), root=ROOT) == [A, B]
    assert groupings(reopened()) == {A: made, B: made}
    undo(reopened(), root=ROOT)
    assert groupings(reopened()) == {}
    redo(reopened(), root=ROOT)
    assert groupings(reopened()) == {A: made, B: made}


def test_it_holds_for_every_edition_of_a_photo(catalogue):
    with catalogue.transaction() as db:
        put(db, "edition", ("sha1", "first"), [(A, A), (B, A)])
        file = ("path", "sha1", "size", "mtime_ns")
        put(db, "file", file, [(b"/photos/a.jpg", B, 1, 1), (b"/photos/c.jpg", C, 1, 1)])
    made = group(catalogue, [B, C], is_one=True)
    assert groupings(catalogue) == {B: made, C: made}
