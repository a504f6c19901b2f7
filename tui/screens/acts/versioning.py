"""Prompts and their versions as files: new ones, other names, retired ones, and undoing all that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tui.screens.acts.beside_draft import BesideDraft

if TYPE_CHECKING:
    import concurrent.futures

    from tui.core.prompts.snapshot import VersionRow

_NAMED = 6
"""How many retired versions are named to choose from."""


class Versioning(BesideDraft):
    """The acts by which versions and prompts come and go."""

    @work(group="filing")
    async def action_new_version(self) -> None:
        """Copy the version at hand to the next number."""
        with self.keys_waiting():
            row = await self._version_at_hand("copy")
            if row is not None and not self.told_of_draft("new-version", row.path, "copies the file"):
                await self._go_to_result(self.engine.filing.new_version(row.name, row.version))

    @work(group="filing")
    async def action_new_prompt(self) -> None:
        """Ask for a name, and write the first version of a new prompt."""
        name = await self.ask_line.ask("new prompt", hint="a name, or folder/name")
        if name:
            await self._go_to_result(self.engine.filing.new_prompt(name))

    @work(group="filing")
    async def action_rename(self) -> None:
        """Ask for another name for the prompt at hand."""
        if (row := await self._version_at_hand("rename")) is None:
            return
        name = await self.ask_line.ask(f"rename {row.name} to", row.name)
        if name:
            await self._go_to_result(self.engine.filing.rename(row.name, row.version, name))

    @work(group="filing")
    async def action_retire(self) -> None:
        """Remove the file of the version at hand, which the local history keeps."""
        with self.keys_waiting():
            if (row := await self._version_at_hand("retire")) is not None:
                await self._go_to_result(self.engine.filing.retire(row.name, row.version))

    @work(group="filing")
    async def action_undo(self) -> None:
        """Take back the last change of files or rating."""
        await self._go_to_result(self.engine.filing.undo())

    @work(group="filing")
    async def action_revisions(self) -> None:
        """Show the local history of the version at hand."""
        if (row := await self._version_at_hand("look back at")) is not None:
            self._open_history(row.name, row.version)

    @work(group="filing")
    async def action_retired(self) -> None:
        """Ask which retired version to bring back, and show its local history."""
        retired = await self.answered(self.engine.revisions.retired())
        if not retired:
            self.key_line.tell("No version was retired here.")
            return
        names = {f"{name} v{version}": (name, version) for name, version in retired}
        answer = await self.ask_line.ask("bring back", next(iter(names)), hint="name vN")
        if answer is None:
            return
        if answer.strip() in names:
            self._open_history(*names[answer.strip()])
        else:
            known = ", ".join(list(names)[:_NAMED])
            self.key_line.tell(f"{answer} was not retired; these were: {known}.", "warning")

    def _open_history(self, name: str, version: int) -> None:
        from tui.screens.revisions import Revisions  # only when asked for

        def restored(key: tuple[str, int] | None) -> None:
            if key is not None:
                self.browser.go_to(key)

        self.app.push_screen(Revisions(self.engine, name, version), restored)

    async def _version_at_hand(self, what: str) -> VersionRow | None:
        await self.follow_cursor()
        if self.desk.row is None:
            self.key_line.tell(f"There is no version to {what} here: choose one in the browser.", "warning")
        return self.desk.row

    async def _go_to_result(self, result: concurrent.futures.Future[tuple[str, int] | None]) -> None:
        """Put on the desk what the result is, once it has come back from the files; keys wait for that."""
        with self.keys_waiting():
            if (key := await self.to_its_end(self.answered(result))) is None:
                return
            if self.engine.library is not None:
                self.show_library(self.engine.library)  # its own news of it may come later
            self.browser.go_to(key)
            await self.follow_cursor()
