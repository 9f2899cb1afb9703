"""Suggestions while a person decides, without a screen."""

from contextlib import contextmanager

import numpy as np
import pytest

from phototagger.model.vectors import normalised
from phototagger.review.suggester import Suggester
from phototagger.store import Edit, Who, decisions
from tests.engine.conftest import LABELS
from tests.engine.decisions.test_learned import PROMPTS, tell
from tests.engine.pictures import LIBRARY, picture
from tests.engine.standin import label_vectors
from tests.engine.test_run import sha1_of, vector_of
from tests.store.contents import suggestions_of


@contextmanager
def reviewing(photos, **more):
    with photos.job(**more) as job:
        yield Suggester(job)


@pytest.fixture
def ran(photos):
    photos.run()
    return photos


def key(photos, name: str) -> bytes:
    return sha1_of(photos.root / name)


def order(found) -> list[str]:
    return [one.label for one in found]


def scores(review, sha1) -> dict[str, float]:
    return {one.label: one.score for one in review.suggestions(sha1)}


def cosines(photos, name: str) -> dict[str, float]:
    found = (
        normalised(label_vectors(LABELS, PROMPTS))
        @ normalised(vector_of(photos.root / name)[None]).T
    )
    return dict(zip(LABELS, found[:, 0].tolist(), strict=True))


@pytest.mark.parametrize("name", LIBRARY)
def test_before_any_decision_everything_is_plain(ran, name):
    with reviewing(ran) as review:
        found = review.suggestions(key(ran, name))
        ranked = suggestions_of(review._job.catalogue, review._job.scoring, key(ran, name))
    want = cosines(ran, name)
    assert order(found) == sorted(LABELS, key=lambda label: -want[label])
    assert order(found)[: len(ranked.labels)] == [LABELS[one] for one in ranked.labels]
    assert {one.label for one in found if one.suggested} == {
        label for label in LABELS if want[label] >= 0.2
    }
    assert {one.label: one.cosine for one in found} == pytest.approx(want, abs=1e-6)
    assert not any(one.by_decisions or one.learned for one in found)
    assert {one.decided for one in found} == {None}


def test_a_decision_is_on_disk_and_moves_scores_at_once(ran):
    near = [key(ran, "a.jpg"), key(ran, "b.png")]
    with reviewing(ran) as review:
        before = scores(review, near[1])
        review.decide([Edit(near[0], "snow", approved=True)])
        held = list(decisions(review._job.catalogue))
        after = scores(review, near[1])
    assert [(one.label, one.approved, one.who) for one in held] == [("snow", True, Who.PERSON)]
    assert held[0].score == pytest.approx(cosines(ran, "a.jpg")["snow"], abs=1e-6)
    assert after != before


def test_after_a_rejection_the_next_best_label_moves_up(ran):
    with reviewing(ran) as review:
        photo = key(ran, "a.jpg")
        first, second, *_ = order(review.suggestions(photo))
        review.decide([Edit(photo, first, approved=False)])
        found = review.suggestions(photo)
    assert found[0].label == second
    assert (found[-1].label, found[-1].suggested, found[-1].decided) == (first, False, False)


def test_what_was_approved_is_suggested_whatever_its_score(ran):
    with reviewing(ran) as review:
        photo = key(ran, "a.jpg")
        worst = order(review.suggestions(photo))[-1]
        review.decide([Edit(photo, worst, approved=True)], who=Who.AUTO)
        assert len(review.heads) == 0
        found = {one.label: one for one in review.suggestions(photo)}[worst]
    assert (found.suggested, found.decided, found.by_decisions) == (True, True, True)


def test_suggestions_that_only_decisions_make_are_marked(ran):
    names = [f"more/{number}.png" for number in range(40)]
    for number, name in enumerate(names):
        picture(ran.root / name, 100 + number)
    ran.run()
    with reviewing(ran, threshold=0.6) as review:
        photo = key(ran, "b.png")
        assert not any(one.suggested for one in review.suggestions(photo))
        for name in names:
            review.decide([Edit(key(ran, name), "snow", approved=True)])
        found = {one.label: one for one in review.suggestions(photo)}
    assert (found["snow"].suggested, found["snow"].by_decisions) == (True, True)
    assert found["snow"].score > 0.5 > found["snow"].cosine
    assert found["snow"].learned
    assert not found["cat"].learned


def test_undo_unlearns_and_redo_learns_again(ran):
    first, second, other = (key(ran, name) for name in ("a.jpg", "b.png", "sea/c.jpg"))
    with reviewing(ran) as review:
        plain = scores(review, other)
        review.decide([Edit(first, "cat", approved=True), Edit(first, "dog", approved=False)])
        taught = scores(review, other)
        review.decide([Edit(first, "cat", approved=False), Edit(second, "dog", approved=True)])
        assert scores(review, other) != pytest.approx(taught, abs=1e-3)
        assert review.undo() == [first, second]
        assert scores(review, other) == pytest.approx(taught, abs=0.02)
        review.rebuild()
        rebuilt = scores(review, other)
        assert review.undo() == [first]
        assert scores(review, other) == plain
        assert review.redo() == [first]
        review.rebuild()
        assert scores(review, other) == pytest.approx(rebuilt, abs=1e-4)
        assert len(review.heads) == 1
        assert review.redo() is not None
        assert review.redo() is None


def test_live_heads_stay_near_those_built_from_the_stored_decisions(ran):
    rng = np.random.default_rng(0)
    with reviewing(ran) as review:
        for name in LIBRARY[:-1]:
            edits = [
                Edit(key(ran, name), label, approved=bool(rng.integers(2))) for label in LABELS[:4]
            ]
            review.decide(edits)
        live = scores(review, key(ran, LIBRARY[-1]))
    with reviewing(ran) as again:
        assert scores(again, key(ran, LIBRARY[-1])) == pytest.approx(live, abs=0.02)


def test_auto_never_teaches_and_takes_a_persons_lesson_back(ran):
    first, other = key(ran, "a.jpg"), key(ran, "b.png")
    with reviewing(ran) as review:
        plain = scores(review, other)
        review.decide([Edit(first, "cat", approved=True)], who=Who.AUTO)
        assert scores(review, other) == plain
        review.decide([Edit(first, "cat", approved=True)])
        assert scores(review, other) != plain
        review.decide([Edit(first, "cat", approved=True)], who=Who.AUTO)
        assert scores(review, other) == plain


def test_why_names_cosine_score_and_the_photos_behind_it(ran):
    tell(ran, {"a.jpg": {"cat": True}, "b.png": {"cat": False}, "sea/c.jpg": {"dog": True}})
    with reviewing(ran) as review:
        photo = key(ran, "a.jpg")
        why = review.why(photo, "cat")
        assert why.score == pytest.approx(scores(review, photo)["cat"], abs=1e-5)
    assert why.cosine == pytest.approx(cosines(ran, "a.jpg")["cat"], abs=1e-6)
    assert (why.state.positives, why.state.negatives, why.state.learned) == (1, 1, False)
    first = why.decisions[0]
    assert first.paths == (str(ran.root / "a.jpg"),)
    assert first.approved
    assert first.similarity == pytest.approx(1, abs=1e-5)
    assert first.weight > 0
    assert str(ran.root / "sea/c.jpg") not in {path for one in why.decisions for path in one.paths}


def test_why_without_any_decision_is_the_cosine_alone(ran):
    with reviewing(ran) as review:
        why = review.why(key(ran, "a.jpg"), "cat")
    assert why.decisions == ()
    assert (why.score >= 0.5) == (why.cosine >= 0.2)


def test_a_photo_without_a_vector_is_decided_and_teaches_nothing(ran):
    with reviewing(ran) as review:
        review.decide([Edit(b"z" * 20, "cat", approved=True)])
        assert len(review.heads) == 0
        (held,) = decisions(review._job.catalogue)
    assert (held.label, held.score) == ("cat", None)


def test_a_new_label_joins_and_learns_what_was_decided_before(ran):
    tell(ran, {"a.jpg": {"my best": True}, "b.png": {"cat": False}})
    with reviewing(ran) as review:
        assert len(review.heads) == 1
        review.add_labels(["my best", "cat"])
        assert review.labels == [*LABELS, "my best"]
        assert len(review.heads) == 2
        live = scores(review, key(ran, "sea/c.jpg"))
    with ran.job(labels=[*LABELS, "my best"]) as job:
        built = Suggester(job)
        assert scores(built, key(ran, "sea/c.jpg")) == pytest.approx(live, abs=0.02)
