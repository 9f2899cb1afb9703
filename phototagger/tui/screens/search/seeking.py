"""What is looked for beside the keys: only the last thing that was asked for is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from phototagger.review import Review
from phototagger.review.search.live import Answer, LiveSearch, TypedLine

if TYPE_CHECKING:
    from textual.timer import Timer

    from phototagger.tui.screens.review.screen import ReviewScreen

RELEASE_SECONDS = 600.0
"""How long after the last search the model's process stays, where it has nothing else to do."""


class Seeker:
    """Finds what a line asks for, what is known first; one thread at most waits for the model.

    ``show`` is given each answer and whether it is the first to what was asked for; ``end`` is
    called once no more come. ``waits``: there is none yet.
    """

    def __init__(
        self,
        screen: ReviewScreen,
        review: Review,
        show: Callable[[Answer, bool], None],
        end: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._live = LiveSearch(review.photos)
        self._show = show
        self._end = end
        self._number = 0  # of what was asked for last
        self._by_words: tuple[int, TypedLine] | None = None  # the next that the model is asked for
        self._is_asking = False
        self._release: Timer | None = None
        self.waits = False

    def line(self, line: str) -> None:
        """Look for what a line asks for."""
        number = self._begin()
        is_busy = not self._screen.engine.rests()
        self._beside(number, partial(self._read, number, line, is_busy))

    def like(self, positions: Sequence[int]) -> None:
        """Look for what is like some photos."""
        number = self._begin()

        def find() -> None:
            self._tell(number, self._live.like(positions))

        self._beside(number, find)

    def forget(self) -> None:
        """Show no more of what was asked for."""
        self._number += 1
        self._by_words, self.waits = None, False
        self._end()

    def _begin(self) -> int:
        self._number += 1
        self._by_words, self.waits = None, True
        self._screen.workers.cancel_group(self._screen, "arrange")
        self._stay()
        return self._number

    def _beside(self, number: int, find: Callable[[], None]) -> None:
        def finding() -> None:
            try:
                find()
            finally:
                self._screen.app.call_from_thread(self._rest, number)

        self._screen.in_thread(finding, "search")

    def _rest(self, number: int) -> None:
        """Take note that a thread has ended: more comes only of what the model is asked for."""
        if number == self._number and self._by_words is None and not self._is_asking:
            self.waits = False
            self._end()

    def _read(self, number: int, line: str, is_busy: bool) -> None:  # noqa: FBT001  (partial's)
        if number != self._number:  # more was typed while this waited for a thread
            return
        asked = self._live.read(line, is_busy=is_busy)
        if asked.note or not asked.by_words:
            self._tell(number, self._live.known(asked))
        if asked.by_words:
            self._screen.app.call_from_thread(self._ask, number, asked)

    def _tell(self, number: int, answer: Answer) -> None:
        self._screen.app.call_from_thread(self._take_answer, number, answer)

    def _take_answer(self, number: int, answer: Answer) -> None:
        if number == self._number:
            is_first, self.waits = self.waits, False
            self._show(answer, is_first)

    def _ask(self, number: int, asked: TypedLine) -> None:
        """Have the model asked, after what it is asked for now."""
        if number != self._number:
            return
        self._by_words = (number, asked)
        if not self._is_asking:
            self._is_asking = True
            self._screen.in_thread(self._ask_all, "words")

    def _ask_all(self) -> None:
        """Ask the model for the last words that were typed, until no more are."""
        call = self._screen.app.call_from_thread
        try:
            while (wanted := call(self._next)) is not None:
                number, asked = wanted
                self._tell(number, self._live.by_words(asked))
        except BaseException:
            call(self._failed)
            raise

    def _next(self) -> tuple[int, TypedLine] | None:
        wanted, self._by_words = self._by_words, None
        self._is_asking = wanted is not None
        return wanted

    def _failed(self) -> None:
        self._by_words, self._is_asking, self.waits = None, False, False
        self._end()

    # The model's process.

    def _stay(self) -> None:
        """Keep the model's process for a while from now on."""
        if self._release is not None:
            self._release.stop()
        self._release = self._screen.set_timer(RELEASE_SECONDS, self._let_go)

    def _let_go(self) -> None:
        engine = self._screen.engine.engine
        if engine is None:
            return

        def release() -> None:
            if not engine.release_model():
                self._screen.app.call_from_thread(self._stay)

        self._screen.in_thread(release, "release")
