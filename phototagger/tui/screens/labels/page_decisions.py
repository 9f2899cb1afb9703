"""What keys do to a page: flip, accept, take back; an act is on disk before the next page shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from phototagger.review import TROUBLE, Act, Review
from phototagger.review.by_label.label_pages import LabelPages, Page
from phototagger.review.letters import LETTERS
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.confirm import Presses
from phototagger.tui.screens.labels.work import between_keys

if TYPE_CHECKING:
    from phototagger.tui.screens.labels.pages_screen import PagesScreen


class PageDecisions:
    """Decides the label of the pages that a screen shows; ``decided`` is told of each act.

    ``presses`` is what tells whether enter is meant.
    """

    def __init__(self, screen: PagesScreen, review: Review, decided: Callable[[Act], None]) -> None:
        self._screen = screen
        self._grid = screen.grid
        self._review = review
        self._decided = decided
        self.presses: Presses | None = None
        self.actions: Handlers = {
            "accept_page": self._accept,
            "all_yes": partial(self._all_are, yes=True),
            "all_no": partial(self._all_are, yes=False),
            "flip_here": lambda: self.flip(self._grid.cursor),
            "page_taken_back": self._take_back,
            "page_again": self._accept_again,
            "skip_page": self._skip,
            "look_back": self._look_back,
            "random_page": self._draw_at_random,
        }

    @property
    def _pages(self) -> LabelPages | None:
        return self._screen.pages

    @property
    def _page(self) -> Page | None:
        return self._pages.page if self._pages is not None else None

    def letter(self, key: str) -> None:
        """Flip the photo of a letter; of an upper-case letter, accept the page with it."""
        place = LETTERS.index(key.lower())
        if self._page is None or place >= len(self._page.rows):
            self._screen.say(f"{key} is no photo's letter here")
        elif not key.isupper():
            self.flip(place)
        elif self._may_accept():
            self.flip(place)
            self._decide()

    def flip(self, place: int) -> None:
        """Make YES no, or no YES, where the picture was on the screen before the key was read."""
        pages = self._pages
        if pages is None or pages.page is None:
            return
        if place in self._grid.drawn(self._screen.read):
            pages.flip([place])
            self._grid.put(pages.page)
            self._screen.say("")
        else:
            self._screen.say("not flipped: its picture was not on the screen yet")

    def _all_are(self, *, yes: bool) -> None:
        if self._pages is not None:
            self._pages.all_are(yes=yes)
            self._grid.put(self._pages.page, self._grid.empty_text)

    def _accept(self) -> None:
        """Accept the page; where pages stopped, show those of the next label."""
        following = self._screen.next_label
        if self._pages is None:
            self._screen.say(f"no page yet: {self._grid.empty_text}")
        elif self._page is not None:
            if self._may_accept():
                self._decide()
        elif following is not None and self._is_meant():
            self._screen.say("")
            self._screen.show_label(following.label)

    def _may_accept(self) -> bool:
        """Tell whether the page was on the screen before the key was read; else say why not."""
        grid, say = self._grid, self._screen.say
        if self._page is None:
            return False
        drawn, missing = grid.drawn(self._screen.read), grid.missing()
        if not grid.has_pictures:
            say("not accepted: without pictures nobody can say what is on these photos")
        elif self._screen.has_class("large"):
            say("not accepted: esc shows the page again")
        elif len(drawn | missing) < grid.count:
            say(f"not accepted: {len(drawn)} of {grid.count} pictures were drawn")
        elif not drawn:
            say("not accepted: none of these photos has a picture; PgDn leaves them")
        else:
            self.presses = self.presses or Presses(grid.drawn_since)
            if self._is_meant():
                return True
            say("not accepted: the page had just been drawn; again accepts it")
        return False

    def _is_meant(self) -> bool:
        """Tell whether enter is no answer to something before, nor its own repetition."""
        settle = self._review.settings.settle
        return self.presses is None or self.presses.answer(self._screen.read, settle)

    def _decide(self) -> None:
        """Decide the label on the photos of the page."""
        pages, page = self._pages, self._page
        assert pages is not None
        assert page is not None
        number = pages.counts.number

        def said(act: Act) -> str:
            if page.is_random and pages.last_accepted is not None:
                return pages.said_of(pages.last_accepted)
            what = act.said.partition(": ")[2]
            return f"page {number:,} accepted: {what} (backspace takes it back)"

        drawn = self._grid.drawn(self._screen.read)
        self._step(lambda: pages.accept(drawn), said, "nothing was flipped on this page")

    def _take_back(self) -> None:
        if self._pages is not None:
            nothing = "no page of this label is left to take back; u in the list undoes more"
            self._step(self._pages.take_back, lambda act: act.said, nothing)

    def _accept_again(self) -> None:
        if self._pages is not None:
            self._step(self._pages.do_again, lambda act: act.said, "no page was taken back")

    def _step(
        self, step: Callable[[], Act | None], sentence_of: Callable[[Act], str], nothing: str
    ) -> None:
        """Do something, and show what comes after; where photos are many, score all beside."""
        try:
            act = step()
        except TROUBLE as error:
            self._screen.complain(error)
            return
        self._screen.say(nothing if act is None else sentence_of(act))
        self._screen.show_page()
        pages = self._pages
        if act is not None:
            self._decided(act)
            if pages is not None and pages.must_read:
                between_keys(self._screen, pages.read(), lambda: None)

    def _skip(self) -> None:
        if self._pages is not None:
            self._screen.say("left undecided" if self._page is not None else "")
            self._pages.skip()
            self._screen.show_page()

    def _look_back(self) -> None:
        if self._pages is not None and self._pages.look_back():
            self._screen.say("")
            self._screen.show_page()
        else:
            self._screen.say("this is the first page")

    def _draw_at_random(self) -> None:
        if self._pages is not None and self._pages.draw_at_random():
            self._screen.say("")
            self._screen.show_page()
