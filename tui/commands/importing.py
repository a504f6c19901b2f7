"""`penstock import`: prompts of other programs as new files in the prompts folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.commands.exporting import write
from tui.commands.mistake import Mistake
from tui.commands.opening import open_workspace
from tui.core.interop import from_dotprompt, from_markdown, from_promptfoo, from_prompty
from tui.core.interop.incoming import Incoming, NotReadable, pack
from tui.core.interop.sheet import Parcel, SamePath
from tui.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tui.core.workspace import Options

MAX_BYTES = 4 * 1024 * 1024


def bring_in(options: Options, paths: Sequence[Path], folder: Path | None) -> None:
    """Read files and folders, and write what they become. Raises Mistake."""
    target = folder or open_workspace(options)[0].prompts
    parcel = Parcel()
    found: list[Incoming] = []
    for path in paths:
        try:
            found += _read(path, parcel)
        except NotReadable as error:
            raise Mistake(f"{path}: {error}") from error
        except OSError as error:
            raise Mistake(f"{path} cannot be read ({error.strerror or error})") from error
    try:
        pack(found, parcel)
    except (NotReadable, SamePath) as error:
        raise Mistake(str(error)) from error
    write(parcel, target)
    click.echo(f"{len(found)} {'prompt' if len(found) == 1 else 'prompts'} imported.", err=True)


def _read(path: Path, parcel: Parcel) -> Iterator[Incoming]:
    """Yield the prompts of a file, or of everything in a folder that has a known name."""
    if path.is_dir():
        known = sorted(one for one in path.rglob("*") if one.is_file() and _is_known(one))
        if not known:
            raise NotReadable("There is nothing in it that can be imported.")
        for one in known:
            try:
                yield from _read(one, parcel)
            except NotReadable as error:
                raise NotReadable(f"{one.relative_to(path)}: {error}") from error
        return
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise NotReadable("It is over 4 MiB.")
    name = path.name
    if name.endswith(".prompt"):
        yield from_dotprompt.read(data, name.removesuffix(".prompt"), parcel)
    elif name.endswith(".prompty"):
        yield from_prompty.read(data, name.removesuffix(".prompty"), parcel)
    elif name.endswith((".yaml", ".yml")):
        own = path.parent.name if name.startswith("promptfooconfig.") else path.stem
        yield from from_promptfoo.read(data, own or path.stem, parcel, lambda file: _beside(path, file))
    elif name.endswith(".csv"):
        yield from from_markdown.table(data, parcel)
    elif name == "system.md":
        user = path.with_name("user.md")
        yield from_markdown.fabric(data, user.read_bytes() if user.is_file() else None, path.parent.name)
    elif name.endswith(".md"):
        stem = path.parent.name if name == "SKILL.md" else name.removesuffix(".md").removesuffix(".prompt")
        yield from_markdown.read(data, stem, parcel)
    else:
        known_names = ".prompt, .prompty, promptfooconfig.yaml, .md, system.md, .csv"
        raise NotReadable(f"It is of no kind that can be imported: {printable(known_names)}.")


def _is_known(path: Path) -> bool:
    return (
        path.name in ("system.md", "SKILL.md")
        or path.name.startswith("promptfooconfig.")
        or path.name.endswith((".prompt", ".prompty", ".prompt.md"))
    )


def _beside(path: Path, file: str) -> bytes:
    """Return a file that a configuration names; none from outside of its folder is read."""
    folder = path.parent.resolve()
    found = (folder / file).resolve()
    if not found.is_relative_to(folder):
        raise PermissionError(13, "it is outside of the folder", file)
    return found.read_bytes()
