"""Saves one case into a file of cases by editing its text: comments, order and all else stay as they were."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.core.cases.document import CaseDocument, parse_cases
from tui.core.prompts.edit import as_yaml
from tui.core.prompts.problems import quoted
from tui.core.prompts.source import BOM, UnreadableError, decode
from tui.core.prompts.yaml_reader import YamlTree, read_tree, resolve
from tui.core.prompts.yaml_repair import quote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tui.core.prompts.yaml_reader import KeyPath, Spot

_FLOW_WORD = re.compile(r"[^\W\d][\w .'/-]*(?<! )")
"""What needs no quotes between braces."""

_Change = tuple[int, int, str]
"""Offsets of what is replaced, and what by."""


class CaseEditError(ValueError):
    """The case cannot be saved into this file; the message is one sentence that says why."""


def save_case(
    data: bytes | None, name: str, values: Mapping[str, str], figures: Collection[str] = ()
) -> bytes:
    """Return the file's bytes with the values of the case `name`, which is added at the end if it is new.

    `figures` are the variables whose values are written as numbers or booleans, where they are such. The
    result is read again before it is returned. Raises CaseEditError for a file that is broken, and for one
    whose shape cannot be edited without touching more than the case.
    """
    raw = (data or b"").decode("utf-8", "replace")
    if raw.count("\r\n") not in (0, raw.count("\n")):
        raise CaseEditError("Its lines end in two ways; mend that in an editor.")
    try:
        text = decode(data or b"")
    except UnreadableError as error:
        raise CaseEditError(str(error)) from None
    parsed = parse_cases(data or b"")
    if parsed.document is None:
        place = next(problem for problem in parsed.problems if problem.severity == "error").line
        raise CaseEditError(f"It is broken in line {place or 1}; mend it first.")
    editor = _Editor(text, read_tree(text), figures)
    after = editor.saved(parsed.document, name, values)
    _verify(parsed.document, after, name, values)
    if "\r\n" in raw:
        after = after.replace("\n", "\r\n")
    return ((BOM if raw.startswith(BOM) else "") + after).encode()


def _verify(before: CaseDocument, after: str, name: str, values: Mapping[str, str]) -> None:
    """Raise CaseEditError unless `after` says what `before` did, and the case."""
    document = parse_cases(after.encode()).document
    wanted = {case.name: dict(case.vars) for case in before.cases} | {name: dict(values)}
    if document is not None and {case.name: dict(case.vars) for case in document.cases} == wanted:
        others = [_besides_vars(document, skip=name), _besides_vars(before, skip=name)]
        if before.find(name) is not None:
            others = [_besides_vars(document), _besides_vars(before)]
        if others[0] == others[1]:
            return
    raise CaseEditError(
        f"The case {quoted(name)} does not stand on lines of its own; change it in an editor."
    )


def _besides_vars(document: CaseDocument, skip: str | None = None) -> object:
    own = [
        (case.name, [(c.kind, c.argument) for c in case.checks], case.tags, case.description, case.extra)
        for case in document.cases
        if case.name != skip
    ]
    checks = [(check.kind, check.argument) for check in document.checks]
    return own, checks, document.extra, [table.path for table in document.tables]


class _Editor:
    def __init__(self, text: str, tree: YamlTree, figures: Collection[str]) -> None:
        self._text = text
        self._tree = tree
        self._figures = figures

    def saved(self, document: CaseDocument, name: str, values: Mapping[str, str]) -> str:
        """Return the text with the case."""
        at = next((i for i, case in enumerate(document.cases) if case.name == name), None)
        base: KeyPath = ("cases",) if isinstance(self._tree.value, dict) else ()
        if at is None:
            return self._apply([self._added(base, name, values)])
        if self._flow((*base, at)):
            raise CaseEditError(f"The case {quoted(name)} stands between braces; change it in an editor.")
        path = (*base, at, "vars")
        if path not in self._tree.spots or self._tree.spots[path].text is not None:
            return self._apply([self._vars_added((*base, at), values)])
        return self._apply(
            self._flow_changes(path, values) if self._flow(path) else self._changes(path, values)
        )

    def _apply(self, changes: list[_Change]) -> str:
        text = self._text
        for start, end, new in sorted(changes, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    # ------------------------------------------------------------ a new case

    def _added(self, base: KeyPath, name: str, values: Mapping[str, str]) -> _Change:
        count = sum(1 for path in self._tree.spots if len(path) == len(base) + 1 and path[:-1] == base)
        items = [self._tree.spots[(*base, index)] for index in range(count if self._is_list(base) else 0)]
        if not items:
            return self._first(base, name, values)
        if (base and self._text[self._tree.spots[base].start] == "[") or (not base and self._root_is_flow()):
            raise CaseEditError("Its cases stand between brackets; change them in an editor.")
        dash = self._text.rfind("-", 0, items[-1].start)
        indent = dash - self._line_start(dash)
        end = self._end_of_lines((*base, count - 1))
        between = self._text[items[-2].start : dash] if count > 1 else ""
        gap = "\n" if re.search(r"\n[ \t]*\n[^\n]*$", between) else ""
        return self._lines_at(end, gap + self._case_lines(name, values, indent))

    def _first(self, base: KeyPath, name: str, values: Mapping[str, str]) -> _Change:
        if not base:
            empty = self._text.strip() == "[]"
            start = self._text.find("[") if empty else len(self._text)
            lines = self._case_lines(name, values, 0)
            return (start, start + 2, lines.rstrip("\n")) if empty else self._lines_at(start, lines)
        lines = self._case_lines(name, values, 2)
        if base not in self._tree.spots:
            return self._lines_at(len(self._text), f"cases:\n{lines}")
        spot = self._tree.spots[base]
        return spot.key, max(spot.end, spot.key + len("cases:")), f"cases:\n{lines}".rstrip("\n")

    def _case_lines(self, name: str, values: Mapping[str, str], indent: int) -> str:
        pad = " " * indent
        lines = [f"{pad}- name: {as_yaml(name)}\n"]
        if values:
            lines.append(f"{pad}  vars:\n")
            lines += [f"{pad}    {self._entry(key, value, indent + 4)}\n" for key, value in values.items()]
        return "".join(lines)

    # ------------------------------------------------------- values of a case

    def _vars_added(self, case: KeyPath, values: Mapping[str, str]) -> _Change:
        spot = self._tree.spots[(*case, "name")]
        column = spot.key - self._line_start(spot.key)
        pad = " " * column
        lines = "".join(f"{pad}  {self._entry(key, value, column + 2)}\n" for key, value in values.items())
        old = self._tree.spots.get((*case, "vars"))
        if old is not None:  # `vars:` with nothing behind
            return (old.key, max(old.end, old.key + len("vars:")), f"vars:\n{lines}".rstrip("\n"))
        return self._lines_at(self._line_end(spot.end), f"{pad}vars:\n{lines}" if values else "")

    def _changes(self, path: KeyPath, values: Mapping[str, str]) -> list[_Change]:
        """Return the edits of a block of values, one for each value that differs."""
        here = {str(p[-1]): spot for p, spot in self._tree.spots.items() if p[:-1] == path}
        if not here:
            raise CaseEditError("The values of the case cannot be told apart; change them in an editor.")
        first = next(iter(here.values()))
        column = first.key - self._line_start(first.key)
        changes: list[_Change] = []
        for name, spot in here.items():
            if name not in values:
                end = self._end_of_lines((*path, name))
                changes.append((self._line_start(spot.key), end, ""))
            elif spot.text != values[name]:
                changes.append(self._changed(name, spot, values[name], column))
        added = [name for name in values if name not in here]
        if added:
            pad = " " * column
            lines = "".join(f"{pad}{self._entry(name, values[name], column)}\n" for name in added)
            changes.append(self._lines_at(self._end_of_lines(path), lines))
        return changes

    def _changed(self, name: str, spot: Spot, value: str, column: int) -> _Change:
        old = self._text[spot.start : spot.end]
        trail = old[len(old.rstrip()) :]
        behind = self._text[spot.end : self._line_end(spot.end)].strip()
        one_line = bool(behind) and not trail  # a comment, which a block of lines would swallow
        new = self._scalar(name, value, column, one_line=one_line, old=old)
        if not old:  # nothing stood there
            colon = self._text.index(":", spot.key + len(name))
            return colon, colon + 1, f": {new}"
        return spot.start, spot.end, new + trail

    def _flow_changes(self, path: KeyPath, values: Mapping[str, str]) -> list[_Change]:
        """Return the edits of values between braces."""
        here = {str(p[-1]): spot for p, spot in self._tree.spots.items() if p[:-1] == path}
        whole = self._tree.spots[path]
        if here.keys() - values.keys() or not here:
            inside = ", ".join(f"{_key(n)}: {self._flow_scalar(n, v)}" for n, v in values.items())
            return [(whole.start, whole.end, f"{{{inside}}}")]
        changes: list[_Change] = [
            (spot.start, spot.end, self._flow_scalar(name, values[name]))
            for name, spot in here.items()
            if spot.text != values[name]
        ]
        added = [name for name in values if name not in here]
        if added:
            last = max(spot.end for spot in here.values())
            more = "".join(f", {_key(name)}: {self._flow_scalar(name, values[name])}" for name in added)
            changes.append((last, last, more))
        return changes

    # ------------------------------------------------------------- spelling

    def _entry(self, name: str, value: str, column: int) -> str:
        return f"{_key(name)}: {self._scalar(name, value, column)}"

    def _scalar(self, name: str, value: str, column: int, *, one_line: bool = False, old: str = "") -> str:
        """Return a value as YAML, several lines as a block below the key at `column`."""
        if name in self._figures and not isinstance(resolve(value), str | None):
            return value
        if "\n" in value and not one_line and _is_block_text(value):
            pad = " " * (column + 2)
            lines = (f"{pad}{line}" if line else "" for line in value.split("\n"))
            return "|-\n" + "\n".join(lines)
        return as_yaml(value, old if "\n" not in old else "")

    def _flow_scalar(self, name: str, value: str) -> str:
        if name in self._figures and not isinstance(resolve(value), str | None):
            return value
        if value.isprintable():
            plain = _FLOW_WORD.fullmatch(value) and isinstance(resolve(value), str)
            return value if plain else quote(value)
        return as_yaml(value)

    # --------------------------------------------------------------- places

    def _is_list(self, base: KeyPath) -> bool:
        value = self._tree.value
        if base and isinstance(value, dict):
            value = value.get("cases")
        return isinstance(value, list)

    def _root_is_flow(self) -> bool:
        first = self._tree.spots.get((0,))
        return first is not None and "[" in re.sub(r"#[^\n]*", "", self._text[: first.start])

    def _flow(self, path: KeyPath) -> bool:
        return self._text[self._tree.spots[path].start] in "{["

    def _line_start(self, offset: int) -> int:
        return self._text.rfind("\n", 0, offset) + 1

    def _line_end(self, offset: int) -> int:
        end = self._text.find("\n", offset)
        return len(self._text) if end < 0 else end

    def _end_of_lines(self, path: KeyPath) -> int:
        """Return where the line after the last one of what stands at `path` begins.

        The end of a block, as the parser tells it, is where the next thing begins, maybe comments later.
        """
        spots = (spot for p, spot in self._tree.spots.items() if p[: len(path)] == path)
        last = max(
            spot.end if spot.text is not None or self._text[spot.start] in "{[" else spot.key
            for spot in spots
        )
        last = max(last, self._tree.spots[path].key + 1)
        stripped = len(self._text[:last].rstrip())
        end = self._line_end(max(stripped, self._tree.spots[path].key))
        return min(end + 1, len(self._text))

    def _lines_at(self, offset: int, lines: str) -> _Change:
        """Insert whole lines below the line that ends at `offset`, or above the one that begins there."""
        if not lines:
            return offset, offset, ""
        if offset == 0 or self._text[offset - 1] == "\n":
            return offset, offset, lines
        if offset < len(self._text) and self._text[offset] == "\n":
            return offset + 1, offset + 1, lines
        return offset, offset, "\n" + lines


def _key(name: str) -> str:
    return as_yaml(name)


def _is_block_text(value: str) -> bool:
    """Whether a literal block gives the text back: its first line is not indented, its last is not blank."""
    lines = value.split("\n")
    return (
        not lines[0].startswith((" ", "\t"))
        and bool(lines[0].strip())
        and bool(lines[-1].strip())
        and all(line.replace("\t", " ").isprintable() for line in lines)
    )
