"""Dotprompt and litellm: a `.prompt` file becomes a version of a prompt.

https://google.github.io/dotprompt/reference/frontmatter/ and …/picoschema/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tui.core.interop.front import split
from tui.core.interop.incoming import Incoming, say_constructs, take, used_names, variable, with_first_role
from tui.core.prompts.variables import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.interop.sheet import Parcel

_VENDORS = {"googleai": "google", "vertexai": "google", "google": "google"}
_PARAMETERS = {
    "maxOutputTokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "stopSequences": "stop",
}
_ROLE = re.compile(r"(?<![ \t])[ \t]*\{\{\s*role\s+[\"'](\w+)[\"']\s*\}\}[ \t]*\n?")
_ROLES = {"model": "assistant"}
_LITERAL = r"\{{"
"""What stands behind it is text to Handlebars, not a name."""
_ESCAPED = re.compile(r"\\\{\{[ \t]*(" + NAME + r")[ \t]*\}\}")
_STEM = re.compile(r"(?P<name>.+?)(?:\.(?P<variant>[^.]+))?")
_NUMBER = re.compile(r"v?(\d+)")
_KEYS = ("name", "variant", "version", "description", "model", "config", "input", "metadata")
_PARTS = re.compile(r"(?P<name>[^?(]+)(?P<optional>\?)?(?:\((?P<kind>\w+)(?:,\s*(?P<about>.*))?\))?")


def read(data: bytes, stem: str, parcel: Parcel) -> Incoming:
    """Return the prompt; `stem` is the file's name without `.prompt`. Raises NotReadable."""
    keys, body = split(data)
    parts = _STEM.fullmatch(stem)
    name = str(keys.get("name") or (parts["name"] if parts else stem))
    variant = str(keys.get("variant") or (parts and parts["variant"]) or keys.get("version") or "")
    number = _NUMBER.fullmatch(variant)
    whose = f"{name} {variant}".strip()
    if variant and not number:
        parcel.lose(whose, f"the variant `{variant}`: versions are numbers here, and it is version 1.")
    known = [key for key in keys if key in _KEYS]
    for key in keys.keys() - set(known) - {"max_tokens", "temperature"}:
        parcel.lose(whose, f"`{key}`.")
    body = _ROLE.sub(lambda found: f"<!-- {_ROLES.get(found[1], found[1])} -->\n", body)
    body = with_first_role(body)
    declared = _variables(keys.get("input"), whose, parcel)
    missing = None if not declared else variable("")  # to Handlebars an unknown name is an empty text
    for used in used_names(body.replace(_LITERAL, "")):
        declared.setdefault(used, missing)
    for literal in dict.fromkeys(_ESCAPED.findall(body)):
        if literal in declared:
            parcel.lose(
                whose, f"the backslash of `\\{{{{{literal}}}}}`: it is the variable here, not a text."
            )
    body = body.replace(_LITERAL, "{{")
    say_constructs(whose, body, parcel, declared)
    front = {
        **take(keys, "description"),
        **_model(keys.get("model")),
        "parameters": _parameters(keys),
        "variables": declared,
        "metadata": keys.get("metadata") or {},
    }
    return Incoming(name, body, int(number[1]) if number else 1, front)


def _model(model: object) -> dict[str, Any]:
    if not isinstance(model, str):
        return {}
    vendor, slash, name = model.partition("/")
    return {"provider": _VENDORS.get(vendor, vendor), "model": name} if slash else {"model": model}


def _parameters(keys: Mapping[str, Any]) -> dict[str, Any]:
    config = keys.get("config")
    found = dict(config) if isinstance(config, dict) else {}
    found |= {key: keys[key] for key in ("max_tokens", "temperature") if key in keys}  # as litellm has it
    return {_PARAMETERS.get(key, key): value for key, value in found.items()}


def _variables(given: object, whose: str, parcel: Parcel) -> dict[str, Any]:
    if not isinstance(given, dict):
        return {}
    schema, defaults = given.get("schema") or {}, given.get("default") or {}
    declared: dict[str, Any] = {}
    if not isinstance(schema, dict) or not isinstance(defaults, dict):
        parcel.lose(whose, "the schema of its input.")
        return {}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):  # JSON Schema
        for name, said in schema["properties"].items():
            about = said if isinstance(said, dict) else {}
            extra = take(about, "type", "description")
            default = defaults.get(name, about.get("default"))
            declared[name] = variable(default, **extra, choices=about.get("enum"))
        return declared
    for key, said in schema.items():
        name, kind, words, choices, optional = _pico(str(key), said)
        if isinstance(said, dict):
            parcel.lose(whose, f"what the map `{name}` consists of: it is one value here.")
        default = defaults.get(name, "" if optional else None)
        declared[name] = variable(default, type=kind, description=words, choices=choices)
    return declared | {name: variable(value) for name, value in defaults.items() if name not in declared}


def _pico(key: str, said: object) -> tuple[str, str | None, str, list[Any] | None, bool]:
    """Read an entry of Picoschema: its name, type, description, choices, and whether it is optional."""
    parts = _PARTS.fullmatch(key)
    if parts is None:
        return key, None, "", None, False
    name, optional = parts["name"].strip(), bool(parts["optional"])
    if parts["kind"] == "enum" and isinstance(said, list):
        return name, None, parts["about"] or "", list(said), optional
    kind, _, about = said.partition(",") if isinstance(said, str) else ("", "", parts["about"] or "")
    kind = kind.strip()
    return name, kind if kind not in ("", "string", "any") else None, about.strip(), None, optional
