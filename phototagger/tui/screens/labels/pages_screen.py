"""The pages of a label: photos that have it or not, decided two dozen at a time."""

import time
from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from phototagger.engine.advice import told
from phototagger.printable import counted
from phototagger.review import TROUBLE
from phototagger.review.by_label.label_list import ListedLabel, ListedLabels
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.by_label.label_pages import LabelPages, about, said
from phototagger.review.letters import LETTERS
from phototagger.tui.bindings import typed_key
from phototagger.tui.contexts import PAGES, PAGES_STOPPED
from phototagger.tui.keys_said import no_key
from phototagger.tui.screens.confirm import Presses
from phototagger.tui.screens.keyed import STEPS, KeyedScreen
from phototagger.tui.screens.labels.page_decisions import PageDecisions
from phototagger.tui.screens.labels.work import LabelWork, between_keys
from phototagger.tui.widgets.neighbours import around
from phototagger.tui.widgets.page_grid import PageGrid
from phototagger.tui.widgets.preview import Preview, Zoom
from phototagger.tui.widgets.text import plain, shorten

_TITLE = "PAGES · "
_LEAST, _LONGEST = 8, 14  # cells that the label has in the header; and in a sentence
_LOOK = 0.1  # seconds between two looks at how many pictures are drawn
_KEYS = {key: action.name for action in PAGES.own for key in action.keys}


class PagesScreen(KeyedScreen):
    """Shows the pages of a label, and then of the next one, which ``listed`` offers."""

    DEFAULT_CSS = """
    PagesScreen #head { height: 1; width: 100%; text-style: bold; padding: 0 1; }
    PagesScreen #about { height: 1; width: 100%; color: $text-muted; padding: 0 1; }
    PagesScreen #bottom { height: 1; width: 100%; background: $panel; padding: 0 1; }
    PagesScreen #said { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    PagesScreen #drawn { width: auto; height: 1; margin-left: 2; }
    PagesScreen #large { display: none; }
    PagesScreen.large #page { display: none; }
    PagesScreen.large #large { display: block; }
    """
    AUTO_FOCUS = "#page"

    def __init__(self, work: LabelWork, listed: ListedLabels, label: str) -> None:
        super().__init__(work.bound, PAGES)
        self._review = work.review
        self._positions = work.positions
        self._listed = listed
        self._label = label
        self.pages: LabelPages | None = None
        self.next_label: ListedLabel | None = None
        self._note = ""
        self.grid = PageGrid(work.review.photos, work.pictures, id="page")
        self._large = Preview(work.review.photos, work.pictures, id="large")
        self._large.around = self._around
        self._texts = {name: Static(id=name) for name in ("head", "about", "drawn")}
        self._decisions = PageDecisions(self, work.review, work.decided)
        self.actions |= {
            **self._decisions.actions,
            "large": self._zoom,
            "leave_pages": self._leave,
        }

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield self._texts["head"]
        yield self._texts["about"]
        yield self.grid
        yield self._large
        with Horizontal(id="bottom"):
            yield self.said
            yield self._texts["drawn"]
        yield self.footer

    def on_mount(self) -> None:
        """Begin once it is known how many photos fit."""
        self.set_interval(_LOOK, self._follow)
        self.call_after_refresh(self.show_label, self._label)

    # What is shown.

    def show_label(self, label: str) -> None:
        """Show the pages of a label, once all photos are scored."""
        self._label, self.pages, self.next_label = label, None, None
        self._texts["head"].update(plain(f"{_TITLE}{shown_label(self._review, label)}"))
        self._texts["about"].update("")
        try:
            pages = LabelPages(
                self._review, label, self._positions, size=self.grid.page_layout.cells
            )
        except TROUBLE as error:
            self.complain(error)
            return
        self.grid.put(None, f"scoring {counted(len(self._positions), 'photo')} …")

        def begin() -> None:
            self.pages = pages
            pages.fit(self.grid.page_layout.cells)
            pages.begin()
            self.show_page()
            if pages.without_vector:
                self.say(f"{counted(pages.without_vector, 'photo')} without a vector left out")

        between_keys(self, pages.read(), begin)

    def complain(self, error: Exception) -> None:
        """Say what went wrong; where that leaves no page, in its place."""
        super().complain(error)
        if self.pages is None:
            self.grid.put(None, str(told(error)))

    def show_page(self) -> None:
        """Show the page and what is said of it."""
        pages = self.pages
        if pages is None:
            return
        page, counts = pages.page, pages.counts
        self._decisions.presses = None
        is_stopped = page is None
        room = self.size.width - len(_TITLE) - 2
        figures = len(said(counts, "", is_stopped=is_stopped, width=0))
        label = shorten(
            shown_label(self._review, self._label), max(_LEAST, self.size.width - 2 - figures)
        )
        wider = cell_len(label) - len(label)
        head = said(counts, label, is_stopped=is_stopped, width=room - wider)
        self._texts["head"].update(plain(f"{_TITLE if cell_len(head) <= room else ''}{head}"))
        self._texts["about"].update(plain(self._about()))
        if is_stopped:
            self.next_label = self._listed.next_open(self._label)
            self._decisions.presses = Presses(time.monotonic())
        self.footer.show(PAGES_STOPPED if is_stopped else PAGES)
        self.grid.put(page, self._stopped() if is_stopped else "")
        self._show_large(Zoom.SMALL)
        self._follow()

    @property
    def _short_label(self) -> str:
        """The label as sentences have it."""
        return shorten(shown_label(self._review, self._label), _LONGEST)

    def _about(self) -> str:
        pages = self.pages
        if pages is None or pages.page is None:
            return ""
        if not self.grid.has_pictures:
            return "Without pictures there are names, and no page can be accepted (--images)."
        if pages.page.is_random:
            return (
                f"Photos drawn at random among all that are unseen. Which are {self._short_label}?"
            )
        if pages.page.accepted:
            return "Accepted already: flip what is wrong, then enter; PgDn goes on."
        if pages.is_unknown:
            return f"The model does not know this word ({self._short_label}); try another."
        return (
            f"YES = has it, best first. Only {self._short_label} is decided; all else stays open."
        )

    def _stopped(self) -> str:
        """Say why pages stopped, and what can be done."""
        pages, following = self.pages, self.next_label
        assert pages is not None
        if pages.is_done:
            why = f"No photo is left to ask about {self._short_label}."
        else:
            expected = f"{about(pages.counts.expected)} of {self._short_label}"
            why = f"Stopped: the next page is expected to hold about {expected}."
        if pages.is_unknown:
            why += " The model does not know this word; try another."
        enter = "no other label expects any"
        if following is not None:
            named = shown_label(self._review, following.label)
            enter = f"enter: next label, {named} (gains about {about(following.gain or 0)})"
        more = [] if pages.is_done else ["PgDn: go on", "*: a random page of unseen photos"]
        return "\n".join([why, "", enter, *more, "esc: label list"])

    def _follow(self) -> None:
        """Make pages anew where others decided meanwhile; say how many pictures are drawn."""
        pages = self.pages
        if pages is not None and pages.ranked_by is not self._review.suggestions.suggester:
            self.show_label(self._label)
        page = self.pages.page if self.pages is not None else None
        note = ""
        if page is not None and self.grid.has_pictures:
            drawn = len(self.grid.drawn(time.monotonic()))
            missing = len(self.grid.missing())
            without = f", {missing} without" if missing else ""
            note = f"{drawn} of {self.grid.count} pictures drawn{without}"
        if note != self._note:
            self._note = note
            self._texts["drawn"].update(plain(note))

    # What keys do.

    def on_key(self, event: events.Key) -> None:
        """Do what a key means here."""
        key = typed_key(event)
        word = _KEYS.get(key, "help" if key == "?" else "")
        self.read = event.time
        self._follow()
        if key in STEPS:
            self._move(*STEPS[key])
        elif word:
            self.action_act(word)
        elif key.lower() in LETTERS:
            self._decisions.letter(key)
        elif event.is_printable:
            self.say(no_key(key))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_page_grid_cell_clicked(self, event: PageGrid.CellClicked) -> None:
        """Flip what was clicked."""
        self._decisions.flip(event.place)

    def on_page_grid_fit_changed(self) -> None:
        """Have as many photos on a page as fit."""
        if self.pages is not None:
            self.pages.fit(self.grid.page_layout.cells)
            self.show_page()

    def _move(self, columns: int, rows: int) -> None:
        if self._large.pan(columns, rows):
            return
        self.grid.move(columns, rows)
        if self._large.zoom:
            self._large.show(self.grid.position)

    def _zoom(self) -> None:
        """Show the photo at the cursor itself, then at 100 %, then the page again."""
        if self.grid.position is not None:
            self._show_large(self._large.next_zoom)

    def _show_large(self, zoom: Zoom) -> None:
        self.set_class(bool(zoom), "large")
        self._large.zoom_to(zoom)
        self._large.show(self.grid.position if zoom else None)

    def _around(self, _: int, most: int) -> Sequence[int]:
        page = self.pages.page if self.pages is not None else None
        if page is None:
            return ()
        return page.positions[around(self.grid.cursor, len(page.positions), most)]

    def _leave(self) -> None:
        """Close what is open: the large picture, else the pages."""
        if self._large.zoom:
            self._show_large(Zoom.SMALL)
        else:
            self.dismiss(None)
