"""What labels are called: renamed, merged, removed, given a synonym; and undo in the list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from phototagger.engine.decisions.naming import Kind, NamingPlan, plan_naming
from phototagger.review import TROUBLE, Act, Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.history import Coming
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.choose import ChooseScreen
from phototagger.tui.screens.confirm import ConfirmScreen
from phototagger.tui.screens.labels.word_screen import WordScreen
from phototagger.tui.screens.review.act_runner import FEW

if TYPE_CHECKING:
    from phototagger.tui.screens.labels.list_screen import LabelListScreen

Came = TypeVar("Came")

_FILE = "The labels file is not written; `phototagger labels` says what to change there."


class LabelNaming:
    """Acts on the label under the cursor of the list, each after saying what it is about.

    ``decided`` is told of each act. ``busy``: what is done of many photos beside the keys; the list
    does nothing else meanwhile.
    """

    def __init__(
        self, screen: LabelListScreen, review: Review, decided: Callable[[Act], None]
    ) -> None:
        self._screen = screen
        self._review = review
        self._decided = decided
        self.busy = ""
        self.actions: Handlers = {
            "rename_label": lambda: self._ask_word(
                "what is {} called?", self._rename, self._screen.label
            ),
            "merge_label": self._choose_other,
            "give_synonym": partial(self._ask_word, "which word means {}, too?", self._synonym),
            "remove_label": lambda: self._propose(Kind.REMOVE, self._screen.label, ""),
            "undo": self._undo,
            "redo": self._redo,
        }

    def _ask_word(self, question: str, then: Callable[[str, str], None], word: str = "") -> None:
        label = self._screen.label
        if label:
            asked = WordScreen(question.format(shown_label(self._review, label)), word)
            self._screen.app.push_screen(asked, lambda word: then(label, word) if word else None)

    def _rename(self, label: str, word: str) -> None:
        self._propose(Kind.RENAME, label, word)

    def _synonym(self, label: str, word: str) -> None:
        self._propose(Kind.SYNONYM, word, label)

    def _choose_other(self) -> None:
        """Ask into which label this one is to be merged."""
        label = self._screen.label

        def chosen(other: str | None) -> None:
            if other is not None:
                self._propose(Kind.MERGE, label, other)

        shown = partial(shown_label, self._review)
        rows = [(other, shown(other)) for other in self._review.labels if other != label]
        if label:
            heading = f"{shown(label)} becomes part of which label?"
            self._screen.app.push_screen(ChooseScreen(heading, rows, search=True), chosen)

    def _propose(self, kind: Kind, label: str, becomes: str) -> None:
        """Say on how many photos something is decided of a label, and do it at enter."""
        if not label:
            return
        review = self._review
        in_tree = not review.job.model.tree.is_flat

        def plan() -> NamingPlan:
            where = review.job.catalogue
            return plan_naming(where, kind, label, becomes, review.labels, in_tree=in_tree)

        def ask(plan: NamingPlan) -> None:
            about = f"{plan.about[:1].upper()}{plan.about[1:]}"
            detail = f"{about}.\nOne undo takes it all back.\n{_FILE}"

            def do() -> None:
                photos, label = len(plan.moved.edits), plan.naming.becomes
                self._step(photos, "naming", lambda: review.name_label(plan), label)

            self._ask(plan.question, detail, "do it", do)

        self._beside(self._screen.decided, "reading", plan, ask)

    def _undo(self) -> None:
        """Take back what was done last, after saying what: its photos are not on this screen."""
        photos = self._ahead(redo=False)

        def ask(coming: Coming | None) -> None:
            if coming is None:
                self._screen.say("nothing is left to undo")
                return

            def do() -> None:
                self._step(len(coming.sha1s), "taking back", self._review.undo)

            self._ask(f"Take back: {coming.said}?", coming.ask, "take it back", do)

        if photos is not None:
            self._beside(photos, "reading", self._review.coming, ask)

    def _redo(self) -> None:
        photos = self._ahead(redo=True)
        if photos is not None:
            self._step(photos, "doing again", self._review.redo)

    def _ahead(self, *, redo: bool) -> int | None:
        """Return how many photos undo or redo is about; say why, where nobody can tell."""
        try:
            return self._review.photos_ahead(redo=redo)
        except TROUBLE as error:
            self._screen.complain(error)
            return None

    def _ask(self, question: str, detail: str, yes: str, do: Callable[[], None]) -> None:
        """Do something at enter."""

        def answered(agreed: bool | None) -> None:  # noqa: FBT001  (as Textual calls it)
            if agreed:
                do()

        asked = ConfirmScreen(question, detail, yes=yes)
        asked.settle = self._review.settings.settle
        self._screen.app.push_screen(asked, answered)

    def _step(
        self, photos: int, doing: str, step: Callable[[], Act | None], label: str = ""
    ) -> None:
        """Do something, and show what the labels are then, with the cursor on one."""

        def show(act: Act | None) -> None:
            self._screen.say("nothing was undone" if act is None else act.said)
            if act is not None:
                self._decided(act)
                self._screen.show_labels(label)
                self._screen.count()

        self._beside(photos, doing, step, show)

    def _beside(
        self, photos: int, doing: str, work: Callable[[], Came], then: Callable[[Came], None]
    ) -> None:
        """Do something at once where photos are few, else beside the keys; then go on."""

        def finish(came: Came) -> None:
            if self.busy:
                self.busy = ""
                self._screen.say("")
            then(came)

        def fail(error: Exception) -> None:
            self.busy = ""
            self._screen.complain(error)

        def working(call: Callable[..., object]) -> None:
            try:
                came = work()
            except TROUBLE as error:
                call(fail, error)
            else:
                call(finish, came)

        if photos <= FEW:
            working(lambda do, came: do(came))
            return
        self.busy = f"{doing} {photos:,} photos …"
        self._screen.say(self.busy)
        call = self._screen.app.call_from_thread
        self._screen.run_worker(partial(working, call), group="naming", thread=True)
