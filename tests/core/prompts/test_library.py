"""The library: what becomes of the rows when files are written, broken, moved, doubled and deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.core.prompts.desk import BROKEN, NOON, Desk, codes, keys, only
from tui.core.prompts.snapshot import LibrarySnapshot
from tui.core.store import prompts as store

if TYPE_CHECKING:
    from collections.abc import Callable


def test_an_empty_folder(desk: Desk) -> None:
    assert desk.library.snapshot == LibrarySnapshot(desk.folder, loading=True)
    snapshot = desk.scan()
    assert snapshot == LibrarySnapshot(desk.folder, generation=1)
    assert desk.library.snapshot is snapshot


def test_a_row_says_what_its_file_says(desk: Desk) -> None:
    desk.write(
        "team/greeting-v3.md",
        "---\nname: greeting\nversion: 3\ndescription: A greeting\nvariables:\n  - name\n  - name: title\n"
        "    default: Ms\nactive: false\nweight: 0.5\nsystem: Be kind.\nprovider: openai\nmodel: gpt\n"
        "parameters: {temperature: 0.5}\ntags: [a, b]\n---\n\nHello {{title}} {{name}}\n",
    )
    row = only(desk.scan())
    assert (row.name, row.version, row.path) == ("greeting", 3, "team/greeting-v3.md")
    assert (row.template, row.body_line) == ("Hello {{title}} {{name}}", 18)
    assert [(variable.name, variable.default) for variable in row.variables] == [
        ("name", None),
        ("title", "Ms"),
    ]
    assert (row.active, row.weight, row.description, row.system) == (False, 0.5, "A greeting", "Be kind.")
    assert (row.provider, row.model, row.parameters, row.tags) == (
        "openai",
        "gpt",
        {"temperature": 0.5},
        ("a", "b"),
    )
    assert (row.usage_count, row.success_rate, row.created_at, row.updated_at) == (0, None, NOON, NOON)
    assert not row.broken
    assert desk.restart().versions == (row,)


def test_rows_are_sorted_by_name_and_version(desk: Desk) -> None:
    for version in (10, 2):
        desk.prompt(f"z{version}.md", "alpha", version)
    desk.prompt("a.md", "beta")
    assert [(row.name, row.version) for row in desk.scan().versions] == [
        ("alpha", 2),
        ("alpha", 10),
        ("beta", 1),
    ]


@pytest.mark.parametrize("by", ["update", "scan", "restart"])
class TestChanges:
    """Each change has the same effect told by the watcher, found by a scan, or found at the next start."""

    @pytest.fixture
    def notice(self, desk: Desk, by: str) -> Callable[..., LibrarySnapshot]:
        def act(*paths: str) -> LibrarySnapshot:
            return (
                desk.update(*paths) if by == "update" else desk.restart() if by == "restart" else desk.scan()
            )

        return act

    def test_an_edit_keeps_the_row(self, desk: Desk, notice: Callable[..., LibrarySnapshot]) -> None:
        desk.prompt("a.md")
        before = only(desk.scan())
        desk.clock.now += timedelta(hours=1)
        desk.prompt("a.md", body="Good day")
        after = only(notice("a.md"))
        assert (after.id, after.created_at, after.updated_at) == (before.id, NOON, desk.clock.now)
        assert (after.template, before.template) == ("Good day", "Hello")
        with desk.database.read() as connection:
            old = store.load_content(connection, before.revision_id)
            new = store.load_content(connection, after.revision_id)
        assert old == "---\nname: greeting\nversion: 1\n---\nHello\n"
        assert new == "---\nname: greeting\nversion: 1\n---\nGood day\n"

    @pytest.mark.parametrize("broken", [BROKEN, "", "---\nname: greeting\n"])
    def test_a_broken_file_serves_its_last_good_content(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot], broken: str
    ) -> None:
        desk.prompt("a.md")
        good = only(desk.scan())
        desk.write("a.md", broken)
        snapshot = notice("a.md")
        assert only(snapshot).broken
        assert replace(only(snapshot), problems=()) == good
        assert snapshot.reports == ()
        assert desk.restart().versions == snapshot.versions
        desk.prompt("a.md", body="Mended")
        mended = only(notice("a.md"))
        assert (mended.id, mended.template, mended.problems) == (good.id, "Mended", ())

    def test_a_file_that_was_never_good_is_reported(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        desk.scan()
        desk.write("a.md", BROKEN)
        snapshot = notice("a.md")
        assert snapshot.versions == ()
        [report] = snapshot.reports
        assert report.path == "a.md"
        assert "error" in {problem.severity for problem in report.problems}
        assert desk.restart().reports == snapshot.reports
        desk.prompt("a.md")
        snapshot = notice("a.md")
        assert (keys(snapshot), snapshot.reports) == ([("greeting", 1, "a.md")], ())

    def test_a_deleted_file_retires_its_row_until_it_returns(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        desk.prompt("a.md")
        desk.prompt("b.md", "other")
        first, second = desk.scan().versions
        (desk.folder / "a.md").unlink()
        assert notice("a.md").versions == (second,)
        assert desk.retired() == {("greeting", 1)}
        desk.prompt("other/place.md")
        back = notice("other/place.md").versions[0]
        assert back == replace(first, path="other/place.md")
        assert desk.retired() == set()

    def test_a_renamed_file_keeps_its_row(self, desk: Desk, notice: Callable[..., LibrarySnapshot]) -> None:
        desk.prompt("v1.md")
        before = only(desk.scan())
        (desk.folder / "v1.md").rename(desk.folder / "other.md")
        assert only(notice("v1.md", "other.md")) == replace(before, path="other.md")
        assert desk.retired() == set()

    def test_a_renamed_folder_keeps_its_rows(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        for number in range(3):
            desk.prompt(f"old/{number}.md", version=number, active=number == 0)
        before = desk.scan().versions
        (desk.folder / "old").rename(desk.folder / "new")
        moved = [f"{folder}/{number}.md" for folder in ("new", "old") for number in range(3)]
        after = notice(*moved).versions
        assert after == tuple(replace(row, path=row.path.replace("old", "new")) for row in before)

    def test_another_name_inside_a_file_is_another_row(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        desk.prompt("a.md")
        before = only(desk.scan())
        desk.prompt("a.md", version=2)
        after = only(notice("a.md"))
        assert (after.version, after.id != before.id) == (2, True)
        assert desk.retired() == {("greeting", 1)}
        desk.prompt("a.md")
        assert only(notice("a.md")).id == before.id
        assert desk.retired() == {("greeting", 2)}

    def test_two_files_can_exchange_their_versions(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        desk.prompt("a.md", version=1, body="A")
        desk.prompt("b.md", version=2, body="B", active=False)
        before = desk.scan().versions
        desk.prompt("a.md", version=2, body="A", active=False)
        desk.prompt("b.md", version=1, body="B")
        after = notice("a.md", "b.md").versions
        assert [(row.id, row.path, row.template) for row in after] == [
            (before[0].id, "b.md", "B"),
            (before[1].id, "a.md", "A"),
        ]

    def test_of_two_files_for_one_version_the_first_is_served(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        desk.prompt("b.md", body="B")
        row = only(desk.scan())
        desk.prompt("c.md", body="C")
        snapshot = notice("c.md")
        assert snapshot.versions == (row,)
        assert [(report.path, codes(report.problems)) for report in snapshot.reports] == [
            ("c.md", ["duplicate"])
        ]
        assert "b.md" in snapshot.reports[0].problems[-1].message
        desk.prompt("a.md", body="A")
        snapshot = notice("a.md")
        assert (only(snapshot).id, only(snapshot).template, only(snapshot).path) == (row.id, "A", "a.md")
        assert [report.path for report in snapshot.reports] == ["b.md", "c.md"]
        assert all("a.md" in report.problems[-1].message for report in snapshot.reports)

    def test_the_second_file_takes_over(self, desk: Desk, notice: Callable[..., LibrarySnapshot]) -> None:
        desk.prompt("a.md", body="A")
        desk.prompt("b.md", body="B")
        row = only(desk.scan())
        (desk.folder / "a.md").unlink()
        snapshot = notice("a.md")
        assert (only(snapshot).id, only(snapshot).path, only(snapshot).template) == (row.id, "b.md", "B")
        assert snapshot.reports == ()

    def test_a_second_file_that_broke_does_not_take_over(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        for name in "abc":
            desk.prompt(f"{name}.md", body=name)
        desk.scan()
        desk.write("b.md", BROKEN)
        (desk.folder / "a.md").unlink()
        snapshot = notice("a.md", "b.md")
        assert (only(snapshot).path, only(snapshot).template, only(snapshot).broken) == ("c.md", "c", False)
        assert [report.path for report in snapshot.reports] == ["b.md"]

    def test_a_first_file_that_became_another_version_makes_way(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        desk.prompt("a.md", body="A")
        desk.prompt("b.md", body="B")
        desk.scan()
        desk.prompt("a.md", version=2, body="A", active=False)
        snapshot = notice("a.md")
        assert keys(snapshot) == [("greeting", 1, "b.md"), ("greeting", 2, "a.md")]
        assert snapshot.reports == ()

    def test_an_unreadable_file_serves_its_last_good_content(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        real = desk.folder.parent / "real.md"
        desk.prompt("../real.md")
        (desk.folder / "a.md").symlink_to(real)
        good = only(desk.scan())
        real.unlink()
        snapshot = notice("a.md")
        assert codes(only(snapshot).problems) == ["unreadable"]
        assert replace(only(snapshot), problems=()) == good
        desk.prompt("../real.md", body="Back")
        assert only(notice("a.md")).template == "Back"

    def test_what_is_served_of_a_name_is_said_at_its_rows(
        self, desk: Desk, notice: Callable[..., LibrarySnapshot]
    ) -> None:
        desk.prompt("a.md", version=1, active=True)
        assert codes(only(desk.scan()).problems) == []
        desk.prompt("b.md", version=2, active=True)
        snapshot = notice("b.md")
        assert [codes(row.problems) for row in snapshot.versions] == [["several-active"], ["several-active"]]
        assert not any(row.broken for row in snapshot.versions)
        for path, version in (("a.md", 1), ("b.md", 2)):
            desk.prompt(path, version=version, active=False)
        snapshot = notice("a.md", "b.md")
        assert [codes(row.problems) for row in snapshot.versions] == [[], ["none-active"]]
        (desk.folder / "b.md").unlink()
        assert [codes(row.problems) for row in notice("b.md").versions] == [["none-active"]]
