"""A key goes to its provider and nowhere else: no file, event, message or record has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import KEYS, PROVIDERS, SECRET, Workshop

if TYPE_CHECKING:
    import httpx

FAILURES = ("rate_limit=0", "billing", "per_day", "server_error", "error_in_stream", "cut", "malformed_chunk")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_run_leaves_the_key_anywhere(
    workshop: Workshop, sent: list[httpx.Request], provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    bench = workshop.open()
    assert bench.run(provider).status == "done"
    for scenario in FAILURES:
        workshop.simulator.simulate(provider, scenario, times=1)
        bench.run(provider)
        bench.engine.resume(provider)  # without which no call follows one that met an empty account
    refused = workshop.engine(environ={**KEYS, **dict.fromkeys(KEYS, f"{SECRET}-invalid")})
    refused.start()
    assert refused.run(provider).error_class == "auth"
    assert SECRET in str(sent[0].headers.raw), "it was sent, so that it could have leaked"
    told = [repr(event) for ears in (bench.ears, refused.ears) for event in ears.events]
    told += [str(account.__dict__) for account in bench.engine._accounts.values()]
    assert_nowhere(workshop, [*told, caplog.text])


def assert_nowhere(workshop: Workshop, told: list[str]) -> None:
    assert not [text for text in told if SECRET in text]
    workshop.close()  # which empties the write-ahead log into the database
    files = [path for path in workshop.root.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
