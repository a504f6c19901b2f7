"""What can go wrong with a call, as one exception whose message a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.providers.base import Usage
    from tui.core.providers.spent_day import SpentDay

Kind: TypeAlias = Literal[
    "auth",
    "billing",
    "bad_request",
    "rate_limit",
    "overloaded",
    "server",
    "network",
    "interrupted",
    "filtered",
]

PASSING: frozenset[Kind] = frozenset({"rate_limit", "overloaded", "server", "network"})
"""The kinds that may go away by themselves."""


class ProviderError(Exception):
    """A call that brought no complete answer.

    `message` is one sentence for a person; `detail` is what the vendor said, on one line and without keys;
    `parameter` is the one at fault, as the vendor names it. `partial` is the text that had arrived.
    `retry_after_s` is the wait the vendor asked for, in seconds. `passing` tells whether the same call may
    succeed later; by default that follows from the kind. `unknown_model` is the model asked for, where that
    may be what the vendor did not find. `spent_day` is there when a quota per day is used up.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        provider: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
        request_id: str = "",
        partial: str = "",
        detail: str = "",
        parameter: str = "",
        usage: Usage | None = None,
        rate: Mapping[str, str] | None = None,
        passing: bool | None = None,
        unknown_model: str = "",
        spent_day: SpentDay | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.message = message
        self.provider = provider
        self.status = status
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        self.partial = partial
        self.detail = detail
        self.parameter = parameter
        self.usage = usage
        self.rate: Mapping[str, str] = rate or {}
        self.unknown_model = unknown_model
        self.spent_day = spent_day
        self.passing = kind in PASSING if passing is None else passing

    @property
    def retryable(self) -> bool:
        """Whether to send the same request again: never once text has arrived, since that is paid twice."""
        return self.passing and not self.partial

    def __repr__(self) -> str:
        return f"ProviderError({self.kind!r}, {self.message!r}, status={self.status})"
