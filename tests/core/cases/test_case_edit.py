"""Saving a case: what is read afterwards is what was saved, and nothing else has changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.cases.document import parse_cases
from tui.core.cases.edit import CaseEditError, save_case

FILE = """# The cases of the crime series
- name: noir        # the first
  vars:
    genre: noir  # its own
    # Who is there already:
    people: |-
      Mara Voss
      Ilya

  checks:
    - contains: rain

# A short one
- name: plain
  vars: {genre: 'fantasy', words: 900}
  tags: [fast]
"""


def vars_of(data: bytes, name: str) -> dict[str, str]:
    document = parse_cases(data).document
    assert document is not None
    case = document.find(name)
    assert case is not None
    return dict(case.vars)


def test_a_changed_value_changes_its_line_only() -> None:
    values = {"genre": "gothic", "people": "Mara Voss\nIlya"}
    assert save_case(FILE.encode(), "noir", values).decode() == FILE.replace("genre: noir ", "genre: gothic ")


def test_values_are_changed_added_and_removed_and_comments_stay() -> None:
    after = save_case(FILE.encode(), "noir", {"genre": "a\nb", "mood": "wet\n\n  cold"}).decode()
    assert 'genre: "a\\nb"  # its own' in after
    assert "# Who is there already:" in after
    assert "Mara" not in after
    assert "    mood: |-\n      wet\n\n        cold\n" in after
    assert after.endswith(FILE[FILE.index("  checks:") :])


def test_values_between_braces_stay_there() -> None:
    values = {"genre": "sci-fi, hard", "words": "300", "mood": "dry"}
    after = save_case(FILE.encode(), "plain", values, {"words"}).decode()
    assert after == FILE.replace(
        "{genre: 'fantasy', words: 900}", '{genre: "sci-fi, hard", words: 300, mood: dry}'
    )
    assert "vars: {words: 900}" in save_case(FILE.encode(), "plain", {"words": "900"}, {"words"}).decode()


def test_a_new_case_stands_at_the_end_in_the_files_own_manner() -> None:
    after = save_case(FILE.encode(), "new: one", {"genre": "1.50", "words": "12"}, {"words"}).decode()
    assert after == FILE + '\n- name: "new: one"\n  vars:\n    genre: "1.50"\n    words: 12\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "- name: x\n  vars:\n    a: b\n"),
        ("", "- name: x\n  vars:\n    a: b\n"),
        ("# none yet\n", "# none yet\n- name: x\n  vars:\n    a: b\n"),
        ("[]\n", "- name: x\n  vars:\n    a: b\n"),
        ("checks: [is_json]", "checks: [is_json]\ncases:\n  - name: x\n    vars:\n      a: b\n"),
        ("cases:\n# c\n", "cases:\n  - name: x\n    vars:\n      a: b\n# c\n"),
        ("cases: []\nchecks: [is_json]\n", "cases:\n  - name: x\n    vars:\n      a: b\nchecks: [is_json]\n"),
        ("cases:\n- name: y\nchecks: [is_json]\n",
         "cases:\n- name: y\n- name: x\n  vars:\n    a: b\nchecks: [is_json]\n"),
        ("- name: x", "- name: x\n  vars:\n    a: b\n"),
        ("- name: x\n  vars:\n", "- name: x\n  vars:\n    a: b\n"),
        ("- tags: [t]\n  name: x # c\n- name: y\n",
         "- tags: [t]\n  name: x # c\n  vars:\n    a: b\n- name: y\n"),
        ("\ufeff- name: y\r\n", "\ufeff- name: y\r\n- name: x\r\n  vars:\r\n    a: b\r\n"),
    ],
)  # fmt: skip
def test_every_shape_of_file_takes_a_case(before: str | None, after: str) -> None:
    assert save_case(before.encode() if before is not None else None, "x", {"a": "b"}).decode() == after


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- name: [", "broken in line 1"),
        ("[{name: x}]\n", "braces"),
        ("[{name: y}]\n", "brackets"),
        ("- name: y\r\n- name: z\n", "end in two ways"),
        ("- {name: x, vars: {a: c}}\n", "braces"),
    ],
)
def test_what_cannot_be_edited_is_refused_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(CaseEditError, match=says):
        save_case(text.encode(), "x", {"a": "b"})


NAMES = st.from_regex(r"[a-z_][a-z0-9_.-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=40)
VALUES = st.dictionaries(
    NAMES, TEXTS | st.sampled_from(["a\nb", " a\nb\n", "# x", "- y", "true", "1.50", ""])
)
FIRST = st.sampled_from(["noir", "plain", "brand new"])


@given(st.lists(st.tuples(FIRST, VALUES), min_size=1, max_size=4))
def test_what_was_saved_is_read_again_and_the_rest_stays(saves: list[tuple[str, dict[str, str]]]) -> None:
    data = FILE.encode()
    for name, values in saves:
        before = parse_cases(data).document
        try:
            data = save_case(data, name, values, {"words"})
        except CaseEditError:
            continue  # nothing was changed
        assert vars_of(data, name) == values
        after = parse_cases(data).document
        assert before is not None
        assert after is not None
        for case in before.cases:
            if case.name != name:
                assert vars_of(data, case.name) == dict(case.vars)
        assert "# The cases of the crime series" in data.decode()
        assert "# A short one" in data.decode()


@given(VALUES)
def test_a_new_case_can_always_be_saved(values: dict[str, str]) -> None:
    assert vars_of(save_case(FILE.encode(), "new", values), "new") == values
