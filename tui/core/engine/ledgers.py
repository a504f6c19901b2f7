"""Where each quota is kept: in this process, in the file that the user's processes share, or on a server."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import importlib.util
import os
import secrets
from typing import TYPE_CHECKING, TypeAlias

from tui.core.quota.ledger import Ledger, LocalLedger
from tui.core.quota.location import ledger_path
from tui.core.quota.server_url import is_server_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui.core.quota.limits import Limits

OpenLedger: TypeAlias = "Callable[[str, str, Limits], Ledger]"
"""Opens the ledger of a provider's name and key under some limits."""

NO_DRIVER = (
    "The quota is not shared with other machines: there is no driver for PostgreSQL; "
    "pip install 'penstock[postgres]' adds it."
)
_SECRET_BYTES = 32
_COMMON = b"penstock"


def in_memory(provider: str, key: str, limits: Limits) -> Ledger:
    """Keep the quota in this process."""
    return LocalLedger(limits)


def shared_by_user(state_folder: Path) -> OpenLedger:
    """Keep quotas in the file of the state folder; where that cannot be, in memory, and say so."""
    try:
        path = ledger_path(state_folder)
        secret = read_secret(path.with_name("limits.key"))
    except OSError as error:
        return _unshared(f"The quota is not shared with other processes: {error}.")

    def shared(provider: str, key: str, limits: Limits) -> Ledger:
        from tui.core.quota.sqlite_ledger import SqliteLedger  # not needed where nothing is shared

        return SqliteLedger(path, account_id(secret, provider, key), limits)

    return shared


def shared_by_machines(url: str, assumed: int) -> OpenLedger:
    """Keep quotas on the PostgreSQL server of that URL; without its driver, in memory, and say so.

    As long as the server cannot say how many processes share them, that is as many as are `assumed`. All
    machines must find the same account, so that there is no secret in its name but the key.
    """
    if importlib.util.find_spec("asyncpg") is None:
        return _unshared(NO_DRIVER, assumed)
    from tui.core.quota.postgres_ledger import PostgresLedger  # only where such a URL is set
    from tui.core.quota.postgres_link import PostgresLink

    link = PostgresLink(url)

    def shared(provider: str, key: str, limits: Limits) -> Ledger:
        return PostgresLedger(link, account_id(_COMMON, provider, key), limits, assumed=assumed)

    return shared


def open_ledgers(where: str, state_folder: Path, assumed: int) -> OpenLedger:
    """Return what opens ledgers where the settings say: "memory", "shared", or a server's URL.

    `assumed` is for `shared_by_machines`.
    """
    if where == "memory":
        return in_memory
    return shared_by_machines(where, assumed) if is_server_url(where) else shared_by_user(state_folder)


def account_id(secret: bytes, provider: str, key: str) -> str:
    """Return the name under which an account is kept: HMAC-SHA256 of its key, which it does not reveal."""
    digest = hmac.new(secret, f"{provider}\0{key}".encode(), hashlib.sha256).hexdigest()
    return f"{provider}:{digest[:32]}"


def read_secret(path: Path) -> bytes:
    """Return the secret in that file, which only the user can read; make it, complete at once, if need be.

    Raises OSError, also for a file that holds something else.
    """
    if not path.exists():
        temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(_SECRET_BYTES))
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)  # unlike a rename, it leaves the secret of a faster process alone
        finally:
            temporary.unlink(missing_ok=True)
    secret = path.read_bytes()
    if len(secret) != _SECRET_BYTES:
        raise OSError(f"{path} is damaged; remove it")
    return secret


def _unshared(problem: str, processes: int = 1) -> OpenLedger:
    def unshared(provider: str, key: str, limits: Limits) -> Ledger:
        return LocalLedger(limits, problem=problem, processes=processes)

    return unshared
