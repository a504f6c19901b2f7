"""The bytes of every dialect have the shape that the provider's API has."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from tests.simulator.asks import (
    ALL,
    ANTHROPIC,
    DEEPSEEK,
    GOOGLE,
    NATIVE,
    OPENAI,
    RESPONSES,
    YANDEX,
    Api,
    events,
    make_client,
    name_of,
    streamed_text,
)


@pytest.mark.parametrize("api", ALL, ids=name_of)
async def test_a_stream_says_the_same_as_a_whole_answer(api: Api) -> None:
    async with make_client() as client:
        whole = await api.ask(client)
        stream = await api.ask(client, stream=True)
        again = await api.ask(client, stream=True)
    assert whole.status_code == stream.status_code == 200
    assert api.text(whole.json()) == streamed_text(api, stream) == streamed_text(api, again)
    assert len(events(stream)) > 10
    assert api.usage(whole.json()) > 20


async def test_openai_sends_usage_only_when_asked() -> None:
    async with make_client() as client:
        plain = await OPENAI.ask(client, stream=True)
        counted = await OPENAI.ask(client, stream=True, stream_options={"include_usage": True})
    assert plain.headers["content-type"].startswith("text/event-stream")
    assert plain.text.endswith("data: [DONE]\n\n")
    assert all("usage" not in chunk for chunk in events(plain))
    chunks = events(counted)
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1]["choices"] == []
    usage = chunks[-1]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert chunks[-2]["choices"][0] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert all(chunk["obfuscation"] for chunk in chunks)


async def test_openai_counts_reasoning_against_the_limit() -> None:
    async with make_client() as client:
        answer = (await OPENAI.ask(client, limit=90, reasoning_effort="medium")).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["choices"][0]["message"]["content"] == ""
    assert answer["usage"]["completion_tokens_details"]["reasoning_tokens"] == 90


async def test_responses_number_their_events_and_end_without_done() -> None:
    async with make_client() as client:
        stream = await RESPONSES.ask(client, stream=True, reasoning={"effort": "low"})
        short = (await RESPONSES.ask(client, limit=20)).json()
    found = events(stream)
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    kinds = [event["type"] for event in found]
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        *["response.output_item.added", "response.output_item.done"],
    ]
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert "[DONE]" not in stream.text
    final = found[-1]["response"]
    assert [item["type"] for item in final["output"]] == ["reasoning", "message"]
    assert final["usage"]["output_tokens_details"]["reasoning_tokens"] == 32
    assert final["store"] is False
    assert (short["status"], short["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})


async def test_anthropic_names_its_events_and_pings() -> None:
    async with make_client() as client:
        stream = await ANTHROPIC.ask(client, stream=True)
    blocks = stream.text.strip().split("\n\n")
    names = [block.split("\n")[0].removeprefix("event: ") for block in blocks]
    assert names[:3] == ["message_start", "content_block_start", "ping"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert names.count("ping") == 2
    assert [json.loads(block.split("\n")[1][6:])["type"] for block in blocks] == names
    found = {event["type"]: event for event in events(stream)}
    assert found["message_start"]["message"]["usage"]["output_tokens"] == 1
    assert found["message_delta"]["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert found["message_delta"]["usage"]["output_tokens"] > 20
    assert any(line.endswith("  ") for line in stream.text.splitlines()), "JSON is padded with spaces"


async def test_anthropic_thinks_in_a_block_of_its_own() -> None:
    async with make_client() as client:
        whole = (await ANTHROPIC.ask(client, thinking={"type": "adaptive"})).json()
        stream = await ANTHROPIC.ask(client, stream=True, thinking={"type": "adaptive"})
    assert [block["type"] for block in whole["content"]] == ["thinking", "text"]
    thoughts = "".join(event.get("delta", {}).get("thinking", "") for event in events(stream))
    assert thoughts == whole["content"][0]["thinking"]
    text = [event["index"] for event in events(stream) if event.get("delta", {}).get("type") == "text_delta"]
    assert set(text) == {1}


async def test_anthropic_sometimes_sends_retry_after_with_an_answer() -> None:
    async with make_client() as client:
        answers = [await ANTHROPIC.ask(client) for _ in range(30)]
    assert 0 < sum("retry-after" in answer.headers for answer in answers) < 30


async def test_gemini_events_end_with_crlf_and_usage_grows() -> None:
    async with make_client() as client:
        stream = await GOOGLE.ask(client, stream=True)
    assert stream.headers["content-type"] == "text/event-stream"
    blocks = stream.content.split(b"\r\n\r\n")
    assert blocks.pop() == b""
    assert all(block.startswith(b"data: {") and b"\n" not in block for block in blocks)
    found = events(stream)
    assert all("finishReason" not in event["candidates"][0] for event in found[:-1])
    assert found[-1]["candidates"][0]["finishReason"] == "STOP"
    totals = [event["usageMetadata"]["totalTokenCount"] for event in found]
    assert totals == sorted(totals)


async def test_gemini_without_sse_is_one_list() -> None:
    async with make_client() as client:
        body = GOOGLE.build("Describe the harbour.", True, 300)
        path = GOOGLE.stream_path.partition("?")[0]
        stream = await client.post(path, json=body, headers=GOOGLE.headers)
        wrong = await client.post(path, json={"contents": []}, headers=GOOGLE.headers)
    assert stream.headers["content-type"].startswith("application/json")
    assert stream.json()[-1]["candidates"][0]["finishReason"] == "STOP"
    assert "\n  " in stream.text
    assert wrong.json()[0]["error"]["status"] == "INVALID_ARGUMENT"


async def test_gemini_thoughts_can_leave_no_room_for_text() -> None:
    config = {"maxOutputTokens": 40, "thinkingConfig": {"includeThoughts": True}}
    async with make_client() as client:
        short = (await GOOGLE.ask(client, generationConfig=config)).json()
        full = (
            await GOOGLE.ask(client, generationConfig={"thinking_config": {"include_thoughts": True}})
        ).json()
    assert short["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert [
        part for part in short["candidates"][0]["content"].get("parts", []) if not part.get("thought")
    ] == []
    assert full["candidates"][0]["content"]["parts"][0]["thought"] is True
    usage = full["usageMetadata"]
    total = usage["promptTokenCount"] + usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
    assert usage["totalTokenCount"] == total


async def test_deepseek_thinks_first_and_reports_usage_in_the_last_chunk() -> None:
    async with make_client() as client:
        stream = await DEEPSEEK.ask(client, stream=True)
        quiet = await DEEPSEEK.ask(client, stream=True, thinking={"type": "disabled"})
    assert stream.text.startswith(": keep-alive\n\n")
    chunks = events(stream)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    thinking = [delta["content"] is None for delta in deltas]
    assert thinking == sorted(thinking, reverse=True)
    assert True in thinking
    assert "".join(delta["reasoning_content"] or "" for delta in deltas)
    assert all(chunk["usage"] is None for chunk in chunks[:-1])
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["prompt_cache_miss_tokens"] == chunks[-1]["usage"]["prompt_tokens"]
    assert stream.text.endswith("data: [DONE]\n\n")
    assert all("reasoning_content" not in chunk["choices"][0]["delta"] for chunk in events(quiet))


async def test_yandex_leaves_finish_reason_and_usage_out() -> None:
    async with make_client() as client:
        own = events(await YANDEX.ask(client, stream=True))
        other = events(await YANDEX.ask(client, stream=True, model="gpt://folder/qwen3-235b-a22b-fp8/latest"))
    assert all("finish_reason" not in chunk["choices"][0] for chunk in own[:-1])
    assert own[-1]["choices"][0]["finish_reason"] == "stop"
    assert all("usage" not in chunk for chunk in own)
    assert other[-1]["choices"] == []
    assert other[-1]["usage"]["completion_tokens"] > 20


async def test_native_yandex_is_cumulative_and_counts_in_strings() -> None:
    async with make_client() as client:
        stream = await NATIVE.ask(client, stream=True)
        short = await NATIVE.ask(client, stream=True, limit=30)
    assert stream.content.endswith(b"}\n")
    results: list[dict[str, Any]] = [event["result"] for event in events(stream)]
    texts = [result["alternatives"][0]["message"]["text"] for result in results]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    statuses = [result["alternatives"][0]["status"] for result in results]
    assert set(statuses[:-1]) == {"ALTERNATIVE_STATUS_PARTIAL"}
    assert statuses[-1] == "ALTERNATIVE_STATUS_FINAL"
    assert all(isinstance(count, str) for count in list(results[-1]["usage"].values())[:3])
    last = events(short)[-1]["result"]
    assert last["alternatives"][0]["status"] == "ALTERNATIVE_STATUS_TRUNCATED_FINAL"
    assert last["usage"]["completionTokens"] == "30"


async def test_the_model_lists_have_each_providers_shape() -> None:
    async with make_client() as client:
        openai = (await client.get("/openai/v1/models", headers=OPENAI.headers)).json()
        first = (await client.get("/anthropic/v1/models?limit=2", headers=ANTHROPIC.headers)).json()
        path = f"/anthropic/v1/models?after_id={first['last_id']}"
        second = (await client.get(path, headers=ANTHROPIC.headers)).json()
        google = (await client.get("/google/v1beta/models?pageSize=2", headers=GOOGLE.headers)).json()
        path = f"/google/v1beta/models?pageToken={google['nextPageToken']}"
        rest = (await client.get(path, headers=GOOGLE.headers)).json()
        yandex = (await client.get("/yandex/v1/models", headers=YANDEX.headers)).json()
        refused = await client.get("/openai/v1/models")
    assert openai["data"][0].keys() >= {"id", "created", "owned_by"}
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert not {model["id"] for model in first["data"]} & {model["id"] for model in second["data"]}
    assert google["models"][0]["name"].startswith("models/")
    assert "generateContent" not in rest["models"][-1]["supportedGenerationMethods"]
    assert any(model["id"].startswith("emb://") for model in yandex["data"])
    assert refused.status_code == 401
