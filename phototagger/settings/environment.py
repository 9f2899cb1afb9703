"""The environment, as far as libraries read it and fail where they cannot.

They say so late, in the middle of a run, and seldom which variable it was.
"""

import os
import re
from collections.abc import Iterator, Mapping

from phototagger.errors import UsageError
from phototagger.printable import printable

_COUNTS = re.compile(r"POLARS_\w+_(THREADS|SIZE)")  # polars panics, or goes on for ever
_MOST_THREADS = 1024
_OF_LIBRARIES = re.compile(r"(POLARS|TORCH\w*|PYTORCH|ATEN|CUDA|OMP|KMP|MKL|HF|HUGGING\w+)_\w+")
_TELLING = 3  # characters of a value that an error's message does not have by chance


def check_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Raise UsageError where a variable holds a number that polars could not work with."""
    for name, value in environ.items():
        counts = _COUNTS.fullmatch(name)
        if counts is None:
            continue
        most = _MOST_THREADS if counts[1] == "THREADS" else 2**31
        if not (re.fullmatch("[0-9]{1,10}", value) and 1 <= int(value) <= most):
            raise UsageError(
                f"the environment sets {name} to {printable(value)!r}, which polars cannot use",
                f"type `unset {name}`, or set it to a whole number from 1 to {most:,}",
            )


def blamed(error: Exception, environ: Mapping[str, str] = os.environ) -> UsageError | None:
    """Return what is said of an error that a variable of a library's caused; None where none did.

    It is known by its name or its value in the error's message.
    """
    for name, value in _set(environ):
        telling = [name, repr(value), *([value] if len(value) >= _TELLING else [])]
        if re.search(rf"(?<!\w)({'|'.join(map(re.escape, telling))})(?!\w)", str(error)):
            return UsageError(
                f"the environment sets {name} to {printable(value)!r}, with which a library fails: "
                f"{printable(str(error))}",
                f"type `unset {name}`, or set it to a value that the library knows",
            )
    return None


def _set(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in environ.items() if _OF_LIBRARIES.fullmatch(name))
