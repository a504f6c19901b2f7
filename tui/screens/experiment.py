"""The A/B test of a prompt: its arms, the evidence and the verdict, and how to come to one."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from textual import on, work
from textual.geometry import Region

from tui.action_table import SCREENS
from tui.actions import bindings, key_of
from tui.bridge import EngineNews
from tui.core.engine.activation import ONE_VERSION
from tui.core.engine.events import LibraryChanged, ProviderChanged, RunChanged, RunRated, TodayChanged
from tui.core.engine.request import RunRequest
from tui.core.prompts.snapshot import versions_of
from tui.core.quota.clock import now_ns
from tui.core.typed import whole_number
from tui.screens.lines_page import LinesPage
from tui.widgets.experiment.page import WIDE, Around, heading, page
from tui.widgets.quota.gauge import at_rest

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Sequence

    from textual.events import Click
    from textual.timer import Timer

    from tui.core.engine.engine import Engine
    from tui.core.engine.events import RunState
    from tui.core.engine.experiments import ExperimentReport
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.store.experiments import StoredTrial
    from tui.core.store.runs import Outcome

T = TypeVar("T")

_KNOWN = (LookupError, ValueError)
"""No split, no such version or case, a value that is missing: files change while the page is open."""
_LOOK_AFTER_S = 0.3
"""News that come together are looked at together."""
_LOOK_EVERY_S = 60.0
"""The evidence is weighed again so often although nothing is told: its pace goes by the clock."""
_MORE = "40"
_WEIGHT = re.compile(r"v?(\d{1,9})\s*=\s*(\d{1,9}(?:\.\d{1,9})?)%?")


class ExperimentPage(LinesPage):
    """Follows the test of one prompt."""

    PLACES = SCREENS["experiment"]
    BINDINGS = bindings(*PLACES)

    def __init__(self, engine: Engine, name: str, provider: str) -> None:
        super().__init__(engine)
        self.prompt_name = name
        self.provider = provider
        self.report: ExperimentReport | None = None
        self._collecting: concurrent.futures.Future[int] | None = None
        self._progress = (0, 0)
        self._marked = 0
        self._outcomes: tuple[int, ...] = ()
        self._soon: Timer | None = None
        self._looking = self._again = False

    def on_mount(self) -> None:
        """Read what the time does not bring by itself."""
        self.heading.show([("A/B test ", "muted"), (self.prompt_name, "strong")])
        self.set_interval(_LOOK_EVERY_S, self._look)
        self._look()

    def on_unmount(self) -> None:
        """Ask for no more answers."""
        if self._collecting is not None:
            self._collecting.cancel()

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            match event:
                case RunChanged(state=run) if run.name == self.prompt_name and run.over:
                    self._look_soon()
                case RunRated() | LibraryChanged() | TodayChanged():  # which tells of others too
                    self._look_soon()
                case ProviderChanged():
                    self.follow_time()

    # ---------------------------------------------------------------- showing

    def _look_soon(self) -> None:
        if self._soon is None:
            self._soon = self.set_timer(_LOOK_AFTER_S, self._look)

    def _look(self) -> None:
        """Look as soon as the look before is over: with very many answers one takes a while."""
        self._soon = None
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._read()

    @property
    def moving(self) -> bool:
        """Whether a quota fills, or somebody waits for it."""
        now = now_ns()
        return not all(at_rest(state, now) for state in self.engine.providers.values())

    @work(group="look")
    async def _read(self) -> None:
        try:
            await self._read_report()
        finally:
            self._looking = False
        if self._again:
            self._again = False
            self._look()

    async def _read_report(self) -> None:
        points = self.lines.size.width // (3 if self.size.width >= WIDE else 2)
        look = self.engine.experiments.look(self.prompt_name, self.provider or None, max(12, points))
        self.report = await self._answered(look)
        self.show_lines()

    def paint_lines(self) -> None:
        """Give the lines what is so now."""
        report, width = self.report, self.lines.size.width
        if report is None or not width:
            return
        left, right = heading(report)
        self.heading.show(left, right)
        around = Around(
            tuple(self.engine.providers.values()),
            self.provider,
            now_ns(),
            datetime.now().astimezone(),
            self._progress if self._collecting is not None else None,
            self._marked,
        )
        shown = page(report, around, width)
        self._outcomes = shown.outcomes
        self.lines.show(shown.lines)

    async def _answered(self, future: concurrent.futures.Future[T]) -> T:
        return await self.answered(future, known=_KNOWN)

    async def _done(self, future: concurrent.futures.Future[T]) -> T:
        return await self.to_its_end(self._answered(future))

    # ---------------------------------------------------------------- answers

    @work(group="ask", exclusive=True)
    async def action_more(self) -> None:
        """Ask how many more answers to collect, and collect them; while that goes on, stop it."""
        if self._collecting is not None:
            self._collecting.cancel()
            return
        if self.report is not None and not self.report.on:
            self.key_line.tell(f"The traffic is not split: {key_of('weights')} splits it.", "warning")
            return
        state = self.engine.providers.get(self.provider)
        if state is None or state.missing:
            another = f"{key_of('test-provider')} chooses another"
            self.key_line.tell(f"This provider has no key: {another}.", "warning")
            return
        hint = f"runs of the split at {state.title}; the arms take turns"
        answer = await self.ask_line.ask("how many more", _MORE, hint=hint)
        if answer is None:
            return
        times = whole_number(answer.strip())
        if times is None or not 0 < times <= 100_000:
            self.key_line.tell("That is a whole number, from 1 on.", "warning")
            return
        self._collect(times)

    @work(group="collect", exclusive=True)
    async def _collect(self, times: int) -> None:
        self._progress = (0, times)
        loop = asyncio.get_running_loop()

        def done(_: RunState) -> None:
            with suppress(RuntimeError):  # the app has ended
                loop.call_soon_threadsafe(self._one_more)

        self._collecting = self.engine.collecting.collect(self.prompt_name, times, self.provider, done)
        try:
            await self._answered(self._collecting)
        finally:
            self._collecting = None
            if self.is_attached:
                self._look()

    def _one_more(self) -> None:
        self._progress = (self._progress[0] + 1, self._progress[1])

    @property
    def marked(self) -> StoredTrial | None:
        """The outcome that is marked."""
        last = self.report.last if self.report else ()
        return last[min(self._marked, len(last) - 1)] if last else None

    @work(group="rate")
    async def action_rate(self, outcome: Outcome) -> None:
        """Rate the marked answer; the rating that a person gave it already is taken back."""
        trial = self.marked
        if trial is None:
            self.key_line.tell("There is no answer to rate yet.", "warning")
        elif trial.run_id is not None:
            again = (trial.outcome, trial.source) == (outcome, "human")
            self.engine.records.rate(trial.run_id, None if again else outcome, trial.note)
        else:
            await self._done(self.engine.serving.report(trial.id, outcome, trial.note))

    @work(group="replay", exclusive=True)
    async def action_replay(self) -> None:
        """Run the marked answer's values under the other arm, so that both have answered the same case."""
        trial, report = self.marked, self.report
        opened = None
        if trial is not None and trial.run_id is not None:
            opened = await self._answered(self.engine.history.open(trial.run_id))
        if trial is None or report is None or opened is None:
            self.key_line.tell("Only an answer that came to Penstock itself can be replayed.", "warning")
            return
        others = [one.arm for one in report.evidence.open_arms if one.arm.id != trial.arm_id]
        row = self._row(others[0].version) if others else None
        if row is None:
            return
        run = opened.run
        values = {name: str(value) for name, value in run.values.items()}
        request = RunRequest(row, run.provider, values, run.model, case=run.case_name or "")
        await self._done(self.engine.collecting.replay(request))
        self.key_line.tell(f"Replayed as {others[0].label}; rate both, and the case counts.")

    @work(group="blind", exclusive=True)
    async def action_blind(self) -> None:
        """Show two answers without their names, for one to be picked."""
        from tui.screens.blind import Blind, blind_pair  # only when asked for

        if self.report is None:
            return
        pair = await self._answered(blind_pair(self.engine, self.report))
        if pair is None:
            self.key_line.tell(
                f"No two unrated answers of different arms: {key_of('more-answers')} asks for more.",
                "warning",
            )
            return
        picked = await self.app.push_screen_wait(Blind(*pair))
        if picked is None:
            return
        for shown, outcome in zip(pair, picked, strict=True):
            self.engine.records.rate(shown.run_id, outcome)
        self.key_line.tell(f"The left one was {pair[0].name}, the right one {pair[1].name}.")

    # ---------------------------------------------------------------- the split

    def _rows(self) -> Sequence[VersionRow]:
        library = self.engine.library
        return versions_of(library, self.prompt_name) if library is not None else ()

    def _row(self, version: int) -> VersionRow | None:
        return next((row for row in self._rows() if row.version == version), None)

    @work(group="ask", exclusive=True)
    async def action_weights(self) -> None:
        """Ask for the weights, and write them into the files."""
        if len(rows := self._rows()) == 1:
            self.key_line.tell(ONE_VERSION.format(self.prompt_name, rows[0].version), "warning")
            return
        arms = [one.arm for one in self.report.evidence.open_arms] if self.report else []
        known = [(arm.version, arm.weight) for arm in arms] or [
            (row.version, 50.0) for row in self._rows()[-2:]
        ]
        usual = " ".join(f"v{version}={weight:g}" for version, weight in known)
        answer = await self.ask_line.ask("weights", usual, hint="the others become inactive")
        if answer is None:
            return
        found = [_WEIGHT.fullmatch(part) for part in answer.replace(",", " ").split()]
        if not found or None in found:
            self.key_line.tell("Write it as: v1=50 v2=50", "warning")
            return
        weights = {int(one[1]): float(one[2]) for one in found if one is not None}
        await self._done(self.engine.filing.split(self.prompt_name, weights))
        self._look()

    @work(group="ask", exclusive=True)
    async def action_effect(self) -> None:
        """Ask for the smallest difference that matters."""
        effect = self.report.evidence.rules.effect if self.report else 0.1
        answer = await self.ask_line.ask(
            "points that matter", f"{100 * effect:g}", hint="of the rates' hundred"
        )
        if answer is None:
            return
        with suppress(ValueError):
            if 1 <= float(answer) <= 90:
                await self._done(
                    self.engine.experiments.change_rules(self.prompt_name, effect=float(answer) / 100)
                )
                self._look()
                return
        self.key_line.tell("That is a number from 1 to 90.", "warning")

    @work(group="hold", exclusive=True)
    async def action_hold(self) -> None:
        """Serve only the control, or let the split go on."""
        held = self.report is not None and self.report.held
        await self._done(self.engine.experiments.hold(self.prompt_name, held=not held))
        self._look()

    @work(group="ask", exclusive=True)
    async def action_promote(self) -> None:
        """Ask which version is to be the one active version; the winner is offered."""
        report = self.report
        if report is None or not report.evidence.arms:
            self.key_line.tell("There is no arm to promote.", "warning")
            return
        arms = report.evidence.open_arms or report.evidence.arms
        best = next((one for one in arms if one.arm.id == report.verdict.winner), arms[-1])
        sure = (
            "it is better, safe to stop" if best.arm.id == report.verdict.winner else "nothing is decided yet"
        )
        undo = key_of("test-undo")
        hint = f"{sure}; {undo} takes it back"
        answer = await self.ask_line.ask("promote", f"v{best.arm.version}", hint=hint)
        if answer is None:
            return
        number = whole_number(answer.strip().removeprefix("v"))
        if number is None:
            self.key_line.tell("Write a version, such as v2.", "warning")
            return
        if await self._done(self.engine.filing.activate(self.prompt_name, number)) is not None:
            self.key_line.tell(f"{self.prompt_name} v{number} is the active version; {undo} takes that back.")
        self._look()

    @work(group="undo", exclusive=True)
    async def action_undo(self) -> None:
        """Take back the last change of files, or the last rating."""
        await self._done(self.engine.filing.undo())
        self._look()

    @work(group="difference", exclusive=True)
    async def action_difference(self) -> None:
        """Show what the arms' files have that differs."""
        from tui.screens.text_box import TextBox  # only when asked for
        from tui.widgets.reading.differences import difference_lines

        arms = [one.arm for one in self.report.evidence.open_arms] if self.report else []
        if len(arms) < 2:
            self.key_line.tell("There are no two arms to compare.", "warning")
            return
        texts = [await self._answered(self.engine.experiments.text_of(arm.id)) for arm in arms[:2]]
        names = " → ".join(f"{arm.label} v{arm.version}" for arm in arms[:2])
        self.app.push_screen(TextBox(names, difference_lines(texts[0], texts[1])))

    # ---------------------------------------------------------------- moving

    def action_provider(self, step: int) -> None:
        """Choose where more answers come from."""
        names = list(self.engine.providers)
        at = names.index(self.provider) if self.provider in names else 0
        self.provider = names[(at + step) % len(names)]
        self._look()

    def action_cursor(self, step: int) -> None:
        """Mark the next outcome."""
        last = len(self.report.last) if self.report else 0
        self._marked = min(max(0, self._marked + step), max(0, last - 1))
        self.show_lines()
        if self._outcomes:
            row = self._outcomes[self._marked]
            self.scroller.scroll_to_region(Region(0, row, 1, 2), animate=False)

    def on_click(self, event: Click) -> None:
        """Mark the outcome that was clicked."""
        row = event.screen_y - self.lines.region.y
        if row in self._outcomes:
            self._marked = self._outcomes.index(row)
            self.show_lines()
