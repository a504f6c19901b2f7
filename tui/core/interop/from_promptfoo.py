"""promptfoo: prompts, tests and assertions of a configuration become prompts with cases and checks.

https://www.promptfoo.dev/docs/configuration/reference/ and …/expected-outputs/
"""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from tui.core.interop.incoming import Incoming, NotReadable, say_constructs, used_names
from tui.core.prompts.problems import position
from tui.core.prompts.yaml_reader import YamlError, read_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui.core.interop.sheet import Parcel

_PROVIDERS = {"openai": "openai", "anthropic": "anthropic", "google": "google", "deepseek": "deepseek"}
_ENDINGS = {"stop": "stop", "length": "length", "content_filter": "filtered"}
_TEXT = re.compile(r"\{\{ '(\{\{|\{%|\{#|#\}|\{)' \}\}")
_EQUALS = re.compile(r'output\.trim\(\) === ("(?:[^"\\]|\\.)*")')
_WORDS = re.compile(r"output\.split\(/\\s\+/\)\.filter\(Boolean\)\.length (>=|<=) (\d{1,9})")
_REGEX = re.compile(r'new RegExp\(("(?:[^"\\]|\\.)*"), "([imsu]*)"\)\.test\(output\)(?: \|\| .*)?')
_KEYS = {"prompts", "tests", "defaultTest", "description", "providers"}
_SLUG = re.compile(r"[^\w.-]+")


def read(data: bytes, name: str, parcel: Parcel, fetch: Callable[[str], bytes]) -> list[Incoming]:
    """Return the versions of one prompt; `fetch` gives a file beside the configuration, or raises OSError.

    Raises NotReadable.
    """
    config = _config(data)
    if not isinstance(config, dict) or "prompts" not in config:
        raise NotReadable("It has no `prompts`.")
    for key in sorted(config.keys() - _KEYS):
        parcel.lose(name, f"`{key}`.")
    default = config.get("defaultTest")
    default = default if isinstance(default, dict) else {}
    bodies = list(_bodies(config["prompts"], name, parcel, fetch))
    if not bodies:
        raise NotReadable("None of its prompts can be read.")
    vars_ = default.get("vars")
    defaults = {str(key): _value(value) for key, value in (vars_ if isinstance(vars_, dict) else {}).items()}
    checks = list(_checks(default.get("assert"), name, parcel))
    cases = list(_cases(config.get("tests"), name, parcel))
    found: list[Incoming] = []
    for number, body in enumerate(bodies, 1):
        variables = {used: _declared(used, defaults) for used in used_names(body)}
        say_constructs(name, body, parcel, variables)
        front = {
            "description": config.get("description"),
            **_provider(config.get("providers"), name, parcel),
            "active": None if number == len(bodies) else False,
            "variables": variables,
        }
        told = {key: item for key, item in front.items() if item is not None}
        found.append(Incoming(name, body, number, told))
    found[-1].cases, found[-1].checks = cases, checks
    known = {used for one in found for used in one.front["variables"]}
    for case in cases:
        for key in [key for key in case.get("vars", {}) if key not in known]:
            del case["vars"][key]
            parcel.lose(name, f"the value of `{key}`, which no prompt uses.")
    return found


def _config(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotReadable("It is no text in UTF-8.") from error
    try:
        return read_tree(text).value
    except YamlError as error:
        line, column = position(text, error.offset)
        raise NotReadable(f"Line {line}, column {column}: {error.message} {error.fix}") from error


def _declared(name: str, defaults: dict[str, str]) -> dict[str, str] | None:
    return {"default": defaults[name]} if name in defaults else None


def _bodies(prompts: object, name: str, parcel: Parcel, fetch: Callable[[str], bytes]) -> Iterator[str]:
    for entry in prompts if isinstance(prompts, list) else [prompts]:
        raw = entry.get("raw") or entry.get("id") if isinstance(entry, dict) else entry
        if not isinstance(raw, str):
            parcel.lose(name, "a prompt that is no text.")
            continue
        path = raw.removeprefix("file://")
        if path == raw and PurePosixPath(raw).suffix not in (".txt", ".json", ".md", ".j2"):
            yield _plain(raw)
            continue
        try:
            text = fetch(path).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            parcel.lose(name, f"the prompt in {path}, which cannot be read.")
            continue
        if path.endswith(".txt"):
            yield from (
                _plain(part.strip()) for part in re.split(r"^---$", text, flags=re.MULTILINE) if part.strip()
            )
        elif path.endswith(".json"):
            yield _chat(text, path, name, parcel)
        else:
            yield _plain(text)


def _chat(text: str, path: str, name: str, parcel: Parcel) -> str:
    try:
        messages = json.loads(text)
        parts = [(str(message["role"]), str(message["content"])) for message in messages]
    except (ValueError, TypeError, KeyError, RecursionError):
        parcel.lose(name, f"that {path} is a chat: it cannot be read as one, and is text.")
        return _plain(text)
    if [role for role, _ in parts] == ["user"]:
        return _plain(parts[0][1])
    return "\n\n".join(f"<!-- {role} -->\n{_plain(content)}" for role, content in parts)


def _plain(text: str) -> str:
    """Take away what `nunjucks.literal` has put around braces that are text."""
    return _TEXT.sub(lambda found: found[1], text)


def _provider(providers: object, name: str, parcel: Parcel) -> dict[str, Any]:
    """Return the first provider that there is here, with its model and parameters; the others are listed."""
    found: dict[str, Any] = {}
    for entry in providers if isinstance(providers, list) else [providers]:
        wanted = entry.get("id") if isinstance(entry, dict) else entry
        if not isinstance(wanted, str) or wanted == "echo":
            continue
        vendor, *rest = wanted.split(":")
        if vendor not in _PROVIDERS or not rest or found:
            parcel.lose(name, f"the provider `{wanted}`.")
            continue
        config = entry.get("config") if isinstance(entry, dict) else None
        found = {"provider": _PROVIDERS[vendor], "model": rest[-1], "parameters": config or {}}
    return found


def _cases(tests: object, name: str, parcel: Parcel) -> Iterator[dict[str, Any]]:
    if isinstance(tests, str):
        parcel.lose(
            name, f"the tests in {tests}: put them into the configuration, or name a table in the cases."
        )
        return
    used: set[str] = set()
    for number, test in enumerate(tests if isinstance(tests, list) else (), 1):
        if not isinstance(test, dict):
            parcel.lose(name, f"test {number}, which is no map.")
            continue
        for key in sorted(test.keys() - {"description", "vars", "assert", "metadata"}):
            parcel.lose(name, f"`{key}` of test {number}.")
        title = " ".join(str(test.get("description") or f"test {number}").split())
        title = title if title not in used else f"{title} ({number})"
        used.add(title)
        given = test.get("vars") if isinstance(test.get("vars"), dict) else {}
        metadata = test.get("metadata") if isinstance(test.get("metadata"), dict) else {}
        case = {
            "name": title,
            "description": (metadata or {}).get("description"),
            "vars": {str(key): _value(value) for key, value in (given or {}).items()},
            "checks": list(_checks(test.get("assert"), name, parcel)),
            "tags": (metadata or {}).get("tags"),
        }
        yield {key: value for key, value in case.items() if value}


def _value(value: object) -> str:
    if isinstance(value, str):
        return _plain(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _checks(assertions: object, name: str, parcel: Parcel) -> Iterator[object]:
    for assertion in assertions if isinstance(assertions, list) else ():
        kind = str(assertion.get("type")) if isinstance(assertion, dict) else "?"
        made = _check(kind, assertion) if isinstance(assertion, dict) else None
        if made is None:
            parcel.lose(name, f"the assertion `{kind}`.")
        elif isinstance(made, list):
            yield from made
        else:
            yield made


def _check(kind: str, assertion: dict[str, Any]) -> object:
    """Return an assertion as a check, or several; None where there is none like it."""
    value, threshold = assertion.get("value"), assertion.get("threshold")
    text = _plain(value) if isinstance(value, str) else value
    match kind:
        case "contains" | "not-contains" if isinstance(text, str):
            return {kind.replace("-", "_"): text}
        case "icontains" if isinstance(text, str):
            return {"matches": f"(?i){re.escape(text)}"}
        case "contains-all" | "icontains-all" | "contains-any" if isinstance(value, list):
            return _several(kind, [_value(item) for item in value])
        case "starts-with" if isinstance(text, str):
            return {"matches": rf"\A{re.escape(text)}"}
        case "equals" if isinstance(text, str):
            return {"equals": text}
        case "regex" if isinstance(text, str):
            return {"matches": text}
        case "is-json":
            return {"json_schema": value} if isinstance(value, dict) else "is_json"
        case "latency" if isinstance(threshold, int | float):
            return {"max_latency": threshold / 1000}
        case "cost" if isinstance(threshold, int | float):
            return {"max_cost": threshold}
        case "finish-reason" if isinstance(text, str) and text in _ENDINGS:
            return {"finish": _ENDINGS[text]}
        case "llm-rubric" if isinstance(text, str):
            return _judge(text, assertion.get("provider"))
        case "javascript" if isinstance(text, str):
            return _javascript(text)
        case _:
            return None


def _several(kind: str, words: Sequence[str]) -> object:
    if kind == "contains-all":
        return [{"contains": word} for word in words]
    if kind == "icontains-all":
        return [{"matches": f"(?i){re.escape(word)}"} for word in words]
    return {"matches": "|".join(map(re.escape, words))}


def _judge(rubric: str, provider: object) -> object:
    vendor, *rest = str(provider).split(":") if isinstance(provider, str) else ("",)
    if vendor not in _PROVIDERS or not rest:
        return None
    return {"judge": {"rubric": rubric, "provider": _PROVIDERS[vendor], "model": rest[-1]}}


def _javascript(code: str) -> object:
    """Return what `to_promptfoo` wrote as JavaScript; None for any other code."""
    try:
        return _ours(code)
    except json.JSONDecodeError:  # JavaScript has escapes that JSON has not
        return None


def _ours(code: str) -> object:
    if found := _EQUALS.fullmatch(code):
        return {"equals": json.loads(found[1])}
    if found := _WORDS.fullmatch(code):
        return {"min_words" if found[1] == ">=" else "max_words": int(found[2])}
    if found := _REGEX.fullmatch(code):
        flags = found[2].replace("u", "")
        return {"matches": (f"(?{flags})" if flags else "") + json.loads(found[1])}
    return None
