"""How fast a line takes pictures: measured, so that a key never waits long behind them.

After pictures a question follows that the terminal answers once it has read them. Until then no
more are sent; text is, and so waits behind one portion at most. What a portion is follows from how
long the last one took. The question is whether synchronised output is known (DECRQM 2026), which
Textual asks at its start, too: who has not answered that is never asked.
"""

QUESTION = "\x1b[?2026$p"
"""What is asked after a portion; Textual tells the app of the answer."""

PORTION_SECONDS = 0.25
"""How long a line should need for the pictures that are sent at once."""

FIRST = 16 * 1024
"""Bytes of pictures that are sent before anything is known of the line."""

LEAST = 4 * 1024
PATIENCE = 5.0
"""Seconds after which no answer is waited for any more, and none is asked for again."""


class Flow:
    """Paces pictures; ``portion`` is how many bytes of them may be sent now, 0 while it waits.

    ``answered_at``: until when all that was sent had arrived, 0.0 where nobody knows.
    """

    def __init__(self) -> None:
        self._portion = FIRST
        self._is_heard = False
        self._asked: tuple[float, int] | None = None
        self.answered_at = 0.0

    @property
    def portion(self) -> int | None:
        """How many bytes of pictures may be sent; None where the terminal never answers."""
        if not self._is_heard:
            return None
        return 0 if self._asked else self._portion

    def sent(self, size: int, now: float) -> bool:
        """Note that so many bytes of pictures are sent; tell whether to ask after them."""
        if not self._is_heard or self._asked or size < LEAST:
            return False
        self._asked = now, size
        return True

    def answered(self, now: float) -> bool:
        """Take an answer; tell whether it was waited for."""
        self._is_heard = True
        if self._asked is None:
            return False
        asked, size = self._asked
        self._asked, self.answered_at = None, now
        self._portion = max(LEAST, round(size * PORTION_SECONDS / max(1e-3, now - asked)))
        return True

    def look(self, now: float) -> bool:
        """Wait no more where no answer came for too long; tell whether that is so."""
        if self._asked is None or now - self._asked[0] < PATIENCE:
            return False
        self._asked, self._is_heard = None, False
        return True
