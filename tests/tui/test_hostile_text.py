"""No name, label, keyword or EXIF can act on the review, its dialogs or the terminal below it."""

import os
import shutil
import unicodedata
from contextlib import suppress

import pytest
from PIL import Image
from rich.segment import Segment
from textual.color import Color

from phototagger.tui.keys import BY_NAME
from phototagger.tui.textual_patches import app as patched_app
from phototagger.tui.textual_patches.app import _SCREENING
from tests.cli.test_hostile_text import EVIL, LABEL, harm_in
from tests.engine.conftest import LABELS, Library
from tests.engine.pictures import picture
from tests.engine.process.processes import process
from tests.tui.reviewing import at_review
from tests.tui.terminal_pty import Screen

__all__ = ["process"]

WORDS = [LABEL, "[@click=app.quit]q", "[bold]x[/bold]", *LABELS]
SIDECAR = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>
<rdf:li>\x9b31mforeign\u202e\u200b&#10;two</rdf:li><rdf:li>[link=u]k</rdf:li>
</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.fixture
def hostile(tmp_path, calls) -> Library:
    """Photos whose names, folders, EXIF and sidecars are hostile, tagged with hostile labels."""
    photos = Library(tmp_path, calls)
    shutil.rmtree(photos.root)
    photos.root = tmp_path / f"root {EVIL}"
    name = photos.root / f"in\n{EVIL}" / f"{EVIL}.jpg"
    picture(name, 1)
    exif = Image.Exif()
    exif[0x0110] = f"camera\n{EVIL}"
    with Image.open(name) as image:
        image.save(name, exif=exif)
    name.with_name(f"{name.name}.xmp").write_text(SIDECAR)
    picture(photos.root / os.fsdecode(b"caf\xe9\x1b[2J.png"), 2)
    shutil.copy(name, photos.root / f"same {EVIL}.jpg")
    (photos.root / f"broken {EVIL}.jpg").write_bytes(b"\xff\xd8\xffbroken")
    (tmp_path / "labels.txt").write_text("\n".join(WORDS))
    photos.run(labels=WORDS)
    return photos


@pytest.fixture
def forgot(monkeypatch) -> list[Segment]:
    """What widgets would have painted as it is, and the last look took out."""
    seen = []
    screened = patched_app._screened

    def note(segment: Segment) -> Segment:
        if harm_in(segment.text):
            seen.append(segment)
        return screened(segment)

    monkeypatch.setattr(patched_app, "_screened", note)
    return seen


def look(user) -> str:
    """Look at every segment of the screen: only our own clicks, and nothing that acts."""
    for strip in user.app.screen._compositor.render_strips():
        for text, style, control in strip:
            assert control or not harm_in(text)
            assert "\n" not in text
            assert style is None or style.link is None
            click = style.meta.get("@click") if style is not None and style.meta else None
            if click is not None:
                scope, _, action = str(click).removesuffix("')").partition(".")
                action = action.removeprefix("act('")
                assert scope in ("app", "screen")
                assert action.partition("(")[0] in {*BY_NAME, "leave", "accept", "write", "use"} | {
                    "move", "quit", "help", "complete", "pause", "cancel", "take_back",
                }  # fmt: skip
    return user.screen


def test_no_part_of_the_review_lets_it_through(hostile, forgot, process):
    shown = {}

    async def act(user):
        async def see(what, *keys):
            await user.press(*keys)
            shown[what] = look(user)

        await see("start")
        await see("information", "i")
        await see("next", "l")
        await see("last", "G")
        await see("reason", "g", "tab", "down", "down")
        await see("approved", "escape", "a")
        await see("approved again", "G", "2", "a")
        await see("copied", "y")
        await see("sidecars", "w")
        await see("sidecars written", "enter")
        await see("steps", "escape", "r")
        await see("settings", "escape", "o")
        await see("another", "down", "down", "down")
        await see("found photos", "escape", "/", *"name:A", "enter")
        await see("found labels", "escape", "#", "g")
        await see("new label", "backspace", "[", "r", "e", "d", "]")
        await see("help", "escape", "?")
        await see("palette", "escape", "ctrl+p")
        await see("all", "escape", "A")
        await see("large", "escape", "z")

    at_review(hostile, act, size=(140, 40))
    assert forgot == []
    assert r"\x1b]0;x" in shown["start"]
    assert "[red]" in shown["start"]
    assert "camera: camera" in shown["last"]
    assert r"A\x1b]0;x\x07?31m" in shown["last"]
    assert r"\xc2\x9b31mforeign\xe2\x80\xae" in shown["sidecars"]
    assert "[bold]x[/bold]" in "".join(shown.values())


@pytest.mark.parametrize("size", [(60, 20), (200, 50)])
def test_the_settings_may_be_edited_where_a_path_is_hostile(hostile, size):
    async def act(user):
        await user.press("o", "enter")
        look(user)
        await user.press("end", "backspace")
        look(user)

    at_review(hostile, act, size=size)


def test_what_a_widget_forgot_is_taken_out_and_the_line_stays_as_wide():
    line = [Segment(f"a{EVIL}\u200d"), Segment("\x1b[3C", None, [(1, 3)]), Segment("👩\u200d🚀")]
    filtered = _SCREENING.apply(line, Color(0, 0, 0))
    assert filtered[0].text.startswith("a")
    assert not harm_in(filtered[0].text)
    assert filtered[0].cell_length == line[0].cell_length
    assert filtered[1:] == line[1:]


def test_a_real_terminal_gets_no_title_and_no_colour_of_a_name(hostile):
    places = ["--run-dir", hostile.folder / "runs", "--cache-dir", hostile.folder / "thumb_cache"]
    model = ["--model-name", "embedded", "--threshold", "0.2", "--topk", "2"]
    labels = ["--labels", hostile.folder / "labels.txt", "--images", "none"]
    state = {"XDG_STATE_HOME": str(hostile.folder / "state")}
    screen = Screen("review", hostile.root, *places, *model, *labels, **state)
    try:
        screen.until_says(r"\x1b]0;x")
        screen.press("i")
        screen.until_says("size: ")
        screen.press("w")
        screen.until_says("sidecars")
        screen.until_says("Nothing to write")
        screen.press("\x1b")
        screen.until(lambda shown: "Nothing to write" not in shown)
        screen.press("q")
        assert screen.ended() == 0
    finally:
        with suppress(ProcessLookupError):
            screen.process.kill()
    written = screen.output(0).decode("utf-8", "replace")
    assert "\x1b]0;x" not in written
    assert "\x9b" not in written
    assert "\x9d" not in written
    assert "\u202e" not in written
    assert not [one for one in written if unicodedata.category(one) == "Cf"]
