"""The reviewer's game: what it counts, and that learning halves the keys on real photos."""

import numpy as np
import pytest

from bench import review
from phototagger.suggest import LabelHeads

from .conftest import Library


@pytest.mark.parametrize(
    ("scores", "truth", "cost"),
    [
        ([0.9, 0.1, 0.1], [1, 0, 0], 1),
        ([0.9, 0.9, 0.1], [1, 0, 0], 2),
        ([0.9, 0.1, 0.2], [1, 1, 0], 2),
        ([*np.linspace(0.4, 0.1, 10)], [0] * 9 + [1], 4),
    ],
)
def test_keys_are_counted(scores, truth, cost):
    assert review.keys(np.array(scores), 0.5, np.array(truth, bool)) == cost


def test_learning_halves_the_keys_on_real_photos(real: Library):
    library = review.Library(real.images, real.labels, real.truth)
    game = review.play(library, 0, 0.25)
    most = 3.9 if real.labels.shape[0] < 200 else 4.05
    assert game.learned.mean() <= most
    assert game.learned.mean() <= 0.5 * game.fixed.mean()
    assert game.learned[:100].mean() <= 0.65 * game.fixed[:100].mean()


def test_photos_without_true_labels_soon_need_only_the_key_that_accepts(library: Library):
    empty = review.Library(library.images, library.labels, library.truth & False)
    assert review.play(empty, 0, 0.25).learned[40:].mean() == 1


def test_summarised_decisions_cost_few_keys(real: Library):
    rows, last = np.arange(300), np.arange(300, 493)
    costs = []
    for window in (60, 800):
        heads = LabelHeads(real.labels, window=window)
        for row in rows:
            heads.observe(real.images[row : row + 1], real.truth[row : row + 1])
        scores = heads.predict(real.images[last])
        told = zip(scores, real.truth[last], strict=True)
        costs.append(np.mean([review.keys(score, 0.5, truth) for score, truth in told]))
    assert costs[0] <= costs[1] + 0.2


def test_the_report_is_plain_text(library: Library, tmp_path, monkeypatch, capsys):
    file = tmp_path / "mine.npz"
    names = ("image_vectors", "label_vectors", "truth")
    arrays = (library.images, library.labels, library.truth)
    np.savez(file, **dict(zip(names, arrays, strict=True)))
    monkeypatch.setattr("sys.argv", ["review", str(file), "--seeds", "1"])
    review.main()
    out = capsys.readouterr().out
    assert out.startswith("mine.npz: 80 photos, 12 labels\n")
    assert [line.split(maxsplit=3)[:3] for line in out.splitlines()[-2:]] == [
        ["1", "to", "50"],
        ["51", "to", "80"],
    ]
