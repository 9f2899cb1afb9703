"""Statistics of a library: counted, judged, and never writing anything."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from phototagger.engine.decisions.decided import decided
from phototagger.engine.events import Notice
from phototagger.engine.library.library import Library
from phototagger.engine.stats.histogram import histogram
from phototagger.engine.stats.summary import stats_of
from phototagger.engine.stats.validate import FOLDS, Quality, cross_validate, judge_plain
from phototagger.errors import PhototaggerError
from phototagger.model.vectors import normalised
from phototagger.store import Who, decisions
from phototagger.suggest import LabelHeads
from tests.engine.conftest import LABELS
from tests.engine.decisions.test_learned import PROMPTS, tell
from tests.engine.pictures import LIBRARY, picture
from tests.engine.standin import label_vectors
from tests.engine.test_run import vector_of

SAID = {
    "a.jpg": {"cat": True, "dog": False},
    "sea/c.jpg": {"beach": True, "my best": True},
    "sea/d.jpg": {"": True},
}


def stats(photos, labels=LABELS, heard=None, *, judge_learned=False):
    hear = (lambda _: None) if heard is None else heard.append
    with Library(photos.settings(), labels) as library:
        return stats_of(library, hear, judge_learned=judge_learned)


def cosines(photos, names=LIBRARY) -> np.ndarray:
    images = normalised(np.array([vector_of(photos.root / name) for name in names]))
    return images @ normalised(label_vectors(LABELS, PROMPTS)).T


def files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if "catalogue.db-" not in path.name  # SQLite's own, while the catalogue is being read
    }


def test_labels_are_counted(photos):
    photos.run()
    tell(photos, SAID)
    over = cosines(photos) >= 0.2
    found = {one.label: one for one in stats(photos).labels}
    assert list(found) == [*LABELS, "my best"]
    for number, label in enumerate(LABELS):
        assert found[label].suggested == over[:, number].sum()
        decided_on = [name for name, said in SAID.items() if label in said]
        open_to = [LIBRARY.index(name) for name in LIBRARY if name not in decided_on]
        assert found[label].undecided == over[open_to, number].sum()
    assert (found["cat"].approved, found["cat"].rejected) == (1, 0)
    assert (found["dog"].approved, found["dog"].rejected) == (0, 1)
    assert (found["my best"].approved, found["my best"].suggested) == (1, None)


def test_folders_are_counted(photos):
    photos.run()
    tell(photos, SAID)
    picture(photos.root / "new" / "later.jpg", 99)
    rows = [
        (one.folder, one.photos, one.decided, one.undecided, one.partly, one.approved)
        for one in stats(photos).folders
    ]
    assert rows == [
        (".", 2, 0, 2, 1, 1),
        ("new", 1, 0, 1, 0, 0),
        ("sea", 3, 1, 2, 1, 2),
        ("town", 2, 0, 2, 0, 0),
    ]


def test_what_auto_approved_is_decided_and_a_label_alone_is_not(photos):
    photos.run()
    tell(photos, {"a.jpg": {"cat": True}}, Who.AUTO)
    tell(photos, {"sea/c.jpg": {"cat": False}})
    rows = {one.folder: (one.decided, one.partly) for one in stats(photos).folders}
    assert rows == {".": (1, 0), "sea": (0, 1), "town": (0, 0)}


def test_a_photo_that_lies_at_two_paths_counts_twice(photos):
    (photos.root / "copy.jpg").write_bytes((photos.root / "a.jpg").read_bytes())
    photos.run()
    tell(photos, SAID)
    found = {one.label: one for one in stats(photos).labels}
    assert (found["cat"].approved, found["dog"].rejected) == (2, 2)


def test_a_label_is_learned_from_ten_approvals_of_a_person_on(photos):
    names = [f"more/{number}.png" for number in range(10)]
    for number, name in enumerate(names):
        picture(photos.root / name, 100 + number)
    photos.run()
    tell(photos, {name: {"cat": True} for name in names[:9]})
    tell(photos, {names[9]: {"cat": True}, names[0]: {"dog": True}}, who=Who.AUTO)
    assert not any(one.learned for one in stats(photos).labels)
    tell(photos, {names[9]: {"cat": True}})
    assert [one.label for one in stats(photos).labels if one.learned] == ["cat"]


def test_nothing_is_written_and_no_model_is_asked(photos):
    photos.run()
    tell(photos, SAID)
    before = files(photos.folder)
    loads = photos.calls.loads
    photos.calls.labels.clear()
    stats(photos)
    assert files(photos.folder) == before
    assert (photos.calls.loads, photos.calls.labels) == (loads, [])


def test_missing_vectors_are_named_with_the_command_that_makes_them(photos):
    photos.run()
    tell(photos, SAID)
    picture(photos.root / "new.jpg", 99)
    found = stats(photos, labels=[*LABELS, "harbour", "ship"])
    cure = "`phototagger embed ROOT`, with the same settings, makes them"
    assert found.notes == [
        f"1 photos have no vectors; {cure}",
        f"2 labels have no vectors, so nothing is scored; {cure}",
    ]
    rows = {one.label: one for one in found.labels}
    assert (rows["cat"].approved, rows["cat"].suggested, rows["cat"].plain) == (1, None, None)
    assert found.histograms == []


def test_a_run_dir_without_a_catalogue_is_named_and_not_made(photos):
    with pytest.raises(PhototaggerError, match="there is no catalogue yet"):
        stats(photos)
    assert not (photos.folder / "runs").exists()


def test_precision_and_recall_are_those_of_photos_that_did_not_teach(photos):
    rng = np.random.default_rng(3)
    said = {
        name: {label: bool(rng.integers(2)) for label in LABELS[:4] if rng.integers(3)}
        for name in LIBRARY
    }
    photos.run()
    tell(photos, said)
    with Library(photos.settings(), LABELS) as library:
        told = decided(decisions(library.catalogue), LABELS)
        images, labels = library.images, library.label_vectors()
        every = np.ones(len(told.keys), np.bool_)
        *_, learned = cross_validate(told, images, labels, 0.2, every)
        plain = judge_plain(told, images, labels, 0.2)
        units, label_units = normalised(images.get(told.keys)), normalised(labels)
    right = np.zeros(len(LABELS), int)
    wrong, missed = right.copy(), right.copy()
    for row in range(len(told.keys)):
        others = np.arange(len(told.keys)) % FOLDS != row % FOLDS
        heads = LabelHeads.from_decisions(
            label_units, units[others], told.approved[others], told.known[others], threshold=0.2
        )
        suggested = heads.predict(units[row : row + 1])[0] >= 0.5
        right += suggested & told.approved[row]
        wrong += suggested & told.known[row] & ~told.approved[row]
        missed += told.approved[row] & ~suggested
    assert [column.tolist() for column in learned] == [
        one.tolist() for one in (right, wrong, missed)
    ]
    over = (units @ label_units.T >= 0.2) & told.known
    assert plain.right.tolist() == (over & told.approved).sum(axis=0).tolist()
    assert plain.wrong.tolist() == (over & ~told.approved).sum(axis=0).tolist()
    heard = []
    found = stats(photos, heard=heard, judge_learned=True)
    said = [one.text for one in heard if isinstance(one, Notice)]
    assert (
        said[0]
        == f"validate: learns 5 times from {len(LIBRARY)} decided photos, which may take minutes"
    )
    assert said[1:] == [f"validate: {number} of 5" for number in range(1, 6)]
    assert found.heads == learned.of_all()
    assert [one.plain for one in found.labels] == [plain.of(one) for one in range(len(LABELS))]
    assert found.labels[-1].heads == Quality(None, None)


def test_what_was_learned_is_judged_only_where_that_is_asked_for(photos, monkeypatch):
    photos.run()
    tell(photos, {name: {"cat": True} for name in LIBRARY})
    monkeypatch.delattr("phototagger.engine.stats.validate.heads_of")
    found = stats(photos)
    assert found.plain is not None
    assert (found.heads, found.labels[0].heads) == (None, None)


def test_fewer_decided_photos_than_folds_are_not_judged(photos):
    photos.run()
    tell(photos, SAID)
    found = stats(photos)
    assert (found.taught, found.heads, found.labels[0].plain) == (2, None, None)


def test_histograms_hold_every_score_once(photos):
    photos.run()
    tell(photos, SAID)
    best, of_decided = stats(photos).histograms
    scores = cosines(photos)
    assert sum(best.counts[0]) == len(LIBRARY)
    over = [edge for edge in best.edges if edge >= 0.2]
    assert sum(best.counts[0][-len(over) + 1 :]) == (scores.max(axis=1) >= 0.2).sum()
    assert of_decided.names == ("approved", "rejected")
    assert [sum(counts) for counts in of_decided.counts] == [2, 1]


def test_a_score_at_the_threshold_is_counted_over_it():
    scores = np.array([0.25, np.nextafter(np.float32(0.25), np.float32(0)), 0.9], np.float32)
    found = histogram("x", 0.25, photos=scores)
    first_over = found.edges.index(0.25)
    assert found.counts[0][first_over] == 1
    assert found.counts[0][first_over - 1] == 1
    assert sum(found.counts[0]) == 3
    assert len(found.edges) == len(found.counts[0]) + 1 <= 23


def test_the_threshold_is_an_edge_where_all_scores_are_far_below_it():
    found = histogram("x", 0.9, photos=np.array([0.1], np.float32))
    assert 0.9 in found.edges


def test_a_histogram_of_nothing_has_no_bins():
    assert histogram("x", 0.25, photos=np.zeros(0, np.float32)).edges == []
