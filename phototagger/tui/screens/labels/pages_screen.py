"""The pages of a label: photos that have it or not, decided two dozen at a time."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static

from phototagger.engine.advice import told
from phototagger.printable import counted
from phototagger.review import TROUBLE
from phototagger.review.by_label.label_pages import LabelPages, about, said
from phototagger.review.letters import LETTERS
from phototagger.tui.bindings import typed_key
from phototagger.tui.keys import PAGES
from phototagger.tui.screens.confirm import Presses
from phototagger.tui.screens.help import HelpScreen
from phototagger.tui.widgets.footer import KeyFooter
from phototagger.tui.widgets.page_grid import PageGrid
from phototagger.tui.widgets.preview import Preview
from phototagger.tui.widgets.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from phototagger.review import Act
    from phototagger.review.by_label.label_list import ListedLabel, ListedLabels
    from phototagger.tui.screens.labels.work import LabelWork

_TITLE = "PAGES · "
_LOOK = 0.1  # seconds between two looks at how many pictures are drawn
_KEYS = {key: action.name for action in PAGES.own for key in action.keys}
_MOVES = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class PagesScreen(Screen[None]):
    """Shows the pages of a label, and then of the next one, which ``listed`` offers."""

    DEFAULT_CSS = """
    PagesScreen #head { height: 1; width: 100%; text-style: bold; padding: 0 1; }
    PagesScreen #about { height: 1; width: 100%; color: $text-muted; padding: 0 1; }
    PagesScreen #bottom { height: 1; width: 100%; background: $panel; padding: 0 1; }
    PagesScreen #said { width: 1fr; height: 1; }
    PagesScreen #drawn { width: auto; height: 1; }
    PagesScreen #large { display: none; }
    PagesScreen.large #page { display: none; }
    PagesScreen.large #large { display: block; }
    """
    AUTO_FOCUS = "#page"

    def __init__(self, work: LabelWork, listed: ListedLabels, label: str) -> None:
        super().__init__()
        self._review = work.review
        self._positions = work.positions
        self._decided = work.decided
        self._listed = listed
        self._label = label
        self._pages: LabelPages | None = None
        self._next: ListedLabel | None = None
        self._presses: Presses | None = None
        self._read = 0.0  # when the key that is done was read
        self._note = ""
        self.grid = PageGrid(work.review.photos, work.pictures, id="page")
        self._large = Preview(work.review.photos, work.pictures, id="large")
        self._texts = {name: Static(id=name) for name in ("head", "about", "said", "drawn")}
        self._footer = KeyFooter(work.bound, self._is_done, id="footer")
        self._acts: dict[str, Callable[[], object]] = {
            "accept_page": self._accept,
            "all_yes": partial(self._all_are, yes=True),
            "all_no": partial(self._all_are, yes=False),
            "flip_here": lambda: self._flip(self.grid.cursor),
            "page_taken_back": self._take_back,
            "page_again": self._accept_again,
            "skip_page": self._skip,
            "look_back": self._look_back,
            "random_page": self._draw_at_random,
            "large": self._toggle_large,
            "leave_pages": self._leave,
            "help": lambda: self.app.push_screen(HelpScreen(work.bound, PAGES)),
        }

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield self._texts["head"]
        yield self._texts["about"]
        yield self.grid
        yield self._large
        with Horizontal(id="bottom"):
            yield self._texts["said"]
            yield self._texts["drawn"]
        yield self._footer

    def on_mount(self) -> None:
        """Begin once it is known how many photos fit."""
        self._footer.show(PAGES)
        self.set_interval(_LOOK, self._show_drawn)
        self.call_after_refresh(self._open, self._label)

    def _is_done(self, word: str) -> bool:
        return word in self._acts

    # What is shown.

    def _open(self, label: str) -> None:
        """Show the pages of a label, once all photos are scored."""
        self._label, self._pages, self._next = label, None, None
        try:
            pages = LabelPages(self._review, label, self._positions, size=self.grid.fits)
        except TROUBLE as error:
            self._complain(error)
            return
        self._texts["head"].update(plain(f"{_TITLE}{label}"))
        self.grid.put(None, f"scoring {counted(len(self._positions), 'photo')} …")

        async def begin() -> None:
            for _ in pages.read():
                await asyncio.sleep(0)
            self._pages = pages
            pages.fit(self.grid.fits)
            pages.begin()
            self._show()
            if pages.without_vector:
                self._say(f"{counted(pages.without_vector, 'photo')} without a vector left out")

        self.run_worker(begin, group="scores", exclusive=True)

    def _show(self) -> None:
        """Show the page and what is said of it."""
        pages = self._pages
        if pages is None:
            return
        page, counts = pages.page, pages.counts
        self._presses = None
        is_stopped = page is None
        room = self.size.width - len(_TITLE) - 2
        head = said(counts, self._label, is_stopped=is_stopped, width=room)
        self._texts["head"].update(plain(f"{_TITLE if len(head) <= room else ''}{head}"))
        self._texts["about"].update(plain(self._about()))
        if is_stopped:
            self._next = self._listed.next_open(self._label)
            self._presses = Presses(time.monotonic())
        self.grid.put(page, self._stopped() if is_stopped else "")
        if self.has_class("large"):
            self._toggle_large()
        self._show_drawn()

    def _about(self) -> str:
        pages = self._pages
        if pages is None or pages.page is None:
            return ""
        if not self.grid.has_pictures:
            return "Without pictures there are names, and no page can be accepted (--images)."
        if pages.page.is_random:
            return f"Photos drawn at random among all that are unseen. Which are {self._label}?"
        if pages.page.accepted:
            return "Accepted already: flip what is wrong, then enter; PgDn goes on."
        if pages.is_unknown:
            return f"The model does not know this word ({self._label}); try another."
        return f"YES = has it, best first. Only {self._label} is decided; all else stays open."

    def _stopped(self) -> str:
        """Say why pages stopped, and what can be done."""
        pages, following = self._pages, self._next
        assert pages is not None
        if pages.is_done:
            why = f"No photo is left to ask about {self._label}."
        else:
            expected = about(pages.counts.expected)
            why = f"Stopped: the next page is expected to hold about {expected} of {self._label}."
        if pages.is_unknown:
            why += " The model does not know this word; try another."
        enter = "no other label expects any"
        if following is not None:
            enter = (
                f"enter: next label, {following.label} (gains about {about(following.gain or 0)})"
            )
        more = [] if pages.is_done else ["PgDn: go on", "*: a random page of unseen photos"]
        return f"{why} {' · '.join([enter, *more, 'esc: label list'])}"

    def _show_drawn(self) -> None:
        """Say how many pictures are drawn, where a page waits for them."""
        page = self._pages.page if self._pages is not None else None
        note = ""
        if page is not None and self.grid.has_pictures:
            drawn = len(self.grid.drawn(time.monotonic()))
            missing = len(self.grid.missing())
            without = f", {missing} without" if missing else ""
            note = f"{drawn} of {len(page.rows)} pictures drawn{without}"
        if note != self._note:
            self._note = note
            self._texts["drawn"].update(plain(note))

    def _say(self, text: str) -> None:
        self._texts["said"].update(plain(text))

    def _complain(self, error: Exception) -> None:
        self._say(str(told(error)))

    # What keys do.

    def on_key(self, event: events.Key) -> None:
        """Do what a key means here."""
        key = typed_key(event)
        word = _KEYS.get(key, "help" if key == "?" else "")
        self._read = event.time
        if key in _MOVES:
            self._move(*_MOVES[key])
        elif word:
            self.action_act(word)
        elif key.lower() in LETTERS:
            self._letter(key)
        elif event.is_printable:
            self._say(f"{key} is no key here (? shows the keys)")
        else:
            return
        event.stop()
        event.prevent_default()

    def action_act(self, word: str) -> None:
        """Do what the table of keys calls by a word."""
        self._acts[word]()

    def on_page_grid_cell_clicked(self, event: PageGrid.CellClicked) -> None:
        """Flip what was clicked."""
        self._read = time.monotonic()
        self._flip(event.place)

    def on_page_grid_fit_changed(self) -> None:
        """Have as many photos on a page as fit."""
        if self._pages is not None:
            self._pages.fit(self.grid.fits)
            self._show()

    def _move(self, columns: int, rows: int) -> None:
        self.grid.move(columns, rows)
        if self.has_class("large"):
            self._large.show(self.grid.position)

    def _letter(self, key: str) -> None:
        """Flip the photo of a letter; of an upper-case letter, accept the page with it."""
        page = self._pages.page if self._pages is not None else None
        place = LETTERS.index(key.lower())
        if page is None or place >= len(page.rows):
            self._say(f"{key} is no photo's letter here")
        elif not key.isupper():
            self._flip(place)
        elif self._may_accept():
            self._flip(place)
            self._decide()

    def _flip(self, place: int) -> None:
        pages = self._pages
        if pages is None or pages.page is None:
            return
        if place in self.grid.drawn(self._read):
            pages.flip([place])
            self.grid.put(pages.page)
            self._say("")
        else:
            self._say("not flipped: its picture was not on the screen yet")

    def _all_are(self, *, yes: bool) -> None:
        if self._pages is not None and self._pages.page is not None:
            self._pages.all_are(yes=yes)
            self.grid.put(self._pages.page)

    def _accept(self) -> None:
        """Accept the page; where pages stopped, show those of the next label."""
        pages = self._pages
        if pages is None:
            self._say("one moment: photos are being scored")
        elif pages.page is not None:
            if self._may_accept():
                self._decide()
        elif self._next is not None and self._is_meant():
            self._say("")
            self._open(self._next.label)

    def _may_accept(self) -> bool:
        """Tell whether the page was on the screen before the key was read; else say why not."""
        page = self._pages.page if self._pages is not None else None
        if page is None:
            return False
        drawn, missing = self.grid.drawn(self._read), self.grid.missing()
        if not self.grid.has_pictures:
            self._say("not accepted: without pictures nobody can say what is on these photos")
        elif self.has_class("large"):
            self._say("not accepted: 0 shows the page again")
        elif len(drawn | missing) < len(page.rows):
            self._say(f"not accepted: {len(drawn)} of {len(page.rows)} pictures were drawn")
        elif not drawn:
            self._say("not accepted: none of these photos has a picture; PgDn leaves them")
        else:
            self._presses = self._presses or Presses(self.grid.drawn_since)
            if self._is_meant():
                return True
            self._say("not accepted: the page had just been drawn; again accepts it")
        return False

    def _is_meant(self) -> bool:
        presses = self._presses
        return presses is None or presses.answer(self._read, self._review.settings.settle)

    def _decide(self) -> None:
        """Decide the label on the photos of the page."""
        pages = self._pages
        assert pages is not None
        page, number = pages.page, pages.counts.number
        assert page is not None
        act = self._attempt(lambda: pages.accept(self.grid.drawn(self._read)))
        if act is None:
            self._show()
            return
        before = pages.last_accepted or page
        if page.is_random:
            self._say(pages.said_of(before))
        else:
            what = act.said.partition(": ")[2]
            self._say(f"page {number:,} accepted: {what} (backspace takes it back)")
        self._changed(act)

    def _take_back(self) -> None:
        pages = self._pages
        act = self._attempt(pages.take_back) if pages is not None else None
        if act is None:
            self._say("no page of this label is left to take back; u in the list undoes more")
        else:
            self._say(act.said)
            self._changed(act)

    def _accept_again(self) -> None:
        pages = self._pages
        act = self._attempt(pages.do_again) if pages is not None else None
        if act is None:
            self._say("no page was taken back")
        else:
            self._say(act.said)
            self._changed(act)

    def _attempt(self, act: Callable[[], Act | None]) -> Act | None:
        try:
            return act()
        except TROUBLE as error:
            self._complain(error)
            return None

    def _changed(self, act: Act) -> None:
        """Show what comes after an act; where photos are many, score all of them again beside."""
        self._decided(act)
        self._show()
        pages = self._pages
        if pages is not None and pages.must_read:

            async def read() -> None:
                for _ in pages.read():
                    await asyncio.sleep(0)

            self.run_worker(read, group="scores", exclusive=True)

    def _skip(self) -> None:
        if self._pages is not None:
            self._say("left undecided" if self._pages.page is not None else "")
            self._pages.skip()
            self._show()

    def _look_back(self) -> None:
        if self._pages is not None and self._pages.look_back():
            self._show()
        else:
            self._say("this is the first page")

    def _draw_at_random(self) -> None:
        if self._pages is not None and self._pages.draw_at_random():
            self._say("")
            self._show()

    def _toggle_large(self) -> None:
        is_large = not self.has_class("large") and self.grid.position is not None
        self.set_class(is_large, "large")
        self._large.show(self.grid.position if is_large else None)

    def _leave(self) -> None:
        """Close what is open: the large picture, else the pages."""
        if self.has_class("large"):
            self._toggle_large()
        else:
            self.dismiss(None)
