"""promptfoo: a configuration for each prompt, its versions as chats, its cases as tests.

https://www.promptfoo.dev/docs/configuration/reference/ and …/expected-outputs/
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tui.core.checks.rubric import Rubric
from tui.core.interop.nunjucks import literal, template
from tui.core.interop.placeholders import identifiers
from tui.core.interop.sheet import Parcel, file_name, is_set
from tui.core.interop.yaml_text import as_yaml
from tui.core.prompts.turns import split_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.cases.document import Case, Check
    from tui.core.interop.sheet import Sheet
    from tui.core.prompts.document import PromptDocument

SCHEMA = "# yaml-language-server: $schema=https://promptfoo.dev/config-schema.json\n"
_PROVIDERS = {
    "openai": "openai:chat",
    "anthropic": "anthropic:messages",
    "google": "google",
    "deepseek": "deepseek",
}
_ENDINGS = {"stop": "stop", "length": "length", "filtered": "content_filter"}
_FLAGS = re.compile(r"^\(\?([ims]+)\)")
_TEMPLATE = re.compile(r"\{[{%#]")
_LETTERS = re.compile(r"\\\\[wWbB]")
_ONLY_OURS = re.compile(r"\\[AZzGKRXhQELl]|\(\?[^:=!<]|\(\?<[^=!]|(?<!\\)[*+?}]\+|(?<!\\)\[\[|\\p\{\^")
"""What a pattern of Python's `regex` can have, and JavaScript's means otherwise or not at all."""


def export(sheets: Sequence[Sheet]) -> Parcel:
    """Return the files of each prompt, in a folder of its name."""
    parcel = Parcel()
    for sheet in sheets:
        _Config(sheet, parcel).write()
    return parcel


class _Config:
    def __init__(self, sheet: Sheet, parcel: Parcel) -> None:
        self._sheet = sheet
        self._parcel = parcel
        declared = [variable.name for version in sheet.versions for variable in version.variables]
        self._names = identifiers(list(dict.fromkeys(declared)))
        for name, plain in self._names.items():
            if name != plain:
                parcel.lose(sheet.name, f"the variable `{name}` is called `{plain}`, as Nunjucks allows.")

    def _lose(self, what: str) -> None:
        self._parcel.lose(self._sheet.name, what)

    def write(self) -> None:
        """Add the prompt's files."""
        sheet, folder = self._sheet, file_name(self._sheet.name)
        prompts = []
        for version in sheet.versions:
            file = f"v{version.version}.json"
            self._parcel.add(f"{folder}/{file}", self._chat(version))
            prompts.append({"id": f"file://{file}", "label": f"{sheet.name} v{version.version}"})
        config = {
            "description": sheet.versions[-1].description or sheet.name,
            "prompts": prompts,
            "providers": self._providers(),
            "defaultTest": is_set({"vars": self._defaults()}),
            "tests": [self._test(case, checks) for case, checks in sheet.checked],
        }
        told = {key: value for key, value in config.items() if value or key in ("providers", "tests")}
        self._parcel.add(f"{folder}/promptfooconfig.yaml", SCHEMA + as_yaml(told))

    def _chat(self, version: PromptDocument) -> str:
        turns = split_turns(version.template)
        messages = [{"role": turn.role, "content": turn.text} for turn in turns]
        if version.system:
            messages.insert(0, {"role": "system", "content": version.system})
        declared = {variable.name: self._names[variable.name] for variable in version.variables}
        for message in messages:
            message["content"] = template(message["content"], declared)
        return json.dumps(messages, ensure_ascii=False, indent=2) + "\n"

    def _providers(self) -> list[object]:
        found: dict[str, object] = {}
        for version in self._sheet.versions:
            provider = self._provider(version.provider, version.model)
            if provider is None:
                continue
            config = dict(version.parameters)
            entry = {"id": provider, "config": config} if config else provider
            found.setdefault(json.dumps(entry, default=str), entry)
        if len(found) > 1:
            self._lose("every version is tried with the model and the parameters of every other.")
        if not found:
            self._lose("it names no provider that promptfoo knows: `echo` stands there.")
        return list(found.values()) or ["echo"]

    def _provider(self, provider: str | None, model: str | None) -> str | None:
        if provider is None and model is None:
            return None
        known = _PROVIDERS.get(provider or "")
        if known is None or model is None:
            self._lose(f"the provider {provider or '?'} with the model {model or '?'}.")
            return None
        return f"{known}:{model}"

    def _defaults(self) -> dict[str, str]:
        """Return the defaults of the newest version that has one; promptfoo has one set for all of them."""
        found: dict[str, str] = {}
        for version in self._sheet.versions:
            for variable in version.variables:
                if variable.default is None:
                    continue
                name = self._names[variable.name]
                if found.get(name, variable.default) != variable.default:
                    self._lose(f"the default that `{variable.name}` has in an earlier version.")
                found[name] = variable.default
        return {name: self._value(name, value) for name, value in found.items()}

    def _value(self, name: str, value: str) -> str:
        """Return a value, which is put into a chat as it is, and say what promptfoo makes of it before."""
        if value.startswith(("file://", "package:")):
            self._lose(f"the value of `{name}` begins like the address of a file, which promptfoo reads.")
        if _TEMPLATE.search(value):
            self._lose(f"the value of `{name}` has braces that promptfoo may take for a template.")
        if value.endswith("\n"):
            self._lose(f"the line break at the end of the value of `{name}`.")
        return value

    def _test(self, case: Case, checks: Sequence[Check]) -> dict[str, object]:
        if case.extra:
            self._lose(f"of the case `{case.name}`: {', '.join(case.extra)}.")
        known = {name: value for name, value in case.vars.items() if name in self._names}
        return is_set(
            {
                "description": case.name,
                "vars": {self._names[name]: self._value(name, value) for name, value in known.items()},
                "assert": [made for check in checks if (made := self._assertion(check)) is not None],
                "metadata": is_set({"description": case.description, "tags": list(case.tags)}),
            }
        )

    def _assertion(self, check: Check) -> dict[str, object] | None:
        made = _assertion(check)
        if made is None:
            self._lose(f"the check `{check.kind}` in line {check.line} of its cases.")
        elif check.kind == "matches" and _LETTERS.search(str(made["value"])):
            self._lose(f"in the check of line {check.line}, `\\w` and `\\b` know ASCII letters only.")
        return made


def _assertion(check: Check) -> dict[str, object] | None:
    """Return a check as promptfoo has it, None where it has no such thing."""
    text = check.text if check.text is not None else str(check.argument)
    match check.kind:
        case "contains" | "not_contains":
            return {"type": check.kind.replace("_", "-"), "value": literal(text)}
        case "equals":
            return _javascript(f"output.trim() === {json.dumps(text.strip())}")
        case "matches":
            return _matches(text)
        case "is_json":
            return {"type": "is-json"}
        case "json_schema":
            return {"type": "is-json", "value": check.argument}
        case "min_words" | "max_words":
            sign = ">=" if check.kind == "min_words" else "<="
            return _javascript(rf"output.split(/\s+/).filter(Boolean).length {sign} {check.argument}")
        case "max_latency" if isinstance(check.argument, int | float):
            return {"type": "latency", "threshold": round(check.argument * 1000)}
        case "max_cost":
            return {"type": "cost", "threshold": check.argument}
        case "finish":
            return {"type": "finish-reason", "value": _ENDINGS[text]} if text in _ENDINGS else None
        case "judge":
            return _judge(check)
        case _:
            return None


def _judge(check: Check) -> dict[str, object] | None:
    rubric = check.make()
    if not isinstance(rubric, Rubric) or rubric.provider not in _PROVIDERS or rubric.model is None:
        return None
    provider = f"{_PROVIDERS[rubric.provider]}:{rubric.model}"
    return {"type": "llm-rubric", "value": literal(rubric.text), "provider": provider}


def _matches(pattern: str) -> dict[str, object] | None:
    flags = _FLAGS.match(pattern)
    bare = pattern[flags.end() :] if flags else pattern
    if _ONLY_OURS.search(bare):
        return None
    letters = "".join(sorted({*(flags[1] if flags else ""), *("u" if r"\p{" in bare else "")}))
    found = f"new RegExp({json.dumps(bare)}, {json.dumps(letters)}).test"
    if "$" in bare and "m" not in letters:  # Python's `$` is also before a line break at the end
        return _javascript(f"{found}(output) || {found}(output.replace(/\\n$/, ''))")
    return _javascript(f"{found}(output)")


def _javascript(code: str) -> dict[str, object]:
    return {"type": "javascript", "value": literal(code)}
