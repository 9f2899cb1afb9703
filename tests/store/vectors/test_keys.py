"""Arrays of SHA-1 digests and their index."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from phototagger.store.vectors.keys import KeyIndex, as_bytes, as_keys

# Few different bytes, so that keys share beginnings and zeros stand everywhere.
KEY = st.lists(st.sampled_from(b"\0\1\xff"), min_size=20, max_size=20).map(bytes)


@given(st.lists(KEY))
def test_digests_survive_the_way_into_an_array_and_back(digests):
    keys = as_keys(digests)
    assert keys.shape == (len(digests), 20)
    assert as_bytes(keys) == digests
    assert as_bytes(keys[::-1]) == digests[::-1]


@given(st.lists(KEY), st.lists(KEY))
def test_the_index_finds_the_first_of_equal_keys_or_none(digests, asked):
    found = KeyIndex(as_keys(digests)).find(as_keys([*asked, *digests]))
    expected = [digests.index(one) if one in digests else -1 for one in [*asked, *digests]]
    assert found.tolist() == expected


@given(st.lists(KEY))
def test_the_index_knows_of_each_key_the_first_that_is_equal(digests):
    found = KeyIndex(as_keys(digests)).firsts()
    assert found.tolist() == [digests.index(one) for one in digests]


def test_an_empty_index_finds_nothing():
    index = KeyIndex(as_keys([]))
    assert len(index) == 0
    assert index.find(as_keys([bytes(20)])).tolist() == [-1]
    assert index.find(as_keys([])).dtype == np.int64
