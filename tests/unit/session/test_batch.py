"""Many sessions from one table: each alone, the same bytes wherever they are made."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import DATA, Ran
from prescribed import workbook
from stretchaudio.session.batch import Job as Row
from stretchaudio.session.batch import _pools, forecast, run_jobs
from stretchaudio.session.options import Options
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.engines import espeak
from stretchaudio.speech.engines.espeak import Espeak

Run = Callable[..., Ran]
SHORT = str(DATA / "short.yaml")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    _pools().close()
    _pools.cache_clear()


def jobs(folder: Path, *names: str, **options: Any) -> list[Row]:
    chosen = Options(voice="espeak", **options)
    return [
        Row(row=number, routine=SHORT, path=folder / f"{name}.mp3", options=chosen)
        for number, name in enumerate(names, 1)
    ]


def run_here(rows: list[Row], folder: Path) -> list[dict[str, Any]]:
    return run_jobs(rows, lambda: ThreadPoolExecutor(1), folder=folder)


def test_one_bad_row_fails_alone_and_the_next_run_does_what_changed_or_failed(home: Path) -> None:
    rows = jobs(home / "out", "anna", "bob")
    rows.append(Row(row=3, routine="nope.yaml", path=home / "out" / "eve.mp3"))
    first = run_here(rows, home / "out")
    assert ["error" in one for one in first] == [False, False, True]
    assert first[0]["sha256"] == first[1]["sha256"], "the same session, the same bytes"
    lines = (home / "out" / "results.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == first
    (home / "out" / "bob.mp3").write_bytes(b"cut")
    rows[2] = Row(row=3, routine=SHORT, path=rows[2].path, options=rows[0].options)
    again = run_here(rows, home / "out")
    assert [one.get("unchanged", False) for one in again] == [True, False, False]
    assert [one["sha256"] for one in again] == [first[0]["sha256"]] * 3


def test_the_order_of_rows_changes_no_byte_and_a_greeting_is_of_its_row(home: Path) -> None:
    rows = jobs(home / "one", "anna", "bob", level="beginner")
    rows[0] = Row(**{**_fields(rows[0]), "greeting": "Good morning, Anna."})
    one = {Path(row["path"]).name: row["sha256"] for row in run_here(rows, home / "one")}
    other = [
        Row(**{**_fields(row), "row": 3 - row.row, "path": home / "two" / row.path.name})
        for row in reversed(rows)
    ]
    two = {Path(row["path"]).name: row["sha256"] for row in run_here(other, home / "two")}
    assert one == two
    assert one["anna.mp3"] != one["bob.mp3"]


def _fields(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


TABLE = [{"routine": "short.yaml", "name": "Anna", "level": "expert"}, {"routine": "", "name": "B"}]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml", "jsonl"])
def test_a_table_of_any_kind_is_read_and_each_row_has_its_error(
    run: Run, home: Path, kind: str
) -> None:
    cells = [list(TABLE[0]), *(list(row.values()) + [""] * (3 - len(row)) for row in TABLE)]
    data = {
        "csv": "\n".join(";".join(row) for row in cells).encode(),
        "xlsx": workbook(cells),
        "yaml": yaml.safe_dump(TABLE).encode(),
        "jsonl": "\n".join(map(json.dumps, TABLE)).encode(),
    }[kind]
    (home / f"people.{kind}").write_bytes(data)
    ran = run("batch", f"people.{kind}", "-o", "out", "--jobs", "1")
    assert ran.code == 1
    assert "row 1: There is no level 'expert'." in ran.err
    assert "row 2: the row names no routine" in ran.err
    assert "out: 0 of 2 tracks; 2 rows failed. " in ran.out


def test_a_table_without_routines_is_an_error_and_nothing_is_written(run: Run, home: Path) -> None:
    (home / "people.csv").write_text("name\nAnna\n")
    ran = run("batch", "people.csv", "-o", "out")
    assert (ran.code, "has no column 'routine'" in ran.err) == (2, True)
    assert not (home / "out").exists()


class _Dies(ThreadPoolExecutor):
    """An executor whose second job finds its process dead."""

    def submit(self, *given: Any, **named: Any) -> Any:
        if getattr(self, "used", False):
            raise BrokenProcessPool
        self.used = True
        return super().submit(*given, **named)


def test_when_processes_die_their_rows_are_done_by_others_and_none_twice(home: Path) -> None:
    executors = iter([_Dies(1), ThreadPoolExecutor(1)])
    told: list[int] = []
    rows = jobs(home / "out", "anna", "bob", "eve")
    records = run_jobs(
        rows, lambda: next(executors), folder=home / "out", done=lambda one: told.append(one["row"])
    )
    assert sorted(told) == [1, 2, 3]
    assert all("sha256" in one for one in records)


class _DiesOfRow2(ThreadPoolExecutor):
    """An executor whose process dies of one job, and with it all others that are under way."""

    opened = 0

    def submit(self, fn: Any, task: list[Row], *others: Any) -> Any:
        if [job.row for job in task] != [2]:
            return super().submit(fn, task, *others)
        self.__class__.opened += 1
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool())
        return future


def test_a_row_of_which_processes_die_fails_alone(home: Path) -> None:
    rows = jobs(home / "out", "anna", "bob", "eve")
    records = run_jobs(rows, lambda: _DiesOfRow2(1), folder=home / "out")
    assert ["error" in one for one in records] == [False, True, False]
    assert "process that builds it dies" in records[1]["error"]
    assert _DiesOfRow2.opened == 3, "once with the others, and twice alone"


def test_a_killed_run_leaves_what_it_found_out(home: Path) -> None:
    def killed(record: dict[str, Any]) -> None:
        if record["row"] == 2:
            raise KeyboardInterrupt

    rows = jobs(home / "out", "anna", "bob", "eve")
    with pytest.raises(KeyboardInterrupt):
        run_jobs(rows, lambda: ThreadPoolExecutor(1), folder=home / "out", done=killed)
    results = home / "out" / "results.jsonl"
    results.write_bytes(results.read_bytes()[:-5])
    again = run_here(rows, home / "out")
    assert [one.get("unchanged", False) for one in again] == [True, False, False]


def test_a_dry_run_counts_what_all_rows_would_have_spoken_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = jobs(home / "out", "anna", "bob", cache_dir=home / "cache", speed=1.05)
    opened: list[Voice] = []

    def open_engine(voice: Voice, jobs: int) -> Espeak:
        opened.append(voice)
        return Espeak(voice, jobs)

    monkeypatch.setattr(espeak, "open_engine", open_engine)
    found = forecast([*rows, Row(row=3, routine="nope.yaml", path=home / "out" / "eve.mp3")])
    assert found.texts == forecast(rows[:1]).texts > 0
    assert (found.online_letters, list(found.problems)) == (0, [3])
    assert not (home / "out").exists()
    assert len(opened) == 1
    spoken = jobs(home / "out", "anna", "bob")
    run_here(spoken[:1], home / "out")
    assert forecast(spoken).texts == 0
