"""Prompty, version 1 and 2: a `.prompty` file becomes a version of a prompt, its sample the defaults.

https://prompty.ai/docs and https://github.com/microsoft/prompty
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tui.core.interop.front import split
from tui.core.interop.incoming import Incoming, say_constructs, take, used_names, variable, with_first_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.interop.sheet import Parcel

_ROLE = re.compile(r"^[ \t]*(?:#[ \t]*)?(system|user|assistant|developer)[ \t]*:[ \t]*$", re.I | re.M)
_ROLES = {"developer": "system"}
_PROVIDERS = {"openai": "openai", "azure_openai": "openai", "azure": "openai", "anthropic": "anthropic"}
_KEYS = {
    "name", "displayName", "description", "version", "authors", "tags", "model", "sample", "inputs", "input",
    "metadata", "template",
}  # fmt: skip
_NAMES = ("model", "name", "azure_deployment")
_MODEL_KEYS = {"configuration", "parameters", "options", "provider", "id", "apiType"}


def read(data: bytes, stem: str, parcel: Parcel) -> Incoming:
    """Return the prompt; `stem` is the file's name without `.prompty`. Raises NotReadable."""
    keys, body = split(data)
    name = str(keys.get("name") or stem)
    for key in keys.keys() - _KEYS:
        parcel.lose(name, f"`{key}`.")
    body = _ROLE.sub(lambda found: f"<!-- {_ROLES.get(found[1].lower(), found[1].lower())} -->", body)
    body = with_first_role(body)
    declared = _variables(keys)
    for used in used_names(body):
        declared.setdefault(used, None)
    say_constructs(name, body, parcel, declared)
    model, metadata = keys.get("model"), keys.get("metadata")
    if metadata and not isinstance(metadata, dict):
        parcel.lose(name, "its `metadata`, which is no map.")
        metadata = None
    front = {
        **take(keys, "description"),
        **_model(model if isinstance(model, dict) else {"id": model}, name, parcel),
        "variables": declared,
        "tags": keys.get("tags") or [],
        "metadata": {**(metadata or {}), **take(keys, "displayName", "authors")},
    }
    return Incoming(name, body, 1, front)


def _model(model: Mapping[str, Any], name: str, parcel: Parcel) -> dict[str, Any]:
    configuration = model.get("configuration")
    settings = configuration if isinstance(configuration, dict) else {}
    options = model.get("parameters") or model.get("options") or {}
    provider = model.get("provider") or settings.get("type")
    names = (model.get("id"), *(settings.get(key) for key in _NAMES))
    wanted = next((name for name in names if name), None)
    others = [*(model.keys() - _MODEL_KEYS), *(settings.keys() - {"type", *_NAMES})]
    for key in sorted(others):
        parcel.lose(name, f"`{key}` of its model.")
    known = _PROVIDERS.get(str(provider).lower())
    if provider and known is None:
        parcel.lose(name, f"the provider `{provider}`.")
    return {
        "provider": known,
        "model": wanted,
        "parameters": dict(options) if isinstance(options, dict) else {},
    }


def _variables(keys: Mapping[str, Any]) -> dict[str, Any]:
    inputs, sample = keys.get("inputs") or keys.get("input"), keys.get("sample")
    declared: dict[str, Any] = {}
    if isinstance(inputs, list):
        inputs = {str(one.get("name")): one for one in inputs if isinstance(one, dict) and one.get("name")}
    for name, said in (inputs or {}).items() if isinstance(inputs, dict) else ():
        if not isinstance(said, dict):
            declared[name] = variable(said)
            continue
        optional = said.get("required") is False
        declared[name] = variable(
            said.get("default", said.get("sample", "" if optional else None)),
            type=_kind(said.get("kind") or said.get("type")),
            description=said.get("description"),
            choices=said.get("enumValues") or said.get("enum"),
        )
    if isinstance(sample, dict):
        for name, value in sample.items():
            declared[name] = {**(declared.get(name) or {}), "default": value}
    return declared


def _kind(kind: object) -> str | None:
    return str(kind) if kind in ("integer", "number", "boolean", "float") else None
