"""Pictures beside Textual's own drawing: the one place that writes to the terminal past it.

Widgets leave the cells of their pictures blank and say where these are. After each of Textual's
paints what is missing is drawn, and what went is taken away: ``PatchedApp`` says when. Tested in
tests/tui/graphics/test_compositor.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.geometry import Region
from textual.widget import Widget

from phototagger.tui.graphics.blocks import Painted
from phototagger.tui.graphics.flow import PATIENCE, QUESTION, Flow
from phototagger.tui.graphics.painters import fitted_to, make_pen
from phototagger.tui.graphics.pens import Pen
from phototagger.tui.graphics.probe import cell_size
from phototagger.tui.graphics.terminal import Terminal
from phototagger.tui.textual_patches.app import PatchedApp
from phototagger.tui.textual_patches.differences import written
from phototagger.tui.textual_patches.past import shown_whole, write_past

if TYPE_CHECKING:
    from phototagger.tui.graphics.pictures import Pictures, Placed

Places = Callable[[], "Iterable[Placed]"]

SOON = 0.04
"""How long pictures that text takes away wait after it: Textual often paints twice, in seconds."""

REST = 0.08
"""How long no key must come before pictures are sent over a slow line, in seconds."""

PORTION = 48 * 1024
"""How many bytes of pictures are sent at once over a slow line."""

_BEGIN, _END = "\x1b[?2026h\x1b7", "\x1b8\x1b[?2026l"


class _Drawn(NamedTuple):
    painted: Painted
    widget: Widget
    when: float = 0.0


class Graphics:
    """The pictures on the terminal. All methods are for the UI's thread.

    ``slow``: text goes first, and pictures wait until no key is pressed. ``inside``: the terminal
    is tmux, which shows other windows in between. ``pictures`` are made anew where letters of
    another size make other pictures.
    """

    def __init__(
        self,
        app: PatchedApp[Any],
        pen: Pen,
        *,
        slow: bool = False,
        inside: bool = False,
        pictures: Pictures | None = None,
        write: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._pen = pen
        self._slow = slow
        self._inside = inside
        self._pictures = pictures
        self._cell = _cell()
        self._write = write or partial(write_past, app)
        self._clock = clock
        self._widgets: dict[Widget, Places] = {}
        self._drawn: dict[Region, _Drawn] = {}
        self._flow = Flow()
        self._last_key = -REST
        self._waits = False
        self._asked = False
        self._later = False
        self._off = False

    # What widgets say.

    def add(self, widget: Widget, placed: Places) -> None:
        """Draw the pictures of a widget from now on, where ``placed`` says they are."""
        self._widgets = {
            earlier: its for earlier, its in self._widgets.items() if earlier.is_attached
        }
        self._widgets[widget] = placed

    def changed(self) -> None:
        """Draw what came, once Textual has painted what it still has to."""
        if not self._asked and not self._off and self._app.screen_stack:
            self._asked = True
            self._app.screen.call_after_refresh(self._settle)

    def drawn_at(self, widget: Widget, region: Region) -> float | None:
        """Return when a picture of a widget was there, on the monotonic clock; None: it is not.

        Where the terminal answers, that is when it had read what was sent.
        """
        drawn = self._drawn.get(region.translate(widget.content_region.offset))
        if drawn is None or drawn.widget is not widget or self._flow.portion == 0:
            return None
        return max(drawn.when, self._flow.answered_at)

    # What the app says.

    def passing(self) -> list[Region]:
        """Return where pictures go at the coming paint, if only text can take them away."""
        if not self._pen.lost_to_text or not self._drawn or not self._app.screen_stack:
            return []
        wanted = dict(self._wanted())
        return [at for at, drawn in self._drawn.items() if not _is_same(wanted.get(at), drawn)]

    def painted(self, update: Any) -> None:
        """Draw again what Textual's paint took away, and whatever changed with it."""
        if not self._pen.lost_to_text:
            self._settle()
        elif update is not None:
            over = written(update, self._app.size.region)
            for region in [place for place in self._drawn if any(map(place.overlaps, over))]:
                drawn = self._drawn.pop(region)
                if sum(region.intersection(piece).area for piece in over) < region.area:
                    self._overwrite(region, drawn)  # what is left of it
            if not self._later:
                self._later = True
                self._app.set_timer(SOON, self._settle)

    def look(self) -> None:
        """Draw whatever changed, where no paint is told."""
        self.painted(None)

    def answered(self) -> None:
        """Go on: the terminal has read what it was sent."""
        if self._flow.answered(self._clock()):
            self._settle()

    def key_pressed(self) -> None:
        """Note that a key came."""
        self._last_key = self._clock()

    def forget(self) -> None:
        """Take everything away; it is drawn again after the next paint."""
        cleared = "".join(self._pen.erase(drawn.painted, at) for at, drawn in self._drawn.items())
        self._drawn.clear()
        self._send([cleared])

    def focused(self) -> None:
        """Draw anew where another window was shown meanwhile and may have cost pictures."""
        if self._inside and self._pen.lost_to_text:
            self._drawn.clear()
            self._settle()

    def resized(self) -> None:
        """Draw anew: what a terminal does with pictures at a new size differs."""
        self.forget()
        cell = _cell()
        if self._pictures is not None and cell is not None and cell != self._cell:
            self._cell = cell
            painter = fitted_to(self._pictures.painter, cell)
            if painter is not None:
                self._pictures.use(painter)

    def stop(self) -> None:
        """Take everything away and draw nothing more, until ``resume``."""
        self._drawn.clear()
        self._send([self._pen.clear()])
        self._off = True

    def resume(self) -> None:
        """Draw again, everything anew: whatever was there is on a screen that is gone."""
        self._off = False
        self._drawn.clear()
        self._send([self._pen.clear()])
        self.changed()

    # How it is done.

    def _settle(self) -> None:
        """Bring what is on the terminal to what should be there."""
        self._asked = self._later = False
        if self._off or not self._app.screen_stack:
            return
        wanted = dict(self._wanted())
        sent = list(self._take_away(wanted))
        new = [
            (region, drawn)
            for region, drawn in wanted.items()
            if region not in self._drawn and not any(map(region.overlaps, self._drawn))
        ]
        sent += self._draw(new)
        if new:
            sent.append(self._pen.tidy(drawn.painted for drawn in wanted.values()))
        self._send(sent)

    def _wanted(self) -> Iterator[tuple[Region, _Drawn]]:
        """Yield the pictures that can be seen whole, those beside a dialog among them."""
        for widget, placed in self._widgets.items():
            if not widget.is_attached:  # its screen is gone
                continue
            is_whole = shown_whole(self._app.screen_stack, widget)
            if is_whole is None:
                continue
            offset = widget.content_region.offset
            for region, painted, is_past in placed():
                place = region.translate(offset)
                if is_past and self._data_at(place) != painted.data:
                    continue
                if is_whole(place):
                    yield place, _Drawn(painted, widget)

    def _data_at(self, region: Region) -> bytes | None:
        drawn = self._drawn.get(region)
        return None if drawn is None else drawn.painted.data

    def _take_away(self, wanted: dict[Region, _Drawn]) -> Iterator[str]:
        for region, drawn in list(self._drawn.items()):
            if _is_same(wanted.get(region), drawn):
                continue
            if not self._pen.lost_to_text:
                del self._drawn[region]
                yield self._pen.erase(drawn.painted, region)
            else:
                self._overwrite(region, drawn)

    def _overwrite(self, region: Region, drawn: _Drawn) -> None:
        """Have Textual write the cells of a picture, which is gone then."""
        if drawn.widget.is_attached:
            self._app.shown.forget(region)
            drawn.widget.refresh(region.translate(-drawn.widget.region.offset))

    def _draw(self, new: list[tuple[Region, _Drawn]]) -> Iterator[str]:
        portion, sent = self._flow.portion, 0
        for region, drawn in new:
            cost = self._pen.cost(drawn.painted)
            if cost and self._must_wait(portion, sent):
                continue
            sent += cost
            self._drawn[region] = drawn._replace(when=self._clock())
            yield self._pen.draw(drawn.painted, region)
        if self._flow.sent(sent, self._clock()):
            self._app.set_timer(PATIENCE, self._look_after_flow)
            yield QUESTION

    def _must_wait(self, portion: int | None, sent: int) -> bool:
        if portion is not None and sent >= portion:
            return True  # until the terminal answers
        if not self._slow:
            return False
        left = PORTION - sent
        rests = self._clock() - self._last_key >= REST
        if rests and left > 0:
            return False
        if not self._waits:
            self._waits = True
            self._app.set_timer(REST, self._waited)
        return True

    def _look_after_flow(self) -> None:
        if self._flow.look(self._clock()):
            self._settle()

    def _waited(self) -> None:
        self._waits = False
        self._settle()

    def _send(self, parts: list[str]) -> None:
        text = "".join(parts)
        if text and not self._off:
            self._write(f"{_BEGIN}{text}{_END}")


def _is_same(wanted: _Drawn | None, drawn: _Drawn) -> bool:
    return wanted is not None and wanted.painted.data == drawn.painted.data


def draw_past_textual(app: PatchedApp[Any], pictures: Pictures, terminal: Terminal) -> None:
    """Have an app draw its pictures past Textual, where their painter needs that.

    Call it before widgets are mounted.
    """
    pen = make_pen(pictures.painter)
    if pen is not None:
        graphics = Graphics(
            app, pen, slow=terminal.is_slow, inside=terminal.inside, pictures=pictures
        )
        app.graphics = pictures.canvas = graphics


def _cell() -> tuple[int, int] | None:
    return cell_size(sys.__stdin__.fileno()) if sys.__stdin__ is not None else None
