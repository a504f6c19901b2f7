"""The tables, column by column; times are UTC, durations are seconds, lists and maps are JSON text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlmodel import Field, SQLModel

from tui.core.store.columns import JsonText, UtcTime


class Base(SQLModel):
    """Gives Penstock's tables a catalogue of their own, apart from any other SQLModel in the process."""

    metadata = MetaData()


def _text(comment: str, default: str | None = None) -> Column[str]:
    if default is None:
        return Column(Text, comment=comment)
    return Column(Text, nullable=False, server_default=default, comment=comment)


def _json(comment: str, default: str) -> Column[Any]:
    return Column(JsonText, nullable=False, server_default=default, comment=comment)


def _time(comment: str) -> Column[datetime]:
    return Column(UtcTime, comment=comment)


def _now(comment: str) -> Column[datetime]:
    return Column(UtcTime, nullable=False, server_default=func.current_timestamp(), comment=comment)


def _integer(comment: str, default: int | None = None) -> Column[int]:
    if default is None:
        return Column(Integer, comment=comment)
    return Column(Integer, nullable=False, server_default=text(str(default)), comment=comment)


def _flag(comment: str, default: bool) -> Column[bool]:
    return Column(Boolean, nullable=False, server_default=text(str(default).lower()), comment=comment)


def _real(comment: str) -> Column[float]:
    return Column(REAL, comment=comment)


def _key() -> Column[int]:
    return Column(Integer, primary_key=True)


class PromptTemplate(Base, table=True):
    """One version of a prompt as its file says it now; the row outlives the file."""

    __tablename__ = "prompt_templates"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: int | None = Field(default=None, sa_column=_key())
    name: str = Field(sa_column=Column(Text, nullable=False, comment="the prompt"))
    version: int = Field(sa_column=Column(Integer, nullable=False, comment="one file a version"))
    template: str = Field(sa_column=Column(Text, nullable=False, comment="the body, with its {{variables}}"))
    variables: Any = Field(
        default=None, sa_column=Column(JsonText, comment="JSON array of the declared variables")
    )
    active: bool = Field(default=True, sa_column=_flag("takes part in serving its name", True))
    usage_count: int = Field(default=0, sa_column=_integer("runs started, over all revisions", 0))
    success_rate: float | None = Field(
        default=None, sa_column=_real("successes/(successes+failures); NULL: unrated")
    )
    created_at: datetime = Field(sa_column=_now("when this version was first seen"))
    path: str = Field(default="", sa_column=_text("its file, relative to the prompts folder", ""))
    content_hash: str = Field(default="", sa_column=_text("SHA-256 of the file, hexadecimal", ""))
    updated_at: datetime = Field(sa_column=_now("when the content last changed"))
    description: str = Field(default="", sa_column=_text("one line for people", ""))
    weight: float | None = Field(default=None, sa_column=_real("share in a split; NULL: none given"))
    system: str = Field(default="", sa_column=_text("the system message", ""))
    provider: str | None = Field(default=None, sa_column=_text("the provider it asks for, if any"))
    model: str | None = Field(default=None, sa_column=_text("the model it asks for, if any"))
    parameters: Any = Field(default=None, sa_column=_json("JSON map: temperature and the like", "{}"))
    tags: Any = Field(default=None, sa_column=_json("JSON array of words", "[]"))
    front_matter: Any = Field(default=None, sa_column=_json("JSON map: the front matter as written", "{}"))
    body_line: int = Field(default=1, sa_column=_integer("line of the file on which the template starts", 1))
    retired_at: datetime | None = Field(
        default=None, sa_column=_time("when its file went away; NULL: it is there")
    )


class PromptRevision(Base, table=True):
    """One saved content of a version; runs point here, so that what was asked can always be read again."""

    __tablename__ = "prompt_revisions"
    __table_args__ = (UniqueConstraint("template_id", "content_hash"),)

    id: int | None = Field(default=None, sa_column=_key())
    template_id: int = Field(sa_column=Column(Integer, ForeignKey("prompt_templates.id"), nullable=False))
    content_hash: str = Field(
        sa_column=Column(Text, nullable=False, comment="SHA-256 of content, hexadecimal")
    )
    content: str = Field(sa_column=Column(Text, nullable=False, comment="the whole file"))
    created_at: datetime = Field(sa_column=_now("when it was first seen"))


class PromptFile(Base, table=True):
    """A prompt file as last read: an unchanged one costs a stat and no parse, also across starts."""

    __tablename__ = "prompt_files"

    path: str = Field(sa_column=Column(Text, primary_key=True, comment="relative to the prompts folder"))
    size: int = Field(sa_column=Column(BigInteger, nullable=False, comment="bytes"))
    mtime_ns: int = Field(
        sa_column=Column(BigInteger, nullable=False, comment="nanoseconds; -1: read it again")
    )
    inode: int = Field(sa_column=Column(BigInteger, nullable=False))
    content_hash: str = Field(default="", sa_column=_text("SHA-256 of what was read; empty: unreadable", ""))
    name: str | None = Field(
        default=None, sa_column=_text("the version it stands for; NULL: never a valid prompt")
    )
    version: int | None = Field(default=None, sa_column=_integer("the version it stands for, see name"))
    problems: Any = Field(default=None, sa_column=_json("JSON array of what is wrong with it", "[]"))
    reader: str = Field(default="", sa_column=_text("the release of Penstock that read it", ""))


class Run(Base, table=True):
    """One request and its answer.

    The long texts come last: SQLite keeps the end of a row on pages of its own, and whoever counts or sums
    does not have to turn them.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("runs_newest", "created_at"),
        Index("runs_by_prompt", "name", "version", "created_at"),
        Index("runs_by_outcome", "template_id", "outcome"),
        Index("runs_by_provider", "provider", "created_at"),
        Index("runs_of_prompt", "name", "created_at"),
        Index("runs_running", "host", "pid", sqlite_where=text("status = 'running'")),
        Index("runs_with_error", "provider", "created_at", sqlite_where=text("error_class IS NOT NULL")),
        # All that a search may ask of a run, in a tenth of the pages: see search.py.
        Index(
            "runs_facets",
            "seq",
            "name",
            "version",
            "provider",
            "model",
            "outcome",
            "status",
            "created_at",
        ),
    )

    seq: int | None = Field(
        default=None,
        sa_column=Column(Integer, primary_key=True, comment="counts up in the order of sending"),
    )
    id: str = Field(sa_column=Column(Text, nullable=False, unique=True, comment="UUID, given by the caller"))
    template_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("prompt_templates.id"))
    )
    revision_id: int | None = Field(
        default=None, sa_column=Column(Integer, ForeignKey("prompt_revisions.id"))
    )
    name: str | None = Field(default=None, sa_column=_text("the prompt; NULL: free text"))
    version: int | None = Field(default=None, sa_column=_integer("of the prompt"))
    content_hash: str = Field(default="", sa_column=_text("of the revision", ""))
    commit_hash: str | None = Field(
        default=None, sa_column=_text("HEAD of the git repository of the prompts when it was sent")
    )
    git_state: str | None = Field(
        default=None, sa_column=_text("of the file then: clean, modified, untracked, none (no repository)")
    )
    case_name: str | None = Field(default=None, sa_column=_text("the named set of values; NULL: none"))
    batch_id: str | None = Field(default=None, sa_column=_text("same for runs that were asked for together"))
    provider: str = Field(sa_column=Column(Text, nullable=False))
    model: str = Field(sa_column=Column(Text, nullable=False, comment="as asked for"))
    model_reported: str | None = Field(default=None, sa_column=_text("the model that answered, as it says"))
    status: str = Field(
        default="running", sa_column=_text("running, done, failed, cancelled, interrupted", "running")
    )
    outcome: str | None = Field(default=None, sa_column=_text("success, failure, excluded; NULL: unrated"))
    outcome_source: str | None = Field(
        default=None, sa_column=_text("who rated it: human, assertion, judge, ...")
    )
    finish: str | None = Field(
        default=None, sa_column=_text("why the answer ended, in the words of the provider")
    )
    finish_kind: str | None = Field(default=None, sa_column=_text("stop, length, filtered, other"))
    error_class: str | None = Field(default=None, sa_column=_text("kind of error"))
    error: str | None = Field(default=None, sa_column=_text("the error in one sentence"))
    tokens_in: int | None = Field(default=None, sa_column=_integer("of the request; NULL: not told"))
    tokens_out: int | None = Field(default=None, sa_column=_integer("of the answer"))
    tokens_cached: int | None = Field(default=None, sa_column=_integer("of tokens_in, read from a cache"))
    tokens_reasoning: int | None = Field(default=None, sa_column=_integer("of tokens_out, spent on thinking"))
    usage_estimated: bool = Field(default=False, sa_column=_flag("the token counts are our estimate", False))
    cost: float | None = Field(default=None, sa_column=_real("USD; NULL: unknown, which is not 0"))
    cost_source: str | None = Field(
        default=None, sa_column=_text("whose price it is: settings, genai-prices, provider")
    )
    price_as_of: str | None = Field(default=None, sa_column=_text("day of the price, or edition of the list"))
    request_id: str | None = Field(default=None, sa_column=_text("the provider's, for asking its support"))
    attempts: int = Field(default=0, sa_column=_integer("requests sent, retries included", 0))
    created_at: datetime = Field(sa_column=_now("when it was asked for"))
    started_at: datetime | None = Field(default=None, sa_column=_time("when the request was sent"))
    finished_at: datetime | None = Field(default=None, sa_column=_time("when it ended, however it ended"))
    waited_s: float | None = Field(default=None, sa_column=_real("seconds waited for quota"))
    first_token_s: float | None = Field(
        default=None, sa_column=_real("seconds from sending to the first token")
    )
    total_s: float | None = Field(default=None, sa_column=_real("seconds from sending to the end"))
    simulated: bool = Field(default=False, sa_column=_flag("answered by the simulator", False))
    pid: int | None = Field(default=None, sa_column=_integer("process that runs it"))
    host: str = Field(default="", sa_column=_text("computer of that process", ""))
    note: str = Field(default="", sa_column=_text("said with the rating", ""))
    parameters: Any = Field(
        default=None, sa_column=_json("JSON map, as asked for; attempts.parameters: as sent", "{}")
    )
    values: Any = Field(default=None, sa_column=_json("JSON map: what the variables were", "{}"))
    system: str = Field(default="", sa_column=_text("the system message as sent", ""))
    prompt: str = Field(default="", sa_column=_text("the prompt as sent; turns below their roles", ""))
    answer: str = Field(default="", sa_column=_text("as far as it came", ""))
    reasoning: str = Field(default="", sa_column=_text("thinking that the provider showed", ""))


class Attempt(Base, table=True):
    """One request that was really sent: a run has as many as it took."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("attempts_of_run", "run_id"),
        Index("attempts_by_provider", "provider", "started_at"),
    )

    id: int | None = Field(default=None, sa_column=_key())
    run_id: str = Field(sa_column=Column(Text, ForeignKey("runs.id"), nullable=False))
    provider: str = Field(sa_column=Column(Text, nullable=False))
    model: str = Field(sa_column=Column(Text, nullable=False, comment="as asked for"))
    number: int = Field(sa_column=Column(Integer, nullable=False, comment="1 for the first of its run"))
    started_at: datetime = Field(sa_column=Column(UtcTime, nullable=False, comment="when it was sent"))
    ended_at: datetime = Field(
        sa_column=Column(UtcTime, nullable=False, comment="when its answer had come, or its error")
    )
    status: str = Field(sa_column=Column(Text, nullable=False, comment="ok, or the kind of error"))
    message: str | None = Field(default=None, sa_column=_text("the error in one sentence"))
    http_status: int | None = Field(default=None, sa_column=_integer("200, 429, ...; NULL: none was told"))
    retry_after_s: float | None = Field(
        default=None, sa_column=_real("seconds to wait, as the provider said; NULL: it did not")
    )
    parameters: Any = Field(
        default=None, sa_column=Column(JsonText, comment="JSON map, as sent; NULL: not known")
    )
    note: str | None = Field(
        default=None, sa_column=_text("what was changed for the next one, as a sentence")
    )


class Draft(Base, table=True):
    """What was typed into a prompt file and not saved yet, so that no crash can lose it.

    Each process has one of a file; those without a process were set aside, and there may be many.
    """

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("path", "host", "pid"),)

    id: int | None = Field(default=None, sa_column=_key())
    path: str = Field(sa_column=Column(Text, nullable=False, comment="relative to the prompts folder"))
    content: str = Field(sa_column=Column(Text, nullable=False, comment="the whole file as typed so far"))
    base_hash: str = Field(
        sa_column=Column(Text, nullable=False, comment="SHA-256 of the file it was begun from")
    )
    cursor: Any = Field(default=None, sa_column=Column(JsonText, comment="JSON: where the cursor was"))
    updated_at: datetime = Field(sa_column=_now("when it was last typed in"))
    pid: int | None = Field(default=None, sa_column=_integer("process that it is typed in; NULL: set aside"))
    host: str = Field(default="", sa_column=_text("computer of that process", ""))


class Memory(Base, table=True):
    """What the screen remembers from one start to the next."""

    __tablename__ = "memory"

    key: str = Field(sa_column=Column(Text, primary_key=True, comment="what it is about"))
    value: Any = Field(default=None, sa_column=Column(JsonText, nullable=False, comment="JSON"))
    updated_at: datetime = Field(sa_column=_now("when it last changed"))


class Matrix(Base, table=True):
    """A matrix of runs with checks: cases × revisions × providers × repeats."""

    __tablename__ = "matrices"
    __table_args__ = (Index("matrices_by_plan", "plan"),)

    id: str = Field(sa_column=Column(Text, primary_key=True, comment="UUID"))
    plan: str = Field(
        sa_column=Column(Text, nullable=False, comment="SHA-256 of all that was to be done, hexadecimal")
    )
    created_at: datetime = Field(sa_column=_now("when it was asked for"))
    finished_at: datetime | None = Field(
        default=None, sa_column=_time("when all was done; NULL: it may be gone on with")
    )
    pid: int = Field(sa_column=Column(Integer, nullable=False, comment="process that carries it out"))
    host: str = Field(sa_column=Column(Text, nullable=False, comment="computer of that process"))


class Cell(Base, table=True):
    """One run of a matrix, and what the checks made of its answer."""

    __tablename__ = "cells"
    __table_args__ = (
        UniqueConstraint("matrix_id", "position"),
        Index("cells_by_key", "key"),
        Index("cells_of_run", "run_id"),
    )

    id: int | None = Field(default=None, sa_column=_key())
    matrix_id: str = Field(sa_column=Column(Text, ForeignKey("matrices.id"), nullable=False))
    position: int = Field(sa_column=Column(Integer, nullable=False, comment="in the plan, from 0"))
    name: str = Field(sa_column=Column(Text, nullable=False, comment="the prompt"))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    content_hash: str = Field(sa_column=Column(Text, nullable=False, comment="of the revision"))
    case_name: str = Field(sa_column=Column(Text, nullable=False))
    provider: str = Field(sa_column=Column(Text, nullable=False))
    repeat: int = Field(sa_column=Column(Integer, nullable=False, comment="1 for the first time of asking"))
    key: str = Field(
        sa_column=Column(Text, nullable=False, comment="SHA-256 of the request and the repeat, hexadecimal")
    )
    run_id: str = Field(
        sa_column=Column(Text, nullable=False, comment="of runs.id, once it was sent; judges: see findings")
    )
    status: str = Field(
        default="waiting", sa_column=_text("waiting, pass, fail, excluded, unchecked", "waiting")
    )
    findings: Any = Field(
        default=None, sa_column=_json("JSON array: kind, verdict, reason of each check", "[]")
    )


TEMPLATES: Table = Base.metadata.tables["prompt_templates"]
REVISIONS: Table = Base.metadata.tables["prompt_revisions"]
FILES: Table = Base.metadata.tables["prompt_files"]
RUNS: Table = Base.metadata.tables["runs"]
ATTEMPTS: Table = Base.metadata.tables["attempts"]
DRAFTS: Table = Base.metadata.tables["drafts"]
MEMORY: Table = Base.metadata.tables["memory"]
MATRICES: Table = Base.metadata.tables["matrices"]
CELLS: Table = Base.metadata.tables["cells"]
