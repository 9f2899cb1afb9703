"""Reasons are kept as codes with fields, and read as sentences."""

import json
import pickle

import pytest

from phototagger.errors import UnreadablePhoto
from phototagger.imaging.limits import Limits
from phototagger.reasons import DECODER, SENTENCES, Reason

LARGE = Limits(100_000_000).refusal(60_000, 50_000, 1)


def test_a_reason_is_read_as_a_sentence():
    assert str(LARGE) == (
        "has 60000 x 50000 pixels, more than max_pixels (100,000,000); raise that setting to use it"
    )
    assert str(Reason("unreadable", {"error": "Permission denied"})) == (
        "cannot be read: Permission denied"
    )


@pytest.mark.parametrize("reason", [LARGE, Reason("empty"), Reason("broken", {"detail": '"\n'}, 1)])
def test_a_reason_comes_back_from_its_text(reason):
    assert Reason.from_json(reason.as_json()) == reason


def test_a_reworded_sentence_changes_nothing_that_is_kept(monkeypatch):
    kept = LARGE.as_json()
    monkeypatch.setitem(SENTENCES, "too_large", "is too large: {width:d} by {height:d}")
    assert Reason.from_json(kept) == LARGE
    assert str(Reason.from_json(kept)) == "is too large: 60000 by 50000"
    assert "pixels, more" not in kept


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 100_000, id="deep"),
        "is an empty file", "", "7", "[]", "null", '{"text": "no code"}', '{"code": "unheard"}',
        '{"code": ["empty"]}', '{"code": "too_large", "width": 1}',
        '{"code": "too_large", "width": "1", "height": 2, "max_pixels": 3}',
    ],
)  # fmt: skip
def test_any_other_text_is_a_reason_of_its_own_that_is_tried_again(text):
    reason = Reason.from_json(text)
    assert (reason.code, str(reason)) == ("other", text)
    assert reason.is_outdated("JPEG")


def test_what_an_older_decoder_refused_is_tried_again_but_for_what_the_settings_refuse():
    older = {"code": "broken", "detail": "cut", "decoder": DECODER - 1}
    assert Reason.from_json(json.dumps(older)).is_outdated("JPEG")
    assert not Reason.from_json(json.dumps(older | {"decoder": DECODER})).is_outdated("JPEG")
    assert not Reason(LARGE.code, LARGE.fields, DECODER - 1).is_outdated("JPEG")


def test_what_was_refused_for_its_format_is_tried_again_where_others_are_read():
    reason = Reason("other_kind", {"kind": "a WEBP image", "formats": "JPEG or PNG"})
    assert str(reason) == "holds a WEBP image, not JPEG or PNG"
    assert not reason.is_outdated("JPEG or PNG")
    assert reason.is_outdated("JPEG, PNG or WebP")


def test_an_unreadable_photo_keeps_its_path_and_reason_through_a_pickle():
    error = pickle.loads(pickle.dumps(UnreadablePhoto(b"/p/\xff.jpg", LARGE)))
    assert (error.path, error.reason) == ("/p/\udcff.jpg", LARGE)
    assert str(error) == f"/p/\\xff.jpg: {LARGE}"
