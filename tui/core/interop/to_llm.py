"""`llm` (Simon Willison's): a template for each version, in YAML, with `$name` for a variable.

https://llm.datasette.io/en/stable/templates.html; its keys are fixed, an extra one is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.interop.placeholders import identifiers, rewritten
from tui.core.interop.sheet import Parcel, file_name, is_set
from tui.core.interop.yaml_text import as_yaml
from tui.core.prompts.turns import split_turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.interop.sheet import Sheet
    from tui.core.prompts.document import PromptDocument


def export(sheets: Sequence[Sheet]) -> Parcel:
    """Return a file for each version; one that is a longer conversation has none."""
    parcel = Parcel()
    for sheet in sheets:
        for version in sheet.versions:
            _write(version, parcel)
        if sheet.cases and sheet.cases.cases:
            parcel.lose(sheet.name, f"its {len(sheet.cases.cases)} cases and their checks.")
    return parcel


def _write(version: PromptDocument, parcel: Parcel) -> None:
    whose = f"{version.name} v{version.version}"
    turns = split_turns(version.template)
    if [turn.role for turn in turns if turn.role != "system"] != ["user"]:
        parcel.lose(whose, "all of it: a template of llm is one message of the user.")
        return
    names = identifiers([variable.name for variable in version.variables])
    systems = [version.system, *(turn.text for turn in turns if turn.role == "system")]
    user = next(turn.text for turn in turns if turn.role == "user")
    defaults = {names[one.name]: one.default for one in version.variables if one.default is not None}
    content = {
        "name": f"{version.name}-v{version.version}",
        "model": version.model,
        "system": _template("\n\n".join(filter(None, systems)), names),
        "prompt": _template(user, names),
        "defaults": defaults,
        "options": dict(version.parameters),
    }
    parcel.add(f"{file_name(version.name)}-v{version.version}.yaml", as_yaml(is_set(content)))
    for name, plain in names.items():
        if name != plain:
            parcel.lose(whose, f"the variable `{name}` is called `{plain}`, as llm allows.")
    _say_losses(version, whose, parcel)


def _say_losses(version: PromptDocument, whose: str, parcel: Parcel) -> None:
    lost = is_set(
        {
            "the provider": version.provider,
            "the tags": version.tags,
            "the description": version.description,
            "the weight": version.weight,
            "types, choices and descriptions of variables": [
                one for one in version.variables if one.type != "string" or one.choices or one.description
            ],
        }
    )
    if lost:
        parcel.lose(whose, f"{', '.join(lost)}.")


def _template(text: str, names: Mapping[str, str]) -> str:
    """Return it as Python's string.Template reads it."""
    return rewritten(
        text, names, lambda name: "${" + names[name] + "}", lambda literal: literal.replace("$", "$$")
    )
