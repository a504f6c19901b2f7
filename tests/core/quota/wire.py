"""A network between a limiter and its server, which the test makes slow, silent or broken."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Wire:
    """Passes on what comes to `port`, in both directions; whatever is under way is held up with it."""

    def __init__(self, to_port: int) -> None:
        self.delay_s = 0.0
        """How long each piece takes on its way."""
        self._to_port = to_port
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen on the port that is returned."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Break all connections; new ones can be made."""
        for end in self._ends:
            end.transport.abort()

    def close(self) -> None:
        """Break all, for good."""
        assert self._server is not None
        self._server.close()
        self.cut()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        with suppress(OSError):
            there, beyond = await asyncio.open_connection("127.0.0.1", self._to_port)
            self._ends.add(beyond)
            await asyncio.gather(self._pass(reader, beyond), self._pass(there, writer))
        writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                await asyncio.sleep(self.delay_s)
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()
