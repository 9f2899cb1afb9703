"""Which photos are in which shard: each in one, whatever the root, the machine and the others."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.engine.events import Notice
from phototagger.engine.runner import run_steps
from phototagger.engine.shards.shard import Shard, shard_of
from phototagger.engine.step import steps_of
from phototagger.errors import UsageError
from tests.engine.pictures import LIBRARY

PATHS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1)


@given(PATHS, st.integers(1, 50))
def test_each_photo_is_in_one_shard(path, total):
    assert sum(Shard(number, total).holds(path) for number in range(1, total + 1)) == 1


@given(PATHS, st.integers(2, 50))
def test_a_name_that_another_system_composes_is_in_the_same_shard(path, total):
    shards = [
        [Shard(number, total).holds(unicodedata.normalize(form, path)) for number in range(total)]
        for form in ("NFC", "NFD")
    ]
    assert shards[0] == shards[1]


def test_a_name_that_is_no_text_is_in_one_shard():
    path = b"sea/caf\xe9.jpg".decode("utf-8", "surrogateescape")
    assert sum(Shard(number, 7).holds(path) for number in range(1, 8)) == 1


def test_the_shards_of_a_library_are_about_equal():
    paths = [f"2024/{number // 500:03}/IMG_{number:05}.jpg" for number in range(40_000)]
    counts = [sum(map(Shard(number, 8).holds, paths)) for number in range(1, 9)]
    assert max(counts) < 1.1 * min(counts)


def test_no_version_may_deal_photos_out_anew():
    """Machines of a cluster may have different releases."""
    paths = [f"2024/{number:03}/IMG_{number:05}.jpg" for number in range(12)]
    assert [at for at, path in enumerate(paths) if Shard(2, 4).holds(path)] == [0, 4, 9]


@pytest.mark.parametrize(
    "written", ["", "2", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.0/4", " 1/4", "1/4\n"]
)
def test_what_is_no_part_of_a_whole_is_refused(written):
    with pytest.raises(UsageError) as caught:
        shard_of(written)
    assert "2/4 for the second of four" in caught.value.cure


def embed(photos, shard=None, **more):
    from phototagger.engine.job import Job
    from tests.engine.conftest import LABELS

    photos.calls.images.clear()
    with Job(photos.settings(**more), labels=LABELS, shard=shard) as job:
        events = list(run_steps(job, steps_of("embed")))
        here = job.model.images.has(job.photos.keys)
        return job.photos.paths[:], here, job.model.images.get(job.photos.keys[here]), events


def test_a_shard_looks_at_its_own_photos_alone(photos):
    paths, _, whole, _ = embed(photos)
    vectors = dict(zip(paths, whole, strict=True))
    seen = []
    for number in (1, 2, 3):
        shard = Shard(number, 3)
        mine, here, rows, events = embed(photos, shard, run_dir=f"{photos.folder}/{number}")
        assert here.all()
        assert photos.embedded == len(mine)
        for path, row in zip(mine, rows, strict=True):
            assert np.array_equal(row, vectors[path])
        [finished] = [one for one in events if getattr(one, "note", "")][:1]
        assert finished.note == f"{len(mine)} of {len(LIBRARY)} photos (shard {shard})"
        seen += mine
    assert sorted(seen) == sorted(paths)


def test_shards_may_share_a_run_dir_one_after_the_other(photos):
    for number in (1, 2):
        embed(photos, Shard(number, 2))
    photos.calls.images.clear()
    _, here, _, _ = embed(photos)
    assert here.all()
    assert photos.embedded == 0


def test_a_shard_without_photos_is_no_trouble(photos):
    numbers = range(1, 1001)
    [*_, empty] = [n for n in numbers if not any(map(Shard(n, 1000).holds, LIBRARY))]
    for _ in range(2):
        paths, _, _, events = embed(photos, Shard(empty, 1000))
        assert paths == []
        assert not [one for one in events if isinstance(one, Notice) and "no " in one.text]
