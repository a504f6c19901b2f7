"""Langfuse: what its API takes for each version (POST /api/public/v2/prompts), as JSON.

https://langfuse.com/docs/prompt-management; its `{{name}}` is ours: only values that are given are replaced.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tui.core.interop.sheet import Parcel, file_name, is_set
from tui.core.prompts.turns import split_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.interop.sheet import Sheet
    from tui.core.prompts.document import PromptDocument

_LABEL = re.compile(r"[a-z0-9_\-.]{1,36}")
_MESSAGE = 500  # characters of a commit message


def export(sheets: Sequence[Sheet]) -> Parcel:
    """Return a file for each version; the active ones have the label `production`."""
    parcel = Parcel()
    for sheet in sheets:
        for version in sheet.versions:
            text = json.dumps(_entry(version, parcel), ensure_ascii=False, indent=2)
            parcel.add(f"{file_name(version.name)}-v{version.version}.json", text + "\n")
        if sheet.cases and sheet.cases.cases:
            parcel.lose(sheet.name, f"its {len(sheet.cases.cases)} cases and their checks.")
    return parcel


def _entry(version: PromptDocument, parcel: Parcel) -> dict[str, object]:
    turns = split_turns(version.template)
    messages = [{"role": turn.role, "content": turn.text} for turn in turns]
    if version.system:
        messages.insert(0, {"role": "system", "content": version.system})
    text = len(messages) == 1 and messages[0]["role"] == "user"
    label = f"v{version.version}"
    labels = [label] if _LABEL.fullmatch(label) else []
    if version.weight is not None:
        parcel.lose(f"{version.name} v{version.version}", "its weight in a split.")
    if len(version.description) > _MESSAGE:
        parcel.lose(f"{version.name} v{version.version}", f"its description after {_MESSAGE} characters.")
    config = {
        "provider": version.provider,
        "model": version.model,
        **version.parameters,
        "variables": [is_set(variable.as_dict()) for variable in version.variables],
    }
    entry = {
        "type": "text" if text else "chat",
        "name": version.name,
        "prompt": messages[0]["content"] if text else messages,
        "config": is_set(config),
        "labels": [*labels, *(["production"] if version.active else [])],
        "tags": list(version.tags),
        "commitMessage": version.description[:_MESSAGE],
    }
    return {key: value for key, value in entry.items() if value != ""}
