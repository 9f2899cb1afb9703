"""Samples and certificates as they are kept."""

from datetime import UTC, datetime

import numpy as np
import pytest

from phototagger.errors import DamagedCatalogueError
from phototagger.store.labels.certificates import (
    Certificate,
    Pairs,
    SampleState,
    begin_sample,
    certificates,
    draw,
    drawn,
    give_up,
    open_sample,
    pairs_of,
    resting,
)
from phototagger.store.vectors.keys import as_keys

CAT, DOG = bytes(range(20)), bytes(range(20, 40))
WHEN = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
BEGUN = Certificate(0, "/photos", WHEN, "m-1", ["cat"], 7, 0.95, 0.9, False, 42, SampleState.OPEN)


def pairs(photos: list[int], labels: list[int]) -> Pairs:
    scores = np.full(len(photos), 0.75, np.float32)
    return Pairs(np.array(photos, np.int32), np.array(labels, np.int32), scores)


def test_a_sample_is_open_for_its_root_until_it_is_given_up(catalogue):
    kept = begin_sample(catalogue, BEGUN, as_keys([CAT, DOG]), pairs([1, 0], [0, 0]))
    assert open_sample(catalogue, "/photos") == kept == BEGUN._replace(id=1)
    assert open_sample(catalogue, "/elsewhere") is None
    draw(catalogue, kept.id, [DOG])
    draw(catalogue, kept.id, [CAT])
    assert drawn(catalogue, kept.id) == [DOG, CAT]
    assert resting(catalogue) == {CAT, DOG}
    give_up(catalogue, kept.id)
    assert open_sample(catalogue, "/photos") is None
    assert resting(catalogue) == set()
    assert certificates(catalogue)[0].state is SampleState.GIVEN_UP


@pytest.mark.parametrize(("photos", "labels"), [([2], [0]), ([-1], [0]), ([0], [1]), ([0], [-5])])
def test_what_names_photos_or_labels_that_are_not_there_is_damaged(catalogue, photos, labels):
    kept = begin_sample(catalogue, BEGUN, as_keys([CAT, DOG]), pairs(photos, labels))
    with pytest.raises(DamagedCatalogueError, match="C1 names what it has not"):
        pairs_of(catalogue, kept)
