"""Libraries that print past Python do not print on the review's screen."""

from phototagger.formats import FORMATS
from tests.faults.test_review_ends import Tagged
from tests.imaging.pictures import scene
from tests.imaging.raws import dng
from tests.tui.conftest import calls
from tests.tui.terminal_pty import Screen

__all__ = ["calls"]

COMPLAINT = "Unexpected end of file"


def test_what_libraw_says_of_a_broken_raw_is_in_the_log_and_not_on_the_screen(tmp_path, calls):
    tagged = Tagged(tmp_path, calls)
    formats = tuple(FORMATS)
    raw = tagged.root / "0.dng"
    raw.write_bytes(dng(scene(800, 600)))
    tagged.run(formats=formats)
    raw.write_bytes(raw.read_bytes()[:20_000])
    words = [*tagged.words, "--formats", ",".join(formats), "--images", "halfcell"]
    screen = Screen(*words, size=(120, 36))
    try:
        screen.until_says("0.dng")
        screen.press("0")
        screen.until_says("is broken or cut short")
        screen.press("\x1b")
        screen.until(lambda shown: "is broken or cut short" not in shown)
        screen.press("q")
        assert screen.ended(30) == 0
        assert COMPLAINT not in screen.output().decode(errors="replace")
    finally:
        screen.close()
    logs = [log.read_text() for log in (tmp_path / "runs").glob("*/log.txt")]
    assert any(COMPLAINT in log for log in logs)
