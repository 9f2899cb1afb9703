"""Certificates: they hold as often as they say, on made and on real libraries."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from bench.precision import CASES, Case, play
from bench.review import load
from phototagger.suggest import LabelHeads
from phototagger.suggest.certificate import (
    Candidates,
    Looks,
    Outcome,
    Promise,
    certify,
    thresholds,
)
from phototagger.suggest.exact import chance_of_few
from tests.shared import shared_data

from .conftest import Library


@dataclass
class Pairs:
    """The candidates of a library: photos from 0, scores, and whether each label is true."""

    photos: np.ndarray
    scores: np.ndarray
    right: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray, truth: np.ndarray) -> "Pairs":
        rows, columns = np.nonzero(scores >= 0.5)
        _, photos = np.unique(rows, return_inverse=True)
        return cls(photos, scores[rows, columns], truth[rows, columns])

    @property
    def count(self) -> int:
        return int(self.photos.max()) + 1

    def looked(self, photos: np.ndarray, rng: np.random.Generator) -> tuple[Candidates, Looks]:
        seen = np.zeros(self.count, bool)
        seen[photos] = True
        draws, keeps = rng.random(len(self.photos)), rng.random(self.count)
        of = seen[self.photos]
        answers = Looks(self.photos[of], self.scores[of], self.right[of], draws[of], keeps)
        return Candidates(self.photos, self.scores, seen, np.zeros_like(seen)), answers

    def precision(self, tested: Outcome, seen: np.ndarray, *, over_labels: bool = False) -> float:
        """Return the true precision of what nobody looked at, by photo or over labels."""
        of = (self.scores >= tested.certified.threshold) & ~seen[self.photos]
        if over_labels:
            return float(self.right[of].mean())
        labels = np.bincount(self.photos[of], minlength=self.count)
        right = np.bincount(self.photos[of], self.right[of], minlength=self.count)
        return float((right[labels > 0] / labels[labels > 0]).mean())


def broken(pairs: Pairs, promise: Promise, looks: int, seed: int) -> tuple[bool, bool]:
    """Return whether a sample gives a certificate, and whether that is false."""
    rng = np.random.default_rng(seed)
    candidates, answers = pairs.looked(rng.permutation(pairs.count)[:looks], rng)
    tested = certify(candidates, answers, promise)
    if tested.certified is None:
        return False, False
    true = pairs.precision(tested, candidates.looked_at, over_labels=promise.over_labels)
    return True, true < promise.precision


def most_false(trials: int, risk: float) -> int:
    """Return how many of so many trials may be false by chance, but for one time in a thousand."""
    return next(most for most in range(trials) if chance_of_few(most, trials, risk) >= 0.999)


def made(
    seed: int, photos: int, precision: float, labels: int = 3, *, rising: float = 0.0
) -> Pairs:
    """Make a library whose labels are right at one rate, or at one that rises with the score."""
    rng = np.random.default_rng(seed)
    many = rng.integers(1, labels + 1, photos)
    of = np.repeat(np.arange(photos), many)
    scores = rng.uniform(0.5, 1, len(of)).astype(np.float32)
    return Pairs(of, scores, rng.random(len(of)) < precision + rising * (scores - 0.75))


@pytest.mark.parametrize("over_labels", [False, True])
@pytest.mark.parametrize(("photos", "looks"), [(300, 100), (4000, 150)])
def test_a_library_that_just_misses_the_promise_is_seldom_certified(photos, looks, over_labels):
    trials, promise = 400, Promise(0.9, 0.9, over_labels=over_labels)
    told = [broken(made(seed, photos, 0.89), promise, looks, seed) for seed in range(trials)]
    assert sum(is_false for _, is_false in told) <= most_false(trials, 0.1)


@pytest.mark.parametrize("over_labels", [False, True])
def test_a_certificate_of_a_library_that_is_sure_at_high_scores_holds(over_labels):
    trials, promise = 300, Promise(0.9, 0.9, over_labels=over_labels)
    told = [broken(made(seed, 1000, 0.9, rising=0.4), promise, 200, seed) for seed in range(trials)]
    given = [is_given for is_given, _ in told]
    assert sum(given) > 0.3 * trials
    assert sum(is_false for _, is_false in told) <= most_false(trials, 0.1)


def test_photos_with_many_wrong_labels_do_not_hide_behind_the_claim_over_labels():
    # One label, right; or ten, of which half are wrong: by photo .93, over labels .72.
    of = np.concatenate([np.arange(860), np.repeat(np.arange(860, 1000), 10)])
    right = np.concatenate([np.ones(860, bool), np.tile([True, False], 700)])
    pairs = Pairs(of, np.full(len(of), 0.9, np.float32), right)
    by_photo = [broken(pairs, Promise(0.9), 200, seed) for seed in range(40)]
    over_labels = [broken(pairs, Promise(0.9, over_labels=True), 400, seed) for seed in range(40)]
    assert sum(given for given, _ in by_photo) > 10
    assert not any(is_false for _, is_false in by_photo)
    assert sum(given for given, _ in over_labels) <= most_false(40, 0.1)


def test_looking_on_until_it_fits_spends_no_more_than_was_promised():
    trials, promise = 250, Promise(0.9, 0.9)
    false = 0
    for seed in range(trials):
        pairs, rng = made(seed, 1500, 0.89), np.random.default_rng(seed)
        order = rng.permutation(pairs.count)
        for tests, looks in enumerate((60, 90, 120, 150, 200)):
            candidates, answers = pairs.looked(order[:looks], np.random.default_rng(seed))
            tested = certify(candidates, answers, promise, tests)
            if tested.certified is not None:
                false += pairs.precision(tested, candidates.looked_at) < 0.9
                break
    assert false <= most_false(trials, 0.1)


def test_the_tests_of_a_sample_never_spend_more_than_the_risk():
    levels = [Promise(0.9, 0.9).level(tests) for tests in range(50)]
    assert levels[0] == pytest.approx(0.08)
    assert sum(levels) == pytest.approx(0.1)
    assert all(level > 0 for level in levels)


def test_where_the_sequence_begins_depends_on_no_answer():
    pairs, rng = made(0, 500, 0.97), np.random.default_rng(0)
    candidates, answers = pairs.looked(np.arange(120), rng)
    wrong = answers._replace(right=~answers.right)
    firsts = [certify(candidates, told, Promise(0.9)).trials[0] for told in (answers, wrong)]
    assert firsts[0].threshold == firsts[1].threshold
    assert firsts[0].looks == firsts[1].looks >= 41


def test_one_label_of_a_photo_is_looked_at_and_any_of_them_may_be():
    of = np.repeat(np.arange(200), 4)
    pairs = Pairs(of, np.full(800, 0.9, np.float32), np.tile([True, True, True, False], 200))
    wrong = []
    for seed in range(100):
        candidates, answers = pairs.looked(np.arange(100), np.random.default_rng(seed))
        step = certify(candidates, answers, Promise(0.9)).trials[0]
        assert step.looks == 100
        wrong.append(step.wrong)
    assert np.mean(wrong) == pytest.approx(25, abs=1.5)


def test_what_was_decided_since_is_counted_as_if_it_had_been_right():
    pairs, rng = made(1, 400, 1.0), np.random.default_rng(1)
    candidates, answers = pairs.looked(np.arange(60), rng)
    everything = certify(candidates, answers, Promise(0.9)).certified
    decided = np.zeros(pairs.count, bool)
    decided[60:230] = True
    half = certify(candidates._replace(decided=decided), answers, Promise(0.9))
    assert everything.photos == 340
    assert half.certified is None or half.certified.chance > everything.chance
    decided[60:] = True
    assert not certify(candidates._replace(decided=decided), answers, Promise(0.9)).trials


def vanishing(how: str, seed: int) -> tuple[bool, bool]:
    """Return whether a sample of which photos go, once all is answered, gives a certificate.

    And whether that is false of the photos that are still there and nobody looked at.
    """
    rng = np.random.default_rng(seed)
    right_ones_go = how == "right ones"
    pairs = made(seed, 1000, 0.93 if right_ones_go else 0.89, labels=1)
    candidates, answers = pairs.looked(rng.permutation(pairs.count)[:150], rng)
    right = np.zeros(pairs.count, bool)
    right[pairs.photos] = pairs.right
    goes = {
        "right ones": right & (rng.random(pairs.count) < 0.4),
        "wrong ones of the sample": ~right & candidates.looked_at,
        "any": rng.random(pairs.count) < 0.4,
    }[how]
    tested = certify(candidates._replace(decided=goes), answers, Promise(0.9))
    if tested.certified is None:
        return False, False
    return True, pairs.precision(tested, candidates.looked_at | goes) < 0.9


@pytest.mark.parametrize("how", ["right ones", "wrong ones of the sample", "any"])
def test_photos_that_go_after_they_were_answered_bend_nothing(how):
    trials = 400
    told = [vanishing(how, seed) for seed in range(trials)]
    assert sum(is_false for _, is_false in told) <= most_false(trials, 0.1)


def test_every_answer_wrong_certifies_nothing():
    pairs, rng = made(2, 400, 0.0), np.random.default_rng(2)
    tested = certify(*pairs.looked(np.arange(100), rng), Promise(0.9))
    assert tested.certified is None
    assert len(tested.trials) == 1
    assert tested.trials[0].wrong == tested.trials[0].looks


def test_a_sample_that_is_too_small_tests_nothing():
    pairs, rng = made(3, 400, 1.0), np.random.default_rng(3)
    assert not certify(*pairs.looked(np.arange(30), rng), Promise(0.9)).trials


def test_thresholds_fall_from_few_labels_to_all():
    scores = np.random.default_rng(0).uniform(0.5, 1, 5000).astype(np.float32)
    found = thresholds(scores)
    accepted = [(scores >= one).sum() for one in found]
    assert accepted[0] == 10
    assert accepted[-1] == 5000
    assert max(b / a for a, b in pairwise(accepted)) <= 1.2
    assert len(thresholds(np.zeros(0, np.float32))) == 0
    assert thresholds(np.full(7, 0.5, np.float32)).tolist() == [0.5]


def test_certificates_hold_on_real_photos(real: Library):
    # Some learners, and many samples for each: the chance that is promised is that of the draw.
    samples, false = 50, {(0.9, False): 0, (0.95, False): 0, (0.9, True): 0}
    given = dict.fromkeys(false, 0)
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(real.images))
        told, rest = order[:100], order[100:]
        heads = LabelHeads.from_decisions(real.labels, real.images[told], real.truth[told])
        pairs = Pairs.of(heads.predict(real.images[rest]), real.truth[rest])
        for precision, over_labels in false:
            promise = Promise(precision, 0.9, over_labels=over_labels)
            for one in range(samples):
                is_given, is_false = broken(pairs, promise, 150, 1000 * seed + one)
                given[precision, over_labels] += is_given
                false[precision, over_labels] += is_false
    trials = 4 * samples
    assert max(false.values()) <= most_false(trials, 0.1), (given, false)
    assert given[0.9, False] > 0.9 * trials


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_enough_is_approved_unseen_on_real_photos(case: Case):
    data = shared_data() / "clip_vectors/review_dev.npz"
    result = play(load(data), case)
    assert result.is_met, str(result)
