"""The library's values as the database stores them, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from tui.core.prompts.catalogue import KnownFile
from tui.core.prompts.document import Variable
from tui.core.prompts.files import READ_AGAIN
from tui.core.prompts.problems import Problem
from tui.core.prompts.snapshot import VersionRow
from tui.core.store.prompts import FileRecord, StoredVersion, VersionRecord
from tui.version import VERSION

if TYPE_CHECKING:
    from tui.core.prompts.document import PromptDocument

_AS_STORED = [item.name for item in fields(VersionRow) if item.name not in ("variables", "tags", "problems")]


def version_record(document: PromptDocument, path: str, content_hash: str, data: bytes) -> VersionRecord:
    """Return what the database is to know of a version; `data` are the bytes of its file, which are UTF-8."""
    return VersionRecord(
        name=document.name,
        version=document.version,
        template=document.template,
        variables=[variable.as_dict() for variable in document.variables],
        active=document.active,
        path=path,
        content_hash=content_hash,
        content=data.decode(),
        description=document.description,
        weight=document.weight,
        system=document.system,
        provider=document.provider,
        model=document.model,
        parameters=document.parameters,
        tags=document.tags,
        front_matter=document.front_matter,
        body_line=document.body_line,
    )


def version_row(stored: StoredVersion) -> VersionRow:
    """Return a version as the screen sees it, without its problems yet."""
    return VersionRow(
        variables=tuple(map(Variable.from_dict, stored.variables)),
        tags=tuple(stored.tags),
        **{name: getattr(stored, name) for name in _AS_STORED},
    )


def file_record(path: str, file: KnownFile) -> FileRecord:
    """Return what the database is to remember of a file."""
    name, version = file.key or (None, None)
    problems = [problem.as_dict() for problem in file.problems]
    return FileRecord(path, *file.stamp, file.content_hash, name, version, problems, VERSION)


def known_file(record: FileRecord) -> KnownFile:
    """Return a file as it was remembered; one that another release has read must be read again."""
    stamp, content_hash = (record.size, record.mtime_ns, record.inode), record.content_hash
    if record.reader != VERSION:
        stamp, content_hash = (record.size, READ_AGAIN, record.inode), ""
    key = None if record.name is None or record.version is None else (record.name, record.version)
    return KnownFile(stamp, content_hash, key, tuple(map(Problem.from_dict, record.problems)))
