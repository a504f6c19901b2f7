"""Prompts in plain files: `.prompt.md` and commands, SKILL.md, fabric's patterns, a table of roles."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from tui.core.interop.front import split
from tui.core.interop.incoming import Incoming, NotReadable, take

if TYPE_CHECKING:
    from tui.core.interop.sheet import Parcel

_INPUT = re.compile(r"\$\{input:([A-Za-z_][\w-]*)(?::([^}]*))?\}")
_OTHER = re.compile(r"\$\{(?!input:)[^}]+\}|\$[1-9]\b")
_OURS = ("name", "description", "model", "tags")
_SLUG = re.compile(r"[^a-z0-9]+")


def read(data: bytes, stem: str, parcel: Parcel) -> Incoming:
    """Return a markdown file as a prompt; `stem` is its name if it has no other. Raises NotReadable."""
    keys, body = split(data)
    name = str(keys.get("name") or stem)
    declared: dict[str, object] = {}
    for found in _INPUT.finditer(body):
        declared.setdefault(found[1], {"description": found[2]} if found[2] else None)
    body = _INPUT.sub(lambda found: "{{" + found[1] + "}}", body)
    if "$ARGUMENTS" in body:
        hint = keys.get("argument-hint")
        declared["arguments"] = {"description": str(hint)} if hint else None
        body = body.replace("$ARGUMENTS", "{{arguments}}")
    for found in _OTHER.finditer(body):
        parcel.lose(name, f"`{found[0]}` stays as text.")
    others = {key: value for key, value in keys.items() if key not in (*_OURS, "metadata", "version")}
    metadata = keys.get("metadata")
    front = {
        **take(keys, "description", "model", "tags"),
        "variables": declared,
        "metadata": {**(metadata if isinstance(metadata, dict) else {}), **others},
    }
    if others:
        parcel.lose(name, f"{', '.join(map(str, others))}: kept under `metadata`, where nothing reads it.")
    return Incoming(name, body.lstrip("\n"), 1, front)


def fabric(system: bytes, user: bytes | None, name: str) -> Incoming:
    """Return a pattern of fabric, which is given its input as the user's message. Raises NotReadable."""
    _, said = split(system)
    asked = split(user)[1].strip("\n") if user else ""
    body = f"<!-- system -->\n{said.strip(chr(10))}\n\n<!-- user -->\n{asked}\n\n{{{{input}}}}"
    return Incoming(name, body, 1, {"variables": {"input": None}})


def table(data: bytes, parcel: Parcel) -> list[Incoming]:
    """Return the rows of a table with the columns `act` and `prompt`. Raises NotReadable."""
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotReadable(f"It is no CSV ({error}).") from error
    if not {"act", "prompt"} <= set(reader.fieldnames or ()):
        raise NotReadable("It has no columns `act` and `prompt`.")
    found: dict[str, Incoming] = {}
    for row in rows:
        name = _SLUG.sub("-", (row["act"] or "").lower()).strip("-") or "prompt"
        number = 2
        base = name
        while name in found:
            name, number = f"{base}-{number}", number + 1
        others = {key: value for key, value in row.items() if key and key not in ("act", "prompt") and value}
        tags = ["developers"] if str(others.pop("for_devs", "")).upper() == "TRUE" else []
        if others:
            parcel.lose(name, f"{', '.join(others)}: kept under `metadata`, where nothing reads it.")
        front = {"description": row["act"], "tags": tags, "metadata": others}
        found[name] = Incoming(name, row["prompt"] or "", 1, front)
    return list(found.values())
