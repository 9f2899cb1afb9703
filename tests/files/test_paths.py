"""Paths survive JSON, also those that are not UTF-8."""

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.files.paths import readable, restored


@pytest.mark.parametrize("value", ["/photos", "Größe", "", 5, 0.25, None, ["a", "b"], {"a": "b"}])
def test_what_json_can_hold_stays_as_it_is(value: Any) -> None:
    assert readable(value) == value
    assert restored(value) == value


def test_a_path_that_is_not_utf_8_is_kept_as_its_bytes() -> None:
    assert readable(os.fsdecode(b"/p/\xff")) == {"path_bytes": "2f702fff"}
    assert restored({"path_bytes": "2f702fff"}) == os.fsdecode(b"/p/\xff")


@given(st.binary())
def test_every_path_comes_back_from_json(path: bytes) -> None:
    written = json.dumps(readable(os.fsdecode(path)), ensure_ascii=False).encode()
    assert os.fsencode(restored(json.loads(written))) == path
