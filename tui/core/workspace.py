"""Which folders and files this start of Penstock works with."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "penstock"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line or the caller of the API asked for; None means: not said."""

    prompts: Path | None = None
    data_dir: Path | None = None
    settings: Path | None = None
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Workspace:
    """The resolved places, all absolute.

    Each prompts folder has a database of its own below the data folder, so that (name, version) means one
    file; a demo has another one still, so that simulated answers never count for the real prompts.
    """

    prompts: Path
    database: Path
    data_dir: Path
    state_dir: Path
    settings: Path
    demo: bool


def settings_path(options: Options, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the settings file: `--settings`, PENSTOCK_SETTINGS, or the platform's configuration folder."""
    named = options.settings or _path(environ.get("PENSTOCK_SETTINGS"))
    return _absolute(named or platformdirs.user_config_path(APP) / "settings.toml")


def resolve(
    options: Options, configured: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Workspace:
    """Return the places for `options`; `configured` is the prompts folder of the settings file.

    Prompts: `--prompts`, PENSTOCK_PROMPTS, `prompts` in the settings, `./prompts` if it exists, else a folder
    in the data folder. Data: `--data-dir`, PENSTOCK_DATA_DIR, or the platform's data folder.
    """
    own_data = options.data_dir or _path(environ.get("PENSTOCK_DATA_DIR"))
    data_dir = _absolute(own_data or platformdirs.user_data_path(APP))
    state_dir = data_dir / "state" if own_data else _absolute(platformdirs.user_state_path(APP))
    scope = data_dir / "demo" if options.demo else data_dir
    here = Path("prompts")
    prompts = options.prompts or _path(environ.get("PENSTOCK_PROMPTS")) or configured
    prompts = _absolute(prompts or (here if here.is_dir() else scope / "prompts"))
    return Workspace(
        prompts=prompts,
        database=scope / _folder_key(prompts) / "penstock.db",
        data_dir=data_dir,
        state_dir=state_dir,
        settings=settings_path(options, environ),
        demo=options.demo,
    )


def starter_prompts() -> Path:
    """Return the folder of the prompts that come with Penstock: in the wheel, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "starter"
    return shipped if shipped.is_dir() else package.parent / "prompts"


def copy_starters(folder: Path) -> list[Path]:
    """Copy the starter prompts into `folder`, never over an existing file; return what was written."""
    source = starter_prompts()
    written: list[Path] = []
    for path in sorted(source.rglob("*")):
        target = folder / path.relative_to(source)
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            written.append(target)
    return written


def _folder_key(folder: Path) -> str:
    # The readable part is for people who look into the data folder; the hash is what makes it one folder's.
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{folder.parent.name}-{folder.name}").strip("-.")[:40]
    return f"{readable or 'root'}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]}"


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except RuntimeError:  # a home that nobody has, or links in a circle: whoever opens it will say so
        return path.absolute()
