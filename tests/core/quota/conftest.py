"""A PostgreSQL server for the tests of a worker, and an account of a test's own on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.quota.hosts import Quota
from tests.core.quota.server import Server, binaries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="session")
def cluster() -> Iterator[Server]:
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL")
    server = Server(programs)
    server.start()
    yield server
    server.remove()


@pytest.fixture
async def quota(cluster: Server) -> AsyncIterator[Quota]:
    quota = Quota(cluster)
    yield quota
    await quota.close()
