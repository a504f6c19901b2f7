"""What calls cost together: a price that is not known is never a 0."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tui.widgets.spent import spent


@pytest.mark.parametrize(
    ("usd", "calls", "unpriced", "said"),
    [
        ("0", 0, 0, ""),
        ("0", 3, 3, "  $ n/a"),
        ("0", 3, 0, "  $0.00"),
        ("0.25", 5, 2, "  $0.25 + 2 n/a"),
    ],
)
def test_what_is_not_known_is_said(usd: str, calls: int, unpriced: int, said: str) -> None:
    words = spent(Decimal(usd), calls, unpriced, estimated=False)
    assert "".join(text for text, _ in words) == said
