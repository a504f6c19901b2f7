"""What searching runs costs: `python -m tests.bench.bench_search [RUNS]`, to be read by people, not asserted.

Runs of 500 invented words each (a tenth of them in Chinese characters), the words as unevenly frequent as in
any language: the size of the database, and a page and an exact count for each kind of search.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert

from tui.core.store.database import Database
from tui.core.store.search import RunFilter, count_runs, find_runs
from tui.core.store.tables import RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

COUNT = 100_000
PAGE = 50
START = datetime(2026, 1, 1, tzinfo=UTC)
SYLLABLES = [c + v + e for c in "bcdfghklmnprstvw" for v in "aeiou" for e in ("", "n", "r", "s", "l")]
OUTCOMES = ["success"] * 6 + ["failure"] * 2 + [None, "excluded"]


class Writer:
    """Invents texts in which the n-th word is n times rarer than the first (Zipf's law)."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        lengths = (1, 2, 2, 3, 4)
        words = {"".join(chance.choices(SYLLABLES, k=chance.choice(lengths))) for _ in range(30_000)}
        self.words = sorted(words)  # a set has another order in every process
        chance.shuffle(self.words)
        self.signs = [chr(0x4E00 + number) for number in range(3_000)]
        self._word_weights, self._sign_weights = _zipf(self.words), _zipf(self.signs)

    def text(self, words: int, chinese: bool) -> str:
        if chinese:
            return "".join(self._chance.choices(self.signs, cum_weights=self._sign_weights, k=2 * words))
        return " ".join(self._chance.choices(self.words, cum_weights=self._word_weights, k=words))


def _zipf(items: Sequence[str]) -> list[float]:
    return list(accumulate(1 / number for number in range(1, len(items) + 1)))


def rows(writer: Writer, chance: random.Random, count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        chinese = number % 10 == 0
        yield {
            "id": f"{chance.getrandbits(128):032x}",
            "name": f"prompt-{chance.randrange(20)}",
            "version": chance.randrange(1, 4),
            "provider": chance.choice(["openai", "anthropic", "google", "deepseek", "yandex"]),
            "model": "model",
            "status": "done",
            "outcome": chance.choice(OUTCOMES),
            "prompt": writer.text(150, chinese),
            "answer": writer.text(350, chinese),
            "created_at": START + timedelta(minutes=number),
        }


def fill(database: Database, writer: Writer, count: int) -> None:
    made = rows(writer, random.Random(2), count)
    while chunk := [row for _, row in zip(range(2_000), made, strict=False)]:
        with database.begin() as connection:
            connection.execute(insert(RUNS), chunk)


def searches(writer: Writer, count: int) -> Iterator[tuple[str, RunFilter]]:
    words, signs = writer.words, writer.signs
    middle = START + timedelta(minutes=count // 2)
    yield "everything", RunFilter()
    yield "the commonest word", RunFilter(words[0])
    yield "a word in a third of them", RunFilter(words[100])
    yield "a rare word", RunFilter(words[20_000])
    yield "two common words", RunFilter(f"{words[1]} {words[2]}")
    yield "two letters", RunFilter(words[50][:2])
    yield "three letters", RunFilter(words[50][:3])
    yield "a phrase", RunFilter(f'"{words[3]} {words[7]}"')
    yield "a fragment", RunFilter("*" + words[500][1:])
    yield "two Chinese characters", RunFilter(signs[5] + signs[9])
    yield "a fragment that is nowhere", RunFilter("*qqqq")
    yield "a version's failures", RunFilter(name="prompt-3", version=2, outcome="failure")
    yield "common word, rare kind", RunFilter(words[0], name="prompt-3", version=2, outcome="failure")
    yield "a day long ago", RunFilter(since=middle, until=middle + timedelta(days=1))
    yield "a common word that day", RunFilter(words[0], since=middle, until=middle + timedelta(days=1))
    yield "a kind that is nowhere", RunFilter(words[0], provider="nobody")


def best_ms(action: Callable[[], object]) -> float:
    def once() -> float:
        began = time.perf_counter()
        action()
        return (time.perf_counter() - began) * 1e3

    return min(once() for _ in range(3))


def print_sizes(connection: Connection) -> None:
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    index = connection.exec_driver_sql("SELECT sum(length(block)) FROM runs_fts_data").scalar_one()
    print(f"{pages * 4096 / 1e6:.0f} MB, of which the index of words {index / 1e6:.0f} MB")


def print_search(connection: Connection, label: str, wanted: RunFilter) -> None:
    page = find_runs(connection, wanted, PAGE)
    after = page[-1].seq if page else None
    figures = (
        best_ms(lambda: find_runs(connection, wanted, PAGE)),
        best_ms(lambda: find_runs(connection, wanted, PAGE, after)),
        best_ms(lambda: count_runs(connection, wanted)),
    )
    found = count_runs(connection, wanted)
    print(f"{label:32}{found:>9,}" + "".join(f"{figure:>9.1f} ms" for figure in figures))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    writer = Writer(random.Random(1))
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Database.open(Path(folder) / "runs.db")) as database,
    ):
        began = time.perf_counter()
        fill(database, writer, count)
        print(f"{count:,} runs stored and indexed in {time.perf_counter() - began:.0f} s")
        with database.read() as connection:
            print_sizes(connection)
            print(f"{'':32}{'found':>9}{'page':>12}{'next page':>12}{'count':>12}")
            for label, wanted in searches(writer, count):
                print_search(connection, label, wanted)


if __name__ == "__main__":
    main()
