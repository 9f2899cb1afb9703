"""One dialog before there is anything to review."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from phototagger.errors import ExitCode, InterruptedByUser
from phototagger.tui.shutdown import ends_when_asked
from phototagger.tui.textual_patches.app import PatchedApp

if TYPE_CHECKING:
    from phototagger.tui.screens.dialog import Dialog

Result = TypeVar("Result")


class _Asking(PatchedApp[Result]):
    def __init__(self, dialog: Dialog[Result]) -> None:
        super().__init__()
        self._dialog = dialog

    def on_mount(self) -> None:
        self.push_screen(self._dialog, self.exit)


def ask(dialog: Dialog[Result]) -> Result | None:
    """Show a dialog alone and return its result; None where it was left.

    Raises InterruptedByUser where it was ended from outside.
    """
    asking = _Asking(dialog)
    with ends_when_asked(asking):
        answer = asking.run()
    if asking.broke is not None:
        raise asking.broke
    if asking.return_code == ExitCode.INTERRUPTED:
        raise InterruptedByUser("stopped before the review began", "open it again")
    return answer
