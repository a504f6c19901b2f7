"""Dotprompt: a `.prompt` file for each version, with a Handlebars template.

https://google.github.io/dotprompt/reference/frontmatter/ and …/picoschema/
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.core.interop.placeholders import identifiers, rewritten
from tui.core.interop.sheet import Parcel, file_name, is_set
from tui.core.interop.yaml_text import as_yaml
from tui.core.prompts.turns import split_turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.interop.sheet import Sheet
    from tui.core.prompts.document import PromptDocument
    from tui.core.prompts.variables import Variable

_VENDORS = {"google": "googleai", "openai": "openai", "anthropic": "anthropic", "deepseek": "deepseek"}
_PARAMETERS = {
    "max_tokens": "maxOutputTokens",
    "top_p": "topP",
    "top_k": "topK",
    "stop": "stopSequences",
}
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "float": "number"}
_ROLES = {"user": "user", "assistant": "model", "system": "system"}


def export(sheets: Sequence[Sheet]) -> Parcel:
    """Return a file for each version, a variant of its prompt."""
    parcel = Parcel()
    for sheet in sheets:
        for version in sheet.versions:
            path = f"{file_name(version.name)}.v{version.version}.prompt"
            parcel.add(path, _prompt(version, parcel))
        if sheet.cases and sheet.cases.cases:
            parcel.lose(sheet.name, f"its {len(sheet.cases.cases)} cases and their checks.")
    return parcel


def _prompt(version: PromptDocument, parcel: Parcel) -> str:
    whose = f"{version.name} v{version.version}"
    names = identifiers([variable.name for variable in version.variables])
    for name, plain in names.items():
        if name != plain:
            parcel.lose(whose, f"the variable `{name}` is called `{plain}`, as Handlebars allows.")
    _say_unwritable(version, names, parcel)
    schema = dict(_schema(variable, names[variable.name]) for variable in version.variables)
    defaults = {names[one.name]: _default(one) for one in version.variables if one.default is not None}
    front = {
        "name": version.name,
        "variant": f"v{version.version}",
        "version": str(version.version),
        "description": version.description,
        "model": _model(version),
        "config": {_PARAMETERS.get(key, key): value for key, value in version.parameters.items()},
        "input": is_set({"schema": schema, "default": defaults}),
        "metadata": is_set({"tags": list(version.tags), "active": version.active, "weight": version.weight}),
    }
    return f"---\n{as_yaml(is_set(front))}---\n{_body(version, names)}\n"


def _default(variable: Variable) -> object:
    """Return a default as its type has it."""
    kind = _TYPES.get(variable.type, "string")
    if kind == "string" or variable.choices or variable.default is None:
        return variable.default
    try:
        value = json.loads(variable.default)
    except ValueError:
        return variable.default
    fits = isinstance(value, bool) if kind == "boolean" else isinstance(value, int | float)
    return value if fits else variable.default


def _model(version: PromptDocument) -> str | None:
    if version.model is None:
        return None
    vendor = _VENDORS.get(version.provider or "", version.provider)
    return f"{vendor}/{version.model}" if vendor else version.model


def _schema(variable: Variable, name: str) -> tuple[str, object]:
    """Return a variable in Picoschema."""
    optional = "" if variable.required else "?"
    about = f", {' '.join(variable.description.split())}" if variable.description else ""
    if variable.choices:
        inside = f", {' '.join(variable.description.split())}" if variable.description else ""
        return f"{name}{optional}(enum{inside})", list(variable.choices)
    return f"{name}{optional}", f"{_TYPES.get(variable.type, 'string')}{about}"


def _body(version: PromptDocument, names: Mapping[str, str]) -> str:
    turns = split_turns(version.template)
    alone = len(turns) == 1 and turns[0].role == "user" and not version.system
    if alone:
        return _template(turns[0].text, names)
    said = [("system", version.system)] if version.system else []
    said += [(_ROLES[turn.role], turn.text) for turn in turns]
    return "\n".join(f'{{{{role "{role}"}}}}\n{_template(text, names)}' for role, text in said)


def _template(text: str, names: Mapping[str, str]) -> str:
    """Return it for Handlebars, in which a backslash before the braces takes their meaning away."""
    return rewritten(
        text,
        names,
        lambda name: "{{" + names[name] + "}}",
        lambda literal: literal.replace("{{", r"\{{"),
    )


def _say_unwritable(version: PromptDocument, names: Mapping[str, str], parcel: Parcel) -> None:
    """List what Handlebars has no way to write: a brace or a backslash right before braces."""
    for text in (version.system, version.template):
        rest = rewritten(text, names, lambda _: "{{", lambda literal: literal)
        if "{{{" in rest or "\\{{" in rest:
            parcel.lose(
                f"{version.name} v{version.version}", "a `{` or a backslash right before braces: look at it."
            )
