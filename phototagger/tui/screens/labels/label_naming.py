"""What labels are called: renamed, merged, removed, given a synonym; and undo in the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from phototagger.engine.decisions.naming import Kind, plan_naming
from phototagger.review import TROUBLE, Act, Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.tui.screens.choose import ChooseScreen
from phototagger.tui.screens.confirm import ConfirmScreen
from phototagger.tui.screens.labels.word_screen import WordScreen

if TYPE_CHECKING:
    from phototagger.tui.screens.labels.list_screen import LabelListScreen

_FILE = "The labels file is not written; `phototagger labels` says what to change there."


class LabelNaming:
    """Acts on the label under the cursor of the list, each after saying what it is about.

    ``decided`` is told of each act.
    """

    def __init__(
        self, screen: LabelListScreen, review: Review, decided: Callable[[Act], None]
    ) -> None:
        self._screen = screen
        self._review = review
        self._decided = decided

    @property
    def actions(self) -> Mapping[str, Callable[[], object]]:
        """What is done here, by the words of the table of keys."""
        return {
            "rename_label": lambda: self._ask_word(
                "what is {} called?", self._rename, self._screen.label
            ),
            "merge_label": self._choose_other,
            "give_synonym": partial(self._ask_word, "which word means {}, too?", self._synonym),
            "remove_label": lambda: self._propose(Kind.REMOVE, self._screen.label, ""),
            "undo": self._undo,
            "redo": lambda: self._step(self._review.redo),
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
        try:
            in_tree = not review.job.model.tree.is_flat
            plan = plan_naming(
                review.job.catalogue, kind, label, becomes, review.labels, in_tree=in_tree
            )
        except TROUBLE as error:
            self._screen.complain(error)
            return
        detail = f"{plan.about[:1].upper()}{plan.about[1:]}.\nOne undo takes it all back.\n{_FILE}"
        self._ask(
            plan.question, detail, "do it", lambda: review.name_label(plan), plan.naming.becomes
        )

    def _undo(self) -> None:
        """Take back what was done last, after saying what: its photos are not on this screen."""
        try:
            coming = self._review.coming()
        except TROUBLE as error:
            self._screen.complain(error)
            return
        if coming is None:
            self._screen.say("nothing is left to undo")
        else:
            question = f"Take back: {coming.said}?"
            self._ask(question, coming.ask, "take it back", self._review.undo)

    def _ask(
        self, question: str, detail: str, yes: str, step: Callable[[], Act | None], label: str = ""
    ) -> None:
        """Do something at enter; the cursor is on ``label`` then, where that is listed."""

        def answered(agreed: bool | None) -> None:  # noqa: FBT001  (as Textual calls it)
            if agreed:
                self._step(step, label)

        asked = ConfirmScreen(question, detail, yes=yes)
        asked.settle = self._review.settings.settle
        self._screen.app.push_screen(asked, answered)

    def _step(self, step: Callable[[], Act | None], label: str = "") -> None:
        """Do something, and show what the labels are then."""
        try:
            act = step()
        except TROUBLE as error:
            self._screen.complain(error)
            return
        self._screen.say("nothing was undone" if act is None else act.said)
        if act is not None:
            self._decided(act)
            self._screen.show_labels(label)
            self._screen.count()
