"""A review without a screen: what is shown, what is done, what is kept."""

import pytest

from phototagger.core.checklist import Look, Mark, only, show, toggle
from phototagger.errors import LockedError, UsageError
from phototagger.review import Filter, Order
from phototagger.review.suggester import Suggester
from phototagger.store import WHOLE_PHOTO, Who, decisions
from phototagger.tui.screens.run import CHOICES
from tests.engine.conftest import LABELS
from tests.engine.pictures import picture
from tests.engine.standin import label_vectors
from tests.review.conftest import at, labels_file, reviewing


def held(review, position) -> dict[str, bool]:
    found = decisions(review.job.catalogue, [review.photos.listing.sha1(position)])
    return {one.label: one.approved for one in found if one.label != WHOLE_PHOTO}


def test_photos_stand_folder_by_folder(review):
    shown = [review.photos.rel_path(one) for one in review.photos.view.tolist()]
    assert shown == [
        "a.jpg",
        "b.png",
        "sea/c.jpg",
        "sea/d.jpg",
        "sea/e.jpg",
        "town/f.jpg",
        "town/g.png",
    ]
    assert review.photos.listing.folders == [".", "sea", "town"]
    assert review.photos.listing.counts()[:, Mark.UNDECIDED].tolist() == [2, 3, 2]


def test_max_images_takes_the_first_in_the_order_of_the_scan(ran):
    with reviewing(ran, max_images=3) as review:
        assert [review.photos.rel_path(one) for one in range(len(review.photos.listing))] == [
            "a.jpg",
            "b.png",
            "sea/c.jpg",
        ]


def test_the_checklist_opens_with_what_is_suggested(review):
    now = review.photos.checklist(0)
    assert {line.label for line in now.lines} == set(LABELS)
    assert now.checked == {line.label for line in now.lines if line.cosine >= 0.2}
    assert not now.changed


def test_approving_approves_what_is_checked_and_rejects_what_was_shown(review):
    now = show(only(review.photos.checklist(0), ["snow", "cat"]), LABELS)
    act = review.approve(0, now)
    assert held(review, 0) == {label: label in {"snow", "cat"} for label in LABELS}
    assert (review.photos.listing.mark(0), act.positions) == (Mark.APPROVED, [0])
    assert act.said == "a.jpg: cat, snow"
    assert review.photos.undecided() == 6


def test_a_photo_decided_without_a_label_is_decided(review):
    review.approve(0, only(review.photos.checklist(0), []))
    assert review.photos.listing.mark(0) is Mark.NONE
    assert review.photos.checklist(0).checked == frozenset()


def test_checks_survive_moving_away_and_closing(ran):
    with reviewing(ran) as review:
        changed = toggle(review.photos.checklist(1), "snow")
        review.change(1, changed)
    with reviewing(ran) as review:
        assert review.photos.checklist(1).checked == changed.checked
        assert review.photos.checklist(1).changed
        assert review.photos.listing.mark(1) is Mark.UNDECIDED


def test_a_decision_counts_for_every_path_with_that_content(ran):
    (ran.root / "copy.jpg").write_bytes((ran.root / "sea/c.jpg").read_bytes())
    ran.run()
    with reviewing(ran) as review:
        copy = at(review, "copy.jpg")
        assert review.photos.also_at(copy) == ["sea/c.jpg"]
        act = review.approve(copy, review.photos.checklist(copy))
        assert act.positions == sorted([copy, at(review, "sea/c.jpg")])
        assert review.photos.listing.mark(at(review, "sea/c.jpg")) is not Mark.UNDECIDED


def test_undo_goes_back_to_the_checks_before_and_redo_forward(review):
    before = toggle(review.photos.checklist(0), "snow")
    review.change(0, before)
    review.approve(0, before)
    decided = held(review, 0)
    assert review.undo().positions == [0]
    assert held(review, 0) == {}
    assert review.photos.checklist(0).checked == before.checked
    assert review.undo().said.startswith("taken back: changed checks on ")
    assert not review.photos.checklist(0).changed
    assert review.undo() is None
    assert review.redo().said.startswith("done again: changed checks on ")
    assert review.redo().positions == [0]
    assert held(review, 0) == decided
    assert not review.photos.checklist(0).changed
    assert review.redo() is None


def test_undo_reaches_back_over_a_restart_and_gives_the_checks_to_correct(ran):
    with reviewing(ran) as review:
        review.approve(0, only(review.photos.checklist(0), ["snow"]))
    with reviewing(ran) as review:
        assert review.undo().positions == [0]
        assert review.photos.listing.mark(0) is Mark.UNDECIDED
        assert review.photos.checklist(0).checked == {"snow"}
    with reviewing(ran) as review:
        assert review.redo().positions == [0]
        assert {one for one, yes in held(review, 0).items() if yes} == {"snow"}


def test_clearing_unchecks_everything_and_makes_undecided_as_one_undo(review):
    review.approve(0, only(review.photos.checklist(0), ["snow"]))
    review.change(1, only(review.photos.checklist(1), ["dog"]))
    act = review.do(review.plans.clearing([0, 1]))
    assert act.said == "cleared 2 photos, 1 of them decided"
    assert [review.photos.listing.mark(one) for one in (0, 1)] == [Mark.UNDECIDED] * 2
    assert [review.photos.checklist(one).checked for one in (0, 1)] == [frozenset()] * 2
    review.undo()
    assert review.photos.listing.mark(0) is Mark.APPROVED
    assert [review.photos.checklist(one).checked for one in (0, 1)] == [{"snow"}, {"dog"}]


def test_undo_of_clearing_names_and_brings_back_also_photos_that_were_not_decided(review):
    review.approve(0, only(review.photos.checklist(0), ["snow"]))
    before = [review.photos.checklist(one) for one in range(3)]
    review.do(review.plans.clearing(range(3)))
    cleared = [review.photos.checklist(one) for one in range(3)]
    act = review.undo()
    assert "taken back: cleared 3 photos" in act.said
    assert act.positions == [0, 1, 2]
    assert [review.photos.checklist(one) for one in range(3)] == before
    act = review.redo()
    assert "done again: cleared 3 photos" in act.said
    assert act.positions == [0, 1, 2]
    assert [review.photos.checklist(one) for one in range(3)] == cleared


def test_approving_all_takes_the_undecided_as_checked(review):
    review.approve(0, only(review.photos.checklist(0), ["snow"]))
    review.change(2, only(review.photos.checklist(2), ["dog"]))
    wanted = {one: review.photos.checklist(one).checked for one in range(1, 7)}
    act = review.do(review.plans.approval(range(7)))
    assert act.said == "approved 6 photos as checked"
    assert {one: set(held(review, one)) for one in range(1, 7)} == wanted
    assert held(review, 2) == {"dog": True}
    assert review.photos.undecided() == 0
    review.undo()
    assert review.photos.undecided() == 6
    assert review.photos.checklist(2).checked == {"dog"}


def test_approvals_are_counted_by_the_suggestions_they_began_with(review, monkeypatch):
    monkeypatch.setattr("phototagger.review.plans._AT_ONCE", 1)
    review.decide_label("cow", {review.photos.listing.sha1(6): True})
    wanted = list(review.plans.approval(range(7)).edits)

    def with_fewer_labels(_: float) -> None:
        suggestions = review.suggestions
        suggestions.suggester = Suggester(review.job, LABELS[:1], learn=False)

    review.photos.tell = with_fewer_labels
    assert list(review.plans.approval(range(7)).edits) == wanted


def test_approving_keeps_the_cosine_of_each_label_also_where_some_were_decided_before(review):
    first, second = (review.photos.listing.sha1(one) for one in (0, 1))
    labels = [line.label for line in review.photos.checklist(0).lines]
    review.decide_label(labels[0], {first: False})
    review.decide_label(labels[1], {first: True})
    review.change(1, only(review.photos.checklist(1), labels))
    cosines, _, _ = review.suggestions.suggester.scores([first, second])
    places = {label: place for place, label in enumerate(review.suggestions.suggester.labels)}
    edits = [one for one in review.plans.approval([0, 1]).edits if one.label != WHOLE_PHOTO]
    assert {one.label for one in edits if one.sha1 == first} >= {*labels[:2]}
    assert {one.label for one in edits if one.sha1 == second} == {*labels}
    for one in edits:
        row = 0 if one.sha1 == first else 1
        assert one.score == float(cosines[row, places[one.label]])


def test_what_is_over_the_threshold_is_approved_by_auto_and_spares_a_persons_photos(review):
    review.approve(0, only(review.photos.checklist(0), []))
    review.suggestions.threshold = 0.1
    review.do(review.plans.over(range(7)))
    assert not any(held(review, 0).values())
    found = {one.sha1: one.who for one in decisions(review.job.catalogue)}
    assert found.pop(review.photos.listing.sha1(0)) is Who.PERSON
    assert set(found.values()) == {Who.AUTO}
    for one in range(1, 7):
        over = {line.label for line in review.photos.checklist(one).lines if line.cosine >= 0.1}
        assert set(held(review, one)) == over


def test_moving_the_threshold_is_seen_at_once(review):
    for threshold in (0.0, 0.3, 0.9):
        review.suggestions.threshold = threshold
        now = review.photos.checklist(3)
        assert now.checked == {line.label for line in now.lines if line.cosine >= threshold}


def test_a_cell_holds_what_is_checked_best_first(review):
    review.approve(0, only(review.photos.checklist(0), ["snow"]))
    review.change(2, only(review.photos.checklist(2), ["cat", "snow"]))
    decided, open_one, draft = review.photos.cells([0, 1, 2])
    assert (decided.look, decided.labels) == (Look.APPROVED, ("snow",))
    now = review.photos.checklist(1)
    assert open_one.look is Look.UNDECIDED
    assert list(open_one.labels) == [line.label for line in now.lines if line.label in now.checked]
    order = [line.label for line in review.photos.checklist(2).lines]
    assert draft.look is Look.DRAFT
    assert list(draft.labels) == sorted(["cat", "snow"], key=order.index)


def test_filters_show_marks_and_orders_go_by_scores(review):
    review.approve(0, only(review.photos.checklist(0), ["snow"]))
    review.approve(1, only(review.photos.checklist(1), []))
    assert review.photos.arranged(Filter.APPROVED, Order.FOLDER).tolist() == [0]
    assert review.photos.arranged(Filter.NONE, Order.FOLDER).tolist() == [1]
    assert review.photos.arranged(Filter.UNDECIDED, Order.FOLDER).tolist() == [2, 3, 4, 5, 6]
    by_cat = review.photos.arranged(Filter.ALL, Order.LABEL, "cat").tolist()
    cosines = {
        one: {x.label: x.cosine for x in review.photos.checklist(one).lines}["cat"]
        for one in by_cat
    }
    assert by_cat == sorted(by_cat, key=lambda one: -cosines[one])
    uncertain = review.photos.arranged(Filter.ALL, Order.UNCERTAIN).tolist()
    assert sorted(uncertain) == list(range(7))
    assert set(uncertain[-2:]) == {0, 1}


def test_suggestions_learn_from_the_review(ran):
    for number in range(40):
        picture(ran.root / f"more/{number:02}.png", 100 + number)
    ran.run(threshold=0.6)
    with reviewing(ran, threshold=0.6) as review:
        last = at(review, "town/g.png")
        assert not review.photos.checklist(last).checked
        for position in range(at(review, "more/00.png"), at(review, "more/00.png") + 40):
            review.approve(position, only(review.photos.checklist(position), ["snow"]))
        assert review.photos.checklist(last).checked == {"snow"}
        heads = review.suggestions.learning()()
        review.suggestions.learned(heads)
        assert review.photos.checklist(last).checked == {"snow"}
        assert "approvals" in review.photos.why(last, "snow")


def test_an_added_label_is_offered_now_and_after_a_restart(ran):
    with reviewing(ran) as review:
        assert review.add_label("  Red  KITE ") == "red kite"
        assert review.photos.find_labels("kite") == ["red kite"]
        review.approve(0, only(review.photos.checklist(0), ["red kite"]))
    with reviewing(ran) as review:
        assert review.labels == [*LABELS, "red kite"]
        assert "red kite" in review.photos.checklist(0).checked
        assert review.job.run.path == ran.last.path
        with pytest.raises(UsageError, match=r"\|"):
            review.add_label("a|b")
    assert labels_file(ran).read_text().splitlines() == LABELS


def test_a_second_review_is_read_only_and_says_who_holds_it(ran):
    with reviewing(ran) as first:
        first.approve(0, only(first.photos.checklist(0), ["snow"]))
        with reviewing(ran) as second:
            assert "read-only: process" in str(second.read_only)
            assert second.photos.listing.mark(0) is Mark.APPROVED
            for act in (
                lambda: second.approve(1, second.photos.checklist(1)),
                lambda: second.change(1, second.photos.checklist(1)),
                lambda: second.do(second.plans.clearing([0])),
                second.undo,
                second.redo,
            ):
                with pytest.raises(LockedError):
                    act()
            assert first.photos.undecided() == second.photos.undecided() == 6


def test_photos_without_vectors_can_be_decided(photos):
    photos.run("thumbs")
    with reviewing(photos) as review:
        now = review.photos.checklist(0)
        assert [line.label for line in now.lines] == LABELS
        assert not now.checked
        review.approve(0, only(now, ["cat"]))
        assert held(review, 0)["cat"]
        assert review.photos.cells([0])[0].labels == ("cat",)
        assert review.photos.cells([1])[0].look is Look.WAITING
        assert "no vector" in review.photos.why(0, "cat")
    assert photos.calls.loads == 0


def test_a_photo_that_cannot_be_used_says_why(photos):
    (photos.root / "text.jpg").write_text("no photo")
    photos.run()
    with reviewing(photos) as review:
        said = review.photos.why(at(review, "text.jpg"), "cat")
    assert said == "this photo is not an image that can be recognised"


def test_the_step_that_makes_a_labels_vector_is_named_as_it_is_shown(review):
    said = review.photos.why(0, "new word")
    assert "r, vocabulary" in said
    assert "vocabulary" in {choice.name for choice in CHOICES}


def test_a_folder_shows_its_medoid(review):
    faces = [review.photos.face(folder) for folder in range(3)]
    assert all(face in review.photos.listing.in_folder(folder) for folder, face in enumerate(faces))


def test_words_find_labels(review):
    assert review.photos.find_labels("o") == ["dog", "forest", "snow"]
    assert review.photos.find_labels("s")[0] == "snow"


def test_an_added_label_stays_offered_when_the_engine_has_made_something(review):
    review.add_label("red kite")
    review.photos.renew()
    assert review.labels == [*LABELS, "red kite"]
    assert "red kite" in review.photos.checklist(0).places


def test_heads_that_were_begun_for_fewer_labels_are_not_used(ran):
    with reviewing(ran) as review:
        heads = review.suggestions.learning()()
        review.add_label("red kite")
        vectors = label_vectors(["red kite"], review.settings.prompts)
        review.job.model.take_labels(["red kite"], vectors)  # as the engine does meanwhile
        review.photos.renew()
        review.suggestions.learned(heads)
        assert review.suggestions.stale
        review.suggestions.learned(review.suggestions.learning()())
        assert not review.suggestions.stale
        assert "red kite" in {
            one.label for one in review.photos.checklist(0).lines if one.cosine is not None
        }
