"""What goes on beside the keys: learning, looking again, tables, sidecars, information."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.worker import get_current_worker

from phototagger.core.errors import PhototaggerError, printable
from phototagger.core.memory import give_back
from phototagger.engine.job import Job
from phototagger.engine.review import Filter, Order
from phototagger.engine.review.work import (
    planned_sidecars,
    rescan,
    tables_are_due,
    write_sidecars,
    write_tables,
)
from phototagger.engine.sidecar_text import result_text
from phototagger.engine.told import told
from phototagger.tui.changes import ChangesScreen
from phototagger.tui.choose import ChooseScreen
from phototagger.tui.desk import Desk
from phototagger.tui.help import HelpScreen
from phototagger.tui.info import photo_info

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phototagger.core.sidecars import SidecarResult

_NEW = "{:,} new photos here: `phototagger run` looks at them"


class Jobs(Desk):
    """The actions that take longer than a key may wait."""

    def begin_work(self) -> None:
        """Begin what is due at the start, now that the first screen is painted."""
        self.learn()
        self._rescan()
        if not self.review.read_only and tables_are_due(self.review.job):
            self._export(quietly=True)

    def learn(self) -> None:
        """Make the heads anew of all decisions, and suggest with them."""
        self._learn()

    @work(thread=True, group="learn", exclusive=True)
    def _learn(self) -> None:
        begun = self.call_from_thread(self.review.learning)
        if begun is None:
            return
        heads = begun()
        self.call_from_thread(self._learned, heads)

    def _learned(self, heads: object) -> None:
        self.review.learned(heads)  # type: ignore[arg-type]
        if len(heads):  # type: ignore[arg-type]
            self.grid.reload()
            if not self.checks.changed:
                self.focus_photo(again=True)

    @work(thread=True, group="rescan", exclusive=True)
    def _rescan(self) -> None:
        try:
            found = rescan(self.review.job)
        except (PhototaggerError, OSError) as error:
            self.call_from_thread(self.complain, told(error))
            return
        new = found.new
        if found.listing.paths != self.review.listing.paths:
            self.call_from_thread(self._take, found.listing)
        if new:
            self.call_from_thread(self.say, _NEW.format(new))
        del found
        give_back()

    def _take(self, listing: object) -> None:
        here = self.position
        path = None if here is None else self.review.listing.paths[here]
        self.review.take_listing(listing)  # type: ignore[arg-type]
        self.position = None
        self.show_view()
        if path in self.review.listing.paths:
            position = self.review.listing.paths.index(path)
            self.grid.go(int((self.review.view == position).argmax()))

    def photo_shown(self, position: int) -> None:
        """Read the photo's information where it is shown."""
        if self.screen.has_class("info"):
            self._read_info(self.review.listing.paths[position], position)

    def action_info(self) -> None:
        """Show or hide the photo's information."""
        self.screen.toggle_class("info")
        if self.position is not None:
            self.photo_shown(self.position)

    @work(thread=True, group="info", exclusive=True)
    def _read_info(self, path: str, position: int) -> None:
        rows = list(photo_info(path, "replace" if self._replaces else "append"))
        also = self.review.also_at(position)
        rows += [("also at", printable(one)) for one in also]
        if not get_current_worker().is_cancelled:
            self.call_from_thread(self.info.put, rows)

    @property
    def _replaces(self) -> bool:
        return self.review.settings.sidecar_style == "replace"

    def action_export(self) -> None:
        """Write the tables."""
        if self.review.read_only:
            self.say(self.review.read_only)
            return
        self._export(quietly=False)

    @work(thread=True, group="export", exclusive=True)
    def _export(self, *, quietly: bool) -> None:
        job = self.review.job
        assert isinstance(job, Job)
        self.call_from_thread(self._engine, "writing the tables …")
        try:
            for _ in write_tables(job):
                pass
        except (PhototaggerError, OSError) as error:
            self.call_from_thread(self.complain, told(error))
        else:
            if not quietly:
                self.call_from_thread(self.say, f"tables written: {printable(job.run.path)}")
        finally:
            self.call_from_thread(self._engine, "")

    def _engine(self, says: str) -> None:
        self.engine_says = says
        self.show_status()

    def action_write(self) -> None:
        """Show what would change in the sidecars; enter writes it."""
        screen = ChangesScreen()
        self.push_screen(screen)
        self._plan_sidecars(screen)

    @work(thread=True, group="sidecars", exclusive=True)
    def _plan_sidecars(self, screen: ChangesScreen) -> None:
        try:
            lines, counts = self._told(planned_sidecars(self.review.job), screen, "looked at")
        except (PhototaggerError, OSError) as error:
            self._on_screen(screen, "planned", str(told(error)), [], any_change=False)
            return
        can_write = bool(counts["written"]) and not self.review.read_only
        said = f"{counts['written']:,} sidecars would be written"
        if counts["refused"]:
            said += f", {counts['refused']:,} refused"
        if not lines:
            said = "Nothing to write: the sidecars hold what is approved."
        elif self.review.read_only:
            said += f"; {self.review.read_only}"
        self._on_screen(screen, "planned", said, lines, any_change=can_write)

    def on_changes_screen_write_asked(self, event: ChangesScreen.WriteAsked) -> None:
        """Write the sidecars that were shown."""
        event.stop()
        if isinstance(self.screen, ChangesScreen):
            self._write_sidecars(self.screen)

    @work(thread=True, group="sidecars", exclusive=True)
    def _write_sidecars(self, screen: ChangesScreen) -> None:
        job = self.review.job
        assert isinstance(job, Job)
        try:
            lines, counts = self._told(write_sidecars(job), screen, "written")
        except (PhototaggerError, OSError) as error:
            self._on_screen(screen, "planned", str(told(error)), [], any_change=False)
            return
        said = f"{counts['written']:,} sidecars written, {counts['refused']:,} refused"
        self._on_screen(screen, "written", said, lines)
        self.call_from_thread(self.say, said)

    def _told(
        self, results: Iterable[SidecarResult], screen: ChangesScreen, verb: str
    ) -> tuple[list[str], dict[str, int]]:
        lines: list[str] = []
        counts = {"written": 0, "unchanged": 0, "refused": 0}
        for number, result in enumerate(results, start=1):
            counts[result.outcome] += 1
            if result.outcome == "refused":
                lines.append(f"refused: {printable(result.sidecar)}: {result.reason}")
            else:
                lines.append(result_text(result))
            if not number % 20:
                self._on_screen(screen, "progress", f"{number:,} sidecars {verb} …")
        return lines, counts

    def _on_screen(self, screen: ChangesScreen, what: str, *said: object, **more: object) -> None:
        def tell() -> None:
            if screen.is_mounted:  # it may have been left meanwhile
                getattr(screen, what)(*said, **more)

        self.call_from_thread(tell)

    def action_filter(self) -> None:
        """Choose which photos are shown."""
        rows = [(one, one.value) for one in Filter]
        screen = ChooseScreen("show which photos?", rows, self.review.filter)

        def chosen(wanted: Filter | None) -> None:
            if wanted is not None:
                self._arrange(wanted, self.review.order, self.review.order_label)

        self.push_screen(screen, chosen)

    def action_order(self) -> None:
        """Choose their order."""
        rows = [(one, one.value) for one in Order]
        screen = ChooseScreen("in which order?", rows, self.review.order)

        def chosen(order: Order | None) -> None:
            if order is Order.LABEL:
                self._choose_label()
            elif order is not None:
                self._arrange(self.review.filter, order, "")

        self.push_screen(screen, chosen)

    def _choose_label(self) -> None:
        suggester = self.review.suggester
        rows = [(one, one) for one in suggester.labels] if suggester else []

        def chosen(label: str | None) -> None:
            if label is not None:
                self._arrange(self.review.filter, Order.LABEL, label)

        self.push_screen(ChooseScreen("by the score of which label?", rows, search=True), chosen)

    @work(thread=True, group="arrange", exclusive=True)
    def _arrange(self, wanted: Filter, order: Order, label: str) -> None:
        if order is not Order.FOLDER:
            self.call_from_thread(self._engine, "ordering …")
        view = self.review.arranged(wanted, order, label)
        if get_current_worker().is_cancelled:
            return

        def show() -> None:
            self.review.show(view, wanted, order, label)
            self.engine_says = ""
            self.show_view()

        self.call_from_thread(show)

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(HelpScreen(self.bound))

    def action_run(self) -> None:
        """Say how the steps are started."""
        root = printable(self.review.root)
        self.say(f"in another terminal, when this review is closed: phototagger run {root}")

    def action_settings(self) -> None:
        """Say where the settings are."""
        self.say("settings: config.yaml, or flags; `phototagger review --help` lists them")
