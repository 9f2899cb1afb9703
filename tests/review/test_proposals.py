"""What providers proposed, in the checklist: never checked by itself, a label once approved."""

import pytest

from phototagger.core.checklist import Draft, approve, check, row_of, show, toggle
from phototagger.engine.decisions.naming import Kind, plan_naming
from phototagger.review.proposals import regions
from phototagger.store import decisions
from phototagger.store.discovered import Found, discovery, keep
from phototagger.store.labels.custom_labels import words
from tests.engine.conftest import LABELS
from tests.review.conftest import at, reviewing


def propose(review, name: str, *labels: str, provider: str = "vocabulary") -> None:
    catalogue = review.job.catalogue
    number = discovery(catalogue, provider, "1", "")
    sha1 = review.photos.listing.sha1(at(review, name))
    keep(catalogue, number, {sha1: [Found(label, 0.5) for label in labels]})


@pytest.fixture
def here(review):
    """Where a photo is for which something was proposed."""
    propose(review, "a.jpg", "volcano", "snow", "otter")
    propose(review, "a.jpg", "otter", "glacier", provider="openai_vision")
    return at(review, "a.jpg")


def shown(review, position: int) -> dict[str, str]:
    return {one.label: one.provider for one in review.photos.checklist(position).lines}


def test_proposals_stand_before_what_is_not_checked_under_their_provider_s_name(review, here):
    now = review.photos.checklist(here)
    labels = [one.label for one in now.lines]
    checked = [label for label in labels if label in now.checked]
    assert checked
    assert set(checked) <= set(LABELS)
    split = len(checked)
    assert labels[:split] == checked
    assert sorted(labels[split : split + 3]) == ["glacier", "otter", "volcano"]
    rows = {row.label: row for row in (row_of(now, place) for place in range(len(labels)))}
    assert (rows["otter"].provider, rows["otter"].number) == ("openai_vision", None)
    assert rows["volcano"].provider == "vocabulary"
    assert rows["snow"].provider == ""  # it is a label already
    assert shown(review, at(review, "b.png")).keys() == set(LABELS)


def test_what_is_not_checked_is_not_rejected_and_stays(review, here):
    now = review.photos.checklist(here)
    now = show(now, [one.label for one in now.lines])
    assert set(approve(now)) == set(LABELS)
    review.approve(here, now)
    assert {one.label for one in decisions(review.job.catalogue)} - {""} == set(LABELS)
    assert shown(review, here)["volcano"] == "vocabulary"
    assert words(review.job.catalogue) == []


def test_what_is_approved_becomes_an_ordinary_label(review, here):
    now = toggle(review.photos.checklist(here), "volcano")
    review.change(here, now)
    again = review.photos.checklist(here)
    assert "volcano" in again.checked
    review.approve(here, again)
    assert words(review.job.catalogue) == ["volcano"]
    assert review.labels == [*LABELS, "volcano"]
    assert shown(review, here)["volcano"] == ""
    assert shown(review, at(review, "b.png"))["volcano"] == ""
    held = {one.label: one.approved for one in decisions(review.job.catalogue)}
    assert held["volcano"] is True


def test_it_is_a_label_in_the_next_review_too(ran):
    with reviewing(ran) as review:
        propose(review, "a.jpg", "volcano")
        position = at(review, "a.jpg")
        review.approve(position, check(review.photos.checklist(position), {"volcano"}))
    with reviewing(ran) as review:
        assert "volcano" in review.labels


def test_a_label_of_another_word_is_not_made_one(review, here):
    review.approve(here, check(review.photos.checklist(here), {"never proposed"}))
    assert words(review.job.catalogue) == []


def test_several_photos_with_checks_of_their_own_are_approved_at_once(review, here):
    review.change(here, check(review.photos.checklist(here), {"glacier"}))
    assert review.photos.checklist(here).draft() != Draft(frozenset())
    review.do(review.plans.approval([here, at(review, "b.png")]))
    assert words(review.job.catalogue) == ["glacier"]


def test_a_word_of_a_label_that_is_a_path_is_no_other_label(ran):
    (ran.folder / "labels.txt").write_text("# labels: tree\nanimals > otter = lutra\nsnow\n")
    with reviewing(ran) as review:
        propose(review, "a.jpg", "otter", "lutra", "volcano")
        found = shown(review, at(review, "a.jpg"))
    assert [label for label, provider in found.items() if provider] == ["volcano"]


def test_a_removed_label_is_not_shown_again(review, here):
    review.add_label("otter")
    plan = plan_naming(review.job.catalogue, Kind.REMOVE, "otter", "", review.labels)
    review.name_label(plan)
    assert "otter" not in shown(review, here)


def test_regions_have_the_names_that_labels_have_now_and_removed_ones_have_none(ran):
    (ran.folder / "labels.txt").write_text("# labels: tree\nanimals > otter = lutra\nsnow\ncat\n")
    box = (0.1, 0.2, 0.3, 0.4)
    with reviewing(ran) as review:
        number = discovery(review.job.catalogue, "detector", "1", "")
        here = at(review, "a.jpg")
        found = [Found(label, 0.5, box) for label in ("lutra", "snow", "cat", "volcano")]
        keep(review.job.catalogue, number, {review.photos.listing.sha1(here): found})
        for kind, label, becomes in (
            (Kind.RENAME, "snow", "hail"),
            (Kind.REMOVE, "cat", ""),
        ):
            plan = plan_naming(review.job.catalogue, kind, label, becomes, review.labels)
            review.name_label(plan)
        assert [one.label for one in regions(review, here)] == ["otter", "hail", "volcano"]
        assert {one[1:] for one in regions(review, here)} == {box}
        review.undo()
        review.undo()
        assert [one.label for one in regions(review, here)] == ["otter", "snow", "cat", "volcano"]
