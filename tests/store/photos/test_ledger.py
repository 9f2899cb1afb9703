"""The ledger in the catalogue keeps to what the sidecar writer asks of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from phototagger.sidecars.ledger import Entry, Intent, Undo
from phototagger.sidecars.xmp.keywords import Owned
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.photos.ledger import CatalogueLedger
from tests.ledgers import MemoryLedger

PATHS = [b"/p/a.jpg.xmp", b"/p/caf\xe9.jpg.xmp", b"/p/new\nline.xmp"]


def entry(path: bytes, label: str) -> Entry:
    undo = Undo("00000001", None, Owned())
    return Entry(path, path[:-4], Owned(), "ab" * 32, (label, "überall"), undo)


def intent(path: bytes, label: str | None, previous: bytes | None, *, keep: bool) -> Intent:
    kept = None if label is None else entry(path, label)
    before = None if keep else previous
    return Intent(path, ".phototagger-1.tmp", None, "cd" * 32, kept, before, keep)


intents = st.builds(
    intent,
    st.sampled_from(PATHS),
    st.one_of(st.none(), st.text(max_size=5)),
    st.one_of(st.none(), st.binary(max_size=8)),
    keep=st.booleans(),
)
steps = st.lists(st.tuples(st.sampled_from(["begin", "finish", "drop"]), intents), max_size=12)


def state(ledger):
    return (
        {path: (ledger.get(path), ledger.previous(path)) for path in PATHS},
        sorted(ledger.entries(), key=lambda one: one.sidecar),
        sorted(ledger.pending(), key=lambda one: one.sidecar),
    )


@settings(max_examples=60, deadline=None)
@given(steps)
def test_it_is_what_the_ledger_in_memory_is_also_after_a_restart(tmp_path_factory, sequence):
    folder = tmp_path_factory.mktemp("ledger")
    catalogue = Catalogue(folder)
    model, kept = MemoryLedger(), CatalogueLedger(catalogue)
    for what, one in sequence:
        open_now = {intent.sidecar for intent in model.pending()}
        for ledger in (model, kept):
            if what == "begin":
                ledger.begin([one])
            elif what == "drop":
                ledger.drop([one.sidecar])
            elif one.sidecar in open_now:
                ledger.finish([one.sidecar])
    assert state(kept) == state(model)
    catalogue.close()
    again = Catalogue(folder)
    assert state(CatalogueLedger(again)) == state(model)
    again.close()


def test_what_is_begun_is_on_disk_before_begin_returns(tmp_path):
    catalogue = Catalogue(tmp_path)
    CatalogueLedger(catalogue).begin([intent(PATHS[0], "cat", b"<xmp>", keep=False)])
    reader = Catalogue(tmp_path, writable=False)
    (pending,) = CatalogueLedger(reader).pending()
    assert pending.previous == b"<xmp>"
    assert pending.entry == entry(PATHS[0], "cat")
    reader.close()
    catalogue.close()


def test_entries_may_change_while_they_are_read(tmp_path):
    catalogue = Catalogue(tmp_path)
    ledger = CatalogueLedger(catalogue)
    for path in PATHS:
        ledger.begin([intent(path, "cat", None, keep=False)])
        ledger.finish([path])
    seen = []
    for one in ledger.entries():
        ledger.begin([intent(one.sidecar, None, None, keep=False)])
        ledger.finish([one.sidecar])
        seen.append(one.sidecar)
    assert sorted(seen) == sorted(PATHS)
    assert list(ledger.entries()) == []
    catalogue.close()
