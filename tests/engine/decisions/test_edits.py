"""Many edits in little memory: they come as they were said, photo after photo."""

from hypothesis import given
from hypothesis import strategies as st

from phototagger.engine.decisions.edits import Edits, Verdict
from phototagger.store.labels.history import Edit

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
    said = [Edit(sha1, *verdict) for sha1 in sorted(photos) for verdict in photos[sha1]]
    assert list(edits) == said
    assert len(edits) == len(said)
    assert all(one in edits for one in said)
    assert Edit(b"x" * 20, "dog", approved=True) not in edits
