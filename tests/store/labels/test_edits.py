"""Many edits in little memory: they come as they were said, photo after photo."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from phototagger.store.labels.edits import Edit, Edits, Verdict, said_by_photo

_PHOTOS = st.lists(st.sampled_from(b"\0\1\xff"), min_size=20, max_size=20).map(bytes)
_VERDICTS = st.builds(
    Verdict,
    st.sampled_from(["", "dog", "cat"]),
    st.sampled_from([True, False, None]),
    st.none() | st.floats(-1, 1, width=32),
)


@given(st.dictionaries(_PHOTOS, st.lists(_VERDICTS)))
def test_edits_come_in_the_order_of_contents_as_they_were_said(photos):
    edits = Edits()
    for sha1, verdicts in photos.items():
        edits.add(sha1, verdicts)
    said = [
        Edit(sha1, *verdict)
        for sha1 in sorted(photos, key=lambda sha1: sha1[:8])
        for verdict in photos[sha1]
    ]
    assert list(edits) == said
    assert len(edits) == len(said)
    assert all(one in edits for one in said)
    assert Edit(b"x" * 20, "dog", approved=True) not in edits


@given(st.dictionaries(_PHOTOS, st.lists(_VERDICTS, unique_by=lambda one: one.label)))
def test_columns_are_kept_as_the_same_edits_one_by_one(photos):
    edits = Edits()
    for sha1, verdicts in photos.items():
        edits.add(sha1, verdicts)
    kept = [photo for said in said_by_photo(edits) for photo in said.photos]
    assert kept == [photo for said in said_by_photo(list(edits)) for photo in said.photos]
    assert sum(said.edits for said in said_by_photo(edits)) == len(edits)


def test_what_is_kept_of_a_photo_is_json_without_nulls_at_the_end():
    photo = b"p" * 20
    edits = [
        Edit(photo, "", True),
        Edit(photo, 'a "b"', False, 0.5),
        Edit(photo, "c", None),
        Edit(photo, "d", True, None, 7),
        Edit(photo, "é", True, 0.1, 7),
        Edit(photo, "c", True, float("nan")),
    ]
    (said,) = said_by_photo(edits)
    ((kept_of, text),) = said.photos
    assert (kept_of, said.edits) == (photo, 6)
    wanted = {"": [True], 'a "b"': [False, 0.5], "c": [True], "d": [True, None, 7]}
    assert json.loads(text) == wanted | {"é": [True, 0.1, 7]}
    assert "é" in text
    assert text.count(" ") == 1


def test_photos_are_approved_with_the_labels_that_are_chosen():
    edits = Edits()
    edits.add(b"\1" * 20, [Verdict("cat", approved=False)])
    keys = np.repeat(np.array([[2], [0]], np.uint8), 20, axis=1)
    chosen = np.array([[True, False, True], [False, False, False]])
    scores = np.array([[0.5, 0.25, 0.125], [0.5, 0.5, 0.5]], np.float32)
    edits.approve(keys, ["dog", "cat", "cow"], chosen, scores)
    assert list(edits) == [
        Edit(bytes(20), "", approved=True),
        Edit(b"\1" * 20, "cat", approved=False),
        Edit(b"\2" * 20, "", approved=True),
        Edit(b"\2" * 20, "dog", approved=True, score=0.5),
        Edit(b"\2" * 20, "cow", approved=True, score=0.125),
    ]
    assert edits.labels == {"", "dog", "cat", "cow"}


def test_every_kind_of_number_is_kept_as_a_score():
    scores = [np.float64(0.1), np.float32(0.5), np.int64(1), 1, -0.0, 1e-300]
    edits = [Edit(b"p" * 20, str(place), True, score) for place, score in enumerate(scores)]
    ((_, text),) = next(said_by_photo(edits)).photos
    assert [score for _, score in json.loads(text).values()] == scores
