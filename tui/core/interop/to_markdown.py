"""Markdown for reading: what each prompt says, asks for, and is tested with."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tui.core.interop.sheet import Parcel, file_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.core.cases.document import Check
    from tui.core.interop.sheet import Sheet
    from tui.core.prompts.document import PromptDocument

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def export(sheets: Sequence[Sheet]) -> Parcel:
    """Return a page for each prompt."""
    parcel = Parcel()
    for sheet in sheets:
        parcel.add(f"{file_name(sheet.name)}.md", "\n".join(_page(sheet)) + "\n")
    return parcel


def _page(sheet: Sheet) -> Iterator[str]:
    yield f"# {_plain(sheet.name)}"
    for version in sheet.versions:
        yield ""
        yield from _version(version)
    if sheet.cases is None or not sheet.cases.cases:
        return
    yield ""
    yield "## Cases"
    for case, checks in sheet.checked:
        yield ""
        yield f"### {_plain(case.name)}"
        if case.description:
            yield f"\n{_plain(case.description)}"
        yield ""
        yield from (f"- {_plain(name)}: {_code(value)}" for name, value in case.vars.items())
        if checks:
            yield f"\nA good answer: {'; '.join(map(_check, checks))}."


def _version(version: PromptDocument) -> Iterator[str]:
    yield f"## Version {version.version}{'' if version.active else ' (not active)'}"
    if version.description:
        yield f"\n{_plain(version.description)}"
    facts = {
        "provider": version.provider,
        "model": version.model,
        "weight": version.weight,
        "tags": ", ".join(version.tags),
        "parameters": json.dumps(version.parameters, ensure_ascii=False) if version.parameters else None,
    }
    told = [f"{name} {_code(str(value))}" for name, value in facts.items() if value]
    if told:
        yield f"\n{', '.join(told)}"
    if version.variables:
        yield ""
        yield "| variable | type | default | description |"
        yield "|---|---|---|---|"
    for variable in version.variables:
        default = "needed" if variable.default is None else _code(variable.default)
        kind = ", ".join(variable.choices) or variable.type
        yield f"| {_plain(variable.name)} | {_plain(kind)} | {default} | {_plain(variable.description)} |"
    if version.system:
        yield "\nSystem:\n"
        yield _fenced(version.system)
    yield ""
    yield _fenced(version.template)


def _check(check: Check) -> str:
    argument = check.text if check.text is not None else json.dumps(check.argument, ensure_ascii=False)
    return check.kind if check.argument is None else f"{check.kind} {_code(argument)}"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Return a text as code within a line, whatever marks are in it."""
    line = " ".join(text.split())
    mark = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{mark}{space}{line}{space}{mark}".replace("|", r"\|")


def _fenced(text: str) -> str:
    mark = "`" * max(3, max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{mark}markdown\n{text}\n{mark}"
