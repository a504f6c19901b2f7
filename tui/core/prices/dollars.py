"""An amount of money as people read it."""

from __future__ import annotations

from decimal import Decimal

_CENT = Decimal("0.01")
_SMALLEST = Decimal("0.000001")


def dollars(usd: Decimal, *, estimated: bool = False) -> str:
    """Return `$0.31`, or `$0.00042` where cents would hide it; `~` marks an estimate."""
    about = "~" if estimated else ""
    if usd == 0 or usd >= _CENT * 10:
        return f"{about}${usd.quantize(_CENT):,}"
    if usd < _SMALLEST:
        return f"{about}<${_SMALLEST}"
    whole, _, rest = f"{usd:.{max(2, 1 - usd.adjusted())}f}".partition(".")
    return f"{about}${whole}.{rest.rstrip('0'):0<2}"
