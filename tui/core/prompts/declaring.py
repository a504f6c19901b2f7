"""Adds declarations of variables to a front matter by editing its text; all else stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.prompts.variables import variables_key
from tui.core.prompts.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.prompts.yaml_reader import KeyPath, YamlMap


def with_declarations(yaml: str, names: Sequence[str]) -> str:
    r"""Return a front matter, which reads and has no \r\n, with these variables declared after its own.

    They are written in the form that is there: a list, or a map. Whoever calls has to read the result.
    """
    for name in names:
        yaml = _with(yaml, read_yaml(yaml), name)
    return yaml


def _with(yaml: str, read: YamlMap, name: str) -> str:
    key = variables_key(read.values)
    value = read.values.get(key)
    if key in read.values and value is None:  # it is there, and says nothing
        spot = read.spots[(key,)]
        space = "" if yaml[spot.start - 1].isspace() else " "
        return f"{yaml[: spot.start]}{space}[{name}]{yaml[spot.end :]}"
    if not isinstance(value, dict | list):
        start = "" if not yaml or yaml.endswith("\n") else "\n"
        return f"{yaml}{start}{key}: [{name}]\n"
    whole = read.spots[(key,)]
    if yaml[whole.start] in "[{":
        entry = name if isinstance(value, list) else f"{name}: {{}}"
        before = yaml[whole.start + 1 : whole.end - 1].rstrip()
        comma = "" if not before or before.endswith(",") else ", "
        space = " " if before.endswith(",") else ""
        at = whole.start + 1 + len(before)
        return f"{yaml[:at]}{comma}{space}{entry}{yaml[at:]}"
    last: KeyPath = (key, len(value) - 1) if isinstance(value, list) else (key, list(value)[-1])
    spot = read.spots[last]
    line_start = yaml.rfind("\n", 0, spot.key) + 1
    if isinstance(value, list):
        line = yaml[line_start : yaml.index("-", line_start)] + f"- {name}"
    else:
        line = yaml[line_start : spot.key] + f"{name}:"
    end = max(spot.end, spot.key)
    at = end if yaml[end - 1 : end] == "\n" else yaml.find("\n", end) + 1
    if at == 0:  # it is the last line, and open
        return f"{yaml}\n{line}\n"
    return f"{yaml[:at]}{line}\n{yaml[at:]}"
