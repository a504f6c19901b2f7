"""Other programs' prompts become ours: what has a meaning is there, what has none is said."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.engine.shell import assert_refused
from tui.cli_cases import FORMATS
from tui.core.interop import from_dotprompt, from_markdown, from_promptfoo, from_prompty
from tui.core.interop.incoming import Incoming, NotReadable, pack
from tui.core.interop.sheet import Parcel
from tui.core.prompts.document import PromptDocument, parse_document
from tui.core.prompts.turns import split_turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.core.engine.shell import Shell

DOTPROMPT = b"""
# Copyright
---
model: googleai/gemini-x
config: {temperature: 0.7, maxOutputTokens: 80}
input:
  schema:
    name: string, who is greeted
    style?(enum, how): [warm, cold]
    times?: integer
  default: {times: 2}
output: {format: json}
ext.key: 1
---
{{role "system"}}
Be kind to {{name}}. {{#if style}}{{style}}{{/if}}
{{role "user"}}
Hello {{ name }}, \\{{literal}} {{times}}
"""
PROMPTY_1 = b"""---
name: Basic
description: A chat
authors: [me]
model:
  api: chat
  configuration: {type: azure_openai, azure_deployment: gpt-x}
  parameters: {max_tokens: 100}
sample:
  question: Why?
---
system:
You answer.

user:
{{question}} {{name}}
{% for x in y %}
"""
PROMPTY_2 = b"""---
displayName: Two
model: {id: claude-x, provider: anthropic, options: {temperature: 0}}
inputs:
  - {name: topic, kind: string, default: sea, description: What about}
  - {name: tone, required: false}
tools: [x]
---
Only {{topic}} in {{tone}}.
"""
PROMPTFOO = b"""
description: Greets
prompts: [file://a.txt, "Say {{name}}", {raw: "Raw {{name}}", label: x}, file://missing.txt, file://../out.txt]
providers: [openai:chat:gpt-x, {id: "anthropic:messages:c", config: {a: 1}}, custom.js]
defaultTest:
  vars: {style: warm}
  assert: [{type: not-contains, value: AI}]
scenarios: []
tests:
  - vars: {name: Mara, unused: 1}
    assert:
      - {type: icontains, value: "a.b"}
      - {type: contains-all, value: [x, y]}
      - {type: similar, value: z}
      - {type: javascript, value: output.length < 3}
      - {type: is-json, value: {type: object}}
    options: {}
  - description: two
    vars: {name: "{{not ours}}"}
"""

WORDS = """
prompts tests defaultTest vars assert type value description providers config id metadata tags threshold
provider model name version variant input inputs schema default sample parameters configuration output x
properties enum
kind
"""
KEYS = st.sampled_from(WORDS.split())


def packed(read: Callable[[Parcel], Incoming | list[Incoming]]) -> tuple[dict[str, PromptDocument], Parcel]:
    parcel = Parcel()
    found = read(parcel)
    pack(found if isinstance(found, list) else [found], parcel)
    documents = {}
    for path, text in parcel.files.items():
        if path.endswith(".md"):
            document = parse_document(text.encode(), PurePosixPath(path)).document
            assert document is not None
            documents[path] = document
    return documents, parcel


def test_a_dotprompt() -> None:
    documents, parcel = packed(lambda parcel: from_dotprompt.read(DOTPROMPT, "greet.v3", parcel))
    [prompt] = documents.values()
    assert (prompt.name, prompt.version, prompt.provider, prompt.model) == ("greet", 3, "google", "gemini-x")
    assert prompt.parameters == {"temperature": 0.7, "max_tokens": 80}
    assert [(turn.role, turn.text) for turn in split_turns(prompt.template)] == [
        ("system", "Be kind to {{name}}. {{#if style}}{{style}}{{/if}}"),
        ("user", "Hello {{ name }}, {{literal}} {{times}}"),
    ]
    variables = {one.name: one for one in prompt.variables}
    assert (variables["name"].default, variables["name"].description) == (None, "who is greeted")
    assert (variables["style"].choices, variables["style"].default) == (("warm", "cold"), "")
    assert (variables["times"].type, variables["times"].default) == ("integer", "2")
    assert "literal" not in variables
    recipe = b"---\ninput: {schema: Recipe}\n---\nA {{dish}}: {{#each parts}}{{this}} {{dish}}{{/each}}"
    documents, parcel_2 = packed(lambda parcel: from_dotprompt.read(recipe, "recipe", parcel))
    assert documents["recipe-v1.md"].variables == ()
    assert "recipe: the schema of its input." in parcel_2.losses
    plain = b"Say {{ word }} to {{this}}."
    documents, _ = packed(lambda parcel: from_dotprompt.read(plain, "say", parcel))
    assert [one.name for one in documents["say-v1.md"].variables] == ["word"]
    twice = rb"Say {{ word }}, not \{{ word }} or \{{ other }}."
    documents, parcel_3 = packed(lambda parcel: from_dotprompt.read(twice, "say", parcel))
    assert [one.name for one in documents["say-v1.md"].variables] == ["word"]
    assert any(r"the backslash of `\{{word}}`" in loss for loss in parcel_3.losses)
    lost = "\n".join(parcel.losses)
    for words in ("`output`", "`ext.key`", "`{{#if style}}` in line", "`{{/if}}` in line"):
        assert words in lost


def test_a_prompty_of_both_versions() -> None:
    documents, parcel = packed(lambda parcel: from_prompty.read(PROMPTY_1, "basic", parcel))
    [prompt] = documents.values()
    assert (prompt.name, prompt.provider, prompt.model) == ("Basic", "openai", "gpt-x")
    assert prompt.parameters == {"max_tokens": 100}
    assert [turn.role for turn in split_turns(prompt.template)] == ["system", "user"]
    assert {one.name: one.default for one in prompt.variables} == {"question": "Why?"}
    assert prompt.front_matter["metadata"] == {"authors": ["me"]}
    assert any("{% for x in y %}" in loss for loss in parcel.losses)
    assert any("`api`" in loss for loss in parcel.losses)
    documents, parcel = packed(lambda parcel: from_prompty.read(PROMPTY_2, "two", parcel))
    [prompt] = documents.values()
    assert (prompt.name, prompt.provider, prompt.model) == ("two", "anthropic", "claude-x")
    assert {one.name: one.default for one in prompt.variables} == {"topic": "sea", "tone": ""}
    assert parcel.losses == ["two: `tools`."]


def test_a_promptfoo_configuration() -> None:
    def fetch(path: str) -> bytes:
        if path == "a.txt":
            return b"First {{name}} {{style}}\n---\nSecond {{name}}\n"
        raise FileNotFoundError(path)

    documents, parcel = packed(lambda parcel: from_promptfoo.read(PROMPTFOO, "greet", parcel, fetch))
    assert [document.template for document in documents.values()] == [
        "First {{name}} {{style}}",
        "Second {{name}}",
        "Say {{name}}",
        "Raw {{name}}",
    ]
    assert [document.active for document in documents.values()] == [False, False, False, True]
    first = documents["greet-v1.md"]
    assert {one.name: one.default for one in first.variables} == {"name": None, "style": "warm"}
    assert (first.provider, first.model) == ("openai", "gpt-x")
    cases = parcel.files["cases/greet.yaml"]
    assert "not_contains: AI" in cases
    assert "matches: (?i)a\\.b" in cases
    assert "contains: x" in cases
    assert "json_schema:" in cases
    assert "name: '{{not ours}}'" in cases
    lost = "\n".join(parcel.losses)
    lines = ("`scenarios`", "missing.txt", "../out.txt", "anthropic:messages:c", "custom.js", "`similar`")
    for words in (*lines, "`javascript`", "`options` of test 1", "the value of `unused`"):
        assert words in lost


def test_markdown_of_several_kinds() -> None:
    front = b"---\ndescription: Do: it\nargument-hint: [path]\nallowed-tools: Bash\n---\n"
    command = front + b"Look at $ARGUMENTS and $1.\n"
    documents, parcel = packed(lambda parcel: from_markdown.read(command, "look", parcel))
    [prompt] = documents.values()
    assert (prompt.name, prompt.description) == ("look", "Do: it")
    assert prompt.template == "Look at {{arguments}} and $1."
    assert [one.name for one in prompt.variables] == ["arguments"]
    assert prompt.front_matter["metadata"] == {"argument-hint": ["path"], "allowed-tools": "Bash"}
    assert "look: `$1` stays as text." in parcel.losses
    github = b"Review ${input:what:the part} now."
    documents, _ = packed(lambda parcel: from_markdown.read(github, "review", parcel))
    assert documents["review-v1.md"].template == "Review {{what}} now."
    assert documents["review-v1.md"].variables[0].description == "the part"


def test_a_pattern_of_fabric_and_a_table_of_roles() -> None:
    documents, _ = packed(
        lambda _: from_markdown.fabric(b"# IDENTITY\nYou sum up.\n", b"INPUT:", "summarize")
    )
    [prompt] = documents.values()
    turns = [(turn.role, turn.text) for turn in split_turns(prompt.template)]
    assert turns == [("system", "# IDENTITY\nYou sum up."), ("user", "INPUT:\n\n{{input}}")]
    table = b'act,prompt,for_devs\nLinux Terminal,"I want ""you""\nto act",TRUE\nlinux terminal,Again,FALSE\n'
    documents, _ = packed(lambda parcel: from_markdown.table(table, parcel))
    assert {name: document.template for name, document in documents.items()} == {
        "linux-terminal-v1.md": 'I want "you"\nto act',
        "linux-terminal-2-v1.md": "Again",
    }
    assert documents["linux-terminal-v1.md"].tags == ("developers",)


@given(st.binary(max_size=120))
def test_whatever_the_bytes_are_it_is_a_prompt_or_a_sentence(data: bytes) -> None:
    readers: list[Callable[[Parcel], Incoming | list[Incoming]]] = [
        lambda parcel: from_dotprompt.read(data, "x", parcel),
        lambda parcel: from_prompty.read(data, "x", parcel),
        lambda parcel: from_markdown.read(data, "x", parcel),
        lambda parcel: from_markdown.table(data, parcel),
        lambda parcel: from_promptfoo.read(data, "x", parcel, lambda _: b""),
    ]
    for read in readers:
        try:
            packed(read)
        except NotReadable as error:
            assert str(error)


def test_the_command_writes_new_files_and_no_others(shell: Shell) -> None:
    folder = shell.workshop.root / "theirs"
    folder.mkdir()
    (folder / "greet.v3.prompt").write_bytes(DOTPROMPT)
    (folder / "basic.prompty").write_bytes(PROMPTY_1)
    done = shell("import", str(folder))
    assert done.exit_code == 0, done.output
    assert (shell.workshop.prompts / "greet-v3.md").exists()
    assert (shell.workshop.prompts / "Basic-v1.md").exists()
    assert "Not carried over: greet v3: `output`." in done.stderr
    assert "2 prompts imported." in done.stderr
    again = shell("import", str(folder))
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    listed = shell("export", "langfuse-json", "greet", "--to", str(shell.workshop.root / "out"))
    assert listed.stdout.strip().endswith("out/greet-v3.json")
    (folder / "promptfooconfig.yaml").write_text("prompts: &x [*x]\n")
    assert_refused(shell("import", str(folder)), 2, "promptfooconfig.yaml: Line 1, column 10: `&` begins")
    odd = shell.workshop.root / "x.exe"
    odd.write_bytes(b"")
    assert shell("import", str(odd)).exit_code == 2


def test_prompts_that_would_be_one_file_are_refused_and_a_failure_leaves_none(shell: Shell) -> None:
    for name in ("a b", "a-b"):
        shell.workshop.prompt(name=name)
    out = shell.workshop.root / "out"
    for format in FORMATS:
        assert_refused(
            shell("export", format, "--to", str(out / "deep")), 2, "Two prompts would be the file a-b"
        )
    theirs = shell.workshop.root / "theirs"
    theirs.mkdir()
    (theirs / "a b.prompt").write_bytes(b"One.")
    (theirs / "a-b.prompt").write_bytes(b"Two.")
    assert_refused(
        shell("import", str(theirs), "--to", str(out)), 2, "Two prompts would be the file a-b-v1.md"
    )
    (theirs / "a b.prompt").write_text(f"---\nname: {'x' * 300}\n---\nOne.")
    assert_refused(shell("import", str(theirs), "--to", str(out / "deep")), 1, "too long")
    assert not out.exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text('a1{%} \n', max_size=9)
    | st.sampled_from(["{{x}}", "file://a.json", "openai:chat:gpt", 'output.trim() === "\\x"'])
    | st.sampled_from(["is-json", "javascript", "finish-reason", "contains-any", "object"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_whatever_the_keys_say_it_is_a_prompt_or_a_sentence(keys: dict[str, Any]) -> None:
    front = f"---\n{json.dumps(keys)}\n---\nsystem:\nSay {{{{x}}}}.\n".encode()
    config = json.dumps({"prompts": ["{{x}}"], **keys}).encode()
    readers: list[Callable[[Parcel], Incoming | list[Incoming]]] = [
        lambda parcel: from_dotprompt.read(front, "x", parcel),
        lambda parcel: from_prompty.read(front, "x", parcel),
        lambda parcel: from_markdown.read(front, "x", parcel),
        lambda parcel: from_promptfoo.read(
            config, "x", parcel, lambda _: b'[{"role": "user", "content": 1}]'
        ),
    ]
    for read in readers:
        with suppress(NotReadable):
            packed(read)


@pytest.mark.parametrize(
    "data",
    [
        b"prompts: [x]\ndescription: 2024-13-45",
        b"prompts: [x]\n2: a\nb: c",
        b"prompts: &x [*x]",
        b"prompts: [x]\ndefaultTest: {assert: [{type: finish-reason, value: [stop]}]}",
        b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (n, n, n - 1, n - 1) for n in range(98, 123)),
    ],
)
def test_odd_yaml_of_promptfoo_is_no_trouble(data: bytes) -> None:
    with suppress(NotReadable):
        packed(lambda parcel: from_promptfoo.read(data, "x", parcel, lambda _: b""))


@pytest.mark.parametrize("text", [" " * 20_000, "{%" * 100_000, "{{#a}}\n" * 20_000, "{#" * 100_000])
def test_what_is_long_takes_no_longer_for_each_character(text: str) -> None:
    """Within the time that any test has; looked through from each place to the end it took minutes."""
    packed(lambda parcel: from_prompty.read(f"a\n{text}".encode(), "x", parcel))
    packed(lambda parcel: from_dotprompt.read(f"a\n{text}".encode(), "x", parcel))


@pytest.mark.parametrize("data", [b"act\nx\n", b"\xff\xfe"])
def test_a_table_without_its_columns_is_none(data: bytes) -> None:
    with pytest.raises(NotReadable):
        from_markdown.table(data, Parcel())
