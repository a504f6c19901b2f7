"""`penstock simulator`: the simulated providers alone, for clients of any kind to be tried on."""

from __future__ import annotations

import textwrap
import threading
from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake

if TYPE_CHECKING:
    from tui.simulator.server import SimulatorServer

_VARIABLES = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
    "anthropic": ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
    "google": ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"),
    "deepseek": ("DEEPSEEK_BASE_URL", "DEEPSEEK_API_KEY"),
    "yandex": ("YANDEX_BASE_URL", "YC_API_KEY"),
}
"""What the vendors' SDKs for OpenAI, Anthropic and Google read, and Penstock for all of them."""
_ORDER = '{"provider": "openai", "scenario": "rate_limit=5", "times": 1}'
_WIDTH = 98


def serve(port: int) -> None:
    """Serve until Ctrl+C. Raises Mistake when the port cannot be had."""
    from tui.simulator.server import SimulatorServer  # slow to import

    try:
        server = SimulatorServer(port=port)
    except OSError as error:
        raise Mistake(f"Port {port} of 127.0.0.1 cannot be used ({error.strerror}); name another") from error
    with server:
        click.echo(_instructions(server))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo(err=True)  # the ^C that a terminal shows has a line of its own


def _instructions(server: SimulatorServer) -> str:
    """Return what to paste into the shell of the client that is tried, with comments for people."""
    from tui.simulator.scenarios import SCENARIOS

    exports = [
        f"export {base}={server.base_url(provider)} {key}=simulated"
        for provider, (base, key) in _VARIABLES.items()
    ]
    troubles = ", ".join(name for name in SCENARIOS if name != "normal")
    return "\n".join(
        [
            f"# Simulated providers at {server.url}; end with Ctrl+C. For the shell of your client:",
            *exports,
            "export YC_FOLDER_ID=b1gsimulated",
            *_comment(
                "The SDKs of OpenAI, Anthropic and Google read these variables, and so does penstock. For "
                "DeepSeek and Yandex: OpenAI(base_url=os.environ['DEEPSEEK_BASE_URL'], api_key='simulated'); "
                f"Yandex's native REST is at {server.base_url('yandex-native')}. Any key will do but one "
                "with `invalid` in it, and any model but one with `unknown` in it."
            ),
            *_comment(
                "Trouble on demand: send the header `x-simulate: NAME` or the query `?simulate=NAME`, where "
                f"NAME is one of {troubles}. For the next requests, whoever sends them:"
            ),
            f"#   curl -d '{_ORDER}' {server.url}/simulate",
            f"# Counts: curl {server.url}/stats",
        ]
    )


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )
