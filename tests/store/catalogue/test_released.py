"""A catalogue of every version that was ever released opens, with everything that is in it."""

import sqlite3
from datetime import UTC, datetime

import numpy as np
import pytest

from phototagger.core.checklist import Draft
from phototagger.imaging.taken import Taken
from phototagger.reasons import Reason
from phototagger.store import Catalogue, Decision, Who, decisions, redo, undo
from phototagger.store.catalogue.rows import tables
from phototagger.store.catalogue.schema import VERSION
from phototagger.store.discovered import Found, FoundBy, asked, discovery, found_for
from phototagger.store.exported import Moment, exported
from phototagger.store.labels.certificates import (
    Certificate,
    SampleState,
    certificates,
    drawn,
    library_of,
    open_sample,
    pairs_of,
    resting,
)
from phototagger.store.labels.custom_labels import words
from phototagger.store.labels.drafts import drafts
from phototagger.store.labels.letters import letters
from phototagger.store.labels.names import names
from phototagger.store.labels.stacks import groupings
from phototagger.store.labels.suggestions import scoring
from phototagger.store.photos.contents import known_files, photo_of
from phototagger.store.photos.ledger import CatalogueLedger
from phototagger.store.photos.medoids import known_medoids
from phototagger.store.photos.taken import all_taken
from phototagger.store.photos.unread import any_untimed
from phototagger.store.repair.damage import damages
from phototagger.store.thresholds import kept_threshold
from phototagger.store.vectors.keys import as_bytes, as_keys
from phototagger.store.vectors.models import KnownModel, known_model
from tests.shared import RELEASED
from tests.store.contents import suggestions_of

RELEASED_VERSIONS = sorted(int(path.stem.rpartition("-")[2]) for path in RELEASED.glob("*.sql"))
CAT, EMPTY = bytes(range(20)), bytes(range(20, 40))
WHEN = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)


@pytest.fixture(params=RELEASED_VERSIONS)
def catalogue(request, tmp_path):
    database = sqlite3.connect(tmp_path / "catalogue.db")
    database.executescript((RELEASED / f"catalogue-{request.param}.sql").read_text())
    database.close()
    opened = Catalogue(tmp_path)
    yield opened
    opened.close()


def test_every_version_before_this_one_was_released():
    assert {*range(1, VERSION)} <= {*RELEASED_VERSIONS} <= {*range(1, VERSION + 1)}


def test_all_of_it_is_sealed_once_it_is_brought_up(catalogue):
    assert list(damages(catalogue.connection)) == []
    seals = {name for (name,) in catalogue.connection.execute("SELECT name FROM seal")}
    assert seals - {"", " version"} == {*tables(catalogue.connection)}


def test_photos_and_files_are_known(catalogue):
    (files,) = known_files(catalogue, "/photos")
    assert files.paths == ["/photos/a.jpg", "/photos/caf\udce9.jpg"]
    assert as_bytes(files.keys) == [CAT, EMPTY]
    assert files.sizes.tolist() == [1000, 2]
    assert files.mtimes_ns.tolist() == [1_700_000_000_000_000_000, 1_700_000_000_000_000_001]
    assert files.shapes[0].tolist() == [640, 480]
    assert files.reasons == {1: Reason("empty", decoder=0)}


def test_decisions_hold_and_can_be_undone_and_redone(catalogue):
    model = "model-1"
    before = [
        Decision(CAT, "dog", True, 0.5, Who.PERSON, WHEN, model),
        Decision(CAT, "cat", False, 0.125, Who.PERSON, WHEN, model),
    ]
    assert list(decisions(catalogue)) == before
    assert redo(catalogue, root="/photos") == [EMPTY]
    (one,) = decisions(catalogue, [EMPTY])
    assert one._replace(certificate=None) == Decision(EMPTY, "cat", True, None, Who.AUTO, WHEN, "")
    undo(catalogue, root="/photos")
    undo(catalogue, root="/photos")
    assert list(decisions(catalogue)) == []


def test_suggestions_medoids_and_models_are_kept(catalogue):
    labels, prompts = ["cat", "dog"], ["a photo of {}"]
    scored = scoring(catalogue, "model-1", labels, prompts, threshold=0.25, topk=2)
    ranked = suggestions_of(catalogue, scored, CAT)
    assert ranked is not None
    assert ranked.labels.tolist() == [1, 0]
    assert np.array_equal(ranked.scores, np.array([0.5, 0.125], np.float32))
    assert known_medoids(catalogue, "model-1")["/photos"].path == "/photos/a.jpg"
    assert known_model(catalogue, "ViT-B-32", "tag") == KnownModel("model-1", "abcd", "model-1")


def test_the_ledger_of_sidecars_is_kept(catalogue):
    ledger = CatalogueLedger(catalogue)
    sidecar = b"/photos/a.jpg.xmp"
    entry = ledger.get(sidecar)
    assert entry is not None
    assert (entry.photo, entry.subject) == (b"/photos/a.jpg", ("dog",))
    assert ledger.previous(sidecar) == b"before"
    (pending,) = ledger.pending()
    assert pending.sidecar == b"/photos/b.xmp"


def test_a_new_catalogue_has_the_tables_of_an_old_one_that_was_brought_up(catalogue, tmp_path):
    (tmp_path / "new").mkdir()
    new = Catalogue(tmp_path / "new")

    def tables(one):
        rows = one.connection.execute("SELECT type, name, tbl_name FROM sqlite_master")
        return {row for row in rows if not row[1].startswith("sqlite_")}

    assert tables(catalogue) == tables(new)
    new.close()


@pytest.mark.parametrize("catalogue", RELEASED_VERSIONS[1:], indirect=True)
def test_what_the_review_keeps_is_kept(catalogue):
    assert drafts(catalogue, [CAT, EMPTY]) == {
        CAT: Draft(frozenset({"red kite", "sea"}), frozenset({"cat", "red kite", "sea"}))
    }
    assert words(catalogue) == ["red kite"]
    assert exported(catalogue, "20260102-030405") == Moment(1, 1)


@pytest.mark.parametrize("catalogue", RELEASED_VERSIONS[3:], indirect=True)
def test_the_letters_of_labels_are_kept(catalogue):
    assert letters(catalogue) == {"dog": "d"}


@pytest.mark.parametrize("catalogue", RELEASED_VERSIONS[4:], indirect=True)
def test_the_names_of_labels_are_kept(catalogue):
    assert names(catalogue).labels_of(["hound", "cat"]) == ["dog", "cat"]


@pytest.mark.parametrize("catalogue", RELEASED_VERSIONS[5:], indirect=True)
def test_certificates_and_samples_are_kept(catalogue):
    held, waiting = certificates(catalogue, "/photos")
    begun = (WHEN, "model-1", ["cat", "dog"], 7, 0.95, 0.9)
    assert held == Certificate(
        1,
        "/photos",
        *begun,
        False,
        42,
        SampleState.CERTIFIED,
        1,
        1,
        None,
        2,
        0.5,
        0.953,
        82,
        1,
        1,
        1,
    )
    assert waiting == Certificate(2, "/photos", *begun, True, 42, SampleState.OPEN)
    assert open_sample(catalogue, "/photos") == waiting
    assert drawn(catalogue, waiting.id) == [EMPTY, CAT]
    assert resting(catalogue) == {EMPTY, CAT}
    assert as_bytes(library_of(catalogue, waiting.id)) == [CAT, EMPTY]
    assert [column.tolist() for column in pairs_of(catalogue, waiting)] == [
        [0, 1], [1, 0], [0.75, 0.5],
    ]  # fmt: skip
    redo(catalogue, root="/photos")
    assert [one.certificate for one in decisions(catalogue)] == [None, None, 1]


@pytest.mark.parametrize("catalogue", RELEASED_VERSIONS[7:], indirect=True)
def test_what_providers_proposed_is_kept(catalogue):
    tabby, whiskers = Found("tabby", 0.5), Found("whiskers", 0.25, (0.25, 0.5, 0.25, 0.125))
    assert found_for(catalogue, CAT, "model-1") == [FoundBy("vocabulary", (tabby, whiskers))]
    number = discovery(catalogue, "vocabulary", "1", "model-1")
    assert asked(catalogue, number).has(as_keys([CAT, EMPTY, b"n" * 20])).tolist() == [1, 1, 0]


def test_a_sentence_that_was_kept_becomes_its_code(tmp_path):
    sentences = {
        "has 600 x 50 pixels, more than max_pixels (10,000); raise that setting to use it": (
            Reason("too_large", {"width": 600, "height": 50, "max_pixels": 10_000}, 0)
        ),
        "is an empty file": Reason("empty", {}, 0),
        "is not an image that can be recognised": Reason("unknown_kind", {}, 0),
        "is broken: its header cannot be read": Reason("header", {}, 0),
        'is broken or cut short: it\'s [Errno] "5"': (
            Reason("broken", {"detail": 'it\'s [Errno] "5"'}, 0)
        ),
        "holds a GIF image, not JPEG or PNG": (
            Reason("other", {"text": "holds a GIF image, not JPEG or PNG"}, 0)
        ),
        "has many x pixels": Reason("other", {"text": "has many x pixels"}, 0),
    }
    database = sqlite3.connect(tmp_path / "catalogue.db")
    database.executescript((RELEASED / "catalogue-2.sql").read_text())
    for number, sentence in enumerate(sentences):
        key = bytes([number]) * 20
        database.execute("INSERT INTO photo VALUES (?, NULL, NULL, ?)", (key, sentence))
    database.commit()
    database.close()
    catalogue = Catalogue(tmp_path)
    for number, (sentence, reason) in enumerate(sentences.items()):
        assert photo_of(catalogue, bytes([number]) * 20) == (None, None, reason)
        assert str(reason) == sentence
    catalogue.close()


def test_a_settled_threshold_is_kept_from_version_9_on(catalogue, request):
    released = int(request.node.callspec.params["catalogue"])
    kept = kept_threshold(catalogue, "/photos", "model-1")
    assert kept == (0.125 if released >= 9 else None)


@pytest.mark.parametrize("catalogue", RELEASED_VERSIONS[9:], indirect=True)
def test_when_photos_were_taken_and_how_they_stand_is_kept(catalogue, request):
    has_cameras = int(request.node.callspec.params["catalogue"]) >= 11
    camera = "Canon EOS R5" if has_cameras else ""
    assert all_taken(catalogue) == {CAT: Taken(1_700_000_000_250_000, 60, camera)}
    assert any_untimed(catalogue, "/photos") is not has_cameras
    assert groupings(catalogue) == {CAT: 1, EMPTY: 1}
    undo(catalogue, root="/photos")
    assert groupings(catalogue) == {}
