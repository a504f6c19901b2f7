"""Choosing a case, whose values fill the form, and saving what is in the form as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tui.actions import key_of
from tui.core.engine.casing import CaseNotSaved
from tui.core.prompts.fitting import kind_of
from tui.screens.acts.filling import Filling
from tui.screens.acts.picking import Picking
from tui.widgets.pick_list import Pick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.cases.book import CasesSnapshot
    from tui.core.cases.document import Case
    from tui.core.prompts.snapshot import VersionRow


class Casing(Filling, Picking):
    """The acts on cases."""

    async def show_cases(self, cases: CasesSnapshot) -> None:
        """Let the form follow the files of cases, and say what is newly wrong with one."""
        before, self.book.cases = self.book.cases, cases
        await self.desk.refill()
        for name, found in cases.sets.items():
            old = before.sets.get(name)
            if found.error is not None and (old is None or old.error != found.error):
                self.key_line.tell(found.error.report(found.path), "error")

    @work(group="case", exclusive=True)
    async def action_case(self) -> None:
        """Let a case be chosen, and fill the form with its values."""
        await self.follow_cursor()
        row = self.desk.shown
        if row is None or not row.variables:
            self.key_line.tell("There are no values here that a case could give.", "warning")
            return
        cases = self.book.cases.of(row.name)
        found = self.book.cases.sets.get(row.name)
        if found is not None and found.error is not None:
            self.key_line.tell(found.error.report(found.path), "error")
        elif not cases:
            save = f"{key_of('save-case')} saves these values as one"
            self.key_line.tell(f"{row.name} has no cases yet: {save}.", "warning")
        if not cases:
            return
        at = self.book.case(row.name)
        chosen = await self.pick("case", [_none(at), *(_pick(case, at) for case in cases)])
        if chosen is not None:
            await self.desk.choose_case(row.name, chosen)
            self.show_answer()  # its heading names the case if it is another one
            self.keep_soon()

    @work(group="case", exclusive=True)
    async def action_save_case(self) -> None:
        """Ask for a name, and save the values as the case of that name."""
        await self.follow_cursor()
        row = self.desk.shown
        if row is None or not row.variables:
            self.key_line.tell("There are no values here to save.", "warning")
            return
        at = self.book.case(row.name)
        values = self._values_to_save(row)
        name = (await self.ask_line.ask("save the values as the case", at, hint="a name") or "").strip()
        if not name:
            return
        there = self.book.cases.find(row.name, name)
        if there is not None and name != at:
            choose = f"choose it with {key_of('case')} first"
            self.key_line.tell(f"There is a case {name!r} already: {choose}.", "warning")
            return
        seen = None if there is None else there.vars
        await self.to_its_end(self._save_case(row, name, values, seen))

    async def _save_case(
        self, row: VersionRow, name: str, values: Mapping[str, str], seen: Mapping[str, str] | None
    ) -> None:
        figures = [variable.name for variable in row.variables if kind_of(variable) != "text"]
        saving = self.engine.casing.save(row.name, name, values, figures=figures, seen=seen)
        await self.answered(saving, known=(CaseNotSaved,))
        self.book.cases = self.engine.cases
        await self.desk.take_case(row.name, name)
        self.keep_soon()
        path = self.book.cases.sets[row.name].path
        self.key_line.tell(f"Saved as the case {name!r} in {path}; {key_of('take-back')} takes it back.")

    def _values_to_save(self, row: VersionRow) -> dict[str, str]:
        """Return what makes the case: no more of the defaults than it had, and what other versions need."""
        case = self.book.cases.find(row.name, self.book.case(row.name))
        had = case.vars if case is not None else {}
        defaults = {variable.name: variable.default for variable in row.variables}
        values = {name: text for name, text in had.items() if name not in defaults}
        typed = self.desk.form.values.items()
        return values | {name: text for name, text in typed if name in had or text != defaults[name]}


def _none(at: str) -> Pick:
    return Pick("", "no case", "the defaults, and what was typed over them", marked=not at)


def _pick(case: Case, at: str) -> Pick:
    about = case.description or ", ".join(case.vars.values())
    tags = "".join(f" #{tag}" for tag in case.tags)
    return Pick(case.name, case.name, f"{about}{tags}", marked=case.name == at)
