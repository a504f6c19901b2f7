"""`penstock run` and `penstock ask`: the answer on stdout, all else on stderr, and a code for scripts."""

from __future__ import annotations

import io
import json
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.engine.shell import NO_KEYS, Shell, assert_refused
from tests.core.engine.workshop import PATIENCE_S, eventually
from tui.commands.answering import Output
from tui.core.engine.events import RunState
from tui.core.engine.transcript import Transcript
from tui.core.quota.errors import Closed
from tui.core.quota.limiter import Limiter
from tui.core.text import printable_lines

if TYPE_CHECKING:
    from pathlib import Path


def test_run_prints_the_answer_and_nothing_else(shell: Shell) -> None:
    result = shell("run", "noir", "--var", "hero=Joss", "--provider", "anthropic", "--model", "claude-x")
    assert (result.exit_code, result.stderr) == (0, "")
    [run] = shell.workshop.runs()
    assert result.stdout == run["answer"].rstrip("\n") + "\n"
    assert (run["provider"], run["model"], run["prompt"]) == ("anthropic", "claude-x", "Write about Joss.")


def test_run_as_json_prints_the_whole_result(shell: Shell) -> None:
    result = shell("run", "noir", "--json")
    said = json.loads(result.stdout)
    [run] = shell.workshop.runs()
    assert (said["id"], said["text"], said["status"]) == (run["id"], run["answer"], "done")
    assert said["usage"]["tokens_out"] == run["tokens_out"]
    assert said["error"] is None


def test_run_keeps_everything_after_the_first_equals_sign(shell: Shell) -> None:
    shell("run", "noir", "-v", "hero=a=b {{hero}} ")
    assert shell.workshop.runs()[0]["prompt"] == "Write about a=b {{hero}} ."


def test_run_without_a_key_says_which_variable_to_set(shell: Shell) -> None:
    nowhere = shell("run", "noir", env=NO_KEYS)
    assert_refused(nowhere, 3, "No provider has a key", "OPENAI_API_KEY", "YC_API_KEY", "--demo")
    assert_refused(shell("run", "noir", "-p", "yandex", env=NO_KEYS), 3, "YC_API_KEY and YC_FOLDER_ID")
    assert_refused(shell("ask", "x", env=NO_KEYS), 3, "OPENAI_API_KEY", "--demo")


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("billing", 3), ("error_in_stream", 5), ("cut", 6), ("filtered", 6), ("per_day", 4)],
)
def test_run_exits_by_what_went_wrong(shell: Shell, scenario: str, code: int) -> None:
    shell.workshop.simulator.simulate("openai", scenario)
    result = shell("run", "noir")
    assert result.exit_code == code, result.output
    [line] = result.stderr.splitlines()
    assert line.startswith("penstock: ")
    failed = shell("run", "noir", "--json")
    assert failed.exit_code == code
    assert json.loads(failed.stdout)["error_class"] is not None


def test_run_exits_with_3_for_a_refused_key(shell: Shell) -> None:
    assert shell("run", "noir", env={"OPENAI_API_KEY": "invalid"}).exit_code == 3


def test_run_exits_with_4_when_the_quota_does_not_let_it_go(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(limiter: Limiter, **_: Any) -> None:
        raise Closed(limiter.name)

    monkeypatch.setattr(Limiter, "acquire", refuse)
    result = shell("run", "noir")
    assert (result.exit_code, result.stdout) == (4, "")


def test_an_interrupted_answer_is_printed_as_far_as_it_came(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "cut")
    result = shell("run", "noir")
    assert result.stdout == shell.workshop.runs()[0]["answer"] + "\n"
    assert "kept" in result.stderr


def test_ctrl_c_cancels_the_run_and_exits_with_130(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "stall")
    with shell.process("run", "noir") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) != ""
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
        assert process.stderr.read().strip() == "penstock: Cancelled."
    assert [(run["status"], run["outcome"]) for run in shell.workshop.runs()] == [("cancelled", "excluded")]


def test_a_pipe_that_its_reader_closes_is_no_news(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "huge")
    shell.workshop.prompt("long", parameters="{max_tokens: 20000}")
    with shell.process("run", "long") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.wait(PATIENCE_S) == 141
        assert process.stderr.read() == ""
    [run] = shell.workshop.runs()
    assert run["status"] in ("cancelled", "done")
    eventually(lambda: shell.workshop.simulator.stats()["openai"]["in_flight"] == 0)


# ------------------------------------------------------------------ the whole result


def test_json_tells_everything_that_is_known(shell: Shell) -> None:
    workshop = shell.workshop
    said = json.loads(shell("run", "noir", "-p", "anthropic", "--json").stdout)
    [run] = workshop.runs()
    assert said["text"] == run["answer"]
    assert (said["name"], said["version"], said["provider"]) == ("noir", 1, "anthropic")
    assert (said["finish"], said["raw_finish"]) == ("stop", "end_turn")
    assert (said["model"], said["model_asked"]) == (run["model"], run["model"])
    assert said["usage"]["tokens_in"] == run["tokens_in"] > 0
    assert said["usage"]["estimated"] is False
    assert said["request_id"] == run["request_id"]
    assert (said["attempts"], said["error_class"], said["notes"]) == (1, None, [])
    assert 0 <= said["first_token_s"] <= said["total_s"]


def test_json_has_the_reasoning_apart(shell: Shell) -> None:
    said = json.loads(shell("run", "noir", "-p", "deepseek", "--json").stdout)
    [run] = shell.workshop.runs()
    assert said["reasoning"] == run["reasoning"] != ""
    assert said["reasoning"] not in said["text"]


def test_json_of_a_failure_says_what_and_exits_as_ever(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "cut")
    result = shell("run", "noir", "--json")
    said = json.loads(result.stdout)
    assert (result.exit_code, said["error_class"], said["status"]) == (6, "interrupted", "failed")
    assert said["text"] == shell.workshop.runs()[0]["answer"] != ""
    assert said["error"] in result.stderr


def test_a_parameter_that_is_given_way_on_is_told(shell: Shell) -> None:
    shell.workshop.prompt("warm", parameters="{temperature: 0.2}")
    result = shell("run", "warm", "--model", "luna-7")
    assert result.exit_code == 0
    [line] = result.stderr.splitlines()
    assert line.startswith("penstock: OpenAI's luna-7 does not accept temperature")
    said = json.loads(shell("run", "warm", "--model", "luna-7", "--json").stdout)
    assert (said["attempts"], len(said["notes"])) == (2, 1)


def test_an_answer_without_text_is_said_to_be_empty(shell: Shell) -> None:
    shell.workshop.prompt("short", parameters="{max_tokens: 1}")
    result = shell("run", "short", "-p", "deepseek")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "max_tokens" in result.stderr


def test_an_unknown_model_brings_up_the_nearest(shell: Shell) -> None:
    result = shell("run", "noir", "--model", "gpt-6-unknown-luna")
    assert_refused(result, 5, "does not know the model", "Did you mean 'gpt-6-luna'")


def test_a_wait_that_is_longer_than_allowed_is_exit_4(shell: Shell) -> None:
    (shell.workshop.root / "settings.toml").write_text(shell.workshop.settings_text(1))
    assert shell("run", "noir").exit_code == 0
    assert_refused(shell("run", "noir", "--max-wait", "0.5"), 4, "openai", "0.5 s")
    assert_refused(shell("ask", "--max-wait", "-1", "x"), 2, "--max-wait")
    assert len(shell.workshop.runs()) == 1


def test_what_a_pipe_gets_is_what_the_model_said(shell: Shell) -> None:
    shell.workshop.simulator.simulate("openai", "unicode")
    result = shell("run", "noir")
    [run] = shell.workshop.runs()
    assert result.stdout_bytes.decode() == run["answer"].rstrip("\n") + "\n"
    assert result.stdout != "\n".join(printable_lines(result.stdout)), "which a terminal would not get"
    assert result.stderr == ""


class Screen(io.StringIO):
    """A terminal that shows what it gets."""

    def isatty(self) -> bool:
        return True


@given(st.text(alphabet="ab\r\n\t\x1b\x9b[31m\x07\u202e\u2028é", max_size=40), st.data())
def test_no_piece_of_an_answer_can_steer_a_terminal(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=5).map(sorted))
    screen = Screen()
    output = Output(screen, echo=True)
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        output.show(text[begin:end])
    shown = screen.getvalue()
    assert all(char == "\n" or char.isprintable() for char in shown)
    if not text.endswith("\r") and "\t" not in text:
        assert shown == "\n".join(printable_lines(text)), "however it is cut"


def test_a_text_that_the_provider_replaces_is_written_on_a_line_of_its_own() -> None:
    screen = Screen()
    output = Output(screen, echo=True)
    state = RunState("a", "noir", 1, "yandex", "lite", "running", Transcript("Platypuses"))
    output.take(state)
    output.take(replace(state, transcript=Transcript("I cannot say.")))
    assert screen.getvalue() == "Platypuses\nI cannot say."


# ---------------------------------------------------------------------- values


def test_values_come_from_files_and_stdin(shell: Shell, tmp_path: Path) -> None:
    shell.workshop.prompt("three", variables="[a, b, c]", body="{{a}}|{{b}}|{{c}}")
    (tmp_path / "a.txt").write_text("one\ntwo\n\n")
    shell(
        "run", "three", "-v", f"a=@{tmp_path / 'a.txt'}", "-v", "b=@-", "-v", "c=@@home", stdin="from stdin\n"
    )
    assert shell.workshop.runs()[-1]["prompt"] == "one\ntwo\n|from stdin|@home"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("v.json", '{"a": 1.50, "b": true, "c": "x: y"}'),
        ("v.yaml", "a: 1.50\nb: true\nc: 'x: y'\n"),
    ],
)
def test_a_map_of_values_keeps_each_as_it_is_written(
    shell: Shell, tmp_path: Path, name: str, text: str
) -> None:
    shell.workshop.prompt("three", variables="[a, b, c]", body="{{a}}|{{b}}|{{c}}")
    (tmp_path / name).write_text(text)
    shell("run", "three", "--vars", str(tmp_path / name))
    shell("run", "three", "--vars", str(tmp_path / name), "--var", "b=mine")
    shell("run", "three", "--vars", "-", stdin=text)
    prompts = [run["prompt"] for run in shell.workshop.runs()]
    assert prompts == ["1.50|true|x: y", "1.50|mine|x: y", "1.50|true|x: y"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1]", ["v.yaml", "'a'", "a list"]),
        ("a:", ["'a'", "nothing"]),
        ('{"a": {"b": 1}}', ["'a'", "a map"]),
        ('{"a": 1, "a": 2}', ["'a'", "twice"]),
        ("[1, 2]", ["map of names"]),
        ('{"a": 1,\n "b"}', ["v.yaml:2:5", "JSON"]),
        ("a: 1\na: 2", ["v.yaml:2:1"]),
        ("a: [1", ["v.yaml:"]),
        ("[" * 100_000, ["v.yaml"]),
    ],
)
def test_a_map_that_is_none_is_one_sentence(
    shell: Shell, tmp_path: Path, text: str, words: list[str]
) -> None:
    (tmp_path / "v.yaml").write_text(text)
    assert_refused(shell("run", "noir", "--vars", str(tmp_path / "v.yaml")), 2, *words)


def test_files_that_cannot_be_read_are_one_sentence(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"ab\xff")
    for arguments, words in [
        (["-v", "hero=@nowhere"], ["hero", "nowhere", "No such file"]),
        (["--vars", str(tmp_path)], ["directory"]),
        (["-v", f"hero=@{tmp_path / 'bytes'}"], ["UTF-8", "byte 3"]),
        (["-v", "hero=@"], ["names no file"]),
        (["-v", "hero=@-", "--vars", "-"], ["stdin", "once"]),
    ]:
        assert_refused(shell("run", "noir", *arguments, stdin=""), 2, *words)


# ------------------------------------------------------------------------- ask


def test_ask_needs_no_prompt_and_leaves_a_record_without_a_name(shell: Shell) -> None:
    result = shell(
        "ask", "-p", "google", "-m", "gemini-3.8-flash", "--system", "Be brief.", "What is a lock?"
    )
    [run] = shell.workshop.runs()
    assert (result.exit_code, result.stdout.rstrip("\n")) == (0, run["answer"].rstrip("\n"))
    assert (run["name"], run["version"], run["template_id"], run["content_hash"]) == (None, None, None, "")
    assert (run["provider"], run["model"]) == ("google", "gemini-3.8-flash")
    assert (run["system"], run["prompt"], run["status"]) == ("Be brief.", "What is a lock?", "done")


def test_ask_reads_stdin(shell: Shell) -> None:
    said = json.loads(shell("ask", "--json", stdin="What is {{a}} lock?\n").stdout)
    assert (said["name"], said["version"], said["status"]) == (None, None, "done")
    shell("ask", "-", stdin="And a weir?")
    prompts = [run["prompt"] for run in shell.workshop.runs()]
    assert prompts == ["What is {{a}} lock?", "And a weir?"]


def test_ask_works_where_there_are_no_prompts(shell: Shell) -> None:
    for path in shell.workshop.prompts.iterdir():
        path.unlink()
    shell.workshop.prompts.rmdir()
    assert shell("ask", "Hello").exit_code == 0
    assert not shell.workshop.prompts.exists()


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_to_ask_is_one_sentence(shell: Shell, text: str) -> None:
    assert_refused(shell("ask", stdin=text), 2, "nothing to ask", "stdin")
    assert_refused(shell("ask", "\udcff"), 2, "UTF-8")


# ------------------------------------------------------------- which provider


def test_a_provider_that_is_not_there_is_told_with_what_is(shell: Shell) -> None:
    settings = shell.workshop.root / "settings.toml"
    settings.write_text(
        settings.read_text().replace("[providers.yandex]", "[providers.yandex]\nenabled = false")
    )
    assert_refused(shell("ask", "-p", "yandex", "x"), 2, "not enabled", "[providers.yandex]")
    assert_refused(shell("ask", "-p", "antropic", "x"), 2, "did you mean 'anthropic'?", "openai")
    assert_refused(shell("ask", "-p", "xyz", "x"), 2, "no provider 'xyz'; there is openai")
