"""The command line, as a user meets it."""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import stretchaudio
from conftest import DATA, REPOSITORY, Ran
from stretchaudio.session import layout

Run = Callable[..., Ran]
SHORT = "title: Short\nsummary: A short one.\nexercises: [{name: Hold, hold: 5s}]\n"


@pytest.fixture
def short(write: Callable[..., Path]) -> Path:
    return write(SHORT, "short.yaml")


def test_building_by_name_leaves_a_track_here(run: Run, home: Path) -> None:
    ran = run("build", "back-basics")
    assert ran.code == 0, ran.err
    assert (home / "back-basics.mp3").stat().st_size > 1_000_000
    assert re.fullmatch(
        r"back-basics\.mp3: 1\d:\d\d, \d\.\d MB, voice espeak:en-us\+klatt4, intermediate level, "
        r"-1[89]\.\d LUFS\n",
        ran.out,
    )


def test_quiet_prints_nothing(run: Run, short: Path) -> None:
    assert run("build", short, "--quiet") == Ran(code=0, out="", err="")


def test_output_goes_to_a_file_or_a_folder(run: Run, short: Path, home: Path) -> None:
    (home / "tracks").mkdir()
    assert run("build", short, "-o", "tracks").code == 0
    assert (home / "tracks" / "short.mp3").is_file()
    assert run("build", short, "-o", "other name.mp3", "-m", "m.json").code == 0
    assert (home / "other name.mp3").is_file()
    assert json.loads((home / "m.json").read_text())["title"] == "Short"


def test_several_routines_are_built_in_one_go(
    run: Run, short: Path, write: Callable[..., Path], home: Path
) -> None:
    other = write(SHORT.replace("Short", "Other"), "other.yaml")
    assert run("build", short, other).code == 0
    assert {path.name for path in home.glob("*.mp3")} == {"short.mp3", "other.mp3"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["short.yaml", "short.yaml"], 2, "Two routines would both be written to short.mp3."),
        (
            ["short.yaml", "back-basics", "-o", "one.mp3"],
            2,
            "Several routines cannot go to one file, one.mp3.",
        ),
        (["short.yaml", "--voice", "espeak:nobody"], 2, "eSpeak NG has no voice 'nobody'."),
        (["short.yaml", "--voice", "nothing"], 2, "There is no voice engine 'nothing'."),
        (["short.yaml", "--room-tone", "loud"], 2, "'loud' is not a level of room tone."),
        (["short.yaml", "--room-tone", "-10"], 2, "A room tone of -10 dBFS is out of range."),
        (["back-basic"], 2, "There is no routine 'back-basic'. Perhaps you meant back-basics?"),
        (["../../x"], 4, "There is no routine file ../../x."),
        (["missing.yaml"], 4, "There is no routine file missing.yaml."),
        (["short.yaml", "-o", "no/such/folder/x.mp3"], 4, "there is no folder no/such/folder"),
        (
            ["short.yaml", "-o", "x.mp3", "-m", "no/such/folder/x.json"],
            4,
            "there is no folder no/such/folder",
        ),
    ],
)
def test_what_cannot_be_done_says_why(
    run: Run, short: Path, home: Path, arguments: list[str], code: int, message: str
) -> None:
    ran = run("build", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert "Traceback" not in ran.err
    assert not list(home.glob("*.mp3"))


def test_where_the_track_should_go_is_a_folder(run: Run, short: Path, home: Path) -> None:
    (home / "short.mp3").mkdir()
    ran = run("build", short)
    assert ran.code == 4
    assert "Cannot write short.mp3: it is a folder." in ran.err


def test_errors_in_a_routine_are_all_shown(run: Run, home: Path) -> None:
    shutil.copy(DATA / "broken" / "unknown-keys.yaml", home)
    ran = run("build", "unknown-keys.yaml")
    assert ran.code == 1
    assert ran.err == (DATA / "broken" / "unknown-keys.txt").read_text().replace(
        "{file}", "unknown-keys.yaml"
    )


def test_a_dry_run_makes_nothing(run: Run, short: Path, home: Path, tmp_path: Path) -> None:
    ran = run("build", short, "--dry-run", "--cache-dir", tmp_path / "empty")
    assert ran.code == 0
    assert (
        "short.mp3 would be made: Short, intermediate level, voice espeak:en-us+klatt4." in ran.out
    )
    assert "9 different cues, 9 of them still to be spoken" in ran.out
    assert not list(home.glob("*.mp3"))
    assert not (tmp_path / "empty").exists()


def test_routines_here_come_before_the_bundled_ones(run: Run, home: Path) -> None:
    (home / "routines").mkdir()
    (home / "routines" / "back-basics.yaml").write_text(SHORT)
    assert "A short one." in run("list").out
    assert run("build", "back-basics").code == 0
    assert (home / "back-basics.mp3").stat().st_size < 300_000


def test_the_users_own_routines_are_found(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "stretchaudio" / "routines"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(SHORT)
    assert "Short" in run("check", "mine").out


def test_the_list_shows_every_bundled_routine(run: Run) -> None:
    ran = run("list")
    assert ran.code == 0
    for path in (REPOSITORY / "routines").glob("*.yaml"):
        assert (path.stem in ran.out) == ("." not in path.stem), (
            "translations are chosen by --language"
        )


def test_a_broken_routine_does_not_spoil_the_list(run: Run, home: Path) -> None:
    (home / "routines").mkdir()
    (home / "routines" / "broken.yaml").write_text("title: 1\n")
    ran = run("list")
    assert "back-basics" in ran.out
    assert "routines/broken.yaml:1:1" in ran.err


def test_the_plan_shows_each_exercise_with_its_length(run: Run) -> None:
    ran = run("show", "back-basics", "--level", "beginner")
    assert ran.code == 0
    assert re.search(r"Back basics +\d+:\d\d, beginner level", ran.out)
    assert re.search(r"\d:\d\d +\d:\d\d +Back stretch +2 sets of 15 s hold", ran.out)


def test_the_script_shows_every_cue_and_window_with_its_time(run: Run, short: Path) -> None:
    ran = run("script", short)
    assert ran.code == 0
    assert re.search(r"0:00\.600 +intro +Short\. About 30 seconds\.", ran.out)
    assert re.search(r"\[hold 5 s, set 1\]", ran.out)
    times = [line.split()[0] for line in ran.out.splitlines()]
    assert len(times) > 8
    assert times == sorted(times)


def test_the_script_as_json_is_the_manifest(run: Run, short: Path, home: Path) -> None:
    ran = run("script", short, "--json")
    run("build", short, "-m", "m.json")
    assert json.loads(ran.out) == json.loads((home / "m.json").read_text())


def test_checking_tells_good_from_bad(run: Run, short: Path, home: Path) -> None:
    shutil.copy(DATA / "broken" / "duplicate-keys.yaml", home)
    good = run("check", short)
    assert (good.code, good.err) == (0, "")
    assert good.out.startswith(f"{short}: fine. Short, 1 exercise, about 0:")
    both = run("check", short, "duplicate-keys.yaml")
    assert both.code == 1
    assert "fine" in both.out
    assert "2 problems in 1 file." in both.err


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "routines").glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_bundled_routine_is_fine(run: Run, path: Path) -> None:
    assert run("check", path).code == 0


def test_version_help_and_completion(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch(r"stretchaudio \d+\.\d+\.\d+\n", run("--version").out)
    for command in ("build", "list", "show", "script", "check"):
        assert run(command, "--help").code == 0
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    assert "_STRETCHAUDIO_COMPLETE" in run("--show-completion", "bash").out


def test_names_are_completed() -> None:
    from stretchaudio.cli.arguments import routine_names

    assert "back-basics" in routine_names("back")


def test_a_bug_shows_no_traceback_without_debug(
    run: Run, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(layout, "lay_out", break_down)
    ran = run("build", short)
    assert ran.code == 70
    assert "ZeroDivisionError: oops" in ran.err
    assert "Traceback" not in ran.err
    with pytest.raises(ZeroDivisionError):
        run("build", short, "--debug")


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stretchaudio", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("stretchaudio ")


def test_the_documented_example_works(home: Path) -> None:
    code = textwrap.dedent((stretchaudio.__doc__ or "").partition("Example:\n")[2])
    assert "build(" in code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 500
    assert (home / "back-basics.mp3").is_file()


def test_help_does_not_wait_for_heavy_imports() -> None:
    heavy = ("numpy", "scipy", "pydub", "mutagen", "yaml", "pydantic")
    code = (
        f"import sys; import stretchaudio.cli.app; print([name for name in {heavy} if name in "
        f"sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["short.yaml", "-m", "short.yaml"],
            "short.yaml is used for something else in this build.",
        ),
        (
            ["short.yaml", "-o", "x.mp3", "-m", "x.mp3"],
            "x.mp3 is used for something else in this build.",
        ),
        (["short.yaml", "-m", "link.yaml"], "link.yaml is used for something else in this build."),
        (
            ["short.yaml", "-o", "short.yaml"],
            "A track is an MP3, and short.yaml is not the name of one.",
        ),
        (["short.yaml", "-o", "x.wav"], "A track is an MP3, and x.wav is not the name of one."),
        (["short.yaml", "-o", "no/tracks/"], "there is no folder no"),
        ([""], "A routine's name cannot be empty."),
    ],
)
def test_nothing_is_written_over_what_is_needed(
    run: Run, short: Path, home: Path, arguments: list[str], message: str
) -> None:
    (home / "link.yaml").symlink_to(short)
    ran = run("build", *arguments)
    assert ran.code in {2, 4}
    assert message in ran.err
    assert short.read_text() == SHORT
    assert not list(home.glob("*.mp3"))


def test_a_link_stays_a_link(run: Run, short: Path, home: Path) -> None:
    (home / "music").mkdir()
    (home / "link.mp3").symlink_to(home / "music" / "track.mp3")
    assert run("build", short, "-o", "link.mp3").code == 0
    assert (home / "link.mp3").is_symlink()
    assert (home / "music" / "track.mp3").stat().st_size > 10_000


@pytest.mark.skipif(sys.platform == "win32", reason="devices and pipes of POSIX systems")
def test_what_is_not_a_file_is_neither_read_nor_replaced(run: Run, short: Path, home: Path) -> None:
    import os
    import stat

    os.mkfifo(home / "pipe.mp3")
    ran = run("build", short, "-o", "pipe.mp3")
    assert ran.code == 4
    assert "it is not a file" in ran.err
    assert stat.S_ISFIFO((home / "pipe.mp3").stat().st_mode)
    (home / "routines").mkdir()
    os.mkfifo(home / "routines" / "pipe.yaml")
    assert run("list").code == 0
    assert run("check", "routines/pipe.yaml").code == 4
    assert run("check", "/dev/zero").code == 4


def test_names_with_markup_are_shown_as_they_are(run: Run, home: Path) -> None:
    (home / "routines").mkdir()
    (home / "routines" / "odd.yaml").write_text(
        'title: "[bold]Odd[/] :wave:"\nsummary: "For [beginners] [/]"\n'
        'exercises: [{name: "Plank [optional]", hold: 5s}]\n'
    )
    shown = run("show", "odd")
    assert shown.code == 0, shown.err
    for text in ("[bold]Odd[/] :wave:", "For [beginners] [/]", "Plank [optional]"):
        assert text in shown.out
    assert "For [beginners] [/]" in run("list").out


def test_a_file_here_is_suggested_for_its_name(run: Run, short: Path) -> None:
    assert "There is a file short.yaml; name it with its ending." in run("build", "short").err


def test_messages_hold_nothing_that_a_terminal_would_obey(
    run: Run, write: Callable[..., Path]
) -> None:
    write('title: Odd\nexercises: [{use: "\\e[31mred"}]\n')
    ran = run("check", "routine.yaml")
    assert "\x1b" not in ran.err
    assert "\\x1b[31mred" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="closing streams as POSIX shells do")
@pytest.mark.parametrize("streams", ["2>&-", ">/dev/full", "</dev/null 2>/dev/full"])
def test_closed_and_full_streams_give_no_traceback(short: Path, streams: str) -> None:
    shell = ["sh", "-c", f'"{sys.executable}" -m stretchaudio show short.yaml {streams}']
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 4, 120}


def test_a_working_folder_that_is_gone_gives_no_traceback(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    go_there = (
        "import os, sys; os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]); sys.argv = "
        "['stretchaudio', 'list']"
    )
    code = f"{go_there}; import stretchaudio.cli; stretchaudio.cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, gone], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 4}


def test_a_translation_is_chosen_by_language_and_not_listed(run: Run, home: Path) -> None:
    (home / "routines").mkdir()
    (home / "routines" / "mine.yaml").write_text(
        "title: Mine\nlanguage: en\nexercises: [{name: Hold, hold: 5s}]\n"
    )
    assert run("check", "mine").code == 0
    ran = run("show", "mine", "--language", "en")
    assert ran.code == 0
    assert "Mine" in ran.out
    wrong = run("show", "mine", "--language", "xx")
    assert wrong.code == 2
    assert "There are no phrases for the language 'xx'." in wrong.err


def test_a_folder_for_several_tracks_is_made(
    run: Run, short: Path, write: Callable[..., Path], home: Path
) -> None:
    other = write(SHORT.replace("Short", "Other"), "other.yaml")
    assert run("build", short, other, "-o", "new").code == 0
    assert {path.name for path in (home / "new").iterdir()} == {"short.mp3", "other.mp3"}
    assert run("build", short, "-o", "newer/").code == 0
    assert (home / "newer" / "short.mp3").is_file()


def test_a_folder_that_nothing_came_to_be_in_is_gone_again(run: Run, home: Path) -> None:
    (home / "bad.yaml").write_text(SHORT + "voice: nobody\n")
    assert run("build", "bad.yaml", "-o", "new/").code == 1
    (home / "bad.yaml").write_text(SHORT)
    assert run("build", "bad.yaml", "-o", "new/", "--voice", "recordings:none").code != 0
    assert not (home / "new").exists()


def test_a_track_that_is_replaced_is_named(run: Run, short: Path) -> None:
    assert run("build", short).out.startswith("short.mp3: ")
    assert run("build", short).out.startswith("short.mp3 (replaced): ")


def test_a_track_is_not_written_to_the_standard_output(run: Run, short: Path, home: Path) -> None:
    ran = run("build", short, "-o", "-")
    assert (ran.code, ran.out) == (2, "")
    assert "A track cannot be written to the standard output." in ran.err
    assert not (home / "-").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "short.yaml", "-m", "-"],
        ["plot", "short.yaml", "-o", "-"],
        ["import", "plan.csv", "-o", "-"],
        ["new", "-"],
        ["voices", "try", "espeak", "-o", "-"],
        ["voices", "compare", "espeak", "-o", "-"],
    ],
)
def test_no_file_is_called_a_dash(run: Run, short: Path, home: Path, arguments: list[str]) -> None:
    (home / "plan.csv").write_text("Exercise,Reps\nBridge,10\n")
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert not (home / "-").exists()


@pytest.mark.parametrize("command", ["build", "show", "script", "check", "plot"])
def test_a_track_in_place_of_a_routine_is_recognised(
    run: Run, short: Path, home: Path, command: str
) -> None:
    run("build", short, "-q", "-o", "my track.mp3")
    (home / "my track.mp3").rename(home / "my track.yaml")
    ran = run(command, "my track.yaml")
    assert ran.code == 2
    assert "my track.yaml is a finished track, not a routine." in ran.err
    assert "stretchaudio verify 'my track.yaml'" in ran.err


def test_suggested_commands_can_be_pasted(run: Run, home: Path) -> None:
    (home / "Oma Plan.yaml").write_text(SHORT)
    ran = run("publish", "Seite ü 🧘", "Oma Plan.yaml", "-v", "espeak")
    assert "stretchaudio serve 'Seite ü 🧘'" in ran.out


def test_an_empty_list_says_which_filter_to_leave_out(run: Run) -> None:
    ran = run("list", "--focus", "hips", "--max-minutes", "15", "--equipment", "none")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "No routine matches.",
        "Without --focus: desk-break.",
        "Without --equipment: cool-down, lower-back, on-a-chair.",
    ]
    assert (
        "Leave out more than one of --focus, --max-minutes."
        in run("list", "--focus", "ears", "--max-minutes", "1").out
    )


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_names_of_routines_are_whole_in_any_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ran = run("list")
    for path in (REPOSITORY / "routines").glob("*.yaml"):
        assert (path.stem in ran.out) == ("." not in path.stem)


COMMANDS = [
    *(
        "build",
        "play",
        "list",
        "show",
        "script",
        "plot",
        "exercises",
        "new",
        "check",
        "schema",
        "import",
        "extract",
    ),
    *(
        "verify",
        "publish",
        "serve",
        "voices",
        "voices try",
        "voices compare",
        "voices download",
        "voices recording-list",
    ),
]


@pytest.mark.parametrize("columns", ["50", "80"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_free_of_a_librarys_own_words(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = run(*command.split(), "--help").out
    assert not re.search(r"[<>]", text), "types and ranges are for programmers"
    panel = text.partition("Arguments")[2].partition("╰")[0]
    assert "…" not in panel, "what stands for a value is whole"


@pytest.mark.parametrize(
    ("command", "absent"),
    [
        ("show", ["--bed", "--duck", "--chime", "--room-tone", "--breathe"]),
        ("script", ["--bed", "--duck", "--room-tone", "--breathe"]),
        (
            "voices recording-list",
            [
                "--bed",
                "--duck",
                "--chime",
                "--room-tone",
                "--breathe",
                "--minutes",
                "--voice",
                "--speed",
                "--jobs",
            ],
        ),
    ],
)
def test_a_command_lists_only_options_that_matter_to_it(
    run: Run, command: str, absent: list[str]
) -> None:
    text = run(*command.split(), "--help").out
    assert "--level" in text
    for option in absent:
        assert option not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--level", "beginer"], "There is no level 'beginer'. Perhaps you meant beginner?"),
        (["--cues", "loud"], "There is no amount of cues 'loud'."),
        (["--chimes", "sof"], "There is no sound of chimes 'sof'. Perhaps you meant soft?"),
        (["--sides", "left"], "Choose from right-first, left-first."),
        (["--minutes", "many"], "'--minutes'"),
        (["--jobs", "0"], "'--jobs'"),
    ],
)
def test_a_wrong_choice_says_what_there_is(
    run: Run, short: Path, arguments: list[str], message: str
) -> None:
    ran = run("build", short, *arguments)
    assert ran.code == 2
    assert message in " ".join(ran.err.split())
    assert "Value error" not in ran.err
