"""Handing out versions: which one, by which rule, counted once, and how that went.

All of it happens in one transaction each, so that any number of processes share one count and one order of
blocks.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui.core.engine.arm_identity import same_arm
from tui.core.engine.choice import UnknownPrompt, find_version
from tui.core.engine.inbox import EngineStopped
from tui.core.engine.processes import who
from tui.core.experiment.assignment import block_arm, sticky_arm
from tui.core.experiment.belief import thompson
from tui.core.prompts.snapshot import in_service, versions_of

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from tui.core.engine.reach import Reach
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.store.experiments import StoredArm, StoredExperiment
    from tui.core.store.prompts import Counts
    from tui.core.store.runs import Outcome
    from tui.core.store.uses import ServedVersion

Reason: TypeAlias = Literal["pinned", "active", "highest", "sticky", "block", "drawn", "held"]
"""Why that version: asked for; the one active; none is active, so the highest; by the hash of its unit; next
in its block; drawn by Thompson sampling; the lowest, while the test is held."""


@dataclass(frozen=True, slots=True)
class Served:
    """A version as it was handed out."""

    row: VersionRow
    use_id: int
    reason: Reason
    arm: str = ""
    """The letter of the arm, where a test is on."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    version: ServedVersion
    reason: Reason
    test: StoredExperiment | None = None
    arm: StoredArm | None = None
    share: float | None = None


class Serving:
    """For any thread."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._random = Random()

    def serve(
        self, name: str, version: int | None = None, unit: str | None = None, run_id: str | None = None
    ) -> concurrent.futures.Future[Served]:
        """Hand out a version and count the use, once: done when the database has it.

        The order of the rules: the version asked for; the unit's own arm; the split; the one active version.
        With `run_id` it is for a run of that id, which counts itself when it starts. The future raises
        UnknownPrompt and DatabaseError.
        """

        return self._reach.submit(lambda: self.serve_now(name, version, unit, run_id))

    async def serve_now(
        self, name: str, version: int | None = None, unit: str | None = None, run_id: str | None = None
    ) -> Served:
        """Do so; for the engine's loop."""
        library = self._reach.library()
        if library is None:
            raise EngineStopped("Penstock's engine has not been started.")
        found = find_version(library, name, version)
        shelf = self._reach.shelf()
        pinned = None if version is None else found.id
        chosen, use_id, row, counts = await shelf.database.write(
            self._serve, name, pinned, unit, run_id, versions_of(library, name)
        )
        if counts is not None:
            await shelf.counted(counts)
        return Served(row, use_id, chosen.reason, chosen.arm.label if chosen.arm else "")

    def report(self, use_id: int, outcome: Outcome | None, note: str = "") -> concurrent.futures.Future[None]:
        """Write down how a use went; told again, the last word counts."""

        async def report() -> None:
            from tui.core.store import uses

            shelf, now = self._reach.shelf(), datetime.now(UTC)
            counts = await shelf.database.write(uses.report_use, use_id, outcome, note, now)
            if counts is not None:
                await shelf.counted(counts)

        return self._reach.submit(report)

    # ------------------------------------------------ in the database's thread

    def _serve(
        self,
        connection: Connection,
        name: str,
        pinned: int | None,
        unit: str | None,
        run_id: str | None,
        known: Sequence[VersionRow],
    ) -> tuple[_Chosen, int, VersionRow, Counts | None]:
        from tui.core.prompts.records import version_row
        from tui.core.store import prompts, uses

        now = datetime.now(UTC)
        hashed = None if unit is None else hashed_unit(unit)
        versions = uses.versions_to_serve(connection, name)
        chosen = self._choose(connection, name, versions, pinned, hashed, now)
        use = uses.NewUse(
            template_id=chosen.version.id,
            revision_id=chosen.version.revision_id,
            reason=chosen.reason,
            created_at=now,
            experiment_id=chosen.test.id if chosen.test else None,
            arm_id=chosen.arm.id if chosen.arm else None,
            run_id=run_id,
            unit=hashed,
            share=chosen.share,
        )
        use_id, counts = uses.add_use(connection, use)
        wanted = chosen.version.id, chosen.version.content_hash
        row = next((row for row in known if (row.id, row.content_hash) == wanted), None)
        if row is None:  # another process has read the file before this one did
            [stored] = prompts.load_versions(connection, [(name, chosen.version.version)])
            row = version_row(stored)
        return chosen, use_id, row, counts

    def _choose(
        self,
        connection: Connection,
        name: str,
        versions: Sequence[ServedVersion],
        pinned: int | None,
        unit: str | None,
        now: datetime,
    ) -> _Chosen:
        if pinned is not None:
            versions = [one for one in versions if one.id == pinned]
        if not versions:
            raise UnknownPrompt(f"The file of {name!r} has gone just now.")
        if pinned is not None:
            return _Chosen(versions[0], "pinned")
        split = in_service(versions)
        if len(split) < 2:
            return _Chosen(split[0], "active") if split else _Chosen(versions[-1], "highest")
        return self._of_split(connection, name, split, unit, now)

    def _of_split(
        self,
        connection: Connection,
        name: str,
        split: Sequence[ServedVersion],
        unit: str | None,
        now: datetime,
    ) -> _Chosen:
        from tui.core.store import experiments

        test, arms = experiments.settle(connection, name, split, now, who(), uuid.uuid4().hex, same_arm)
        if test.held_at is not None:
            return _Chosen(split[0], "held")
        weights = [arm.weight for arm in arms]
        reason: Reason
        if test.serving == "thompson":
            at, reason = self._drawn(connection, test, arms, unit)
        elif unit is not None:
            at, reason = sticky_arm(test.key, unit, weights), "sticky"
        else:
            number = experiments.next_in_block(connection, test.id)
            at, reason = block_arm(f"{test.key}|{test.phase}", number, weights), "block"
        arm = arms[at]
        version = next(one for one in split if one.revision_id == arm.revision_id)
        return _Chosen(version, reason, test, arm, arm.weight / sum(weights))

    def _drawn(
        self, connection: Connection, test: StoredExperiment, arms: Sequence[StoredArm], unit: str | None
    ) -> tuple[int, Reason]:
        """Return the arm that the unit has had, or one that is drawn by what is known of them."""
        from tui.core.store import experiments

        ids = [arm.id for arm in arms]
        if unit is not None:
            before = experiments.arm_of_unit(connection, test.id, unit)
            if before in ids:
                return ids.index(before), "sticky"
        good, bad = dict.fromkeys(ids, 0), dict.fromkeys(ids, 0)
        for arm_id, outcome, count in experiments.outcome_counts(connection, test.id):
            if arm_id in good:
                (good if outcome == "success" else bad)[arm_id] += count
        return thompson([(good[id], bad[id]) for id in ids], self._random), "drawn"


def hashed_unit(unit: str) -> str:
    """Return what is kept of a unit, so that no name of a person comes into the database."""
    return sha256(f"penstock unit|{unit}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
