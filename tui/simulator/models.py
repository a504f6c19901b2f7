"""The model lists, in each provider's shape. The names are examples: every name is accepted."""

from __future__ import annotations

from typing import Final

CREATED: Final = 1_780_000_000
OPENAI: Final = ("gpt-6-luna", "gpt-6-sol", "gpt-5.4-mini", "gpt-4.1", "text-embedding-3-small")
ANTHROPIC: Final = (
    ("claude-sonnet-5-5", "Claude Sonnet 5.5"),
    ("claude-haiku-5-5", "Claude Haiku 5.5"),
    ("claude-sonnet-4-5", "Claude Sonnet 4.5"),
)
GOOGLE: Final = (
    ("gemini-3.8-flash", "generateContent"),
    ("gemini-3.5-flash-lite", "generateContent"),
    ("gemini-embedding-001", "embedContent"),
)
DEEPSEEK: Final = ("deepseek-flash", "deepseek-v4-flash", "deepseek-v4-pro")
YANDEX: Final = (
    "gpt://b1gsimulated/yandexgpt/latest",
    "gpt://b1gsimulated/yandexgpt-lite/latest",
    "gpt://b1gsimulated/qwen3-235b-a22b-fp8/latest",
    "emb://b1gsimulated/text-search-doc/latest",
)


def openai_list(names: tuple[str, ...], owner: str) -> dict[str, object]:
    """OpenAI's list, which DeepSeek and Yandex send too."""
    data = [{"id": name, "object": "model", "created": CREATED, "owned_by": owner} for name in names]
    return {"object": "list", "data": data}


def anthropic_list(after: str | None, limit: int) -> dict[str, object]:
    """One page of Anthropic's list, after the model with the id `after`."""
    ids = [name for name, _ in ANTHROPIC]
    start = ids.index(after) + 1 if after in ids else 0
    page = ANTHROPIC[start : start + limit]
    data = [
        {
            "type": "model",
            "id": name,
            "display_name": title,
            "created_at": "2026-05-01T00:00:00Z",
            "max_tokens": 64_000,
            "max_input_tokens": 1_000_000,
            "lifecycle": "active",
            "retires_at": None,
        }
        for name, title in page
    ]
    return {
        "data": data,
        "has_more": start + limit < len(ANTHROPIC),
        "first_id": page[0][0] if page else None,
        "last_id": page[-1][0] if page else None,
    }


def google_list(token: str | None, size: int) -> dict[str, object]:
    """One page of Google's list; the token is where the page starts."""
    start = int(token) if token and token.isdecimal() else 0
    models = [
        {
            "name": f"models/{name}",
            "version": "001",
            "displayName": name.replace("-", " ").title(),
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": [method, "countTokens"],
        }
        for name, method in GOOGLE[start : start + size]
    ]
    found: dict[str, object] = {"models": models}
    if start + size < len(GOOGLE):
        found["nextPageToken"] = str(start + size)
    return found
