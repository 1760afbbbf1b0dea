"""Sheets of physiotherapists.

A dose is read as it was meant, or its exercise is refused by name.
"""

import io
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import DATA, Ran
from stretchaudio.errors import FileError, StretchaudioError
from stretchaudio.language import languages
from stretchaudio.routine.import_sheet import Sheet, read_sheet, read_sheets, sheet_yaml
from stretchaudio.routine.import_sheet.match import known_exercises
from stretchaudio.routine.library import bundled_exercises
from stretchaudio.routine.parse import parse_routine
from stretchaudio.script.model import Chapter, Window, WindowKind
from stretchaudio.script.write import write_script

Run = Callable[..., Ran]


def read_one(heading: str, cell: str, name: str = "Twist") -> Sheet:
    """Read a sheet of one exercise with one other cell."""
    quoted = cell.replace('"', '""')
    return read_sheet(f'Exercise,{heading}\n{name},"{quoted}"\n', file="plan.csv")


def holds(count: int, length: str) -> dict[str, Any]:
    return {"work": [{"repeat": count, "work": [{"hold": length}, {"move": "3s"}]}]}


READ = [
    ("Reps", "10 x 3 sets", {"reps": 10, "sets": 3}),
    ("Reps", "3 sets x 10 reps", {"reps": 10, "sets": 3}),
    ("Reps", "3 sets of 10", {"reps": 10, "sets": 3}),
    ("Reps", "3 sets, 10 reps", {"reps": 10, "sets": 3}),
    ("Reps", "3 × 10", {"reps": 10, "sets": 3}),
    ("Reps", "10 to 12 reps", {"reps": "10-12"}),
    ("Reps", "10/side", {"reps": 10, "sides": "each"}),
    ("Reps", "8/leg", {"reps": 8, "sides": "each"}),
    ("Reps", "3 x 8 per arm", {"reps": 8, "sets": 3, "sides": "each"}),
    ("Reps", "10 ea", {"reps": 10, "sides": "each"}),
    ("Reps", "10 x 5 s", {"hold": "5s", "sets": 10}),
    ("Reps", "3 x 30 s", {"hold": "30s", "sets": 3}),
    ("Reps", "2x30s/side", {"hold": "30s", "sets": 2, "sides": "each"}),
    ("Hold time", "3 x 15s", {"hold": "15s", "sets": 3}),
    ("Reps", "10 (5 s hold)", holds(10, "5s")),
    ("Reps", "10 mins", {"time": "10m"}),
    ("Dose", "2 x 5 min", {"time": "5m", "sets": 2}),
    ("Duration", "1-2 min/side", {"time": "1-2m", "sides": "each"}),
    ("Reps", "hold 2 min", {"hold": "2m"}),
    ("Reps", "1:30", {"hold": "1m30s"}),
    ("Reps", "3 x 10 (5 s hold)", {**holds(10, "5s"), "sets": 3}),
    ("Hold", "30s/leg", {"hold": "30s", "sides": "each"}),
    ("Hold", "30s/side", {"hold": "30s", "sides": "each"}),
    ("Hold", "1'", {"hold": "1m"}),
    ("Hold", "2\N{PRIME}", {"hold": "2m"}),
    ("Hold", '30"', {"hold": "30s"}),
    ("Hold", "1'30\"", {"hold": "1m30s"}),
    ("Hold", "1:30", {"hold": "1m30s"}),
    ("Hold", "0:30", {"hold": "30s"}),
    ("Hold", "1 min 30", {"hold": "1m30s"}),
    ("Hold", "45", {"hold": "45s"}),
    ("Dose", "2 sets of 30 sec each side", {"hold": "30s", "sets": 2, "sides": "each"}),
    ("Sets x Reps", "3 x 10", {"reps": 10, "sets": 3}),
    ("Sets x Reps", "10 x 3", {"reps": 3, "sets": 10}),
    ("Reps/Sets", "10/3", {"reps": 10, "sets": 3}),
    ("Reps", "10x", {"reps": 10}),
    ("Reps per side", "10", {"reps": 10, "sides": "each"}),
    ("Hold time", "1,5 min", {"hold": "1.5m"}),
    ("Hold time", "30s on 15s off x 4", {"hold": "30s", "sets": 4, "rest": "15s"}),
    ("Hold (min)", "2", {"hold": "2m"}),
]


@pytest.mark.parametrize(("heading", "cell", "dose"), READ)
def test_a_common_notation_is_read_as_it_is_meant(
    heading: str, cell: str, dose: dict[str, Any]
) -> None:
    sheet = read_one(heading, cell)
    assert (sheet.exercises, sheet.left_out) == (({"name": "Twist", **dose},), 0)
    assert sheet.problems == ()


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Reps", "3 sets"),
        ("Reps", "10 x 3"),
        ("Reps", "10, 8, 6"),
        ("Reps", "8, 10"),
        ("Reps", "20 m"),
        ("Reps", "2x"),
        ("Dose", "2x"),
        ("Reps", "10 both sides"),
        ("Reps", "3 x 10 bilateral"),
        ("Hold time", "30 s B/L"),
        ("Reps", "10 reps x 2 min"),
        ("Reps", "10 per set"),
        ("Reps", "10 each way"),
        ("Reps", "3 x 10 ea"),
        ("Reps", "10 L, 8 R"),
        ("Reps", "as many as you can"),
        ("Reps", "12-Aug"),
        ("How many reps", "10"),
        ("Hold time", "3 x 10"),
        ("Hold time", "01:30:00"),
        ("Duration", "5"),
        ("Prescription", "10"),
        ("Dose", "3 x 10 - 30 s"),
        ("Dose", "3 x 30 hold"),
        ("Time", "8:00"),
        ("Sets", "as tolerated"),
        ("Reps", "1" * 5000),
    ],
)
def test_a_cell_whose_meaning_is_not_sure_is_refused_by_name(heading: str, cell: str) -> None:
    sheet = read_one(heading, cell)
    assert (sheet.exercises, sheet.left_out) == ((), 1)
    problem = str(sheet.problems[-1])
    assert problem.startswith("plan.csv:2:1: ")
    assert problem.endswith(", so 'Twist' is left out")
    assert f"under '{heading}'" in problem
    assert cell[:80] in problem or "'…' under" in problem


@pytest.mark.parametrize(
    ("name", "became"),
    [
        ("Calf stretch (each leg)", {"name": "Calf stretch", "hold": "30s", "sides": "each"}),
        ("Calf stretch - per side", {"name": "Calf stretch", "hold": "30s", "sides": "each"}),
        (
            "Calf stretch \N{EN DASH} each leg",
            {"name": "Calf stretch", "hold": "30s", "sides": "each"},
        ),
        ("Calf stretch L/R", {"name": "Calf stretch", "hold": "30s", "sides": "each"}),
        ("Calf stretch L", {"name": "Calf stretch, left side", "hold": "30s"}),
        ("Calf stretch (right leg)", {"name": "Calf stretch, right side", "hold": "30s"}),
        ("Left calf stretch", {"name": "Left calf stretch", "hold": "30s"}),
        ("Press-up (on knees)", {"name": "Press-up (on knees)", "hold": "30s"}),
    ],
)
def test_sides_are_read_from_a_name(name: str, became: dict[str, Any]) -> None:
    assert read_one("Hold", "30s", name).exercises == (became,)


@pytest.mark.parametrize(
    "name",
    [
        "Heel raise (both legs)",
        "Heel raise (bilateral)",
        "Neck turn to each side",
        "Calf raise each",
    ],
)
def test_a_name_that_may_mean_each_side_or_both_at_once_is_refused(name: str) -> None:
    sheet = read_one("Reps", "10", name)
    assert sheet.exercises == ()
    assert f"'{name}' under 'Exercise' may mean" in str(sheet.problems[0])


@pytest.mark.parametrize("side", ["both", "Both legs", "on both sides", "B/L", "bilateral"])
def test_a_side_that_may_be_each_or_both_at_once_is_refused(side: str) -> None:
    sheet = read_sheet(f"Exercise,Side,Reps\nHeel raise,{side},10\n", file="plan.csv")
    assert (sheet.exercises, sheet.left_out) == ((), 1)
    assert f"plan.csv:2:1: '{side}' under 'Side' may mean each side in turn" in str(
        sheet.problems[0]
    )


@pytest.mark.parametrize(
    "row",
    [
        "Calf stretch,left knee or so,10,",
        "Calf stretch,x,10,",
        "Left calf stretch,both,10,",
        "Calf stretch L,R,10,",
        "Calf stretch,left,10/side,",
        "Calf stretch,alternating,10/side,",
    ],
)
def test_an_unreadable_or_contradictory_side_leaves_the_exercise_out(row: str) -> None:
    sheet = read_sheet(f"Exercise,Side,Reps,Rest\n{row}\n", file="plan.csv")
    assert (sheet.exercises, sheet.left_out) == ((), 1)


@pytest.mark.parametrize(
    "rows",
    [
        "Sets,Reps\nBridge,2,3 x 10",
        "Sets,Hold\nBridge,3,3 x 30s",
        "Reps,Repetitions\nBridge,10,12",
        "Reps,Time\nBridge,10,30s",
        "Reps,Hold\nBridge,5 breaths,10s",
        "Sets,,Reps\nBridge,3,5 s,10",
    ],
)
def test_cells_that_do_not_go_together_are_refused(rows: str) -> None:
    sheet = read_sheet(f"Exercise,{rows}\n", file="plan.csv")
    assert (sheet.exercises, sheet.left_out) == ((), 1)


def test_a_rest_that_cannot_be_read_is_lost_and_told_but_the_exercise_is_not(
    run: Run, home: Path
) -> None:
    (home / "plan.csv").write_text(
        "Exercise,Sets,Reps,Rest time\nBridge,3,10,as needed\nClam,3,10,1:00\n"
    )
    ran = run("import", "plan.csv")
    assert ran.code == 1
    assert ran.out.startswith("plan.yaml: 2 exercises; 1 rest left out. Read it through, then: ")
    assert ran.err == (
        "plan.csv:2:1: 'as needed' under 'Rest time' is not understood, so 'Bridge' has no "
        "rest of its own\n"
    )
    assert yaml.safe_load((home / "plan.yaml").read_text())["exercises"] == [
        {"name": "Bridge", "reps": 10, "sets": 3},
        {"name": "Clam", "reps": 10, "sets": 3, "rest": "1m"},
    ]


@pytest.mark.parametrize(
    ("heading", "cell", "rest"),
    [
        ("Rest (min)", "1", "1m"),
        ("Rest (min)", "1.5", "1.5m"),
        ("Rest (min)", "45 s", "45s"),
        ("Rest, minutes", "2", "2m"),
        ("Rest (s)", "60", "60s"),
        ("Rest between sets", "90", "90s"),
        ("Rest between sets (min)", "2", "2m"),
        ("Rest period", "30 sec", "30s"),
        ("Inter-set rest", "30", "30s"),
        ("Recovery", "1 min", "1m"),
        ("Break", "1:30", "1m30s"),
    ],
)
def test_a_rest_is_read_in_the_unit_of_its_heading(heading: str, cell: str, rest: str) -> None:
    sheet = read_sheet(f'Exercise,Sets,Reps,"{heading}"\nBridge,3,10,{cell}\n', file="plan.csv")
    assert sheet.exercises == ({"name": "Bridge", "reps": 10, "sets": 3, "rest": rest},)
    assert sheet.problems == ()


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Rest (min)", "as needed"),
        ("Rest (min:s)", "1"),
        ("Rest between reps", "3"),
        ("Rest period", "30-60 s"),
        ("Recovery", "full"),
        ("Break", "if tired"),
    ],
)
def test_under_any_heading_an_unreadable_rest_is_lost_and_not_the_exercise(
    heading: str, cell: str
) -> None:
    sheet = read_sheet(f"Exercise,Sets,Reps,{heading}\nBridge,3,10,{cell}\n", file="plan.csv")
    assert sheet.exercises == ({"name": "Bridge", "reps": 10, "sets": 3},)
    problem = str(sheet.problems[0])
    assert problem.startswith(f"plan.csv:2:1: '{cell}' under '{heading}' is not ")
    assert problem.endswith(", so 'Bridge' has no rest of its own")


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Exercise,Sets,Reps,Rest, min,Notes\nBridge,3,10,1,x\nClam,3,10,1,y, z\n", "Rest, min"),
        ("exercise,hold,s,notes\nBridge,30,x\n", "hold, s"),
        ("Exercise;Hold; sec;Reps\nBridge;30;2\n", "Hold; sec"),
        ("Clinic\nExercise,Rest, between sets,Reps\n\nBridge,30,2\n", "Rest, between sets"),
    ],
)
def test_a_heading_that_a_comma_cuts_in_two_is_refused(text: str, heading: str) -> None:
    with pytest.raises(FileError) as raised:
        read_sheet(text, file="plan.csv")
    sign = "semicolon" if ";" in heading else "comma"
    line = 2 if text.startswith("Clinic") else 1
    assert raised.value.message.startswith(
        f"plan.csv:{line}:1: the heading '{heading}' has a {sign} that is not in quotes"
    )


@pytest.mark.parametrize(
    "text",
    [
        "exercise,sets,reps,notes\nBridge,3,10\n",
        "Exercise,Sets,reps,notes\nBridge,3,10,\nClam,3,10,\nSquat,3,10\n",
        '"Exercise","Rest, min",Reps,Sets\nBridge,1,10\n',
    ],
)
def test_rows_without_their_last_cells_are_read(text: str) -> None:
    assert all(one["reps"] == 10 for one in read_sheet(text, file="plan.csv").exercises)


@pytest.mark.parametrize("headings", ["Exercise,Sets,Reps,Notes", "Exercise,Sets,Reps,Notes,,"])
def test_a_comma_that_is_not_quoted_is_told_and_cuts_no_note(headings: str) -> None:
    sheet = read_sheet(
        f"{headings}\nBridge,3,10,Squeeze, hold, lower\nClam,3,10,Slowly,,\n", file="plan.csv"
    )
    assert [one["name"] for one in sheet.exercises] == ["Clam"]
    assert "'hold' and 'lower' after the last column, 'Notes'" in str(sheet.problems[0])


def test_what_was_left_out_is_counted_and_the_code_says_so(run: Run, home: Path) -> None:
    ran = run("import", DATA / "sheets" / "partial.csv", "-o", "plan.yaml")
    assert ran.code == 1
    assert ran.out.startswith("plan.yaml: 6 of 11 exercises; 5 need you. Read it through, then: ")
    assert len(yaml.safe_load((home / "plan.yaml").read_text())["exercises"]) == 6


def test_everything_that_was_left_out_is_counted(run: Run, home: Path) -> None:
    (home / "plan.csv").write_text(
        "Exercise,Sets,Reps,Rest,Times per day\nBridge,3,10,as needed,2\nClam,1,10,60,2\n"
        ",2,10,,2\nSquat,2,lots,as needed,2\n"
    )
    ran = run("import", "plan.csv")
    assert ran.code == 1
    assert ran.out.startswith("plan.yaml: 2 of 4 exercises; 2 need you; 2 rests left out. ")


def test_what_is_no_part_of_the_prescription_leaves_nothing_out(run: Run, home: Path) -> None:
    (home / "plan.csv").write_text("Clinic of Ulm,,\nExercise,Reps,Times per day\nBridge,10,2\n")
    ran = run("import", "plan.csv")
    assert (ran.code, "left out" in ran.out + ran.err) == (0, False)
    assert "plan.csv:1:1: line 1 is outside of the table and is not read" in ran.err


def test_the_command_to_build_can_be_pasted(run: Run, home: Path) -> None:
    (home / "my plan.csv").write_text("Exercise,Reps\nBridge,10\n")
    ran = run("import", "my plan.csv", "-o", "Oma's plan.yaml")
    assert ran.code == 0
    assert shlex.split(ran.out.partition("then: ")[2]) == [
        "stretchaudio",
        "build",
        "Oma's plan.yaml",
    ]


def test_a_sheet_of_which_nothing_is_read_does_not_blame_its_headings(run: Run, home: Path) -> None:
    (home / "plan.csv").write_text("Exercise,Reps\nBridge,lots\n")
    ran = run("import", "plan.csv")
    assert ran.code == 4
    assert "The lines above say" in ran.err
    assert not (home / "plan.yaml").exists()


@pytest.mark.parametrize(
    "text",
    [
        "Patient,Exercise,Reps\nAnna,Cat cow,10\nBob,Cat cow,5\n",
        "Exercise,Reps,Name of patient\nCat cow,10,Anna\n,,\nBridge,5,Bob\n",
        "Patientin;Exercise;Reps\nAnna;Cat cow;10\nEva;Cat cow;5\n",
        "Paciente;Exercise;Reps\nAna;Cat cow;10\nEva;Cat cow;5\n",
        "Name,Exercise,Reps\nAnna,Cat cow,10\nBob,Cat cow,5\n",
        "Patient: Anna\nExercise,Reps\nCat cow,10\nPatient: Bob\nExercise,Reps\nCat cow,5\n",
    ],
)
def test_a_sheet_of_several_patients_is_a_routine_for_each(run: Run, home: Path, text: str) -> None:
    (home / "plan.csv").write_text(text)
    ran = run("import", "plan.csv")
    assert (ran.code, ran.out.count("1 exercise. Read it through")) == (0, 2)
    routines = [yaml.safe_load(path.read_text()) for path in sorted(home.glob("plan-*.yaml"))]
    assert sorted(one["exercises"][0]["reps"] for one in routines) == [5, 10]
    assert {one["title"] for one in routines} == {"Plan"}, "nobody's name is spoken"


def test_a_patient_named_in_the_first_row_of_a_block_has_the_rows_below() -> None:
    text = "Patient,Exercise,Reps\nAnna,Bridge,10\n,Clam,8\nBob,Squat,5\n,Lunge,6\n"
    anna, bob = read_sheets(text, file="plan.csv")
    assert [(one.person, [row["reps"] for row in one.exercises]) for one in (anna, bob)] == [
        ("Anna", [10, 8]),
        ("Bob", [5, 6]),
    ]


@pytest.mark.parametrize(
    "rows",
    ["Anna,Bridge,10\nAnna,Clam,8\n,Squat,5\nBob,Lunge,6", ",Squat,5\nAnna,Bridge,1\nBob,Clam,8"],
)
def test_a_row_that_may_be_anybodys_is_refused_with_its_sheet(rows: str) -> None:
    with pytest.raises(FileError, match="Nothing was written"):
        read_sheets(f"Patient,Exercise,Reps\n{rows}\n", file="plan.csv")


@pytest.mark.parametrize(
    "heading",
    [
        *("Pt", "Pt.", "First name", "Surname", "Last name", "Person", "Participant"),
        *("Member", "Athlete", "User", "MRN", "For"),
    ],
)
def test_whoever_the_exercises_are_for_a_sheet_is_of_one(heading: str) -> None:
    text = f"{heading},Exercise,Reps\nAnna,Cat cow,10\n{{}},Cat cow,5\n"
    assert len(read_sheet(text.format("Anna"), file="plan.csv").exercises) == 2
    sheets = read_sheets(text.format("Bob"), file="plan.csv")
    assert [one.person for one in sheets] == ["Anna", "Bob"]


def test_what_an_exercise_is_good_for_is_no_patient_and_an_amount_is_not_lost() -> None:
    sheet = read_sheet(
        "Exercise,For,Reps\nBridge,Lower back,10\nClam,Hips,10\nPlank,30 s,2\n", file="plan.csv"
    )
    assert (len(sheet.exercises), sheet.left_out) == (2, 1)
    assert "'30 s' under 'For' is in a column that may be of the dose" in str(sheet.problems[-1])


def test_a_first_name_and_a_surname_are_of_one_patient() -> None:
    text = "First name,Surname,Exercise,Reps\nAnna,Smith,Cat cow,10\n{},Smith,Bridge,5\n"
    assert len(read_sheet(text.format("Anna"), file="plan.csv").exercises) == 2
    sheets = read_sheets(text.format("Eva"), file="plan.csv")
    assert [one.person for one in sheets] == ["Anna Smith", "Eva Smith"]


@pytest.mark.parametrize("second", ["", "anna ", "-"])
def test_a_sheet_of_one_patient_is_fine(second: str) -> None:
    text = f"Client name,Exercise,Reps\nAnna,Cat cow,10\n{second},Bridge,5\n"
    assert len(read_sheet(text, file="plan.csv").exercises) == 2


def test_a_semicolon_sheet_with_crlf_and_quoted_semicolons_is_read(run: Run, home: Path) -> None:
    sheet = (
        b'Exercise;Sets;Reps;Hold, s;Notes\r\nArch;2;10;;"Arch; then\r\nround"\r\n'
        b"Calf stretch;3;;30 s;Heel, down\r\nClam;;lots;;\r\n"
    )
    (home / "excel.csv").write_bytes(sheet)
    ran = run("import", "excel.csv")
    assert (
        ran.err == "excel.csv:5:1: 'lots' under 'Reps' is not understood, so 'Clam' is left out\n"
    )
    assert yaml.safe_load((home / "excel.yaml").read_text())["exercises"] == [
        {"name": "Arch", "setup": ["Arch.", "Then.", "Round."], "reps": 10, "sets": 2},
        {"name": "Calf stretch", "setup": ["Heel, down."], "hold": "30s", "sets": 3},
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_is_found_whatever_the_notes_hold(delimiter: str) -> None:
    rows = [
        ["Exercise", "Notes", "Reps"],
        ["Bridge", '"a, b; c, d; e"', "10"],
        ["Clam", '"f; g; h"', "5"],
    ]
    text = "".join(f"{delimiter.join(row)}\r\n" for row in rows)
    assert [one["reps"] for one in read_sheet(text, file="plan.csv").exercises] == [10, 5]


@pytest.mark.parametrize(
    "text", ['Bridge,10,"Squeeze\nClam,10,slowly\n', 'Bridge,10,"Squeeze\nClam,10,"Slowly"\n']
)
def test_a_quotation_mark_that_is_not_closed_swallows_no_exercise(text: str) -> None:
    with pytest.raises(FileError, match=r"^plan\.csv:2:1: .*quotation marks do not pair"):
        read_sheet(f"Exercise,Reps,Notes\n{text}", file="plan.csv")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("plan.xlsx", b"anything"),
        ("plan.XLS", b"anything"),
        ("plan.ods", b"PK\x03\x04"),
        ("plan.numbers", b"PK\x03\x04"),
        ("plan.docx", b"PK\x03\x04"),
        ("plan.pdf", b"%PDF-1.7"),
        ("plan.csv", b"PK\x03\x04\x14\x00"),
        ("plan.csv", b"%PDF-1.7"),
        ("plan", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ],
)
def test_what_cannot_be_read_is_told_what_to_save_it_as(
    run: Run, home: Path, name: str, start: bytes
) -> None:
    (home / name).write_bytes(start + bytes(100))
    ran = run("import", name)
    assert ran.code == 4
    assert name in ran.err
    assert "save it as .xlsx or CSV" in ran.err
    assert not (home / "plan.yaml").exists()


def test_a_track_in_place_of_a_sheet_is_recognised(run: Run, home: Path) -> None:
    (home / "plan.csv").write_bytes(b"ID3\x03" + bytes(100))
    ran = run("import", "plan.csv")
    assert ran.code == 2
    assert "plan.csv is a finished track, not a sheet." in ran.err
    assert "stretchaudio extract plan.csv --yaml routine.yaml" in ran.err


def test_a_sheet_that_is_not_there_or_no_sheet_is_told_so(run: Run, home: Path) -> None:
    assert "There is no file plan.xlsx." in run("import", "plan.xlsx").err
    assert "is a folder" in run("import", ".").err


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"]
)
def test_a_sheet_is_read_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    text = (
        "Übung;Sätze;Wdh.;Hinweise\nBrücke;3;10;Gesäß anspannen, Fersen am Boden\nKniebeuge;2;8;\n"
    )
    sheet = read_sheet(text.encode(encoding), file="plan.csv")
    assert sheet.exercises[0]["name"] == "Brücke"
    assert sheet.exercises[0]["setup"] == ["Gesäß anspannen, Fersen am Boden."]


def test_lines_beside_a_table_do_not_vanish_without_a_word() -> None:
    page = (
        "# Plan\n\nStop if pain > 4/10\n\n| Exercise | Reps |\n|---|---|\n||7|\n| Bridge | "
        "**10** |\n\nGoodbye\n"
    )
    sheet = read_sheet(page, file="plan.md")
    assert [str(problem) for problem in sheet.problems] == [
        "plan.md:1:1: lines 1, 3 and 10 are outside of the table and are not read",
        "plan.md:7:1: this row has no exercise name, so it is left out",
    ]
    assert sheet.exercises == ({"name": "Bridge", "reps": 10},)


@pytest.mark.parametrize(
    ("note", "spoken"),
    [
        ("[video](https://example.org/k2c) Pull gently.", ["Pull gently."]),
        ("[Pull gently](https://example.org/k2c), and breathe.", ["Pull gently, and breathe."]),
        ("Pull gently: https://example.org/a;b=1.", ["Pull gently:."]),
        ("Pull (www.example.org) gently", ["Pull gently."]),
        ("Pull gently <https://example.org>", ["Pull gently."]),
        ("Pull gently youtu.be/k2c", ["Pull gently."]),
    ],
)
def test_addresses_are_told_and_never_spoken(note: str, spoken: list[str]) -> None:
    sheet = read_sheet(
        f"| Exercise | Reps | Notes |\n|---|---|---|\n| Bridge | 10 | {note} |\n", file="plan.md"
    )
    assert sheet.exercises[0]["setup"] == spoken
    assert ["is not spoken" in str(problem) for problem in sheet.problems] == [True]


def test_a_long_note_and_signs_of_pain_are_spoken_in_full() -> None:
    note = "Stop if pain is <3 or >6, " + "very " * 150 + "slowly"
    sheet = read_sheet(f'Exercise,Reps,Notes\nBridge,10,"{note}"\n', file="plan.csv")
    setup = sheet.exercises[0]["setup"]
    assert len(setup) == 2
    assert " ".join(setup).lower().replace(".", "").split() == note.lower().split()


@pytest.mark.parametrize(
    "note",
    [
        "Lean to each side",
        "At the top hold 5 s",
        "Up to 3x10 daily",
        "Press down for two seconds",
        "Pause a second",
        "Now the opposite leg",
        "Exhale to a count of 4",
        "forwards, then 8 backwards",
        "One leg at a time",
        "Again x 3",
        "Hold at the top for 4",
    ],
)
def test_a_note_of_what_the_dose_has_not_refuses_the_row(note: str) -> None:
    sheet = read_sheet(f'Exercise,Reps,Notes\nBridge,10,"{note}"\n', file="plan.csv")
    assert (sheet.exercises, sheet.left_out) == ((), 1)
    assert "is no part of the dose" in str(sheet.problems[0])


@pytest.mark.parametrize(
    "note",
    [
        "Ten reps of ease",
        "Stop at a right angle",
        "Take a breath in first",
        "Use 2 kg",
        "Both knees soft",
        "Hold with two hands",
        "Hold 2 sec at the top",
    ],
)
def test_a_note_that_only_explains_is_spoken_without_a_message(note: str) -> None:
    sheet = read_sheet(f"Exercise,Reps,Notes\nBridge,10,{note}\n", file="plan.csv")
    assert sheet.exercises[0]["setup"] == [f"{note}."]
    assert sheet.problems == ()


@pytest.mark.parametrize("name", ["Bridge x 3", "30-second bridge"])
def test_an_amount_that_is_only_in_a_name_is_told(name: str) -> None:
    sheet = read_sheet(f"Exercise,Reps\n{name},10\n", file="plan.csv")
    assert len(sheet.exercises) == 1
    assert "is spoken, but an amount in it is not part of the dose of" in str(sheet.problems[0])


@pytest.mark.parametrize(
    ("note", "dose"),
    [
        ("Hold 5 s at the top.", holds(10, "5s")),
        ("Squeeze. Hold for 5 seconds!", holds(10, "5s")),
        ("3 sets, twice a day", {"reps": 10, "sets": 3, "frequency": "twice a day"}),
        ("Then repeat on the other side", {"reps": 10, "sides": "each"}),
    ],
)
def test_what_a_note_surely_says_of_the_dose_is_of_it(note: str, dose: dict[str, Any]) -> None:
    exercise = read_sheet(f'Exercise,Reps,Notes\nBridge,10,"{note}"\n', file="a.csv").exercises[0]
    assert {key: value for key, value in exercise.items() if key not in {"name", "setup"}} == dose


def test_a_note_that_says_another_dose_refuses_its_row() -> None:
    sheet = read_sheet("Exercise,Reps,Notes\nBridge,10,12 reps\n", file="plan.csv")
    assert (sheet.exercises, sheet.left_out) == ((), 1)


@pytest.mark.parametrize("note", ["Keep pain below 4/10", "Bend to 90 degrees", "Both knees soft"])
def test_other_notes_are_not_questioned(note: str) -> None:
    sheet = read_sheet(f"Exercise,Reps,Notes\nBridge,10,{note}\n", file="plan.csv")
    assert sheet.problems == ()


@dataclass(frozen=True)
class Said:
    """A cell's text, and what a physiotherapist means by it."""

    text: str
    facts: tuple[tuple[str, Any], ...] = ()
    sure: bool = True
    """It has to be read where nothing else is in its way."""


def facts(text: str, *, sure: bool = True, **said: Any) -> Said:
    return Said(text=text, facts=tuple(said.items()), sure=sure)


NONSENSE = {"nonsense": True}


@st.composite
def reps_cells(draw: st.DrawFn) -> Said:
    n, m, s = draw(st.integers(1, 6)), draw(st.integers(2, 15)), draw(st.integers(1, 59))
    return draw(
        st.sampled_from(
            [
                facts(""),
                facts(f"{m}", reps=m),
                facts(f"{m} reps", reps=m),
                # Fewer may be sets, or times a day.
                facts(f"{m}x", **({"reps": m} if m >= 6 else NONSENSE)),
                facts(f"{n} x {m}", sure=n <= m, sets=n, reps=m),
                facts(f"{n}×{m}", sure=n <= m, sets=n, reps=m),
                facts(f"{n} sets of {m}", sets=n, reps=m),
                facts(f"{m} x {n} sets", sets=n, reps=m),
                facts(f"{n} sets x {m} reps", sets=n, reps=m),
                facts(f"{n} sets", sets=n),
                facts(f"{m}/side", reps=m, side="each"),
                facts(f"{m} each leg", reps=m, side="each"),
                facts(f"{n} x {m} per arm", sure=n <= m, sets=n, reps=m, side="each"),
                facts(f"{m} ea", sure=False, reps=m, side="each"),
                facts(f"{s}s", hold=s),
                facts(f"{s} sec/leg", hold=s, side="each"),
                facts(f"{n}:{s:02}", hold=60 * n + s),
                facts(f"{n} min {s}", hold=60 * n + s),
                facts(f"{m} reps hold {s}s", sure=False, reps=m, hold=s),
                facts(f"{m} x {n} sets ({s} s hold)", sets=n, reps=m, hold=s),
                facts(f"{m}, {n}", **NONSENSE),
                facts(f"{m} m", **NONSENSE),
                facts(f"{m} or so", **NONSENSE),
                facts(f"{m} each way", **NONSENSE),
            ]
        )
    )


@st.composite
def hold_cells(draw: st.DrawFn) -> Said:
    n, s = draw(st.integers(1, 2)), draw(st.integers(1, 59))
    return draw(
        st.sampled_from(
            [
                facts(""),
                facts(f"{s}", hold=s),
                facts(f'{s}"', hold=s),
                facts(f"{s} seconds", hold=s),
                facts(f"{n}'", hold=60 * n),
                facts(f"{n} min", hold=60 * n),
                facts(f"{n}:{s:02}", hold=60 * n + s),
                facts(f"{n} min {s}", hold=60 * n + s),
                facts(f"{n}'{s}\"", hold=60 * n + s),
                facts(f"{s}s/side", hold=s, side="each"),
                facts(f"{n} sets of {s} s", sets=n, hold=s),
                facts(f"{n} x {s}", **NONSENSE),
                facts(f"{s} s twice", **NONSENSE),
            ]
        )
    )


SETS = st.sampled_from(
    [
        facts(""),
        facts("1", sets=1),
        facts("3", sets=3),
        facts("4 sets", sets=4),
        facts("as tolerated", **NONSENSE),
    ]
)
SIDES = st.sampled_from(
    [
        facts(""),
        facts("Each", side="each"),
        facts("Both", **NONSENSE),
        facts("L", side="left"),
        facts("right leg", side="right"),
        facts("middle", **NONSENSE),
    ]
)
NAMES = st.sampled_from(
    [
        facts("Calf stretch"),
        facts("Calf stretch (each leg)", side="each"),
        facts("Calf stretch L", side="left"),
        facts("Calf stretch - R", side="right"),
    ]
)


def meant(cells: list[Said]) -> dict[str, Any] | None:
    """The dose that cells mean together.

    None if they contradict each other or say nothing to do.
    """
    together: dict[str, Any] = {}
    for slot, value in (fact for cell in cells for fact in cell.facts):
        if together.setdefault(slot, value) != value:
            return None
    if "nonsense" in together or not {"reps", "hold"} & together.keys():
        return None
    return {"sets": 1, "reps": 1, "hold": None, "side": None, **together}


def dose_of(exercise: dict[str, Any]) -> dict[str, Any]:
    """What an exercise of a routine has one do, in seconds."""
    routine = parse_routine(
        yaml.safe_dump({"title": "One", "exercises": [exercise]}),
        file="one.yaml",
        library={},
        languages=["en"],
    )
    read = routine.sections[0].exercises[0]
    work = exercise.get("work", [exercise])[0]
    step = read.work[0].work[0] if "repeat" in work else read.work[0]
    one_side = next(
        (side for side in ("left", "right") if exercise["name"].endswith(f", {side} side")), None
    )
    return {
        "sets": read.sets.low,
        "reps": work.get("repeat", work.get("reps", 1)),
        "hold": step.duration.low // 1000 if hasattr(step, "duration") else None,
        "side": exercise.get("sides", one_side),
    }


@given(reps=reps_cells(), hold=hold_cells(), sets=SETS, side=SIDES, name=NAMES)
@settings(max_examples=300, deadline=None)
def test_a_row_is_read_exactly_as_meant_or_refused_by_name(
    reps: Said, hold: Said, sets: Said, side: Said, name: Said
) -> None:
    cells = [name, sets, reps, hold, side]
    row = ",".join('"{}"'.format(cell.text.replace('"', '""')) for cell in cells)
    sheet = read_sheet(f"Exercise,Sets,Reps,Hold,Side\n{row}\n", file="plan.csv")
    dose = meant(cells)
    if sheet.exercises:
        assert dose is not None
        assert dose_of(sheet.exercises[0]) == dose
        assert sheet.problems == ()
    else:
        assert sheet.left_out == 1
        assert str(sheet.problems[0]).startswith("plan.csv:2:1: ")
        assert str(sheet.problems[0]).endswith(f", so '{name.text}' is left out")
        doses = [slot for cell in cells for slot, _ in cell.facts if slot != "side"]
        said_twice = len(set(doses)) < len(doses)
        assert dose is None or said_twice or not all(cell.sure for cell in cells)


@given(
    text=st.text(alphabet="[](){}<>|,;:'\"./-x \nabLR0123456789éÜ\x07\u2028✓①", max_size=300),
    kind=st.sampled_from(["a.csv", "a.md"]),
)
@settings(max_examples=200, deadline=None)
def test_odd_signs_give_a_routine_or_an_error_never_a_traceback(text: str, kind: str) -> None:
    try:
        sheet = read_sheet(f"Exercise|Reps|Notes\nBridge|10|{text}", file=kind)
    except StretchaudioError:
        return
    if sheet.exercises:
        parse_routine(sheet_yaml(sheet, title="Any"), file="any.yaml", library={}, languages=["en"])


@pytest.mark.parametrize(
    "text",
    [
        "[" * 30_000,
        "[a](" * 7_500,
        "a." * 15_000,
        "(" * 30_000,
        "1" * 30_000,
        "http://" * 4_000,
        "- " * 15_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    for heading, sign in (("Exercise,Reps,Notes", ","), ("Exercise|Reps|Notes", "|")):
        rows = [
            heading,
            sign.join([text, "10", ""]),
            sign.join(["Bridge", text, ""]),
            sign.join(["Clam", "5", text]),
        ]
        for kind in ("a.csv", "a.md"):
            read_sheet("\n".join(rows), file=kind)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("line", "lost"),
    [("Circuit: 3 rounds", 1), ("Repeat it all on the other side", 1), ("Rest between sets", 0)],
)
def test_rounds_of_all_that_are_not_done_are_counted(line: str, lost: int) -> None:
    sheet = read_sheet(f"{line}\nExercise,Reps\nSquat,10\n", file="plan.csv")
    assert (sheet.left_out, sheet.work_left_out) == (0, lost)


def test_a_list_loses_no_line_and_takes_no_unit_for_a_name() -> None:
    sheet = read_sheet("Bridge 3x10\nSquat lots\n2 x 30 s calf stretch\n", file="plan.txt")
    assert (sheet.exercises, sheet.left_out) == (
        (
            {"name": "Bridge", "reps": 10, "sets": 3},
            {"name": "Calf stretch", "hold": "30s", "sets": 2},
        ),
        1,
    )


def test_a_zero_of_an_export_is_an_empty_cell() -> None:
    sheet = read_sheet("Exercise,Sets,Reps,Hold\nBridge,3,10,0\nPlank,3,0,30\n", file="plan.csv")
    assert [one.get("hold") for one in sheet.exercises] == [None, "30s"]


def test_a_list_comes_from_the_input_with_a_title_and_a_language(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "1. Brücke - 3x10\n2. Katze-Kuh - so oft es geht\n".encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    ran = run("import", "-", "--title", "Mein Plan", "--language", "de", "--allow-partial")
    assert (ran.code, ran.out.startswith("plan.yaml: 1 of 2 exercises; 1 needs you. ")) == (0, True)
    written = (home / "plan.yaml").read_text()
    assert {key: yaml.safe_load(written)[key] for key in ("title", "language")} == {
        "title": "Mein Plan",
        "language": "de",
    }
    assert "# Line 2 needs you: 'Katze-Kuh': " in written
    assert run("import", "-", "--language", "xx").code == 2


def test_the_library_is_named_and_can_be_left_out(run: Run, home: Path) -> None:
    (home / "plan.csv").write_text("Exercise,Reps\nCat cow,10\nKnee to chest,10\n")
    ran = run("import", "plan.csv")
    assert "line 2: 'Cat cow' is cat-cow in the library: Cat and cow" in ran.out
    assert "'Knee to chest' is knee-to-chest in the library, with other sides" in ran.out
    exercises = yaml.safe_load((home / "plan.yaml").read_text())["exercises"]
    assert exercises == [{"use": "cat-cow", "reps": 10}, {"name": "Knee to chest", "reps": 10}]
    assert "library" not in run("import", "plan.csv", "--no-match", "-o", "own.yaml").out
    assert run("check", "plan.yaml").code == 0


def test_how_often_goes_to_the_handout_in_the_sheets_own_words_and_is_never_spoken() -> None:
    sheet = read_sheet("Übung;Wdh.;Häufigkeit\nBrücke;10;3 x / Woche\n", file="plan.csv")
    text = sheet_yaml(sheet, title="Plan")
    routine = parse_routine(text, file="a.yaml", library={}, languages=["de"])
    script = write_script(routine)
    doses = [item.dose for item in script.items if isinstance(item, Chapter)]
    assert "3 x / Woche" in {dose.rpartition("; ")[2] for dose in doses}
    assert "Woche" not in " ".join(script.texts())


@pytest.mark.parametrize(
    "rest",
    [
        *("0", "0 s", "none", "No rest", "nil", "keine Pause", "sans repos"),
        *("sin descanso", "senza recupero", "sem pausa", "बिना आराम"),
    ],
)
def test_sets_without_a_rest_follow_each_other_at_once(rest: str) -> None:
    text = f"Exercise,Sets,Reps,Rest\nCurl,2,5,{rest}\nRow,2,5,60\n"
    sheet = read_sheet(text, file="plan.csv")
    assert (sheet.problems, sheet.exercises[0]["rest"]) == ((), "0s")
    routine = parse_routine(
        sheet_yaml(sheet, title="Plan"), file="a.yaml", library={}, languages=languages()
    )
    windows = [item for item in write_script(routine).items if isinstance(item, Window)]
    assert [one.length_ms for one in windows if one.kind is WindowKind.REST] == [60_000]


def test_zeros_in_all_of_an_exports_rests_are_none_of_its_own() -> None:
    sheet = read_sheet("Exercise,Sets,Reps,Rest\nCurl,3,10,0\nRow,3,10,0\n", file="plan.csv")
    assert all("rest" not in one for one in sheet.exercises)


@pytest.mark.parametrize(
    ("row", "dose"),
    [
        ("2 each,10,", {"reps": 10, "sets": 2, "sides": "each"}),
        (",10/10,", {"reps": 10, "sides": "each"}),
        ("3,10/10,", {"reps": 10, "sets": 3, "sides": "each"}),
        ("3,10 L / 10 R,", {"reps": 10, "sets": 3, "sides": "each"}),
        ("2,10 - alternating,", {"reps": 10, "sets": 2, "sides": "alternate"}),
        ("2,,30/side", {"hold": "30s", "sets": 2, "sides": "each"}),
        ("2,,30 each leg", {"hold": "30s", "sets": 2, "sides": "each"}),
        # Two sides, or two sets?
        ("2,10/10,", None),
        (",10/8,", None),
        (",8/8/8,", None),
        (",,20 (10/leg)", None),
        ("2 each,,", None),
    ],
)
def test_two_sides_are_read_where_they_can_be_nothing_else(
    row: str, dose: dict[str, Any] | None
) -> None:
    sheet = read_sheet(f"Exercise,Sets,Reps,Hold (s)\nTwist,{row}\n", file="plan.csv")
    assert sheet.exercises == (({"name": "Twist", **dose},) if dose else ())


@pytest.mark.parametrize("row", ["Dehnung,je 10 Wdh.,täglich", "Dehnung,nach Gefühl,täglich"])
def test_an_exercise_that_is_called_like_a_heading_is_not_lost(row: str) -> None:
    sheet = read_sheet(f"Übung,Dosis,Häufigkeit\nSitzen,10 Wdh.,\n{row}\n", file="plan.csv")
    assert (len(sheet.exercises), sheet.left_out) == (1, 1)


def test_an_each_before_a_dose_beside_how_often_may_be_each_time() -> None:
    text = "Übung,Dosis,Häufigkeit\nDrehen,je 2 x 20 s,{}\n"
    assert read_sheet(text.format(""), file="plan.csv").exercises[0]["sides"] == "each"
    sheet = read_sheet(text.format("2x täglich"), file="plan.csv")
    assert "may be each side or each time" in str(sheet.problems[0])


def test_a_number_for_each_side_is_of_reps_where_the_exercise_is_done_in_reps() -> None:
    lines = "1. Neck rotation 10/side\n2. Neck stretch 30/side\n3. Rotation stretch 20/side\n"
    sheet = read_sheet(lines, file="plan.txt")
    assert sheet.exercises == ({"name": "Neck rotation", "reps": 10, "sides": "each"},)
    assert sheet.left_out == 2


@pytest.mark.parametrize("line", ["4 rounds of:", "Repeat the circuit", "Same on the other side"])
def test_a_line_of_more_work_beside_the_table_is_quoted(line: str) -> None:
    sheet = read_sheet(f"{line}\n\nExercise,Reps\nCurl,10\n", file="plan.csv")
    assert f"'{line}' is not done" in "\n".join(map(str, sheet.problems))


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("Bridge 3 x 10 or so", "'or' in '3 x 10 or so' is not understood"),
        ("Circles - 10 up, 10 down", "'up' and 'down' in '10 up, 10 down' are not understood"),
        ("Squat: as many as you can", "neither reps nor a hold in 'as many as you can'"),
        ("Bridge - 10 x 3", "'10 x 3' may be 10 sets of 3 reps or 3 sets of 10"),
        ("Bridge 12", "'12' does not say what it counts"),
        ("Plank 20 m", "'20 m' may be minutes or metres"),
        ("Row with 2 kg 3x10", "not sure where the name ends before '2 kg 3x10'"),
    ],
)
def test_a_line_that_is_refused_has_its_trouble_named(line: str, trouble: str) -> None:
    sheet = read_sheet(f"1. {line}\n2. Clam 3x10\n", file="plan.txt")
    assert (len(sheet.exercises), sheet.left_out) == (1, 1)
    assert trouble in str(sheet.problems[0])


@pytest.mark.parametrize(
    ("headings", "note"),
    [
        ("Exercise,Reps,Notes", "Mirror."),
        ("Übung,Wdh.,Hinweise", "Gespiegelt"),
        ("Exercice,Répétitions,Consignes", "En miroir"),
        ("Ejercicio,Repeticiones,Notas", "en espejo"),
        ("Esercizio,Ripetizioni,Note", "A specchio"),
        ("Exercício,Repetições,Notas", "Espelhado"),
        ("व्यायाम,दोहराव,टिप्पणी", "शीशे की तरह"),
    ],
)
def test_a_note_to_mirror_is_done_on_each_side_or_refused(headings: str, note: str) -> None:
    sheet = read_sheet(f"{headings}\nTwist,10,{note}\nPlank,10 e/s,{note}\n", file="plan.csv")
    assert [(one["name"], one["sides"]) for one in sheet.exercises] == [("Plank", "each")]
    assert sheet.left_out == 1


@pytest.mark.parametrize(
    ("cells", "tempo", "told"),
    [
        ("10,3-1-1,", "5s", "'3-1-1' is 5 s for each rep"),
        ("10,2020,", "4s", "'2020' is 4 s for each rep"),
        ("10,,Tempo 2-0-2", "4s", "'2-0-2' is 4 s for each rep"),
        ("10,,Lower slowly", None, "'slowly' is spoken, but reps take 3 s"),
        ("10,slow,", None, "'slow' is spoken, but reps take 3 s"),
        ("10,3-X-1,", None, "'3-X-1' under 'Tempo' is not used"),
        ("10,120,", None, "'120' under 'Tempo' is not used"),
        ("10,,Breathe 4-7-8", None, None),
        ("10 (5 s hold),2-0-2,", None, "the tempo '2-0-2' is left out"),
        ("10,2-0-2,3-1-1", None, "the tempo '3-1-1' is left out"),
        ("10 (5 s hold),,Lower slowly", None, None),
    ],
)
def test_a_tempo_is_that_of_the_reps_or_told(
    cells: str, tempo: str | None, told: str | None
) -> None:
    sheet = read_sheet(f"Exercise,Reps,Tempo,Notes\nShoulder rolls,{cells}\n", file="plan.csv")
    assert sheet.exercises[0].get("tempo") == tempo
    assert [told in str(problem) for problem in sheet.problems] == ([True] if told else [])


@pytest.mark.parametrize("language", languages())
def test_nothing_of_the_librarys_own_dose_survives(language: str) -> None:
    known = known_exercises(language).values()
    rows = [f'"{keys["name"]}",{{}},{keys.get("sides", "")}\n' for keys in known]
    for heading, cell, step in (
        ("Reps", "7", {"count": (7, 7)}),
        ("Dose", "hold 17 s", {"duration": (17_000, 17_000)}),
        ("Dose", "7 breaths", {"count": (7, 7)}),
    ):
        text = f"Exercise,{heading},Side\n" + "".join(row.format(cell) for row in rows)
        sheet = read_sheet(text, file="plan.csv", language=language, matching=True)
        routine = parse_routine(
            sheet_yaml(sheet, title="Plan"),
            file="a.yaml",
            library=bundled_exercises(),
            languages=languages(),
        )
        # Those of alternate sides are no holds.
        assert len(sheet.matches) > len(rows) * 0.75
        for exercise in routine.sections[0].exercises:
            (work,) = exercise.work
            done = {key: (value.low, value.high) for key in step if (value := getattr(work, key))}
            assert (exercise.sets.high, exercise.rest_ms, done) == (1, 8000, step), exercise.name
