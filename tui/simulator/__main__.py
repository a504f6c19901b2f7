"""Serves the simulator alone: `python -m tui.simulator [--port N]`."""

from __future__ import annotations

import threading

import click

from tui.simulator.server import SimulatorServer

ENVIRONMENT = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
    "anthropic": ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
    "google": ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"),
    "deepseek": ("DEEPSEEK_BASE_URL", "DEEPSEEK_API_KEY"),
    "yandex": ("YANDEX_BASE_URL", "YC_API_KEY"),
}


@click.command()
@click.option("--port", default=0, show_default="a free one", help="Port on 127.0.0.1.")
def main(port: int) -> None:
    """Serve all five providers on one loopback port until interrupted."""
    try:
        server = SimulatorServer(port=port)
    except OSError as error:
        raise click.ClickException(f"port {port} on 127.0.0.1 cannot be used: {error.strerror}") from error
    with server:
        click.echo(f"# Simulated providers at {server.url}; end with Ctrl+C.")
        for provider, (base, key) in ENVIRONMENT.items():
            click.echo(f"export {base}={server.base_url(provider)}")
            click.echo(f"export {key}=simulated")
        click.echo("export YC_FOLDER_ID=b1gsimulated")
        click.echo(f"# Counts: GET {server.url}/stats")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo()


if __name__ == "__main__":
    main()
