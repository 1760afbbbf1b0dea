"""Declare the commands and their arguments; each is run by a module of its own."""

from pathlib import Path
from typing import Annotated, Any

import typer

from stretchaudio.cli.arguments import (
    HELP,
    App,
    Code,
    Group,
    Json,
    Language,
    Name,
    Names,
    Output,
    Quiet,
    Seed,
    Site,
    Track,
    argument,
    engine_ids,
    exercise_ids,
    option,
    output_option,
    routine_argument,
    routine_names,
    text_option,
    voice_argument,
)
from stretchaudio.cli.programme_app import programme_app
from stretchaudio.cli.session_options import (
    CHOOSING,
    EVERYTHING,
    MAKING,
    PREVIEW,
    SPEAKING,
    VOICE,
    takes_session_options,
)

_PLAN, _WRITE, _SHARE = "Look first", "Write your own", "Pass it on"
_SAMPLES = ("speed", "pitch", "offline", "room_tone", "cache_dir", "jobs")
"""The options of a session that matter to samples of voices."""
_SOUND_AND_TAG = frozenset({"room_tone", "artist", "album"})
"""The options that matter only to a file."""


app = App(
    name="stretchaudio",
    cls=Group,
    help="Turn a stretching routine into one exactly timed MP3 that coaches you through it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)
voices_app = App(cls=Group, invoke_without_command=True, context_settings=HELP)
app.add_typer(voices_app, name="voices", rich_help_panel="Voices")
app.add_typer(programme_app, name="programme", rich_help_panel="Weeks of sessions")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"stretchaudio {version('stretchaudio')}")
        raise typer.Exit


@app.callback()
def _all(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an error came from; in any place.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


@app.command()
@takes_session_options(*EVERYTHING, PREVIEW)
def build(
    settings: Any,
    routines: Annotated[
        list[str] | None, routine_argument(help="Routines, by name or file.")
    ] = None,
    output: Annotated[
        str | None,
        output_option(
            metavar="FILE|DIR", help="Where the MP3 goes.", show_default="ROUTINE.mp3 here"
        ),
    ] = None,
    manifest: Annotated[
        Path | None,
        option("--manifest", "-m", metavar="FILE", help="Write what was built as JSON, too."),
    ] = None,
    captions: Annotated[
        str | None,
        option("--captions", metavar="vtt,srt,lrc", help="Write captions to read along, too."),
    ] = None,
    chapters: Annotated[
        str | None,
        option("--chapters", metavar="json", help="Write chapters for podcast apps, too."),
    ] = None,
    handout: Annotated[
        bool, typer.Option("--handout", help="Write a page to print, and its PDF, too.")
    ] = False,
    handout_name: Annotated[
        str | None, option(metavar="NAME", help="Whose name is on the handout.")
    ] = None,
    handout_page: Annotated[
        str | None, option(metavar="URL", help="The page that the handout's QR code opens.")
    ] = None,
    stems: Annotated[
        Path | None,
        option(
            metavar="FOLDER", help="Write voice, bed and chimes as FLAC, and labels of times, too."
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Measure each track before it takes its name.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be made, and make nothing.")
    ] = False,
    quiet: Quiet = False,
    language: Language = None,
    compose: Annotated[
        str | None,
        option(metavar="WISHES", help="Compose a session and build it, such as '15 lower back'."),
    ] = None,
    seed: Seed = None,
) -> None:
    """Build the MP3 of one or more routines."""
    from stretchaudio.cli import build as command
    from stretchaudio.cli.targets import find_targets

    command.refuse_nothing(routines, compose=compose, seed=seed, language=language)

    sidecars = command.sidecars_of(
        manifest=manifest,
        captions=captions,
        chapters=chapters,
        handout=handout,
        name=handout_name,
        page=handout_page,
        stems=stems,
    )
    learn = "-learn" if settings.learn else ""
    preview = "" if settings.preview.is_whole else "-preview"
    composed = None
    if compose is not None:
        from stretchaudio.cli.compose import composed_routine

        composed = composed_routine(compose, seed=seed, quiet=quiet)
    targets = find_targets(
        routines or [],
        output=output,
        sidecars=sidecars,
        language=language,
        name=f"{{}}{learn}{preview}.mp3",
        composed=composed,
    )
    if dry_run:
        command.dry_run(targets, settings, quiet=quiet)
    else:
        command.build(targets, settings, sidecars=sidecars, quiet=quiet, verified=verify)


@app.command()
def batch(
    table: Annotated[
        Path,
        argument(
            metavar="TABLE",
            help="A row for each session, .csv, .xlsx, .yaml or .jsonl: routine, name, language, "
            "greeting, captions, handout, handout_name, page, stems, and options of build by name.",
        ),
    ],
    output: Annotated[str, output_option(metavar="FOLDER|s3://…", show_default=False)],
    voice: Annotated[
        str | None, option("--voice", "-v", metavar="VOICE", help="Who speaks in rows without.")
    ] = None,
    language: Language = None,
    cache_dir: Annotated[
        str | None,
        option("--cache-dir", metavar="DIR|s3://…", help="Where speech already made is kept."),
    ] = None,
    jobs: Annotated[
        int | None, option("--jobs", "-j", metavar="N", help="How many processes.")
    ] = None,
    on: Annotated[
        str | None,
        option("--on", metavar="ADDRESS", help="A Dask scheduler, or local-cluster."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be spoken, and make nothing.")
    ] = False,
    site: Annotated[
        Path | None,
        option(metavar="FOLDER", help="The site for pages of rows with yes under page."),
    ] = None,
    base_url: Annotated[
        str | None,
        option("--base-url", metavar="URL", help="Where that site will be on the web."),
    ] = None,
) -> None:
    """Build the tracks of many people from one table."""
    from stretchaudio.cli import batch as command
    from stretchaudio.cli.batch_pages import PageRequest

    common = {"voice": voice, "language": language, "cache_dir": cache_dir}
    given = {name: str(value) for name, value in common.items() if value is not None}
    pages = PageRequest(site=site, base_url=base_url) if site else None
    command.batch(table, output, given, jobs=jobs, on=on, dry_run=dry_run, pages=pages)


@app.command()
@takes_session_options(*EVERYTHING)
def play(routine: Name, settings: Any, language: Language = None, quiet: Quiet = False) -> None:
    """Build a routine and open it in the player at hand."""
    from stretchaudio.cli import site as command

    command.play(routine, settings, language=language, quiet=quiet)


@app.command("list", rich_help_panel=_PLAN)
def list_(
    focus: Annotated[
        str | None, option(metavar="PART", help="Routines for this part of the body.")
    ] = None,
    equipment: Annotated[
        str | None, option(metavar="THINGS|none", help="Routines that need no more than this.")
    ] = None,
    max_minutes: Annotated[
        float | None, option(metavar="N", help="Routines not longer, at the intermediate level.")
    ] = None,
    position: Annotated[
        list[str] | None,
        option(metavar="POSITION", help="Routines in this position only; may be repeated."),
    ] = None,
    json: Json = False,
) -> None:
    """List the routines that can be built by name."""
    from stretchaudio.cli import routines as command

    things = None if equipment is None else frozenset(command.words(equipment)) - {"none"}
    wanted = command.RoutineFilter(
        focus=focus,
        equipment=things,
        max_minutes=max_minutes,
        positions=frozenset(one.lower() for one in position or ()),
    )
    command.list_routines(wanted, as_json=json)


@app.command(rich_help_panel=_PLAN)
@takes_session_options(CHOOSING, SPEAKING, MAKING, without=_SOUND_AND_TAG)
def show(routine: Name, settings: Any, language: Language = None, json: Json = False) -> None:
    """Show a routine's plan: what is done, when and how long."""
    from stretchaudio.cli import inspect as command

    command.show(routine, settings, as_json=json, language=language)


@app.command(rich_help_panel=_PLAN)
@takes_session_options(CHOOSING, SPEAKING, MAKING, also={"chimes"}, without=_SOUND_AND_TAG)
def script(
    routine: Name,
    settings: Any,
    json: Annotated[
        bool, typer.Option("--json", help="Print the manifest, as `build --manifest` writes it.")
    ] = False,
    language: Language = None,
) -> None:
    """Print every cue and window with its time."""
    from stretchaudio.cli import inspect as command

    command.script(routine, settings, as_json=json, language=language)


@app.command(rich_help_panel=_PLAN)
@takes_session_options(*EVERYTHING)
def plot(
    routine: Name,
    settings: Any,
    output: Annotated[
        Path | None, output_option(metavar="FILE.svg", show_default="ROUTINE.svg here")
    ] = None,
    language: Language = None,
) -> None:
    """Draw a track: its waveform with windows, cues, chimes and the level of the bed."""
    from stretchaudio.cli import inspect as command

    command.plot(routine, output, settings, language=language)


@app.command(rich_help_panel=_PLAN)
def exercises(
    exercise: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", help="One exercise, to read all of it.", autocompletion=exercise_ids
        ),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Write its figure, as SVG."),
    ] = None,
    left: Annotated[
        bool, typer.Option("--left", help="Draw the figure for the left side.")
    ] = False,
    json: Json = False,
) -> None:
    """List the exercises that routines can use, or show one."""
    from stretchaudio.cli import routines as command
    from stretchaudio.errors import UsageError

    if exercise is None and figure is not None:
        raise UsageError(
            "--figure draws one exercise; name it.",
            hint="For example: stretchaudio exercises cat-cow --figure cat-cow.svg",
        )
    if left and figure is None:
        raise UsageError("--left goes with --figure FILE.svg.")
    if exercise is None:
        command.list_exercises(as_json=json)
    elif figure is not None:
        command.write_figure(exercise, figure, left=left)
    else:
        command.show_exercise(exercise, as_json=json)


@app.command(rich_help_panel=_WRITE)
def new(
    name: Annotated[str, argument(metavar="NAME", help="The routine's name, such as my-routine.")],
) -> None:
    """Write a commented routine to start from; it builds as it is."""
    from stretchaudio.cli import routines as command

    command.new(name)


@app.command(rich_help_panel=_WRITE)
def compose(
    minutes: Annotated[float, option(metavar="N", help="How long the track is to be, 4 to 60.")],
    focus: Annotated[
        list[str] | None, option(metavar="PART,...", help="Parts of the body that it is for.")
    ] = None,
    avoid: Annotated[
        list[str] | None, option(metavar="PART,...", help="Parts of the body to spare.")
    ] = None,
    equipment: Annotated[
        str | None, option(metavar="THINGS|none", help="What is at hand, such as mat,wall.")
    ] = None,
    position: Annotated[
        list[str] | None,
        option(metavar="POSITION,...", help="The only positions; floor is all on the floor."),
    ] = None,
    like: Annotated[
        list[str] | None,
        option(metavar="ID,...", help="Exercises to be in it.", autocompletion=exercise_ids),
    ] = None,
    never: Annotated[
        list[str] | None,
        option(metavar="ID,...", help="Exercises to leave out.", autocompletion=exercise_ids),
    ] = None,
    previous: Annotated[
        list[str] | None,
        option(metavar="ROUTINE", help="A session to differ from, the latest first; repeat it."),
    ] = None,
    history: Annotated[
        bool,
        typer.Option(
            "--history", help="Differ from what was composed so before, and remember this one."
        ),
    ] = False,
    seed: Seed = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the reason for each exercise.")
    ] = False,
    output: Annotated[
        Path | None, output_option(metavar="FILE.yaml", show_default="the terminal")
    ] = None,
) -> None:
    """Compose a routine from the library: for so many minutes, for what you wish."""
    from stretchaudio.cli import compose as command
    from stretchaudio.cli.routines import words
    from stretchaudio.routine.compose.wishes import Wishes

    def several(given: list[str] | None) -> tuple[str, ...]:
        return tuple(words(",".join(given or ())))

    wishes = Wishes(
        minutes=minutes,
        focus=several(focus),
        avoid=several(avoid),
        equipment=None if equipment is None else frozenset(words(equipment)) - {"none"},
        positions=frozenset(several(position)),
        like=several(like),
        never=several(never),
    )
    command.compose_routine(
        wishes,
        output,
        seed=seed,
        previous=previous or (),
        history=history,
        explain=explain,
    )


@app.command(rich_help_panel=_WRITE)
def check(
    files: Annotated[list[str], argument(metavar="ROUTINE", help="Routine files or names.")],
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Print what is said on the other side, too.")
    ] = False,
    json: Json = False,
) -> None:
    """Check routine files: print every problem with its place, and warn of what is odd."""
    from stretchaudio.cli import routines as command

    command.check(files, mirror=mirror, as_json=json)


@app.command(rich_help_panel=_WRITE)
def schema(
    exercises: Annotated[
        bool, typer.Option("--exercises", help="For files of exercises instead of routines.")
    ] = False,
) -> None:
    """Print a JSON Schema, with which editors complete and check routine files."""
    from stretchaudio.cli import routines as command

    command.print_schema(exercises=exercises)


@app.command("import", rich_help_panel=_WRITE)
def import_(
    sheet: Annotated[
        Path,
        argument(
            metavar="SHEET",
            help="A home-exercise sheet: .xlsx, .csv, .md or lines of text; - is the input.",
        ),
    ],
    output: Annotated[
        Path | None,
        output_option(metavar="FILE|FOLDER", show_default="SHEET.yaml here; one for each patient"),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title",
            metavar="TEXT",
            help="The title, as it is spoken.",
            show_default="SHEET's name",
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language", metavar="CODE", help="The sheet's language.", show_default="by its words"
        ),
    ] = None,
    match: Annotated[
        bool, typer.Option("--match/--no-match", help="Take the library's words for its exercises.")
    ] = True,
    allow_partial: Annotated[
        bool,
        typer.Option("--allow-partial", help="Exit with 0 even if rows are left for you."),
    ] = False,
) -> None:
    """Turn a home-exercise sheet into a routine file, one for each patient."""
    from stretchaudio.cli import import_sheet as command

    options = command.ImportOptions(
        output=output, title=title, language=language, match=match, allow_partial=allow_partial
    )
    command.import_sheet(sheet, options)


@app.command(rich_help_panel=_SHARE)
def extract(
    track: Track,
    yaml: Annotated[
        Path | None,
        typer.Option(
            "--yaml", metavar="FILE", help="Where the routine goes.", show_default="the terminal"
        ),
    ] = None,
    manifest: Annotated[
        Path | None, option("--manifest", "-m", metavar="FILE", help="Where the manifest goes.")
    ] = None,
) -> None:
    """Get the routine out of a track, to change it and build it again."""
    from stretchaudio.cli import inspect as command

    command.extract(track, yaml=yaml, manifest=manifest)


@app.command(rich_help_panel=_SHARE)
def verify(
    tracks: Annotated[
        list[Path], argument(metavar="TRACK.mp3", help="Tracks built by stretchaudio.")
    ],
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print what is broken only.")
    ] = False,
    json: Json = False,
) -> None:
    """Decode tracks and measure whether they keep what their manifests promise."""
    from stretchaudio.cli import inspect as command

    command.verify_tracks(tracks, quiet=quiet, as_json=json)


@app.command(rich_help_panel=_SHARE)
@takes_session_options(*EVERYTHING)
def publish(
    site: Site,
    settings: Any,
    routines: Annotated[
        list[str] | None,
        argument(
            metavar="ROUTINE|TRACK",
            help="Routines, by name or file, and tracks; the site's other sessions stay.",
            autocompletion=routine_names,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All routines that 'list' shows, and their translations.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove the sessions that are not named.")
    ] = False,
    unlisted: Annotated[
        bool,
        typer.Option("--unlisted", help="Those named get an address nobody guesses, in no list."),
    ] = False,
    qr: Annotated[
        Path | None, option("--qr", metavar="FILE.svg", help="Write the address as a QR code.")
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            metavar="URL",
            help="Where the site will be, for the podcast feed; none for nowhere.",
            show_default="as the last time",
        ),
    ] = None,
    title: Annotated[str | None, text_option("--title", help="The site's name.")] = None,
    summary: Annotated[str | None, text_option("--summary", help="One sentence about it.")] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            metavar="CODE",
            help="The language of the list, such as es; auto for that of most sessions.",
            show_default="as the last time",
        ),
    ] = None,
    author: Annotated[str | None, text_option("--author", help="Who makes the podcast.")] = None,
    email: Annotated[
        str | None,
        text_option("--email", help="Where directories ask whose podcast it is; public."),
    ] = None,
    category: Annotated[
        str | None, text_option("--category", help="One of Apple's, such as Fitness.")
    ] = None,
    cover: Annotated[
        Path | None,
        typer.Option(
            "--cover",
            metavar="FILE",
            help="A square JPEG or PNG for the podcast, 1400 to 3000 pixels.",
            show_default="as the last time",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Add sessions to a web site with a page for each and a podcast feed, for any web host."""
    from stretchaudio.cli import site as command

    command.publish_site(
        site,
        routines or [],
        settings,
        every=every,
        prune=prune,
        unlisted=unlisted,
        qr=qr,
        base_url="" if base_url == "none" else base_url,
        title=title,
        summary=summary,
        language="" if language == "auto" else language,
        author=author,
        email=email,
        category=category,
        cover=cover,
        quiet=quiet,
    )


@app.command(rich_help_panel=_SHARE)
@takes_session_options(also={"cache_dir"})
def unpublish(
    site: Site,
    settings: Any,
    names: Annotated[
        list[str], argument(metavar="NAME", help="Sessions, as their addresses name them.")
    ],
    quiet: Quiet = False,
) -> None:
    """Remove sessions from a site."""
    from stretchaudio.cli import site as command

    command.unpublish(site, names, settings, quiet=quiet)


@app.command(rich_help_panel=_SHARE)
def serve(
    site: Site,
    host: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 for the local network."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="0 for any that is free.")
    ] = 8000,
) -> None:
    """Show a site on this machine, or on the local network for your phone."""
    from stretchaudio.cli import site as command

    command.serve_site(site, host=host, port=port)


@voices_app.callback()
def voices(
    context: typer.Context,
    language: Code = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nothing of a network.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="All voices of all engines, and their licences.")
    ] = False,
    engine: Annotated[
        str | None,
        option("--engine", metavar="ENGINE", help="All voices of one.", autocompletion=engine_ids),
    ] = None,
    json: Json = False,
) -> None:
    """List the voices that can speak here and now, and what the others need."""
    if context.invoked_subcommand is None:
        from stretchaudio.cli.voice_list import list_voices

        list_voices(language, offline=offline, every=every, engine=engine, as_json=json)
    else:
        from stretchaudio.cli.voices import refuse_misplaced

        given = {
            "--offline": offline,
            "--language": language,
            "--all": every,
            "--engine": engine,
            "--json": json,
        }
        refuse_misplaced(context.invoked_subcommand, [name for name in given if given[name]])


@voices_app.command("try")
@takes_session_options(also=_SAMPLES)
def try_(
    voice: Annotated[str, voice_argument(help="ENGINE:NAME, ENGINE or auto.")],
    settings: Any,
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT", help="What it says.", show_default="some phrases of a session"
        ),
    ] = None,
    output: Output = None,
    language: Code = None,
) -> None:
    """Write a sample of one voice."""
    from stretchaudio.cli import voices as command

    command.try_voice(voice, text, output, settings, language_code=language)


@voices_app.command()
@takes_session_options(also=_SAMPLES)
def compare(
    settings: Any,
    voices: Annotated[list[str] | None, voice_argument(help="All if none.")] = None,
    text: Annotated[
        str | None,
        typer.Option(
            "--text",
            metavar="TEXT",
            help="What each says.",
            show_default="some phrases of a session",
        ),
    ] = None,
    output: Output = None,
    language: Code = None,
) -> None:
    """Write one file with a sample of each voice."""
    from stretchaudio.cli import voices as command

    command.compare(voices or (), text, output, settings, language_code=language)


@voices_app.command()
def download(
    name: Annotated[
        str,
        argument(metavar="NAME", help="kokoro, or a Piper voice, such as de_DE-thorsten-medium."),
    ],
) -> None:
    """Download a voice, which then speaks on this machine."""
    from stretchaudio.cli import voices as command

    command.download(name)


@voices_app.command("recording-list")
@takes_session_options(CHOOSING, SPEAKING, without={"minutes", *VOICE})
def recording_list(
    routines: Names,
    settings: Any,
    output: Annotated[
        Path | None, output_option(metavar="FILE.csv|FILE.html", show_default="the terminal")
    ] = None,
    have: Annotated[
        Path | None, option("--have", metavar="FOLDER", help="Leave out what is recorded there.")
    ] = None,
    language: Language = None,
) -> None:
    """List every sentence of routines, to record them: with file names, or on a page to read."""
    from stretchaudio.cli import voices as command

    command.recording_list(routines, output, settings, language_code=language, have=have)


@voices_app.command()
@takes_session_options(also={"jobs"})
def split(
    take: Annotated[Path, argument(metavar="TAKE", help="The recording of a page, read aloud.")],
    script: Annotated[
        Path, argument(metavar="SCRIPT.html", help="The page, as recording-list wrote it.")
    ],
    settings: Any,
    output: Annotated[Path, output_option(metavar="FOLDER", show_default=False)],
) -> None:
    """Cut one long recording into a folder of sentences, for a voice of your own."""
    from stretchaudio.cli import voices as command

    command.split(take, script, output, settings)
