"""What goes on beside an engine's work: that it fails is said, and ends nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.engine.events import Event, Notice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def keep_up(work: Callable[[], Awaitable[None]], failed: str, publish: Callable[[Event], None]) -> None:
    """Do work that nobody else waits for; what ends it is published as a Notice that begins `failed`."""
    try:
        await work()
    except Exception as error:  # noqa: BLE001 - nobody else would ever hear of it
        publish(Notice.about(failed, error))


def innermost(error: BaseException) -> BaseException:
    """Take an error out of the groups that tasks have wrapped it in."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
