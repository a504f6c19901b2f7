"""`penstock runs`: earlier runs, listed, selected and written to a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.shell import assert_refused

if TYPE_CHECKING:
    from tests.core.engine.shell import Shell


@pytest.fixture
def ran(shell: Shell) -> Shell:
    """One answer of OpenAI, and a refusal by Google."""
    assert shell("run", "noir", "-p", "openai").exit_code == 0
    shell.workshop.simulator.simulate("google", "billing", 1)
    assert shell("run", "noir", "-p", "google").exit_code != 0
    return shell


def test_before_the_first_run_it_says_so(shell: Shell) -> None:
    result = shell("runs")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "There are no runs yet.\n")


def test_each_run_has_a_line_and_one_that_failed_says_why(ran: Shell) -> None:
    result = ran("runs")
    assert (result.exit_code, result.stderr) == (0, "2 of 2 runs.\n")
    head, google, openai = result.stdout.splitlines()
    assert head.split()[:5] == ["TIME", "PROMPT", "PROVIDER", "OUTCOME", "STATUS"]
    assert "noir v1  google/" in google and "failed: billing" in google
    said = google[head.index("ANSWER") :]
    assert said.startswith("Google ") and "Write about" not in said
    assert "noir v1  openai/" in openai and " done " in openai
    assert openai[head.index("ANSWER") :]


def test_filters_select_and_a_limit_is_told(ran: Shell) -> None:
    assert "google/" not in ran("runs", "provider:openai").stdout
    failed = ran("runs", "status:failed", "since:1h")
    assert "openai/" not in failed.stdout and failed.stderr == "1 of 1 run.\n"
    assert ran("runs", "--search", "nowhere-to-be-found").stdout == ""
    newest = ran("runs", "--limit", "1")
    assert len(newest.stdout.splitlines()) == 2
    assert newest.stderr == "1 of 2 runs: --limit shows more.\n"
    assert_refused(ran("runs", "status:odd"), 2, "it takes done, failed")


def test_as_json_a_run_is_a_line(ran: Shell) -> None:
    runs = [json.loads(line) for line in ran("runs", "--json").stdout.splitlines()]
    assert [(run["provider"], run["status"], run["error_class"]) for run in runs] == [
        ("google", "failed", "billing"),
        ("openai", "done", None),
    ]
    assert runs[1]["answer"] and runs[1]["prompt"].startswith("Write about")


def test_all_that_is_selected_goes_into_a_new_file_that_is_no_prompt(ran: Shell) -> None:
    root, prompts = ran.workshop.root, ran.workshop.prompts
    path = root / "runs.jsonl"
    result = ran("runs", "provider:openai", "--export", str(path))
    assert (result.exit_code, result.stderr) == (0, f"Exported 1 run to {path}.\n")
    [line] = path.read_text().splitlines()
    assert json.loads(line)["provider"] == "openai"
    assert_refused(ran("runs", "--export", str(path)), 1, "is there already: choose another name")
    assert_refused(ran("runs", "--export", str(root / "runs.txt")), 2, "end it in one of .jsonl, ")
    assert_refused(ran("runs", "--export", str(prompts / "x.md")), 2, "would be read as a prompt")
    assert not (prompts / "x.md").exists()
    assert ran("runs", "--export", str(root / "x.md")).exit_code == 0
    assert "noir" in (root / "x.md").read_text()
