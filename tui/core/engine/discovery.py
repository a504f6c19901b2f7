"""Looking, once after the start, for servers of the user's own on this machine, to offer them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.core.engine.events import Notice

if TYPE_CHECKING:
    from tui.core.engine.local_servers import LocalServer
    from tui.core.engine.reach import Reach
    from tui.core.providers.client import Client
    from tui.core.settings import Settings


class Discovery:
    """What was found is offered as a Notice; `adopt` accepts the offer. For any thread."""

    def __init__(self, reach: Reach, settings: Settings) -> None:
        self._reach = reach
        self._settings = settings
        self._servers: tuple[LocalServer, ...] = ()

    def begin(self, client: Client) -> None:
        """Look, unless the settings forbid it or this is a demo; returns at once."""

        async def look() -> None:
            from tui.core.engine.local_servers import find_servers

            self._servers = await find_servers(client, self._settings)
            for server in self._servers:
                self._reach.publish(Notice(f"{server.words}; A adds it."))

        if self._settings.discover and not self._reach.workspace.demo:
            self._reach.command(look)

    def adopt(self) -> None:
        """Put what was found into the settings; how that went is published as a Notice."""

        async def accept() -> None:
            from tui.core.engine.local_servers import adopt
            from tui.core.settings import SettingsError

            servers, self._servers = self._servers, ()
            if not servers:
                said = "No server that the settings do not have was found on this machine's usual ports."
                self._reach.publish(Notice(said))
                return
            try:
                await asyncio.to_thread(adopt, self._reach.workspace.settings, servers)
            except (SettingsError, OSError, UnicodeDecodeError) as error:
                self._servers = servers
                self._reach.publish(Notice.about("The settings could not be changed", error))
                return
            names = " and ".join(server.title for server in servers)
            self._reach.publish(Notice(f"Added to the settings: {names}."))

        self._reach.command(accept)
