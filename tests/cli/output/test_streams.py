"""stdout and stderr may be full, closed or left: the job goes on, and nothing acts on a screen."""

import os

import pytest

from phototagger.cli.output.streams import SafeStream


def opened(path, mode="w"):
    return open(path, mode, encoding="utf-8", errors="backslashreplace")  # noqa: PTH123


@pytest.fixture
def full():
    with opened("/dev/full") as raw:
        yield raw


def test_what_is_screened_is_printable_line_by_line(tmp_path):
    with opened(tmp_path / "out") as raw:
        stream = SafeStream(raw, screened=True)
        print("a\x1b]0;x\x07\nb\x9b\u202e", "c", file=stream)
        stream.flush()
    assert (tmp_path / "out").read_text() == "a\\x1b]0;x\\x07\nb\\xc2\\x9b\\xe2\\x80\\xae c\n"


def test_what_is_not_screened_stays_and_so_do_bytes(tmp_path):
    with opened(tmp_path / "out") as raw:
        stream = SafeStream(raw, screened=False)
        stream.write("a\x1b\n")
        stream.write_bytes(b"\xff\n")
        SafeStream(raw, screened=True).unscreened().write("\x1b[0m")
    assert (tmp_path / "out").read_bytes() == b"a\x1b\n\xff\n\x1b[0m"


def test_a_stream_that_was_closed_below_is_flushed_in_peace(tmp_path):
    with opened(tmp_path / "out") as raw:
        stream = SafeStream(raw, screened=True)
        print("a", file=stream)
    stream.flush()  # as its finaliser does
    assert stream.failure is None
    assert (tmp_path / "out").read_text() == "a\n"


def test_a_full_stream_says_why_and_drops_the_rest(full):
    stream = SafeStream(full, screened=True)
    for _ in range(3):
        stream.write("a" * 100_000)
        stream.flush()
    stream.write_bytes(b"b")
    assert isinstance(stream.failure, OSError)
    assert stream.failure.strerror == "No space left on device"


def test_a_library_that_draws_fails_on_behalf_of_its_stream(full):
    stream = SafeStream(full, screened=True)
    drawn = stream.unscreened()
    drawn.write("\x1b[0m")
    drawn.flush()
    assert stream.failure is not None


def test_a_reader_that_leaves_is_noticed_and_nothing_is_raised():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as raw:
        stream = SafeStream(raw, screened=True)
        stream.write("a")
        stream.flush()
        stream.write("b")
    assert isinstance(stream.failure, BrokenPipeError)
