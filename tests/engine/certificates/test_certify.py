"""A sample is drawn, looked at and tested; what it certifies is approved, and can be taken back."""

import numpy as np
import pytest

from phototagger.core.checklist import Draft
from phototagger.engine.certificates.certify import approvals_of, conclude, revoke
from phototagger.engine.certificates.sample import (
    approvable,
    begin,
    gone_unseen,
    left_to_look_at,
    look_on,
    questions,
    sample_of,
)
from phototagger.engine.decisions.learned import heads_of_job, teaching
from phototagger.errors import EmptyAnswer, UsageError
from phototagger.model.vectors import normalised
from phototagger.store import WHOLE_PHOTO, Edit, Who, decide, decisions, undo
from phototagger.store.labels.certificates import SampleState, certificates, give_up
from phototagger.store.labels.drafts import save_drafts
from phototagger.store.vectors.keys import as_keys
from phototagger.suggest.certificate import Promise

PROMISE = Promise(0.9)


def answer(job, shelf, sample, *, wrong: int = 0) -> None:
    """Look at the photos that wait, and say what is true; of the first ones, that nothing is."""
    names = shelf.names(job)
    for row, (_, one) in enumerate(left_to_look_at(job, job.photos, sample)):
        true = set() if row < wrong else shelf.truth[names[one.sha1]]
        edits = [Edit(one.sha1, label, label in true) for label in one.labels]
        decide(job.catalogue, edits, root=job.root)


def taught(shelf):
    job = shelf.job()
    shelf.teach_some(job)
    return job


def by_certificate(job) -> set[tuple[bytes, str]]:
    return {(one.sha1, one.label) for one in decisions(job.catalogue) if one.certificate}


def test_what_is_certified_is_approved_by_auto_and_is_nearly_all_true(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, seed=1)
        answer(job, shelf, sample)
        _, certificate = conclude(job, job.photos, sample)
        names = shelf.names(job)
        found = [one for one in decisions(job.catalogue) if one.certificate]
        assert certificate is not None
        assert certificate.approved == len(found) > 50
        assert {one.who for one in found} == {Who.AUTO}
        assert all(one.score is not None for one in found)
        assert np.mean([one.label in shelf.truth[names[one.sha1]] for one in found]) > 0.9
        looked_at = set(sample.contents())
        assert not looked_at & {one.sha1 for one in found}
        (kept,) = certificates(job.catalogue)
        assert kept.state is SampleState.CERTIFIED
        assert 0.9 <= kept.bound < 1
        assert kept.taught == 60


def test_only_undecided_photos_are_drawn_each_as_likely_as_any_other(shelf):
    with taught(shelf) as job:
        names = sorted(shelf.names(job))
        save_drafts(job.catalogue, {names[70]: Draft(frozenset({"cat"}), frozenset({"cat"}))})
        decide(job.catalogue, [Edit(names[71], WHOLE_PHOTO, approved=True)], root=job.root)
        decide(job.catalogue, [Edit(names[72], "cat", True)], root=job.root, who=Who.AUTO)
        times = dict.fromkeys(names, 0)
        for seed in range(60):
            sample = begin(job, approvable(job, job.photos), PROMISE, 60, seed=seed)
            for sha1 in sample.contents():
                times[sha1] += 1
            give_up(job.catalogue, sample.kept.id)
        decided = {*names[:60], names[70], names[71]}
        assert all(times[sha1] == 0 for sha1 in decided)
        drawn = [times[sha1] for sha1 in names if sha1 not in decided and times[sha1]]
        assert names[72] in {sha1 for sha1 in names if times[sha1]}
        expected = 60 * 60 / len(drawn)
        assert min(drawn) > expected - 4 * np.sqrt(expected)
        assert max(drawn) < expected + 4 * np.sqrt(expected)


def test_labels_are_asked_by_alphabet_and_only_those_a_threshold_could_approve(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, seed=1)
        asked = questions(job.catalogue, sample)
        keys = as_keys(one.sha1 for one in asked)
        scores = heads_of_job(job).predict(normalised(job.model.images.get(keys)))
        for one, row in zip(asked, scores, strict=True):
            likely = [label for label, score in zip(job.labels, row, strict=True) if score >= 0.5]
            assert one.labels == sorted(likely) != []


def test_a_sample_teaches_nothing_until_it_is_tested(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, seed=1)
        answer(job, shelf, sample)
        assert len(teaching(job.catalogue, job.model.images, job.labels).keys) == 60
        conclude(job, job.photos, sample)
        assert len(teaching(job.catalogue, job.model.images, job.labels).keys) == 60 + len(
            sample.places
        )


def test_every_look_wrong_approves_nothing(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, seed=1)
        answer(job, shelf, sample, wrong=1000)
        tested, certificate = conclude(job, job.photos, sample)
        assert certificate is None
        assert by_certificate(job) == set()
        assert tested.outcome.trials[0].wrong == tested.outcome.trials[0].looks


def test_a_test_again_spends_nothing_and_looking_on_does(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, 60, seed=1)
        answer(job, shelf, sample, wrong=1000)
        levels = []
        for _ in range(2):
            tested, _ = conclude(job, job.photos, sample_of(job.catalogue, job.root))
            levels.append(tested.outcome.level)
        more = look_on(job.catalogue, sample_of(job.catalogue, job.root), 70)
        answer(job, shelf, more)
        levels.append(
            conclude(job, job.photos, sample_of(job.catalogue, job.root))[0].outcome.level
        )
        assert levels == pytest.approx([0.08, 0.08, 0.01])
        assert certificates(job.catalogue)[0].tests == 2


def test_looking_on_keeps_what_was_looked_at(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, 60, seed=1)
        answer(job, shelf, sample)
        more = look_on(job.catalogue, sample, 90)
        assert more.contents()[:60] == sample.contents()
        assert len(set(more.contents())) == 90
        assert len(left_to_look_at(job, job.photos, more)) == 30
        assert sample_of(job.catalogue, job.root).contents() == more.contents()


def test_what_is_decided_after_the_draw_is_not_approved(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, seed=1)
        answer(job, shelf, sample)
        others = [sha1 for sha1 in shelf.names(job) if sha1 not in set(sample.contents())]
        decided, drafted = others[-1], others[-2]
        decide(job.catalogue, [Edit(decided, WHOLE_PHOTO, approved=True)], root=job.root)
        save_drafts(job.catalogue, {drafted: Draft(frozenset({"cat"}), frozenset({"cat"}))})
        conclude(job, job.photos, sample)
        assert not {decided, drafted} & {sha1 for sha1, _ in by_certificate(job)}


def test_a_label_that_was_decided_alone_is_not_asked_and_not_approved_the_others_are(shelf):
    with taught(shelf) as job:
        names = sorted(shelf.names(job))[60:]
        edits = [Edit(sha1, "beach", approved=True) for sha1 in names]
        decide(job.catalogue, edits, root=job.root)
        sample = begin(job, approvable(job, job.photos), PROMISE, 100, seed=1)
        asked = questions(job.catalogue, sample)
        assert {label for one in asked for label in one.labels} == {"cat", "dog", "forest"}
        assert not any(one.is_looked_at for one in asked)
        since = next(sha1 for sha1 in names if sha1 not in set(sample.contents()))
        edits = [Edit(since, label, approved=False) for label in ("cat", "dog", "forest")]
        decide(job.catalogue, edits, root=job.root)
        answer(job, shelf, sample)
        conclude(job, job.photos, sample)
        found = by_certificate(job)
        assert found
        assert "beach" not in {label for _, label in found}
        assert since not in {sha1 for sha1, _ in found}


def test_a_photo_of_the_sample_that_is_gone_counts_as_wrong_and_holds_up_nothing(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, seed=1)
        name = shelf.names(job)[sample.contents()[0]]
    (shelf.root / name).unlink()
    with shelf.job() as job:
        sample = sample_of(job.catalogue, job.root)
        assert len(left_to_look_at(job, job.photos, sample)) == len(sample.places) - 1
        answer(job, shelf, sample)
        assert left_to_look_at(job, job.photos, sample) == []
        assert gone_unseen(job, job.photos, sample) == 1
        gone, *others = questions(job.catalogue, sample)
        assert not gone.is_looked_at
        assert all(one.is_looked_at for one in others)
        assert conclude(job, job.photos, sample)[1] is not None


def test_an_act_that_is_revoked_goes_as_one_and_what_a_person_confirmed_stays(shelf):
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, seed=1)
        answer(job, shelf, sample)
        certificate = conclude(job, job.photos, sample)[1]
        first = approvals_of(job.catalogue, certificate)[0]
        decide(job.catalogue, [Edit(first.sha1, first.label, approved=True)], root=job.root)
        before = by_certificate(job)
        assert revoke(job, certificate) == len(before) == certificate.approved - 1
        assert by_certificate(job) == set()
        kept = {(one.sha1, one.label): one.who for one in decisions(job.catalogue)}
        assert kept[first.sha1, first.label] is Who.PERSON
        undo(job.catalogue, root=job.root)
        assert by_certificate(job) == before


def test_what_auto_approved_before_stays_its_own(shelf):
    with taught(shelf) as job:
        names = sorted(shelf.names(job))[60:]
        edits = [Edit(sha1, label, True) for sha1 in names for label in shelf.labels]
        decide(job.catalogue, edits, root=job.root, who=Who.AUTO)
        sample = begin(job, approvable(job, job.photos), PROMISE, seed=1)
        answer(job, shelf, sample)
        assert conclude(job, job.photos, sample)[1] is not None
        assert by_certificate(job) == set()


def test_a_library_without_decisions_has_nothing_to_promise(shelf):
    with (
        shelf.job() as job,
        pytest.raises(UsageError, match="nothing has been decided by a person"),
    ):
        begin(job, approvable(job, job.photos), PROMISE)


def test_a_library_of_twenty_photos_is_told_that_looking_at_all_is_less_work(shelf):
    for path in sorted(shelf.root.iterdir())[20:]:
        path.unlink()
    with shelf.job() as job:
        shelf.teach_some(job, 5)
        with pytest.raises(EmptyAnswer, match=r"^too few to prove 0\.95: .* at least 82 looks"):
            begin(job, approvable(job, job.photos), Promise(0.95))
        assert certificates(job.catalogue) == []


def test_one_label_is_enough_where_it_can_be_seen(shelf):
    shelf.labels = ["beach"]
    with taught(shelf) as job:
        sample = begin(job, approvable(job, job.photos), PROMISE, 60, seed=1)
        assert {tuple(one.labels) for one in questions(job.catalogue, sample)} == {("beach",)}
        answer(job, shelf, sample)
        assert conclude(job, job.photos, sample)[1] is not None
