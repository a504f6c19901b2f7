"""The table of properties in README.md: each has a test, and each test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_property_has_tests_that_exist() -> None:
    rows = re.findall(r"^\| (\d+) \|.*$", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number in rows] == list(range(1, 33))
    for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines():
        if not re.match(r"\| \d+ \|", line):
            continue
        named = re.findall(r"`(test_\w+\.py)::(\w+)`", line)
        assert named, line
        for file, test in named:
            source = (HERE / file).read_text(encoding="utf-8")
            assert re.search(rf"^(?:async def {test}\(|def {test}\(|{test} = )", source, re.MULTILINE), test
