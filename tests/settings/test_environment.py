"""Variables of the environment that libraries read and cannot use: named, with the cure."""

import pytest

from phototagger.errors import ExitCode, UsageError
from phototagger.settings.environment import blamed, check_environment


@pytest.mark.parametrize(
    ("name", "value", "most"),
    [
        ("POLARS_MAX_THREADS", "0", "1,024"),
        ("POLARS_MAX_THREADS", "-1", "1,024"),
        ("POLARS_MAX_THREADS", "", "1,024"),
        ("POLARS_MAX_THREADS", "many", "1,024"),
        ("POLARS_MAX_THREADS", "1025", "1,024"),
        ("POLARS_MAX_THREADS", "٣", "1,024"),
        ("POLARS_IDEAL_MORSEL_SIZE", "0", "2,147,483,648"),
    ],
)
def test_a_number_that_polars_cannot_use_is_named(name: str, value: str, most: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_environment({"HOME": "0", name: value})
    assert raised.value.exit_code == ExitCode.USAGE
    assert raised.value.cause == (
        f"the environment sets {name} to {value!r}, which polars cannot use"
    )
    assert raised.value.cure == f"type `unset {name}`, or set it to a whole number from 1 to {most}"


@pytest.mark.parametrize("value", ["1", "8", "1024"])
def test_what_polars_can_use_is_left_to_it(value: str) -> None:
    check_environment({"POLARS_MAX_THREADS": value, "POLARS_VERBOSE": "yes"})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PYTORCH_JIT", "x", "Unknown setting of PYTORCH_JIT. Try using 0 or 1."),
        ("TORCH_LOGS", "foo", "Invalid log settings: foo, must be a comma separated list"),
        ("TORCH_COMPILE_DEBUG", "x", "invalid literal for int() with base 10: 'x'"),
        ("HF_HUB_ETAG_TIMEOUT", "abc", "invalid literal for int() with base 10: 'abc'"),
    ],
)
def test_the_variable_that_an_error_tells_of_is_named(name: str, value: str, message: str) -> None:
    said = blamed(ValueError(message), {"HF_HUB_OFFLINE": "1", name: value})
    assert said is not None
    assert said.cause == (
        f"the environment sets {name} to {value!r}, with which a library fails: {message}"
    )
    assert said.cure == f"type `unset {name}`, or set it to a value that the library knows"


def test_a_variable_is_not_blamed_for_what_does_not_tell_of_it() -> None:
    environ = {"HF_HUB_OFFLINE": "1", "TORCH_LOGS": "dynamo", "HOME": "labels"}
    assert blamed(ValueError("1 of the labels is odd, or dynamos"), environ) is None
