"""What a person decided changes what is suggested, in tables and for ``approve``."""

import numpy as np
import polars as pl
import pytest

from phototagger.core.score import Cosines
from phototagger.engine.decisions.approve import approve_learned, approve_over
from phototagger.engine.decisions.decided import decided
from phototagger.engine.decisions.learned import heads_of, heads_of_job, learned_scores
from phototagger.engine.events import Notice
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.errors import InterruptedByUser
from phototagger.model.vectors import normalised
from phototagger.store import WHOLE_PHOTO, Catalogue, Edit, Who, decide, decisions, undo
from phototagger.suggest import LabelHeads
from tests.engine.conftest import LABELS
from tests.engine.pictures import LIBRARY
from tests.engine.standin import label_vectors
from tests.engine.test_run import sha1_of, vector_of

FIRST_ROW = {"a.jpg": {"cat": True, "dog": False}, "sea/c.jpg": {"beach": True}}
PROMPTS = ("a photo of {}",)


def tell(photos, said: dict[str, dict[str, bool | None]], who: Who = Who.PERSON) -> None:
    """Record decisions, one act a photo."""
    catalogue = Catalogue(photos.folder / "runs")
    for name, labels in said.items():
        sha1 = sha1_of(photos.root / name)
        edits = [Edit(sha1, label, approved) for label, approved in labels.items()]
        decide(catalogue, edits, root=str(photos.root), who=who, model="m-1")
    catalogue.close()


def as_wholes(said: dict[str, dict[str, bool]]) -> dict[str, dict[str, bool | None]]:
    """The same decisions, by which each photo is decided as a whole, too."""
    return {name: {**labels, WHOLE_PHOTO: True} for name, labels in said.items()}


def run_learned(photos, command: str = "run", **more: object):
    with photos.job(fresh=True, **more) as job:
        job.learned = True
        events = list(run_steps(job, steps_of(command)))
        return job.run, events


def table(run) -> pl.DataFrame:
    return pl.read_parquet(run.file("results.parquet"))


def expected(photos, said: dict[str, dict[str, bool]], prompts=PROMPTS) -> LabelHeads:
    """Heads told by hand what was decided."""
    names = sorted(said, key=lambda name: sha1_of(photos.root / name))
    yes = [[bool(said[name].get(label)) for label in LABELS] for name in names]
    known = [[label in said[name] for label in LABELS] for name in names]
    images = normalised(np.array([vector_of(photos.root / name) for name in names]))
    labels = normalised(label_vectors(LABELS, prompts))
    return LabelHeads.from_decisions(labels, images, yes, known, threshold=0.2)


def scores_by(heads: LabelHeads, photos, name: str) -> dict[str, float]:
    vector = normalised(vector_of(photos.root / name)[None])
    return dict(zip(LABELS, heads.predict(vector)[0].tolist(), strict=True))


def test_without_the_flag_there_is_no_such_column(photos):
    photos.run()
    tell(photos, FIRST_ROW)
    assert pl.read_parquet(photos.run().path / "results.parquet").columns[-1] == "path_bytes"


def test_before_any_decision_exactly_what_is_over_the_threshold_is_suggested(photos):
    run, _ = run_learned(photos)
    found = table(run)
    assert found.columns[-1] == "learned"
    assert found.schema["learned"] == pl.List(pl.Struct({"label": pl.String, "score": pl.Float32}))
    names = found["rel_path"].to_list()
    for name, learned in zip(names, found["learned"].to_list(), strict=True):
        cosines = (
            normalised(label_vectors(LABELS, PROMPTS))
            @ normalised(vector_of(photos.root / name)[None]).T
        )
        over = {LABELS[one] for one in np.flatnonzero(cosines[:, 0] >= 0.2)}
        assert {one["label"] for one in learned} == over
    assert names == list(LIBRARY)
    assert "nothing decided by a person yet" in run.file("log.txt").read_text()


def test_a_cosine_at_the_threshold_is_suggested_and_one_step_below_is_not(photos):
    photos.run()
    with photos.job() as job:
        list(run_steps(job, steps_of("scan")))
        first = next(learned_scores(job, job.photos.keys))
        cosines = Cosines(job.model.labels(job.labels))(first.vectors)
    edge = cosines[2, 3]
    for threshold, suggested in ((edge, True), (np.nextafter(edge, np.float32(1)), False)):
        with photos.job(threshold=float(threshold)) as job:
            list(run_steps(job, steps_of("scan")))
            block = next(learned_scores(job, job.photos.keys))
        assert (block.scores[2, 3] >= 0.5) == suggested
        assert np.array_equal(block.scores >= 0.5, cosines >= np.float64(threshold))


def test_decisions_change_the_learned_column_and_no_cosine(photos):
    plain = photos.run("run")
    tell(photos, FIRST_ROW)
    run, _ = run_learned(photos)
    heads = expected(photos, FIRST_ROW)
    found = table(run)
    for name, learned in zip(found["rel_path"], found["learned"].to_list(), strict=True):
        scores = scores_by(heads, photos, name)
        want = {label: score for label, score in scores.items() if score >= 0.5}
        assert {one["label"]: one["score"] for one in learned} == pytest.approx(want, abs=1e-4)
        best_first = [one["score"] for one in learned]
        assert best_first == sorted(best_first, reverse=True)
    denied = expected(photos, {**FIRST_ROW, "a.jpg": {"cat": False, "dog": False}})
    scores, against = (scores_by(one, photos, "a.jpg") for one in (heads, denied))
    assert scores["cat"] > against["cat"]
    before = pl.read_csv(plain.path / "results.csv").drop("run_id", "approved_labels")
    after = pl.read_csv(run.file("results.csv")).drop("run_id", "approved_labels")
    assert after.equals(before)
    assert (
        "score: 0 new, 7 as before, learned 0 labels from 2 decided photos"
        in run.file("log.txt").read_text()
    )


def test_labels_that_were_never_rejected_are_named(photos):
    photos.run()
    tell(photos, FIRST_ROW)
    _, events = run_learned(photos)
    (said,) = [one.text for one in events if isinstance(one, Notice)]
    assert said.startswith("approved, and never rejected on any photo: beach, cat; ")
    tell(photos, {"b.png": {"cat": False, "beach": False}})
    _, events = run_learned(photos)
    assert not any(isinstance(one, Notice) for one in events)


@pytest.mark.parametrize("command", ["score", "export"])
def test_the_steps_alone_write_the_column_too(photos, command):
    run, _ = run_learned(photos, command)
    assert table(run).columns[-1] == "learned"


def test_decisions_by_auto_never_teach(photos):
    photos.run()
    tell(photos, {name: {"cat": True} for name in LIBRARY}, who=Who.AUTO)
    with photos.job() as job:
        assert len(heads_of_job(job)) == 0


def test_only_decided_labels_of_the_list_are_known(photos):
    photos.run()
    tell(photos, {"a.jpg": {"cat": True, "my best": True, "": True}, "b.png": {"my best": False}})
    with photos.job() as job:
        heads = heads_of_job(job)
        states = dict(zip(LABELS, heads.states, strict=True))
        told = decided(decisions(job.catalogue), LABELS)
    assert len(heads) == 1
    assert (states["cat"].positives, states["cat"].negatives) == (1, 0)
    assert {(one.positives, one.negatives) for one in heads.states} == {(1, 0), (0, 0)}
    assert told.known.tolist() == [[label == "cat" for label in LABELS]]


def test_a_photo_without_a_vector_of_this_model_teaches_nothing(photos):
    photos.run()
    catalogue = Catalogue(photos.folder / "runs")
    decide(catalogue, [Edit(b"x" * 20, "cat", approved=True)], root="/elsewhere")
    catalogue.close()
    with photos.job() as job:
        assert len(heads_of_job(job)) == 0


def test_the_order_of_the_decisions_and_what_was_undone_leave_no_trace(photos):
    photos.run()
    said = {name: {"cat": number % 2 == 0, "sea": True} for number, name in enumerate(LIBRARY)}
    tell(photos, said)
    with photos.job() as job:
        heads = heads_of_job(job)
        first = scores_by(heads, photos, "a.jpg")
        vectors, labels = job.model.images, job.model.labels(LABELS)
        backwards = reversed(list(decisions(job.catalogue)))
        again = heads_of(decided(backwards, LABELS), vectors, labels, 0.2)
        assert scores_by(again, photos, "a.jpg") == first
    tell(photos, {"a.jpg": {"cat": False}})
    with photos.job() as job:
        assert scores_by(heads_of_job(job), photos, "a.jpg") != first
        undo(job.catalogue, root=str(photos.root))
        job.heads = None
        assert scores_by(heads_of_job(job), photos, "a.jpg") == first


def test_another_prompt_has_heads_of_its_own_from_the_same_decisions(photos):
    photos.run()
    tell(photos, FIRST_ROW)
    with photos.job(prompt="{} in a park") as job:
        found = scores_by(heads_of_job(job), photos, "b.png")
    want = scores_by(expected(photos, FIRST_ROW, ("{} in a park",)), photos, "b.png")
    assert found == pytest.approx(want, abs=1e-4)


def test_scores_do_not_depend_on_the_size_of_the_blocks(photos, monkeypatch):
    photos.run()
    tell(photos, FIRST_ROW)
    whole, _ = run_learned(photos)
    monkeypatch.setattr("phototagger.engine.decisions.learned._CELLS", 2 * len(LABELS))
    small, _ = run_learned(photos)
    one, other = (
        [{each["label"]: each["score"] for each in row} for row in table(run)["learned"].to_list()]
        for run in (whole, small)
    )
    assert [list(row) for row in one] == [list(row) for row in other]
    for left, right in zip(one, other, strict=True):
        assert left == pytest.approx(right, abs=1e-6)


def approved(photos) -> dict[tuple[bytes, str], tuple[bool, str, float | None]]:
    catalogue = Catalogue(photos.folder / "runs")
    held = {
        (one.sha1, one.label): (one.approved, one.who.value, one.score)
        for one in decisions(catalogue)
    }
    catalogue.close()
    return held


def test_what_the_heads_suggest_is_approved_by_auto_with_its_cosine(photos):
    photos.run()
    tell(photos, as_wholes(FIRST_ROW))
    heads = expected(photos, FIRST_ROW)
    with photos.job() as job:
        list(run_steps(job, steps_of("score")))
        recorded = approve_learned(job, job.photos, np.arange(len(job.photos)), 0.5)
    want = {}
    for name in set(LIBRARY) - set(FIRST_ROW):
        cosines = (
            normalised(label_vectors(LABELS, PROMPTS))
            @ normalised(vector_of(photos.root / name)[None]).T
        )
        for label, score in scores_by(heads, photos, name).items():
            if score >= 0.5:
                want[sha1_of(photos.root / name), label] = float(cosines[LABELS.index(label), 0])
    found = {key: score for key, (_, who, score) in approved(photos).items() if who == "auto"}
    assert found == pytest.approx(want, abs=1e-6)
    assert recorded.new == len(want) > 0


def test_what_a_person_decided_is_left_alone(photos):
    photos.run()
    tell(photos, as_wholes(FIRST_ROW))
    before = approved(photos)
    with photos.job() as job:
        list(run_steps(job, steps_of("score")))
        approve_learned(job, job.photos, np.arange(len(job.photos)), 0.0)
    after = approved(photos)
    decided_photos = {sha1 for sha1, _ in before}
    assert {key: value for key, value in after.items() if key[0] in decided_photos} == before
    assert len(after) == len(before) + len(LABELS) * (len(LIBRARY) - len(FIRST_ROW))


def test_before_any_decision_learned_approves_what_plain_approves(photos):
    photos.run()
    with photos.job() as job:
        list(run_steps(job, steps_of("score")))
        everything = np.arange(len(job.photos))
        learned = approve_learned(job, job.photos, everything, 0.5)
        assert learned.new > 0
        assert approve_over(job, job.photos, everything, 0.2).new == 0
        assert learned.new == len(approved(photos))


def test_of_many_decided_photos_as_many_teach_as_are_enough(photos, monkeypatch):
    photos.run()
    tell(photos, {name: {"cat": True, "": True} for name in LIBRARY} | {"a.jpg": {"dog": True}})
    with photos.job() as job:
        assert len(heads_of_job(job)) == len(LIBRARY)
        job.heads = None
        monkeypatch.setattr("phototagger.engine.decisions.learned.MOST", 2)
        monkeypatch.setattr("phototagger.engine.decisions.learned.EACH", 1)
        heads = heads_of_job(job)
    assert 2 <= len(heads) < len(LIBRARY)
    assert dict(zip(LABELS, heads.states, strict=True))["dog"].positives == 1


def test_learning_ends_where_the_job_is_cancelled(photos):
    photos.run()
    tell(photos, FIRST_ROW)
    with photos.job() as job:
        job.cancelled.set()
        with pytest.raises(InterruptedByUser):
            heads_of_job(job)
