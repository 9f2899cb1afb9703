"""The list of labels over a real catalogue: counts, what is expected, orders, letters."""

import numpy as np

from phototagger.engine.decisions.naming import Kind, plan_naming
from phototagger.review.by_label.label_list import LabelOrder, ListedLabels
from phototagger.review.photo_list import Listing
from phototagger.store.labels.letters import letters
from phototagger.store.labels.marks import files_under
from phototagger.store.vectors.keys import as_bytes
from phototagger.suggest import LabelState


def looked(review, positions=None) -> ListedLabels:
    found = ListedLabels(review, positions)
    found.read()
    for _ in found.look():
        pass
    return found


def row(found, label):
    return next(one for one in found.rows() if one.label == label)


def decide_all(review, label, truth):
    """Decide a label on all photos, a page at a time: more at once are learned later."""
    for start in range(0, len(truth), 30):
        some = range(start, start + 30)
        review.decide_label(label, {review.photos.listing.sha1(at): truth[at] for at in some})


def test_a_label_is_listed_with_what_was_decided_and_what_is_open(review):
    listing = review.photos.listing
    review.decide_label("dog", {listing.sha1(at): at % 3 == 0 for at in range(9)})
    dog = row(looked(review), "dog")
    assert (dog.counts, dog.open, dog.state) == ((3, 6), 81, LabelState(3, 6))
    assert row(looked(review), "cat").counts == (0, 0)


def test_a_photo_that_is_gone_counts_no_more(review):
    photos, catalogue = review.photos, review.job.catalogue
    shas = [photos.listing.sha1(at) for at in range(9)]
    review.decide_label("dog", {sha1: at % 3 == 0 for at, sha1 in enumerate(shas)})
    paths, keys = files_under(catalogue, review.root)
    kept = np.array([at for at, sha1 in enumerate(as_bytes(keys)) if sha1 not in shas[:2]])
    photos.take_listing(Listing(review.root, paths.only(kept), keys[kept]))
    dog = row(looked(review), "dog")
    assert (dog.counts, dog.open) == ((2, 5), 81)


def test_what_is_open_and_expected_is_of_the_photos_shown(review):
    listing = review.photos.listing
    review.decide_label("dog", {listing.sha1(at): at % 3 == 0 for at in range(9)})
    all_photos, some = looked(review), looked(review, range(6, 36))
    dog = row(some, "dog")
    assert (dog.counts, dog.open) == ((3, 6), 27)
    assert 0 < dog.suggested < row(all_photos, "dog").suggested
    assert 0 < dog.gain < row(all_photos, "dog").gain


def test_decisions_by_auto_are_none_of_a_persons(review):
    review.suggestions.threshold = -1.0
    review.do(review.plans.over([0]))
    assert row(looked(review), "dog").counts == (0, 0)


def test_what_is_suggested_and_expected_leaves_out_what_is_decided(review):
    listing = review.photos.listing
    before = row(looked(review), "dog")
    assert before.suggested == sum(
        "dog" in review.photos.cells([at])[0].labels for at in range(len(listing))
    )
    decide_all(review, "dog", [at % 3 == 0 for at in range(90)])
    after = row(looked(review), "dog")
    assert (after.open, after.suggested, after.gain) == (0, 0, 0)
    assert not after.is_offered


def test_before_a_photo_is_decided_as_a_whole_only_what_is_suggested_is_expected(review):
    assert all(one.gain <= one.suggested for one in looked(review).rows())
    shown = review.photos.checklist(0)
    review.approve(0, shown)
    assert any(one.gain > one.suggested for one in looked(review).rows())


def test_the_labels_that_are_expected_to_gain_most_come_first_and_the_next_is_the_first(review):
    found = looked(review)
    gains = [one.gain for one in found.rows()]
    assert gains == sorted(gains, reverse=True)
    best, second = found.rows()[:2]
    assert found.next_open("no label at all").label == best.label
    assert found.next_open(best.label).label == second.label


def test_a_label_that_expects_nothing_is_not_offered(review, known):
    for place, label in enumerate(known.labels):
        decide_all(review, label, known.truth[:, place].tolist())
    assert looked(review).next_open("") is None


def test_the_list_is_filtered_by_letters_and_put_in_other_orders(review):
    found = looked(review)
    assert [one.label for one in found.rows(words="a")] != []
    assert {one.label for one in found.rows(words="ca")} == {"cat"}
    names = [one.label for one in found.rows(LabelOrder.NAME)]
    assert names == sorted(names)
    review.decide_label("tree", {review.photos.listing.sha1(0): True})
    assert looked(review).rows(LabelOrder.APPROVED)[0].label == "tree"
    suggested = [one.suggested for one in found.rows(LabelOrder.SUGGESTED)]
    assert suggested == sorted(suggested, reverse=True)


def test_a_label_without_a_vector_is_listed_without_what_goes_by_scores(review):
    review.add_label("zebra")
    zebra = row(looked(review), "zebra")
    assert (zebra.state, zebra.suggested, zebra.gain) == (None, None, None)
    assert zebra.open == 90


def test_a_letter_is_set_and_whose_it_was_is_said(review):
    found = looked(review)
    assert found.set_letter("dog", "d") == "d is dog"
    assert found.set_letter("tree", "d") == "d is tree; dog has none any more"
    assert letters(review.job.catalogue) == {"tree": "d"}
    assert row(found, "tree").letter == "d"


def test_of_very_many_photos_a_sample_speaks(review, monkeypatch):
    whole = row(looked(review), "person")
    monkeypatch.setattr("phototagger.review.by_label.label_list._CELLS", 60 * 5)
    part = row(looked(review), "person")
    assert abs(part.gain - whole.gain) < 0.35 * whole.gain
    assert np.isclose(part.suggested, whole.suggested, rtol=0.35)


def test_labels_that_change_while_scores_are_looked_at_are_those_of_the_next_look(
    review, monkeypatch
):
    monkeypatch.setattr("phototagger.review.by_label.label_list._AT_ONCE", 1)
    monkeypatch.setattr("phototagger.review.by_label.label_list._LEAST", 30)
    found = ListedLabels(review)
    found.read()
    steps = found.look()
    next(steps)
    review.name_label(plan_naming(review.job.catalogue, Kind.REMOVE, "dog", "", review.labels))
    assert list(steps) == [None, None]
    assert found.is_outdated
