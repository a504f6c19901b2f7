"""The colours of front matter: keys are keys, and what a block scalar says is text."""

from __future__ import annotations

import pytest

from tui.widgets.editor.colours import Colours

FILE = """\
---
system: >-   # folded
  You say: nothing.

  "quoted": 5
name: noir
notes:
  - first: |
      a: 1
        b: 2
    second: 3
  - |+
    c: 4
  - third: ">"
    fourth: 5
last: |2
    d: 6
---
Body: text
""".splitlines()


def keys(line: str) -> list[str]:
    spans = Colours(FILE).spans(FILE.index(line), ())
    return [line[span.start : span.end].strip() for span in spans if span.ink == "code"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("system: >-   # folded", ["system"]),
        ("  You say: nothing.", []),
        ('  "quoted": 5', []),
        ("name: noir", ["name"]),
        ("  - first: |", ["first"]),
        ("      a: 1", []),
        ("        b: 2", []),
        ("    second: 3", ["second"]),
        ("    c: 4", []),
        ('  - third: ">"', ["third"]),
        ("    fourth: 5", ["fourth"]),
        ("    d: 6", []),
        ("Body: text", []),
    ],
)
def test_only_keys_are_painted_as_keys(line: str, found: list[str]) -> None:
    assert keys(line) == found
