"""A finished matrix as JUnit's XML, which every CI reads: a suite a revision and provider, a test a case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tui.commands.reports.tally import heading, reasons, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.commands.reports.tally import Report
    from tui.core.engine.matrix.grid import CellState
    from tui.core.engine.matrix.plan import Cell

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot have, not even escaped (section 2.2)."""


def junit(report: Report) -> bytes:
    """Return the file. A failure that the baseline has too is skipped; what is excluded is an error."""
    suites: dict[tuple[str, str], list[tuple[Cell, CellState]]] = {}
    for cell, state in report.own:
        suites.setdefault((heading(cell), cell.request.provider), []).append((cell, state))
    root = ET.Element("testsuites", name="penstock")
    for (name, provider), cells in suites.items():
        _suite(root, report, f"{name} {provider}", cells)
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _suite(root: ET.Element, report: Report, name: str, cells: Sequence[tuple[Cell, CellState]]) -> None:
    suite = ET.SubElement(root, "testsuite", name=_clean(name))
    for cell, state in cells:
        case = ET.SubElement(
            suite,
            "testcase",
            name=_clean(title(cell)),
            classname=_clean(name.replace(".", "_").replace(" ", ".")),
            time=f"{state.total_s or 0:.3f}",
        )
        _outcome(case, report, cell, state)
    kinds = [next((child.tag for child in case), "") for case in suite]
    suite.set("tests", str(len(kinds)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(kinds.count(tag)))
    suite.set("time", f"{sum(state.total_s or 0 for _, state in cells):.3f}")


def _outcome(case: ET.Element, report: Report, cell: Cell, state: CellState) -> None:
    said = reasons(state)
    first = _clean(said[0]) if said else ""
    text = _clean("\n".join([*said, f"The case stands in {report.place(cell)}."]))
    if state.status == "fail" and report.standing.get(cell.position) == "known":
        ET.SubElement(case, "skipped", message=_clean(f"It failed before: {first}"))
    elif state.status == "fail":
        kind = state.against[0].kind if state.against else "check"
        ET.SubElement(case, "failure", message=first, type=kind).text = text
    elif state.status == "excluded":
        ET.SubElement(case, "error", message=first, type="excluded").text = text
    elif state.status != "pass":
        ET.SubElement(
            case, "skipped", message="There is no check." if state.status == "unchecked" else "Not done."
        )


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
