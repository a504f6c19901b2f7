"""Columns that stay readable in plain `sqlite3`: UTC times, JSON, and a comment for each column."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import TIMESTAMP, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.compiler import DDLCompiler

_ENCODER = json.JSONEncoder(ensure_ascii=False)
_DECODER = json.JSONDecoder()


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite holds it as text, `2026-01-31 12:00:00.000000`."""

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; a naive time is refused, since nobody could tell later what it meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark what was read as UTC where the database does not keep the zone."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class JsonText(TypeDecorator[Any]):
    """A JSON document as text, with its letters unescaped so that it can be read and searched by eye."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the document; None stays NULL."""
        return None if value is None else _ENCODER.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the document back."""
        return None if value is None else _DECODER.decode(value)


@compiles(CreateColumn, "sqlite")
def _with_comment(element: CreateColumn, compiler: DDLCompiler, **options: Any) -> str | None:
    # SQLite has no column comments, but it keeps the text of CREATE TABLE: `.schema` then explains itself.
    text: str | None = compiler.visit_create_column(element, **options)  # type: ignore[no-untyped-call]
    comment = element.element.comment
    return f"{text} /* {comment} */" if text and comment else text
