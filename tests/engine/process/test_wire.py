"""Messages to and from the model's process."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from phototagger.engine.photo_reader.batches import Batch
from phototagger.engine.photo_reader.reader import Looked
from phototagger.engine.process.rows import batch_of, message_of
from phototagger.engine.process.wire import GarbledError, packed, read_message
from phototagger.imaging.limits import Limits
from phototagger.imaging.taken import Taken
from phototagger.reasons import Reason
from phototagger.store.photos.contents import KnownFile

ARRAYS = st.one_of(
    arrays(np.uint8, array_shapes(max_dims=4, max_side=5)),
    arrays(np.float32, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=5)),
)


@given(st.dictionaries(st.text(), st.text() | st.integers()), st.lists(ARRAYS, max_size=3))
def test_a_message_comes_out_as_it_went_in(header, several):
    header.pop("arrays", None)
    pipe = io.BytesIO(b"".join(packed(header, several)) * 2)
    for _ in range(2):
        message = read_message(pipe.read)
        assert message.header == header
        assert [one.dtype for one in message.arrays] == [one.dtype for one in several]
        for found, one in zip(message.arrays, several, strict=True):
            np.testing.assert_array_equal(found, one)
    assert not pipe.read()


def test_names_that_are_not_utf_8_pass():
    name = b"caf\xe9.jpg".decode("utf-8", "surrogateescape")
    assert read_message(io.BytesIO(b"".join(packed({"a": name}))).read).header == {"a": name}


@pytest.mark.parametrize(
    "garbage",
    [
        b"Loading weights: 100%|####| 12/12\n",
        b"PTag" + (2).to_bytes(4, "big") + bytes(8) + b"{}",
        b"PTag" + (2).to_bytes(4, "big") + bytes(8) + b"\xff\xff",
    ],
)
def test_anything_else_is_garbled(garbage):
    with pytest.raises(GarbledError):
        read_message(io.BytesIO(garbage).read)


def test_a_batch_keeps_the_reasons_of_its_looks():
    large = Limits(10_000).refusal(600, 50, 1)
    file = KnownFile("/p/caf\udce9.jpg", bytes(20), 7, 1_700_000_000_000_000_001, None, None, large)
    whole = KnownFile("/p/a.jpg", bytes(range(20)), 8, 9, 40, 30, None, taken=Taken(7, -60, "X"))
    looks = [
        Looked(3, file, large),
        Looked(4, None, Reason("unreadable", {"error": "Permission denied"})),
        Looked(5, whole, thumbnail=True, seen=True, copy_of=2),
    ]
    vectors = np.ones((1, 4), np.float32)
    pipe = io.BytesIO(b"".join(packed(*message_of(Batch(looks, [looks[2]], vectors)))))
    batch = batch_of(read_message(pipe.read))
    assert batch.looks == looks
    assert batch.due == [looks[2]]
    np.testing.assert_array_equal(batch.vectors, vectors)
