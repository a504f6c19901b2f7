"""Which version of a prompt is served."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.core.prompts.desk import NOON
from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow, served, versions_of


def snapshot_of(*versions: tuple[int, bool, float | None], name: str = "p") -> LibrarySnapshot:
    rows = []
    for version, active, weight in versions:
        times = (NOON, NOON)
        row = VersionRow(
            version,
            name,
            version,
            f"{version}.md",
            "",
            (),
            active,
            weight,
            "",
            "",
            None,
            None,
            {},
            (),
            1,
            "",
            1,
            0,
            None,
            *times,
        )
        rows += [replace(row, name="o"), row, replace(row, name="q")]
    return LibrarySnapshot(Path("prompts"), tuple(sorted(rows, key=lambda row: (row.name, row.version))))


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], []),
        ([(1, False, None), (2, False, 0.5)], []),
        ([(1, True, None), (2, False, None)], [1]),
        ([(1, True, 0.0), (2, False, 1.0)], [1]),
        ([(1, True, 0.3), (2, False, 1.0), (3, True, 0.7)], [1, 3]),
        ([(1, True, 0.3), (2, True, None), (3, True, 0.0)], [1]),
        ([(1, True, None), (2, True, None), (10, True, None), (11, False, None)], [10]),
        ([(1, True, 0.0), (2, True, 0.0)], [2]),
    ],
)
def test_what_is_served(versions: list[tuple[int, bool, float | None]], expected: list[int]) -> None:
    snapshot = snapshot_of(*versions)
    assert [(row.name, row.version) for row in served(snapshot, "p")] == [
        ("p", version) for version in expected
    ]
    assert [row.version for row in versions_of(snapshot, "p")] == [version for version, _, _ in versions]
    assert served(snapshot, "unknown") == ()
