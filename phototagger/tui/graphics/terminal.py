"""What the terminal can show: its answers read, and what follows from them; nothing is asked here.

Textual is not imported here: it reads its colours from the environment as soon as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast, get_args

Images = Literal["kitty", "sixel", "sextant", "quadrant", "halfcell", "none"]

SLOW = 0.15
"""A round trip from which on a line counts as slow, in seconds."""

QUERY_ID = 31
_SIXEL = "4"  # among the attributes of a terminal (DA1)
_CELL_PIXELS = range(2, 200)  # anything else is not the size of a cell
_TRUE_COLOUR = ("kitty", "xterm", "wezterm", "foot", "iterm2")
_DRAW_SEXTANTS = ("kitty", "wezterm", "foot", "iterm2", "vte", "konsole", "ghostty")
_MULTIPLEXERS = ("screen", "tmux")
_MUTE = ("", "dumb", "linux")

_SHOW_PLACEHOLDERS = re.compile(r"(?i:ghostty)|kitty\((?P<version>\d+\.\d+)")
_KITTY = re.compile(rb"\x1b_Gi=%d;([^\x1b]*)\x1b\\" % QUERY_ID)
_VERSION = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_CELL = re.compile(rb"\x1b\[6;(\d{1,5});(\d{1,5})t")
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")


@dataclass(frozen=True)
class Terminal:
    """What a terminal said of itself; the default is one that said nothing.

    ``inside``: it is tmux or screen. ``sextants``: it draws characters of six pixels itself,
    whatever its font has. ``cell`` is the width and height of a cell in pixels, ``round_trip`` what
    its answer took in seconds. ``begun`` is what was read of an answer whose rest may still come,
    and is no key press.
    """

    kitty: bool = False
    sixel: bool = False
    inside: bool = False
    sextants: bool = False
    cell: tuple[int, int] | None = None
    name: str = ""
    truecolor: bool = False
    round_trip: float = 0.0
    begun: bytes = b""

    @property
    def is_slow(self) -> bool:
        """Whether text must be spared the pictures' bytes."""
        return self.round_trip > SLOW


class Answers(NamedTuple):
    """What was found in a terminal's answer."""

    kitty: bool
    sixel: bool
    cell: tuple[int, int] | None
    name: str
    is_whole: bool


class Around(NamedTuple):
    """The terminal around tmux: its name, and whether tmux knows that it draws sixels.

    ``passes``: tmux passes on what is wrapped for it.
    """

    name: str = ""
    passes: bool = False
    sixel: bool = False

    @property
    def shows_pictures(self) -> bool:
        """Whether pictures that are passed on to it are shown where characters stand for them."""
        named = _SHOW_PLACEHOLDERS.match(self.name)
        if not self.passes or named is None:
            return False
        return named["version"] is None or tuple(map(int, named["version"].split("."))) >= (0, 28)


NOTHING_AROUND = Around()


def parse(answer: bytes) -> Answers:
    """Return what a terminal's bytes say; what is missing, cut short or no answer is left out.

    The answer is whole once the terminal's attributes are there, which were asked for last.
    """
    kitty, version = _KITTY.search(answer), _VERSION.search(answer)
    attributes, size = _ATTRIBUTES.search(answer), _CELL.search(answer)
    cell = (int(size[2]), int(size[1])) if size else None
    return Answers(
        kitty=kitty is not None and kitty[1] == b"OK",
        sixel=attributes is not None and _SIXEL in attributes[1].decode("ascii").split(";")[1:],
        cell=cell if cell and all(side in _CELL_PIXELS for side in cell) else None,
        name=version[1].decode("ascii", "replace") if version else "",
        is_whole=attributes is not None,
    )


def question(environ: Mapping[str, str]) -> bytes:
    """Return what to ask a terminal; nothing where it would print the question."""
    if environ.get("TERM", "") in _MUTE:
        return b""
    kitty = b"\x1b_Gi=%d,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" % QUERY_ID
    # tmux and screen take this for a title, Apple's terminal prints it.
    if is_multiplexed(environ) or environ.get("TERM_PROGRAM") == "Apple_Terminal":
        kitty = b""
    return kitty + b"\x1b[>q\x1b[16t\x1b[c"


def described(
    answers: Answers,
    environ: Mapping[str, str],
    *,
    cell: tuple[int, int] | None = None,
    round_trip: float = 0.0,
    begun: bytes = b"",
    around: Around = NOTHING_AROUND,
) -> Terminal:
    """Return what a terminal can do; ``cell`` is what the system knows of it.

    Within tmux or screen the answers may come from the terminal around them: neither passes
    pictures on by itself. A tmux that was built for sixels says so itself, also where the terminal
    around it has none. ``around`` is what it knows of that terminal, which draws the letters.
    """
    inside = is_multiplexed(environ) or answers.name.lower().startswith(_MULTIPLEXERS)
    says_so = environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"}
    return Terminal(
        kitty=around.shows_pictures if inside else answers.kitty,
        sixel=answers.sixel and (around.sixel or not inside),
        cell=answers.cell or cell,
        inside=inside,
        sextants=(around.name if inside else answers.name).lower().startswith(_DRAW_SEXTANTS),
        name=answers.name,
        truecolor=says_so or (not inside and answers.name.lower().startswith(_TRUE_COLOUR)),
        round_trip=round_trip,
        begun=b"" if answers.is_whole else begun,
    )


def is_multiplexed(environ: Mapping[str, str]) -> bool:
    """Tell whether this is tmux or screen; TMUX is not there over ssh, TERM is."""
    return bool(environ.get("TMUX")) or environ.get("TERM", "").startswith(_MULTIPLEXERS)


def color_system(environ: Mapping[str, str], terminal: Terminal) -> str | None:
    """Return what TEXTUAL_COLOR_SYSTEM must be before textual is imported; None: leave it.

    What the person has set stands, and NO_COLOR is kept.
    """
    if environ.get("NO_COLOR") or environ.get("TEXTUAL_COLOR_SYSTEM"):
        return None
    return "truecolor" if terminal.truecolor else None


def how_to_draw(images: str, terminal: Terminal, colours: str | None, *, no_color: bool) -> Images:
    """Return how pictures are drawn: what the setting ``images`` names, or the best there is.

    ``colours`` is Rich's name of what the terminal has: ``truecolor``, ``256``.
    """
    for named in get_args(Images):
        if images == named:
            return cast("Images", named)
    if terminal.kitty:
        return "kitty"
    # Without the size of a cell a picture would run over what is beside it.
    if terminal.sixel and terminal.cell:
        return "sixel"
    if no_color or colours not in {"truecolor", "256"}:
        return "none"
    return best_blocks(terminal)


def best_blocks(terminal: Terminal) -> Images:
    """Return the finest block characters that a terminal is known to show."""
    return "sextant" if terminal.sextants else "quadrant"
