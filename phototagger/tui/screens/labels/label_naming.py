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
            "rename_label": self._ask_name,
            "merge_label": self._ask_other,
            "give_synonym": self._ask_synonym,
            "remove_label": lambda: self._propose(Kind.REMOVE, self._screen.label, ""),
            "undo": self._undo,
            "redo": self._redo,
        }

    def _ask_name(self) -> None:
        """Ask what the label is to be called."""
        if label := self._screen.label:
            asked = WordScreen(f"what is {shown_label(self._review, label)} called?", label)
            asked.ask_on(self._screen.app, partial(self._propose, Kind.RENAME, label))

    def _ask_synonym(self) -> None:
        """Ask which other word is to mean the label."""
        if label := self._screen.label:
            asked = WordScreen(f"which word means {shown_label(self._review, label)}, too?")
            asked.ask_on(self._screen.app, lambda word: self._propose(Kind.SYNONYM, word, label))

    def _ask_other(self) -> None:
        """Ask into which label this one is to be merged."""
        shown = partial(shown_label, self._review)
        if label := self._screen.label:
            rows = [(other, shown(other)) for other in self._review.labels if other != label]
            heading = f"{shown(label)} becomes part of which label?"
            asked = ChooseScreen(heading, rows, search=True)
            asked.ask_on(self._screen.app, partial(self._propose, Kind.MERGE, label))

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
        asked = ConfirmScreen(question, detail, yes=yes)
        asked.settle = self._review.settings.settle
        asked.ask_on(self._screen.app, lambda _: do())

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
