"""Errors say what happened to which file, and each ends with its own exit code."""

import os
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger import errors
from phototagger.errors import (
    ExitCode,
    LabelsError,
    PhototaggerError,
    SettingsError,
    UnreadablePhoto,
    UsageError,
)
from phototagger.reasons import Reason

surrogates = st.characters(categories=("Cs",))
any_text = st.text(st.characters(exclude_categories=()) | surrogates)


def test_the_drawn_tree_is_the_tree() -> None:
    lines = re.findall(r"^ +(?:[│ ├└─]*)(\w+) +(\d+)  ", errors.__doc__ or "", re.MULTILINE)
    drawn = {name: int(code) for name, code in lines}
    real = {
        name: int(thing.exit_code)
        for name, thing in vars(errors).items()
        if isinstance(thing, type)
        and issubclass(thing, PhototaggerError)
        and not name.startswith("_")
    }
    assert drawn == real


def test_every_exit_code_has_its_number_and_sentence() -> None:
    assert {int(code): code.sentence.split(";")[0].split(",")[0] for code in ExitCode} == {
        0: "all done",
        1: "done",
        2: "a flag",
        3: "something needed is missing: weights",
        4: "another phototagger holds the run_dir",
        130: "interrupted",
    }


def test_a_message_is_made_of_cause_and_cure() -> None:
    error = UsageError("/Rome; May/p: holds nothing", "name another")
    assert (error.cause, error.cure) == ("/Rome; May/p: holds nothing", "name another")
    assert str(error) == "/Rome; May/p: holds nothing; name another"
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), copied.cause, copied.cure) == (UsageError, error.cause, error.cure)


def test_an_error_needs_a_cure() -> None:
    with pytest.raises(TypeError, match="cure"):
        PhototaggerError("something happened")  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", [SettingsError, LabelsError])
def test_several_mistakes_are_told_at_once_one_a_line(kind: type[SettingsError]) -> None:
    error = kind(["a.yaml:1: one", "a.yaml:2: two"])
    assert str(error) == "a.yaml:1: one\na.yaml:2: two"
    assert error.mistakes == ("a.yaml:1: one", "a.yaml:2: two")
    assert isinstance(error, UsageError)
    assert error.cure


def test_a_cure_for_all_mistakes_follows_them() -> None:
    error = LabelsError(["a.txt: holds no label"], "write one")
    assert str(error) == "a.txt: holds no label; write one"


@pytest.mark.parametrize("path", ["/p/a.jpg", b"/p/a.jpg"])
def test_an_unreadable_photo_names_its_path_and_reason(path: str | bytes) -> None:
    error = UnreadablePhoto(path, Reason("empty"))
    assert (error.path, error.reason) == ("/p/a.jpg", Reason("empty"))
    assert str(error) == "/p/a.jpg: is an empty file"


@given(any_text)
def test_an_unreadable_photo_can_have_any_path(path: str) -> None:
    assert str(UnreadablePhoto(path, Reason("empty"))).endswith(": is an empty file")
    assert UnreadablePhoto(path, Reason("empty")).path == os.fsdecode(path)
