"""The front matter of other programs' files: found after licence lines too, and mended where quotes lack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tui.core.interop.incoming import NotReadable
from tui.core.prompts.front_matter import locate
from tui.core.prompts.source import UnreadableError, decode
from tui.core.prompts.yaml_reader import YamlError, read_yaml
from tui.core.prompts.yaml_repair import requote

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEFORE = re.compile(r"(?:[ \t]*(?:#.*)?\n)*(?=---[ \t]*\n)")


def split(data: bytes) -> tuple[Mapping[str, Any], str]:
    """Return the keys and the text below them; without a front matter there are none. Raises NotReadable."""
    try:
        text = decode(data)
        before = _BEFORE.match(text)
        text = text[before.end() :] if before else text
        span = locate(text)
    except UnreadableError as error:
        raise NotReadable(str(error.problems[0].message)) from error
    if span is None:
        return {}, text
    yaml = text[span.yaml_start : span.yaml_end]
    mended = requote(yaml)
    if mended is None:
        try:
            read_yaml(yaml)
        except YamlError as error:
            raise NotReadable(f"Its front matter is broken: {error.message}") from error
    return read_yaml(mended or yaml).values, text[span.body_start :]
