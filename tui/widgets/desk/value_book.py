"""What was typed for the values of each prompt, and the case that it was typed over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.core.cases.book import CasesSnapshot
from tui.core.engine.memory import VALUES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(slots=True)
class _Page:
    case: str = ""
    typed: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the name of the case; "" is what was typed over the defaults alone."""


class ValueBook:
    """A page for each prompt; going from one case to another loses nothing that was typed over either."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._changed: set[str] = set()
        self.cases = CasesSnapshot()
        """The cases there are."""

    def case(self, prompt: str) -> str:
        """Return the name of the case that a prompt's values are of; "" for none, or one that has gone."""
        name = self._at(prompt)
        return name if self.cases.find(prompt, name) is not None else ""

    def base(self, prompt: str) -> Mapping[str, str]:
        """Return the values of that case."""
        case = self.cases.find(prompt, self._at(prompt))
        return case.vars if case is not None else {}

    def _at(self, prompt: str) -> str:
        return self._pages[prompt].case if prompt in self._pages else ""

    def typed(self, prompt: str) -> Mapping[str, str]:
        """Return what was typed over the case at hand, or over the defaults."""
        page = self._pages.get(prompt)
        return page.typed.get(page.case, {}) if page else {}

    def note(self, prompt: str, variables: Collection[str], typed: Mapping[str, str]) -> None:
        """Take down what stands typed for these variables; those that only other versions have stay."""
        others = {name: text for name, text in self.typed(prompt).items() if name not in variables}
        self._put(prompt, self._at(prompt), others | dict(typed))

    def choose(self, prompt: str, case: str) -> None:
        """Go to a case as it was left; choosing the one that is at hand drops what was typed over it."""
        if case == self._at(prompt):
            self._put(prompt, case, {})
            return
        self._pages.setdefault(prompt, _Page()).case = case
        self._changed.add(prompt)

    def forget(self, prompt: str, case: str) -> None:
        """Go to a case that says now what was typed."""
        self._put(prompt, case, {})

    def rename(self, old: str, new: str) -> None:
        """Let what was typed for a prompt be of one that is called otherwise, as it is in the memory."""
        if old in self._pages:
            self._pages[new] = self._pages.pop(old)
        if old in self._changed:
            self._changed.add(new)

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take over what the memory has; a prompt that was typed for since the start stays as it is."""
        for key, value in kept.items():
            prompt = key.removeprefix(VALUES)
            if prompt not in self._pages and (page := _page(value)) is not None:
                self._pages[prompt] = page

    def take_changes(self) -> dict[str, Any]:
        """Return what is to be kept since this was last asked, by its key; None where nothing is."""
        changed, self._changed = self._changed, set()
        return {VALUES + prompt: self._as_kept(prompt) for prompt in sorted(changed)}

    def _put(self, prompt: str, case: str, typed: dict[str, str]) -> None:
        if (case, typed) == (self._at(prompt), self.typed(prompt)):
            return
        page = self._pages.setdefault(prompt, _Page())
        page.case = case
        page.typed.pop(case, None)
        if typed:
            page.typed[case] = typed
        self._changed.add(prompt)

    def _as_kept(self, prompt: str) -> dict[str, Any] | None:
        page = self._pages.get(prompt)
        return {"case": page.case, "typed": page.typed} if page and (page.case or page.typed) else None


def _page(value: object) -> _Page | None:
    """Read what `take_changes` gave; None for anything else."""
    if not isinstance(value, dict) or not isinstance(typed := value.get("typed"), dict):
        return None
    page = _Page(case=str(value.get("case", "")))
    for case, texts in typed.items():
        if isinstance(texts, dict):
            page.typed[str(case)] = {str(name): str(text) for name, text in texts.items()}
    return page
