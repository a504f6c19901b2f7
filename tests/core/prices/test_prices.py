"""What calls cost: exactly, by whose price, and nothing where nobody knows."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.prices import published
from tui.core.prices.book import Call, PriceBook
from tui.core.prices.dollars import dollars
from tui.core.prices.price import Cost, Price, Tokens, cost_at
from tui.core.prices.table import PriceError, find_price, read_price

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TOKENS = Tokens(1_000_000, 200_000, 400_000)
PRICE = Price(Decimal("0.10"), Decimal("0.50"), Decimal("0.01"), "2026-11-25")
CALL = Call("openai", "openai", "gpt-6-luna", "gpt-6-luna-2026-10-01", TOKENS, NOON)

counts = st.integers(0, 10**9)
amounts = st.decimals(0, 1000, places=6)


def test_each_kind_of_token_has_its_price() -> None:
    assert cost_at(PRICE, TOKENS) == Decimal("0.06") + Decimal("0.004") + Decimal("0.1")
    assert cost_at(replace(PRICE, cached_input=None), TOKENS) == Decimal("0.2")
    assert cost_at(PRICE, replace(TOKENS, cached=None)) == Decimal("0.2")


@pytest.mark.parametrize("tokens", [Tokens(), Tokens(input=5), Tokens(output=5), Tokens(cached=5)])
def test_a_part_of_the_tokens_has_no_cost(tokens: Tokens) -> None:
    assert cost_at(PRICE, tokens) is None
    assert PriceBook({"openai/*": PRICE}).cost(replace(CALL, tokens=tokens)) is None


@given(counts, counts, counts, amounts, amounts, amounts)
def test_a_cost_is_exact(
    tokens_in: int, tokens_out: int, cached: int, read: Decimal, written: Decimal, from_cache: Decimal
) -> None:
    cached = min(cached, tokens_in)
    cost = cost_at(Price(read, written, from_cache), Tokens(tokens_in, tokens_out, cached))
    exact = (
        (tokens_in - cached) * Fraction(read) + tokens_out * Fraction(written) + cached * Fraction(from_cache)
    ) / 1_000_000
    assert cost is not None
    assert Fraction(cost) == exact


def test_the_full_name_wins_then_the_last_pattern() -> None:
    prices = {
        name: Price(Decimal(number), Decimal(0)) for number, name in enumerate(["*/*", "a/*", "a/b", "a/b*"])
    }
    found = {
        model: find_price(prices, provider, model)
        for provider, model in (("a", "b"), ("a", "bc"), ("a", "x"))
    }
    assert {model: price and int(price.input) for model, price in found.items()} == {"b": 2, "bc": 3, "x": 1}
    assert find_price({"a/*": PRICE}, "b", "c") is None
    assert find_price({"openrouter/*": PRICE}, "openrouter", "vendor/model") is PRICE


def test_the_settings_win_over_the_bill_and_that_over_the_list() -> None:
    told = replace(CALL, told_usd=Decimal("0.5"))
    book = PriceBook({"openai/gpt-6-luna": PRICE})
    assert book.cost(told) == Cost(Decimal("0.164"), "settings", "2026-11-25")
    assert PriceBook().cost(told) == Cost(Decimal("0.5"), "provider", "2026-11-25")
    listed = PriceBook().cost(CALL)
    assert listed is not None
    assert (listed.source, listed.as_of) == ("genai-prices", published.edition())


def test_a_price_may_be_stated_for_the_model_that_answers() -> None:
    cost = PriceBook({"openai/gpt-6-luna-2026*": PRICE}).cost(CALL)
    assert cost is not None
    assert cost.source == "settings"


def test_free_is_not_unknown() -> None:
    free = PriceBook({"ollama/*": Price(Decimal(0), Decimal(0))})
    cost = free.cost(replace(CALL, provider="ollama", vendor=""))
    assert cost is not None
    assert cost.usd == 0


def test_an_estimate_stays_one() -> None:
    estimated = replace(CALL, tokens=replace(TOKENS, estimated=True))
    for book in (PriceBook(), PriceBook({"*/*": PRICE})):
        cost = book.cost(estimated)
        assert cost is not None
        assert cost.estimated


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, vendor=""),
        replace(CALL, vendor="yandex"),
        replace(CALL, model="gpt-nobody-knows", model_reported=""),
        replace(CALL, tokens=Tokens(10, 10, 100)),
    ],
    ids=["local", "not on the list", "unknown model", "more cached than read"],
)
def test_what_nobody_knows_has_no_cost(call: Call) -> None:
    assert PriceBook().cost(call) is None


def test_the_list_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)  # as if it were not installed
    published.load.cache_clear()
    try:
        assert PriceBook().cost(CALL) is None
        assert PriceBook({"openai/*": PRICE}).cost(CALL) is not None
    finally:
        published.load.cache_clear()


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        ("0", "$0.00"),
        ("0.0000009", "<$0.000001"),
        ("0.0000123", "$0.000012"),
        ("0.0004", "$0.0004"),
        ("0.01", "$0.01"),
        ("0.0123", "$0.012"),
        ("0.0999", "$0.10"),
        ("0.31", "$0.31"),
        ("1234.567", "$1,234.57"),
    ],
)
def test_amounts_as_people_read_them(usd: str, shown: str) -> None:
    assert dollars(Decimal(usd)) == shown
    assert dollars(Decimal(usd), estimated=True) == f"~{shown}"


@given(st.decimals(Decimal("0.000001"), 10**6, places=12))
def test_no_amount_is_shown_far_from_what_it_is(usd: Decimal) -> None:
    shown = Decimal(dollars(usd).removeprefix("$").replace(",", ""))
    assert abs(shown - usd) <= usd / 20


@pytest.mark.parametrize("figures", [None, [], {"input": 1}, {"output": 1}, {"input": "1", "output": 1}])
def test_what_is_no_price(figures: object) -> None:
    with pytest.raises(PriceError):
        read_price(figures)
