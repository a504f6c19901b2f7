"""The native dialect of Yandex: lines of JSON, each with the whole text so far."""

from __future__ import annotations

import json

import pytest

from tests.core.providers.bench import JSON, Bench, bench
from tests.core.providers.streams import NATIVE, native_line
from tui.core.providers.base import Answer, TextAnew, TextDelta, Usage
from tui.core.providers.errors import ProviderError


def native(body: bytes) -> Bench:
    return bench(NATIVE.provider, [bytes([byte]) for byte in body], headers=JSON)


async def test_yandex_native_lines_hold_the_text_so_far() -> None:
    body = native_line("Утконосы,", "PARTIAL", 3) + native_line("Утконосы, \u2028 они", "PARTIAL", 5)
    items = await native(body + native_line("Утконосы, \u2028 они же", "FINAL", 9)).stream()
    assert [item.text for item in items[:-1] if isinstance(item, TextDelta)] == [
        "Утконосы,",
        " \u2028 они",
        " же",
    ]
    answer = items[-1]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.finish, answer.model) == ("Утконосы, \u2028 они же", "stop", "m")
    assert answer.usage == Usage(26, 9, reasoning=0)


async def test_yandex_native_replaces_a_text_that_does_not_go_on() -> None:
    body = native_line("Утконосы", "PARTIAL", 3) + native_line("Не могу.", "CONTENT_FILTER", 4)
    *items, answer = await native(body).stream()
    assert items == [TextDelta("Утконосы"), TextAnew("Не могу.")]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.finish) == ("Не могу.", "filtered")


async def test_yandex_native_goes_on_behind_a_text_that_was_cut_in_a_character_or_begun_anew() -> None:
    said = {"a\ud83d": "PARTIAL", "a\U0001f600b": "PARTIAL", "Z": "PARTIAL", "Zé": "FINAL"}
    body = b"".join(
        native_line("x", status, 1).replace(b'"x"', json.dumps(text).encode())
        for text, status in said.items()
    )
    *items, answer = await native(body).stream()
    assert items == [TextDelta("a"), TextDelta("\U0001f600b"), TextAnew("Z"), TextDelta("é")]
    assert isinstance(answer, Answer)
    assert answer.text == "Zé"


@pytest.mark.parametrize(
    ("status", "finish"), [("TRUNCATED_FINAL", "length"), ("TOOL_CALLS", "other"), ("UNSPECIFIED", "other")]
)
async def test_yandex_native_statuses(status: str, finish: str) -> None:
    assert (await native(native_line("a", status, 1)).answer()).finish == finish
    assert (
        await bench(NATIVE.provider, native_line("a", status, 1), headers=JSON).complete()
    ).finish == finish


@pytest.mark.parametrize(
    ("late", "kind"),
    [
        (b"", "interrupted"),
        (b'{"error":{"grpcCode":8,"httpCode":429,"message":"limit"}}\n', "rate_limit"),
        (b'{"error":"no more"}', "server"),
    ],
)
async def test_yandex_native_errors_inside_a_stream(late: bytes, kind: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await native(native_line("Ут", "PARTIAL", 1) + late).stream()
    assert (caught.value.kind, caught.value.partial) == (kind, "Ут")


async def test_yandex_native_cut_anywhere_is_an_interruption() -> None:
    first, last = native_line("Утко", "PARTIAL", 1), native_line("Утконосы", "FINAL", 2)
    for cut in range(len(last) - 1):
        with pytest.raises(ProviderError) as caught:
            await bench(NATIVE.provider, first + last[:cut], headers=JSON).stream()
        assert (caught.value.kind, caught.value.partial) == ("interrupted", "Утко")
    assert (await bench(NATIVE.provider, first + last.rstrip(), headers=JSON).answer()).text == "Утконосы"


async def test_yandex_native_bytes_that_are_not_utf_8_do_not_end_a_stream() -> None:
    body = native_line("Ут", "FINAL", 1).replace("т".encode(), b"\xd1")
    assert (await native(body).answer()).text == "У\ufffd"
