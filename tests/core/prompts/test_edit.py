"""A front-matter key is changed in its line, and nowhere else."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.prompts.document import parse_document
from tui.core.prompts.edit import EditError, Scalar, set_key
from tui.core.prompts.front_matter import read_front_matter
from tui.core.prompts.source import decode

FILE = """\
---
# whose
name: 'tale'   # the name
version:  2
variables:
  genre: {default: noir}   # kept: as it is
  tone:
"active": false # switched by hand
system: |
  active: true
tags: [a,
  b]
---

active: true
Hi {{genre}} {{tone}}"""


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("active: true # c", "active", False, "active: false # c"),
        ("active:   true", "active", False, "active:   false"),
        ("active:", "active", True, "active: true"),
        ("active: # c", "active", True, "active: true # c"),
        ("active: ~", "active", True, "active: true"),
        ("active: True", "active", True, "active: True"),
        ("active: 1", "active", True, "active: true"),
        ("weight: 0.5", "weight", 2, "weight: 2"),
        ("weight: 1", "weight", 1.0, "weight: 1.0"),
        ("name: a", "name", "b", "name: b"),
        ("name: a", "name", "b: c", 'name: "b: c"'),
        ("name: 'a'", "name", "it's", "name: 'it''s'"),
        ('name: "a"', "name", "b", 'name: "b"'),
        ("name: a", "name", "2", 'name: "2"'),
        ("name: a", "name", "true", 'name: "true"'),
        ("name: a", "name", "", 'name: ""'),
        ("name: a", "name", "b\n\t\x07", 'name: "b\\n\\t\\x07"'),
        ("{name: a, active: true}", "active", False, "{name: a, active: false}"),
        ("name: a", "active", None, "name: a"),
        ("name: a\nactive: true # c\nother: 1", "active", None, "name: a\nother: 1"),
        ("name: a", "active", True, "name: a\nactive: true"),
        ("  name: a\n  more: |\n    text", "active", True, "  name: a\n  more: |\n    text\n  active: true"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("body", ["", "\nbody", "\nbody\n\n"])
def test_one_line_changes(
    before: str, key: str, value: Scalar | None, after: str, newline: str, mark: str, body: str
) -> None:
    old, new = (f"{mark}---\n{text}\n---\n{body}".replace("\n", newline).encode() for text in (before, after))
    assert set_key(old, key, value) == new


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("body", ["# Title\n", "text", "\ntext\n", "  \n\ntext\n", "\n\n---\n"])
def test_a_front_matter_is_made_above_the_same_template(body: str, mark: str, newline: str) -> None:
    old = (mark + body.replace("\n", newline)).encode()
    new = set_key(old, "active", False)
    before, after = (parse_document(data, PurePath("tale-v2.md")).document for data in (old, new))
    assert before is not None
    assert after is not None
    assert after.template == before.template
    assert (after.name, after.version, after.active) == ("tale", 2, False)
    assert new.startswith(mark.encode())
    assert new.endswith(body.replace("\n", newline).encode())


def test_nothing_is_made_to_remove_a_key() -> None:
    assert set_key(b"# Title\n", "active", None) == b"# Title\n"


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("---\nname: a: b\n---\n", "active", "line 2"),
        ("---\nname: a\n", "active", "never closed"),
        ("\n---\nname: a\n---\n", "active", "first line"),
        ("---\nactive:\n  a: b\n---\n", "active", "several lines"),
        ("---\nactive: >\n  true\n---\n", "active", "several lines"),
        ("---\nactive: [true,\n  false]\n---\n", "active", "several lines"),
        ("---\n{name: a}\n---\n", "active", "line of its own"),
        ("---\nname: a\n---\n", "two words", "not a key"),
    ],
)
def test_what_cannot_be_edited_is_said_in_one_sentence(text: str, key: str, said: str) -> None:
    with pytest.raises(EditError, match=said) as caught:
        set_key(text.encode(), key, True)
    assert str(caught.value).count(".") == 1


def test_a_key_that_shares_its_line_cannot_be_removed() -> None:
    with pytest.raises(EditError, match="line of its own"):
        set_key(b"---\n{name: a, active: true}\n---\n", "active", None)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**30, "\ud800", "\0"])
def test_a_value_that_would_not_be_read_again_is_refused(value: Scalar) -> None:
    with pytest.raises(EditError):
        set_key(b"---\nname: a\n---\nx", "name", value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(EditError, match="UTF-8"):
        set_key(b"\xff", "active", True)


KEYS = st.sampled_from(["name", "version", "active", "weight", "model"])
STORABLE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
# 2 is what FILE says already; with another value exactly one line must change.
NUMBERS = st.integers(-(2**63), 2**63 - 1).filter(lambda number: number != 2) | st.floats(
    allow_nan=False, allow_infinity=False
)


@given(KEYS, st.just(True) | NUMBERS | STORABLE, st.sampled_from(["\n", "\r\n"]))
def test_the_value_is_read_again_and_all_else_stays(key: str, value: Scalar, newline: str) -> None:
    old = FILE.replace("\n", newline)
    new = set_key(old.encode(), key, value)
    read = read_front_matter(decode(new)).values[key]
    assert (type(read), read) == (type(value), value)
    before, after = old.split(newline), new.decode().split(newline)
    if key in ("name", "version", "active"):
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
    else:
        closing = before.index("---", 1)
        assert after[:closing] + after[closing + 1 :] == before
    assert set_key(new, key, value) == new


@given(KEYS, st.booleans() | NUMBERS | STORABLE)
def test_a_key_that_was_added_can_be_removed(key: str, value: Scalar) -> None:
    without = set_key(FILE.encode(), key, None)
    assert key not in read_front_matter(decode(without)).values
    assert set_key(set_key(without, key, value), key, None) == without


@given(st.booleans(), st.booleans())
def test_setting_twice_is_setting_once(first: bool, second: bool) -> None:
    data = FILE.encode()
    assert set_key(set_key(data, "active", first), "active", second) == set_key(data, "active", second)
