"""Why a request gets an error instead of an answer, in no provider's words yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "no_key",
    "bad_key",
    "no_route",
    "no_model",
    "bad_json",
    "bad_request",
    "limited",
    "per_day",
    "billing",
    "overloaded",
    "server_error",
    "bad_gateway",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A limit that is full: what it counts, its size, what is taken and asked, and seconds to wait.

    `wait` is infinite when the request is larger than the limit and can never fit.
    """

    unit: Literal["requests", "tokens", "output_tokens", "at_once"]
    limit: int
    used: int
    requested: int
    wait: float


class Fault(Exception):
    """A request that is answered with an error; the dialect finds the provider's words and status.

    `message`, `param` and `code` are the provider's own where the dialect itself raised the fault.
    """

    def __init__(
        self,
        kind: Kind,
        message: str = "",
        *,
        param: str | None = None,
        code: str | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        super().__init__(message or kind)
        self.kind = kind
        self.message = message
        self.param = param
        self.code = code
        self.refusal = refusal
