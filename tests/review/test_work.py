"""What a review does beside the keys."""

from phototagger.core.checklist import only
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.review.background.rescan import rescan
from phototagger.review.background.sidecars import planned_sidecars
from phototagger.review.background.tables import tables_are_due, write_tables
from tests.engine.pictures import picture
from tests.review.conftest import labels_file, reviewing


def approve_snow(review, position=0):
    review.approve(position, only(review.photos.checklist(position), ["snow"]))


def test_tables_are_due_after_a_decision_and_up_to_date_after_writing(ran):
    with reviewing(ran) as review:
        assert not tables_are_due(review.job)
        approve_snow(review)
        assert tables_are_due(review.job)
    with reviewing(ran) as review:  # as after a kill
        assert tables_are_due(review.job)
        list(write_tables(review.job))
        assert not tables_are_due(review.job)
        run = review.job.run
    assert run.path == ran.last.path
    assert ran.last.results()["a.jpg"]["approved_labels"] == "snow"
    assert run.file("approved.csv").read_text().splitlines()[1].endswith("a.jpg,snow")


def test_undo_makes_tables_due_again(ran):
    with reviewing(ran) as review:
        approve_snow(review)
        list(write_tables(review.job))
        review.undo()
        assert tables_are_due(review.job)


def test_tables_hold_what_is_ready_where_photos_and_labels_have_no_vectors_yet(ran):
    picture(ran.root / "later.jpg", 99)
    ran.run("thumbs")
    labels_file(ran)
    with labels_file(ran).open("a") as file:
        file.write("\nkite")
    ran.calls.labels.clear()
    with reviewing(ran) as review:
        approve_snow(review)
        list(write_tables(review.job))
    assert ran.calls.labels == []
    found = ran.last.results()
    assert "later.jpg" not in found
    assert found["a.jpg"]["approved_labels"] == "snow"


def test_a_rescan_drops_what_is_gone_and_counts_and_shows_what_is_new(ran):
    with reviewing(ran) as review:
        (ran.root / "a.jpg").unlink()
        picture(ran.root / "new.jpg", 50)
        found = rescan(review.job)
        assert (found.new, found.waiting) == (1, 1)
        review.photos.take_listing(found.listing)
        shown = [review.photos.rel_path(one) for one in review.photos.view.tolist()]
    sea = ["sea/c.jpg", "sea/d.jpg", "sea/e.jpg"]
    assert shown == ["b.png", "new.jpg", *sea, "town/f.jpg", "town/g.png"]


def test_sidecars_are_shown_first_and_then_written(ran):
    with reviewing(ran) as review:
        approve_snow(review)
        (planned,) = planned_sidecars(review.job)
        assert planned.added == ("snow",)
        assert not list(ran.root.glob("*.xmp"))
        list(run_steps(review.job, steps_of("sidecars")))
        assert (ran.root / "a.jpg.xmp").exists()
        assert list(planned_sidecars(review.job)) == []
