"""What is at hand where runs of the database are looked at, for the acts on answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.acts.judging import Judged, Judging
from tui.screens.acts.keeping import Keeping, Kept, answer_file_name
from tui.screens.acts.replaying import Replaying

if TYPE_CHECKING:
    from tui.core.engine.history import OpenedRun
    from tui.core.store.runs import StoredRun


class Stored(Keeping, Judging, Replaying):
    """The acts on a run of the database; a screen says which with `opened`."""

    async def opened(self) -> OpenedRun | None:
        """Return the run at hand, None while there is none."""
        raise NotImplementedError

    async def stored_run(self) -> StoredRun | None:
        """Return the run at hand without its attempts."""
        opened = await self.opened()
        return None if opened is None else opened.run

    async def answer_at_hand(self) -> Kept | None:
        """Return its answer."""
        run = await self.stored_run()
        if run is None:
            return None
        name = answer_file_name(run.name or "", run.version or 0, run.provider, run.id)
        return Kept("answer", run.answer, name)

    async def judged(self) -> Judged | None:
        """Return it if it has ended well."""
        run = await self.stored_run()
        return Judged(run.id, run.outcome, run.note) if run is not None and run.status == "done" else None
