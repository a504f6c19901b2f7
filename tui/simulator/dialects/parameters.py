"""The request fields each API knows; OpenAI, Anthropic and Google refuse any other."""

from __future__ import annotations

from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPENAI_CHAT: Final = _names(
    """
    audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens
    messages metadata modalities model n parallel_tool_calls prediction presence_penalty prompt_cache_key
    prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store
    stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options
    """
)
OPENAI_RESPONSES: Final = _names(
    """
    background conversation include input instructions max_output_tokens max_tool_calls metadata model
    parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_retention reasoning
    safety_identifier service_tier store stream stream_options temperature text tool_choice tools
    top_logprobs top_p truncation user
    """
)
ANTHROPIC: Final = _names(
    """
    cache_control container context_management inference_geo max_tokens mcp_servers messages metadata model
    output_config output_format service_tier stop_sequences stream system temperature thinking tool_choice
    tools top_k top_p
    """
)
GEMINI: Final = _names(
    """
    cachedContent contents generationConfig model safetySettings serviceTier store systemInstruction
    toolConfig tools
    """
)
