"""Prompts in other formats say what ours say: each is read by its own rules, and back by ours."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from string import Template
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from tui.core.cases.document import parse_cases
from tui.core.interop import (
    from_dotprompt,
    from_promptfoo,
    to_dotprompt,
    to_langfuse,
    to_llm,
    to_markdown,
    to_promptfoo,
)
from tui.core.interop.incoming import pack
from tui.core.interop.sheet import Parcel, Sheet, file_name
from tui.core.prompts.document import PromptDocument, parse_document
from tui.core.prompts.turns import conversation

if TYPE_CHECKING:
    from collections.abc import Mapping

FRONT = """---
name: tale
version: 2
description: A tale, "told"
provider: openai
model: gpt-x
parameters: {temperature: 0.5, max_tokens: 90}
tags: [fiction]
system: You tell.
variables:
  hero: {default: Mara, description: Who}
  mood-now: {choices: [sad, merry]}
  count: {type: integer, default: 3}
---
"""
CASES = """
checks: [finish: stop, max_words: 50]
cases:
  - name: one
    description: The first
    vars: {hero: "{{ x }} $5", mood-now: sad}
    checks:
      - contains: rain
      - equals: " yes "
      - matches: '(?m)^1\\. "a"$'
      - json_schema: {type: object}
      - is_json
      - max_latency: 1.5
      - max_cost: 0.01
      - judge: {rubric: Warm., provider: openai, model: gpt-y}
    tags: [short]
  - name: two
    vars: {mood-now: merry}
    checks: [json_path: $.a, similar_to: abc, max_tokens: 5, matches: '\\Aa++']
"""
WORDS = r"{{hero}}|{{ hero }}|{{mood-now}}|{{other}}|{|}|{{|}}|{%|{# x|#}|$|$hero|${hero}|'|a b|{{'x'}}|é"
PIECES = st.sampled_from([*WORDS.split("|"), "\n"])
BODIES = st.lists(PIECES, min_size=1, max_size=8).map(lambda pieces: "T" + "".join(pieces) + "E")


def document(text: str) -> PromptDocument:
    parsed = parse_document(text.encode(), PurePosixPath("tale-v2.md"))
    assert parsed.document is not None, parsed.problems
    return parsed.document


READ = parse_cases(CASES.encode()).document


def sheet(body: str = "Of {{hero}}, {{mood-now}}, {{count}}.") -> Sheet:
    return Sheet("tale", [document(FRONT + body)], READ)


def sent(prompt: PromptDocument, values: Mapping[str, str]) -> list[tuple[str, str]]:
    turns = conversation(prompt.system, prompt.template, prompt.variables, values)
    return [(turn.role, turn.text) for turn in turns]


VALUES = {"hero": "A {{mood-now}} $x", "mood-now": "sad"}


@given(BODIES)
def test_promptfoo_renders_what_we_send(body: str) -> None:
    before = sheet(body)
    parcel = to_promptfoo.export([before])
    messages = json.loads(parcel.files["tale/v2.json"])
    environment = Environment(keep_trailing_newline=True)  # what Nunjucks has of it is the same here
    values = {"hero": VALUES["hero"], "mood_now": "sad", "count": "3"}
    rendered = [(m["role"], environment.from_string(m["content"]).render(values)) for m in messages]
    assert rendered == sent(before.versions[0], VALUES)


@given(BODIES)
def test_llm_renders_what_we_send(body: str) -> None:
    before = sheet(body)
    template = yaml.safe_load(to_llm.export([before]).files["tale-v2.yaml"])
    assert set(template) <= {"name", "model", "system", "prompt", "defaults", "options"}
    values = {**template["defaults"], "hero": VALUES["hero"], "mood_now": "sad"}
    rendered = [
        (role, Template(template[key]).substitute(values))
        for role, key in (("system", "system"), ("user", "prompt"))
    ]
    assert rendered == sent(before.versions[0], VALUES)


@given(BODIES)
def test_langfuse_replaces_what_we_replace(body: str) -> None:
    before = sheet(body)
    entry = json.loads(to_langfuse.export([before]).files["tale-v2.json"])

    def compiled(text: str) -> str:
        return re.sub(r"\{\{\s*([\w-]+)\s*\}\}", lambda m: {**VALUES, "count": "3"}.get(m[1], m[0]), text)

    rendered = [(message["role"], compiled(message["content"])) for message in entry["prompt"]]
    assert rendered == sent(before.versions[0], VALUES)
    assert entry["labels"] == ["v2", "production"]
    assert (entry["config"]["temperature"], entry["tags"]) == (0.5, ["fiction"])


@given(BODIES)
def test_dotprompt_comes_back_as_it_was(body: str) -> None:
    before = sheet(body)
    parcel = to_dotprompt.export([before])
    text = parcel.files["tale.v2.prompt"]
    back = Parcel()
    found = pack([from_dotprompt.read(text.encode(), "tale.v2", back)], back)
    [after] = [document(said) for path, said in found.files.items() if path == "tale-v2.md"]
    unwritable = any("right before braces" in loss for loss in parcel.losses)
    values = {"hero": "H", "mood-now": "sad"}
    renamed = {"hero": "H", "mood_now": "sad"}
    if not unwritable:
        assert sent(after, renamed) == sent(before.versions[0], values)
    assert (after.name, after.version, after.provider, after.model) == ("tale", 2, "openai", "gpt-x")
    assert after.parameters == {"temperature": 0.5, "max_tokens": 90}
    variables = {one.name: one for one in after.variables}
    assert (variables["hero"].default, variables["hero"].description) == ("Mara", "Who")
    assert (variables["count"].type, variables["count"].default) == ("integer", "3")
    assert variables["mood_now"].choices == ("sad", "merry")


def test_promptfoo_has_our_cases_and_gives_them_back() -> None:
    parcel = to_promptfoo.export([sheet()])
    config = yaml.safe_load(parcel.files["tale/promptfooconfig.yaml"])
    assert config["providers"] == [
        {"id": "openai:chat:gpt-x", "config": {"temperature": 0.5, "max_tokens": 90}}
    ]
    assert [test["description"] for test in config["tests"]] == ["one", "two"]
    lost = "\n".join(parcel.losses)
    for kind in ("json_path", "similar_to", "max_tokens", "matches"):
        assert f"the check `{kind}` in line 20" in lost or f"the check `{kind}` in line" in lost
    assert "is called `mood_now`" in lost
    back = Parcel()
    files = {path.removeprefix("tale/"): text.encode() for path, text in parcel.files.items()}
    found = from_promptfoo.read(files["promptfooconfig.yaml"], "tale", back, lambda path: files[path])
    pack(found, back)
    cases = parse_cases(back.files["cases/tale.yaml"].encode()).document
    assert cases is not None
    one = cases.find("one")
    assert one is not None
    assert one.vars == {"hero": "{{ x }} $5", "mood_now": "sad"}
    assert (one.tags, one.description) == (("short",), "The first")
    assert [(check.kind, check.argument) for check in one.checks] == [
        ("finish", "stop"),
        ("max_words", 50),
        ("contains", "rain"),
        ("equals", "yes"),
        ("matches", '(?m)^1\\. "a"$'),
        ("json_schema", {"type": "object"}),
        ("is_json", None),
        ("max_latency", 1.5),
        ("max_cost", 0.01),
        ("judge", {"rubric": "Warm.", "provider": "openai", "model": "gpt-y"}),
    ]
    assert back.losses == []


def test_what_has_no_place_is_said() -> None:
    conversation = FRONT + "<!-- user -->\nHi {{hero}}\n<!-- assistant -->\nYes?\n<!-- user -->\nGo."
    several = Sheet("tale", [document(conversation)], READ)
    parcel = to_llm.export([several])
    assert parcel.files == {}
    assert parcel.losses == [
        "tale v2: all of it: a template of llm is one message of the user.",
        "tale: its 2 cases and their checks.",
    ]
    assert '{{role "model"}}' in to_dotprompt.export([several]).files["tale.v2.prompt"]


def test_markdown_is_for_reading_and_no_text_breaks_it() -> None:
    page = to_markdown.export([sheet("```\n{{hero}}\n````\n|")]).files["tale.md"]
    assert page.startswith("# tale\n")
    assert "`````markdown\n```\n{{hero}}\n````\n|\n`````" in page
    assert "| hero | string | `Mara` | Who |" in page
    assert "### one" in page


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("tale", "tale"),
        ("team/tale", "team/tale"),
        ("../../x", "_/_/x"),
        ("/etc/x", "_/etc/x"),
        ("a b?", "a-b-"),
    ],
)
def test_no_name_leads_out_of_the_folder(name: str, file: str) -> None:
    assert file_name(name) == file
