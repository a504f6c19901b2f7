"""Versions handed out by a split: exact counts, arms that are revisions, and other processes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import PATIENCE_S
from tui.core.engine.arm_identity import same_arm
from tui.core.engine.choice import UnknownPrompt

if TYPE_CHECKING:
    from tests.core.engine.workshop import Bench, Workshop
    from tui.core.engine.serving import Served


def serve(bench: Bench, unit: str | None = None) -> Served:
    return bench.engine.serving.serve("noir", unit=unit).result(PATIENCE_S)


@pytest.fixture
def split(workshop: Workshop) -> Bench:
    """An engine on a prompt whose traffic is split evenly."""
    workshop.prompt(version=1, weight=50)
    workshop.prompt(version=2, weight=50, body="Write of {{hero}}.")
    return workshop.open()


def call_from_other_processes(workshop: Workshop, processes: int, times: int) -> list[float]:
    """Let several programs take and report at once; return the seconds that each took."""
    (workshop.root / "settings.toml").write_text(workshop.settings_text())
    arguments = [workshop.prompts, workshop.root / "data", workshop.root / "settings.toml", times]
    command = [sys.executable, "-m", "tests.core.engine.caller", *map(str, arguments)]
    callers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    took = []
    for caller in callers:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "ready\n"
    for caller in callers:
        assert caller.stdin is not None
        caller.stdin.write("\n")
        caller.stdin.flush()
    for caller in callers:
        said, _ = caller.communicate(timeout=PATIENCE_S * 5)
        assert caller.returncode == 0
        took.append(float(said))
    return took


def test_several_processes_lose_no_count_and_keep_the_blocks(workshop: Workshop) -> None:
    processes, times = 2, 100
    workshop.prompt(version=1, weight=50)
    workshop.prompt(version=2, weight=50, body="Write of {{hero}}.")
    call_from_other_processes(workshop, processes, times)
    rows = workshop.rows("SELECT version, usage_count, success_rate FROM prompt_templates ORDER BY version")
    assert [row["usage_count"] for row in rows] == [processes * times // 2] * 2, "one order of blocks for all"
    told = workshop.rows(
        "SELECT template_id, sum(outcome = 'success') AS good, count(*) AS n FROM uses GROUP BY template_id"
    )
    assert sum(row["n"] for row in told) == processes * times
    assert sum(row["good"] for row in told) == processes * times * 3 // 4
    assert [row["success_rate"] for row in rows] == [row["good"] / row["n"] for row in told]
    assert workshop.rows(
        "SELECT max(n) - min(n) AS apart FROM (SELECT arm_id, count(*) n FROM uses GROUP BY 1)"
    ) == [{"apart": 0}]
    assert len(workshop.rows("SELECT * FROM experiments")) == 1


def test_an_arm_that_is_edited_is_frozen_and_a_new_one_opened(workshop: Workshop, split: Bench) -> None:
    assert {serve(split).arm for _ in range(2)} == {"A", "B"}
    workshop.prompt(version=2, weight=50, body="Write better of {{hero}}.")
    split.engine.submit(lambda: split.engine._need_shelf().update([workshop.prompts / "noir-v2.md"])).result(
        PATIENCE_S
    )
    after = [serve(split) for _ in range(4)]
    assert {one.arm for one in after} == {"A", "C"}
    assert {one.row.template for one in after if one.arm == "C"} == {"Write better of {{hero}}."}
    arms = workshop.rows("SELECT label, version, weight, since, frozen_at FROM arms ORDER BY id")
    assert [(arm["label"], arm["version"], bool(arm["frozen_at"]), arm["since"]) for arm in arms] == [
        ("A", 1, False, 0),
        ("B", 2, True, 0),
        ("C", 2, False, 2),
    ]
    [entry] = workshop.rows("SELECT * FROM audit")
    assert entry["action"] == "edit"
    assert entry["detail"].startswith("arm C is v2 #")
    assert "arm B (v2 #" in entry["detail"]
    assert "@" in entry["who"]


def test_a_process_that_has_not_seen_an_edit_serves_the_new_text_all_the_same(
    workshop: Workshop, split: Bench
) -> None:
    workshop.prompt(version=2, weight=50, body="Write better of {{hero}}.")
    workshop.open()  # another Penstock, which has read the new file
    assert "Write better of {{hero}}." in {serve(split).row.template for _ in range(2)}
    assert workshop.rows("SELECT count(*) AS n FROM arms") == [{"n": 2}]


def test_what_is_told_of_a_use_that_nobody_knows_is_no_harm(split: Bench, workshop: Workshop) -> None:
    split.engine.serving.report(999, "success").result(PATIENCE_S)
    assert workshop.rows("SELECT * FROM uses") == []
    with pytest.raises(UnknownPrompt, match="did you mean 'noir'"):
        split.engine.serving.serve("noi").result(PATIENCE_S)


def test_no_name_of_a_unit_comes_into_the_database(workshop: Workshop, split: Bench) -> None:
    serve(split, "ada@example.org")
    [use] = workshop.rows("SELECT * FROM uses")
    assert "ada" not in str(use)
    assert len(use["unit"]) == 32


def test_weights_changed_by_hand_are_audited_and_begin_new_blocks(workshop: Workshop, split: Bench) -> None:
    for _ in range(3):
        serve(split)
    workshop.prompt(version=1, weight=75)
    edited = [workshop.prompts / "noir-v1.md"]
    split.engine.submit(lambda: split.engine._need_shelf().update(edited)).result(PATIENCE_S)
    served = [serve(split) for _ in range(20)]
    assert [one.row.version for one in served].count(1) == 12, "three of five, in blocks"
    assert {one.arm for one in served} == {"A", "B"}, "a weight is no part of what is sent"
    [entry] = workshop.rows("SELECT action, detail FROM audit")
    assert (entry["action"], entry["detail"]) == ("split", "v1 from 50 to 75")
    [test] = workshop.rows("SELECT phase, weights_since FROM experiments")
    assert (test["phase"], test["weights_since"]) == (2, 3)


def test_an_arm_is_what_is_sent_whoever_is_served_how_often() -> None:
    text = "---\nname: noir\nversion: 1\nactive: true\nweight: 50\n---\n\nWrite.\n"
    assert same_arm(text, text.replace("weight: 50\n", ""))
    assert same_arm(text, text.replace("true", "false").replace("50", "7"))
    assert same_arm(text, text.replace("name: noir", "name: night"))
    assert not same_arm(text, text.replace("Write.", "Write!"))
    assert not same_arm(text, text.replace("version: 1", "version: 1\nmodel: x"))
