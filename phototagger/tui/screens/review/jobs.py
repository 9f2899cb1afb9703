"""What goes on beside the keys: learning, looking again, tables, sidecars, information."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.worker import get_current_worker

from phototagger.engine.advice import told
from phototagger.engine.events import SidecarDone
from phototagger.engine.memory import give_back
from phototagger.engine.progress import State
from phototagger.engine.step import steps_of
from phototagger.engine.tables.sidecar_text import result_text
from phototagger.printable import one_line, printable
from phototagger.review import Filter, Order
from phototagger.review.background import (
    planned_sidecars,
    rescan,
    table_steps,
    tables_are_due,
)
from phototagger.review.open_review import look_after
from phototagger.tui.screens.changes import ChangesScreen
from phototagger.tui.screens.choose import ChooseScreen
from phototagger.tui.screens.help import HelpScreen
from phototagger.tui.screens.info import photo_info
from phototagger.tui.screens.review.acting import TROUBLE, complains
from phototagger.tui.screens.review.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phototagger.engine.events import Event
    from phototagger.review.photo_list import Listing
    from phototagger.sidecars.apply import SidecarResult
    from phototagger.suggest import LabelHeads

AT_WORK = "the engine is at work; r shows it"
_TOLD_EVERY = 20  # sidecars


class Jobs(Desk):
    """The actions that take longer than a key may wait."""

    def begin_work(self) -> None:
        """Begin what is due at the start, now that the first screen is painted."""
        if self.review.read_only:
            self.status.say(str(self.review.read_only), error=True)
        self.learn()
        self._rescan()
        self.look_after()
        engine = self.engine
        if engine is not None and not engine.is_running and tables_are_due(self.review.job):
            self.action_export()
            self.quietly = True  # nobody asked for it

    @work(thread=True, group="look after", exclusive=True)
    @complains
    def look_after(self) -> None:
        """Have the catalogue looked at beside the keys."""
        if said := look_after(self.review.job, self.is_leaving.is_set):
            self.call_from_thread(self.say, said)

    def learn(self) -> None:
        """Make the heads anew of all decisions, and suggest with them."""
        self._learn()

    @work(thread=True, group="learn", exclusive=True)
    @complains
    def _learn(self) -> None:
        begun = self.call_from_thread(self.review.learning)
        if begun is None:
            return
        try:
            heads = begun()
        except TROUBLE:
            self.call_from_thread(self.review.not_learned)
            raise
        self.call_from_thread(self._learned, heads)

    def _learned(self, heads: LabelHeads) -> None:
        self.review.learned(heads)
        if self.review.stale:
            self.learn()
        if len(heads):
            self.grid.reload()
            if not self.checks.changed:
                self.focus_photo(again=True)

    @work(thread=True, group="rescan", exclusive=True)
    def _rescan(self) -> None:
        try:
            found = rescan(self.review.job)
        except TROUBLE as error:
            self.call_from_thread(self.complain, error)
            return
        new = found.new
        if not found.listing.is_same(self.review.listing):
            self.call_from_thread(self.take_listing, found.listing)
        is_empty = not len(found.listing)
        del found
        give_back()
        if new:
            self.call_from_thread(self.new_photos, new)
        elif is_empty:
            self.call_from_thread(self._say_empty)

    def new_photos(self, count: int) -> None:
        """Hear that there are photos that nothing is known of."""

    def _say_empty(self) -> None:
        self.grid.empty_text = f"no JPEG or PNG photo under {printable(self.review.root)}"

    def take_listing(self, listing: Listing) -> None:
        """Show another listing; the cursor and a selection stay on their photos.

        While many photos are being decided, it waits: positions are those of the old one.
        """
        if self.busy:
            self.next_listing = listing
            return
        paths = self.review.listing.paths
        self.review.take_listing(listing)
        self.grid.renumber(lambda old: _index_of(listing.paths, paths[old]))
        self.position = None
        self.show_view()
        if self.review.order is not Order.FOLDER:
            self._arrange(self.review.filter, self.review.order, self.review.order_label)

    def photo_shown(self, position: int) -> None:
        """Read the photo's information where it is shown."""
        if self.screen_stack[0].has_class("info"):  # a dialog may be in front
            self._read_info(self.review.listing.paths[position], position)

    def action_info(self) -> None:
        """Show or hide the photo's information."""
        self.screen.toggle_class("info")
        position = self.focus_photo()
        if position is not None:
            self.photo_shown(position)

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
        job = self.review.job.writer
        self.quietly = False
        if self.engine is None or job is None:
            self.say(str(self.review.read_only))
        elif not self.engine.start(table_steps(job)):
            self.say(AT_WORK)

    async def action_write(self) -> None:
        """Show what would change in the sidecars; enter writes it."""
        screen = ChangesScreen()
        await self.push_screen(screen)  # what is planned would find nothing to be shown in
        self._plan_sidecars(screen)

    @work(thread=True, group="sidecars", exclusive=True)
    def _plan_sidecars(self, screen: ChangesScreen) -> None:
        worker = get_current_worker()
        try:
            planned = planned_sidecars(self.review.job, lambda: worker.is_cancelled)
            lines, counts = self._told(planned, screen, "looked at")
        except TROUBLE as error:
            self._on_screen(screen, "planned", str(told(error)), [], any_change=False)
            return
        can_write = bool(counts["written"]) and not self.review.read_only
        said = f"{_sidecars(counts['written'])} would be written"
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
        engine = self.engine
        found: list[SidecarResult] = []

        def hear(event: Event) -> None:
            if isinstance(event, SidecarDone):
                found.append(event.result)
                if not len(found) % _TOLD_EVERY:
                    self._on_screen(screen, "progress", f"{_sidecars(len(found))} written …")

        if engine is None or not engine.start(steps_of("sidecars"), hear=hear):
            self._on_screen(screen, "planned", AT_WORK, [], any_change=False)
            return
        ended = engine.wait()
        if ended.state is not State.DONE:
            self._on_screen(screen, "planned", str(ended.error), [], any_change=False)
            return
        lines, counts = self._told(found, screen, "written")
        said = f"{_sidecars(counts['written'])} written, {counts['refused']:,} refused"
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
                lines.append(f"refused: {printable(result.sidecar)}: {one_line(result.reason)}")
            else:
                lines.append(result_text(result))
            if not number % _TOLD_EVERY:
                self._on_screen(screen, "progress", f"{_sidecars(number)} {verb} …")
        return lines, counts

    def _on_screen(self, screen: ChangesScreen, what: str, *said: object, **more: object) -> None:
        def tell() -> None:
            if screen.is_attached:  # it may have been left meanwhile
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
    @complains
    def _arrange(self, wanted: Filter, order: Order, label: str) -> None:
        if order is not Order.FOLDER:
            self.call_from_thread(self.working, "ordering …")
        view = self.review.arranged(wanted, order, label)
        if get_current_worker().is_cancelled:
            return

        def show() -> None:
            review = self.review
            begins = order is not Order.FOLDER and (order, label) != (
                review.order,
                review.order_label,
            )
            review.show(view, wanted, order, label)
            self.engine_says = ""
            self.show_view()
            if begins:  # what comes first is what was asked for
                self.grid.end_selection()
                self.grid.home()

        self.call_from_thread(show)

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(HelpScreen(self.bound))


def _index_of(paths: Sequence[str], path: str) -> int | None:
    return paths.index(path) if path in paths else None


def _sidecars(count: int) -> str:
    return f"{count:,} sidecars" if count != 1 else "1 sidecar"
