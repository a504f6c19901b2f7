"""Files of cases: what they say, what is wrong with them, and following them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.cases.book import CaseBook, path_for, prompt_of
from tui.core.cases.document import Case, CaseDocument, parse_cases
from tui.core.cases.review import review
from tui.core.prompts.document import parse_document
from tui.core.prompts.problems import Lines, position

FULL = """checks:
  - not_contains: As an AI
cases:
  - name: noir
    description: The genre's own
    vars: {genre: noir, words: 1.50, dark: true, people: [Mara, Ilya]}
    checks:
      - contains: rain
        max_words: 200
      - is_json
    tags: [fast, fiction]
    owner: me
  - name: plain
    tags: fast, slow
"""


def read(text: str) -> CaseDocument:
    parsed = parse_cases(text.encode())
    assert parsed.document is not None, parsed.problems
    return parsed.document


def test_everything_that_a_file_says_is_read() -> None:
    document = read(FULL)
    assert [(check.kind, check.argument) for check in document.checks] == [("not_contains", "As an AI")]
    noir, plain = document.cases
    assert noir.vars == {"genre": "noir", "words": "1.50", "dark": "true", "people": '["Mara", "Ilya"]'}
    assert [(c.kind, c.argument, c.line) for c in noir.checks] == [
        ("contains", "rain", 8),
        ("max_words", 200, 9),
        ("is_json", None, 10),
    ]
    assert (noir.tags, noir.description, noir.extra, noir.line) == (
        ("fast", "fiction"),
        "The genre's own",
        {"owner": "me"},
        4,
    )
    assert (plain.vars, plain.tags) == ({}, ("fast", "slow"))
    assert document.find("plain") is plain
    assert document.find("none") is None


def test_a_plain_list_is_the_same_without_checks_for_all() -> None:
    assert [case.name for case in read("- name: a\n- name: b\n").cases] == ["a", "b"]
    assert read("").cases == read("# nothing\n").cases == ()


@pytest.mark.parametrize(
    ("text", "place", "severity", "says"),
    [
        ("- name: a\n- name: a\n", "2:3", "error", "a second time"),
        ("- vars: {a: b}\n", "1:3", "error", "no name"),
        ("- noir\n", "1:3", "error", "no name"),
        ("just text\n", "1:1", "error", "must be a list"),
        ("cases: {a: b}\n", "1:1", "error", "must be a list"),
        ("- name: a\n  vars: [x]\n", "2:3", "error", "a map of names"),
        ("- name: a\n  vars:\n    x:\n", "3:5", "error", "no value"),
        ("- name: a\n  checks: 3\n", "2:3", "error", "must be a list"),
        ("- name: a\n  checks: [3]\n", "2:12", "error", "no check"),
        ("- name: a\n  checks: [{contain: x}]\n", "2:13", "warning", "Did you mean `contains`?"),
        ("- name: a\n  var: {x: y}\n", "2:3", "warning", "Did you mean `vars`?"),
        ("- name: a\n  vars: {x: *y}\n", "2:13", "error", ""),
        ("- name: a: b\n", "1:10", "error", 'Write it as: - name: "a: b"'),
        ("- name: [a]\n", "1:3", "error", "must be text"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, place: str, severity: str, says: str) -> None:
    parsed = parse_cases(text.encode())
    found = [problem.report("f") for problem in parsed.problems]
    assert any(line.startswith(f"f:{place}: {severity}: ") and says in line for line in found), found
    assert (parsed.document is None) == (severity == "error")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_cases_or_problems(data: bytes) -> None:
    parsed = parse_cases(data)
    assert (parsed.document is None) == any(problem.severity == "error" for problem in parsed.problems)


def prompt(front: str, body: str) -> object:
    parsed = parse_document(f"---\n{front}\n---\n{body}\n".encode(), PurePosixPath("p-v1.md"))
    assert parsed.document is not None
    return parsed.document


def test_cases_are_held_against_the_versions_of_their_prompt() -> None:
    document = read("- name: a\n  vars:\n    gener: x\n- name: b\n  vars: {genre: y}\n")
    one = prompt("variables: [genre, unused]\nversion: 1", "{{genre}}")
    two = prompt("variables: {genre: {default: noir}}\nversion: 2\nactive: false", "{{genre}}")
    found = [problem.report("f") for problem in review(document, "p", [one, two])]  # type: ignore[list-item]
    assert found == [
        "f:3:5: error: No version of `p` has a variable `gener`. Did you mean `genre`?",
        "f:1: error: The case `a` has no value for `genre`, which v1 needs. "
        "Give it one, or write a default in the prompt.",
    ]
    (lonely,) = review(document, "p", [])
    assert (lonely.severity, lonely.code) == ("warning", "no-prompt")


def test_a_book_follows_its_files_and_keeps_what_was_good(tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    (folder / "team").mkdir(parents=True)
    (folder / "noir.yaml").write_text("- name: a\n  vars: {x: y}\n")
    (folder / "team" / "b.yml").write_text("- name: b\n")
    (folder / ".hidden.yaml").write_text("- name: h\n")
    (tmp_path / "other.yaml").write_text("- name: o\n")
    book = CaseBook(tmp_path)
    snapshot = book.scan()
    assert {name: [case.name for case in snapshot.of(name)] for name in snapshot.sets} == {
        "noir": ["a"],
        "team/b": ["b"],
    }
    assert book.scan() is snapshot
    path = PurePosixPath("cases/noir.yaml")
    (folder / "noir.yaml").write_text("- name: [\n")
    broken = book.update([path])
    assert broken.sets["noir"].broken
    assert snapshot.find("noir", "a") == broken.find("noir", "a")
    (folder / "noir.yaml").write_text("- name: c\n")
    assert [case.name for case in book.update([path]).of("noir")] == ["c"]
    (folder / "noir.yaml").unlink()
    assert book.update([path]).of("noir") == ()
    assert list(book.snapshot.sets) == ["team/b"]


def test_of_two_files_for_a_prompt_the_first_is_read_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "p.yaml").write_text("- name: a\n")
    (tmp_path / "cases" / "p.yml").write_text("- name: b\n")
    found = CaseBook(tmp_path).scan().sets["p"]
    assert [case.name for case in found.document.cases] == ["a"]
    assert [problem.code for problem in found.problems] == ["two-files"]


@given(st.text())
def test_a_prompts_file_of_cases_is_found_again_or_there_can_be_none(name: str) -> None:
    path = path_for(name)
    if path is not None:
        assert prompt_of(PurePosixPath(path)) == name
        assert path.startswith("cases/")
        assert ".." not in PurePosixPath(path).parts


def test_no_name_leads_out_of_the_folder() -> None:
    assert [path_for(name) for name in ("../x", "/etc/x", "a/../b", ".x", "")] == [None] * 5
    assert path_for("team/x") == "cases/team/x.yaml"


def test_a_case_is_a_value() -> None:
    one, other = (read(FULL).cases[0] for _ in range(2))
    assert isinstance(one, Case)
    assert one == other


@given(st.text("a\n\r\u2028", max_size=30))
def test_the_lines_of_a_text_are_found_as_one_place_is(text: str) -> None:
    lines = Lines(text)
    offsets = range(len(text) + 1)
    assert [lines.position(offset) for offset in offsets] == [position(text, offset) for offset in offsets]
