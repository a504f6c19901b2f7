"""The starter prompts are what we would want users to keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.core.prompts.doctor import FileReport, examine
from tui.core.prompts.template import MissingValue, render

FOLDER = Path(__file__).parents[3] / "prompts"
SPECIFIED = {
    "character-generation-v1.md",
    "character-generation-v2.md",
    "worldbuilding-v1.md",
    "chapter-generation-v1.md",
    "dialogue-suggestion-v1.md",
}


@pytest.fixture(scope="module")
def reports() -> dict[str, FileReport]:
    files = ((path, path.read_bytes()) for path in FOLDER.glob("*.md"))
    return {report.path.name: report for report in examine(files)}


def test_they_are_the_specified_ones_and_clean(reports: dict[str, FileReport]) -> None:
    assert set(reports) == SPECIFIED
    for name, report in reports.items():
        assert report.problems == ()
        assert report.document is not None
        assert name == f"{report.document.name}-v{report.document.version}.md"
        assert report.document.description
        assert report.document.tags


def test_all_but_the_plain_one_run_at_once(reports: dict[str, FileReport]) -> None:
    for name, report in reports.items():
        document = report.document
        assert document is not None
        if name == "character-generation-v1.md":
            with pytest.raises(MissingValue):
                render(document.template, document.variables, {})
            continue
        text = render(document.template, document.variables, {})
        assert "{{" not in text
        assert "{{" not in render(document.system, document.variables, {})
        assert all(variable.description or variable.default for variable in document.variables)


def test_the_two_character_versions_take_the_same_values(reports: dict[str, FileReport]) -> None:
    one, two = (reports[f"character-generation-v{number}.md"].document for number in (1, 2))
    assert one is not None
    assert two is not None
    assert {variable.name for variable in one.variables} == {variable.name for variable in two.variables}
    assert (one.active, two.active) == (True, False)
    assert one.template != two.template
