"""Read a sheet as exercises, and as problems for all that is not read."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from stretchaudio.errors import FileError, Mark, Problem
from stretchaudio.routine.import_sheet import sides
from stretchaudio.routine.import_sheet.columns import (
    Cell,
    Column,
    Heading,
    headings,
    known,
    may_be_person,
    patient,
)
from stretchaudio.routine.import_sheet.dose import (
    UnreadableError,
    read_dose,
    read_length,
    speaks_of_dose,
)
from stretchaudio.routine.import_sheet.rows import Row, split_rows
from stretchaudio.routine.import_sheet.words import is_speakable, plain, sentences, squeezed
from stretchaudio.routine.schema import MAX_TEXT

_NOTHING = {"", "-", "–", "—", "n/a", "na", "none", "no"}
_SPOKEN = {Column.NAME, Column.NOTES}
_OF_DOSE = {Column.SETS, Column.REPS, Column.HOLD, Column.TIME, Column.DOSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet that has been read."""

    exercises: tuple[dict[str, Any], ...]
    """The keys of an exercise for each row that was read."""
    left_out: int
    """The number of rows of the table that are not among them."""
    rests_left_out: int
    """The number of exercises among them without the rest that the sheet has for them."""
    problems: tuple[Problem, ...]
    """All that was not read, by line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A row of the table, with the headings above it."""

    row: Row
    title_line: int
    titles: tuple[Heading, ...]

    def cells(self, *columns: Column) -> list[Cell]:
        """List the cells of some columns that are not empty.

        Markup is dropped, but for names and notes.
        """
        cells = (
            Cell(heading=heading, text=text if heading.column in _SPOKEN else plain(text).text)
            for heading, text in zip(self.titles, self.row.cells, strict=False)
            if heading.column in columns
        )
        return [cell for cell in cells if cell.text.strip().lower() not in _NOTHING]


class _Told:
    """The problems of a sheet, each told once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: dict[Problem, None] = {}
        self.rests_left_out = 0

    def add(self, line: int, message: str) -> None:
        mark = Mark(file=self.file, line=line, column=1)
        self.problems[Problem(mark=mark, message=message)] = None

    def leave_out_rest(self, line: int, message: str) -> None:
        self.rests_left_out += 1
        self.add(line, message)


def read_sheet(text: str, *, file: str) -> Sheet:
    """Read a sheet.

    Args:
        text: Its text.
        file: Its name; one that ends in .md is Markdown, any other CSV.

    Raises:
        FileError: If it is of several patients, or its quotation marks do not pair.
    """
    told = _Told(file)
    rows = [row for row in split_rows(text, file=file) if any(map(str.strip, row.cells))]
    entries, outside = _parted(rows, told)
    _refuse_several_patients(entries, outside, file)
    if outside:
        told.add(outside[0].line, _not_in_table([row.line for row in outside]))
    if not rows:
        told.add(1, "there is no table here with a column such as Exercise or Name")
    exercises: list[dict[str, Any]] = []
    left_out = 0
    for entry in entries:
        name = _name(entry, told)
        if not name:
            left_out += 1
            told.add(entry.row.line, "this row has no exercise name, so it is left out")
            continue
        try:
            exercises.append(_exercise(name, entry, told))
        except UnreadableError as error:
            left_out += 1
            told.add(entry.row.line, f"{error}, so '{name}' is left out")
    return Sheet(
        exercises=tuple(exercises),
        left_out=left_out,
        rests_left_out=told.rests_left_out,
        problems=tuple(told.problems),
    )


def sheet_yaml(sheet: Sheet, *, title: str) -> str:
    """Write a sheet's exercises as the text of a routine."""
    intro = ["Move gently, and stop if anything hurts."]
    body = {"title": title, "intro": intro, "exercises": list(sheet.exercises)}
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=110)


def all_lines(problems: Iterable[Problem]) -> str:
    """List problems, a line each, in the order of the file."""
    return "\n".join(map(str, sorted(set(problems))))


def _parted(rows: Sequence[Row], told: _Told) -> tuple[list[_Entry], list[Row]]:
    """Part the rows of the table from those outside of it."""
    counts = [known(row.cells) if row.in_table else 0 for row in rows]
    # A first line such as "Name, Anna" is no heading where a fuller one follows.
    least = max(1, min(2, max(counts, default=0)))
    entries: list[_Entry] = []
    outside: list[Row] = []
    titles: tuple[Heading, ...] = ()
    title_line = 0
    for row, count in zip(rows, counts, strict=True):
        # Sheets on several pages repeat their headings; a row with an amount is none of those.
        may_be_titles = not titles or (count > 1 and not _has_amount(row))
        if count >= least and may_be_titles:
            titles, title_line = headings(row.cells) or (), row.line
            _tell_unused(titles, row, told)
        elif titles and row.in_table:
            entries.append(_Entry(row=row, title_line=title_line, titles=titles))
        elif is_speakable("".join(row.cells)):
            outside.append(row)
    return entries, outside


def _tell_unused(titles: Iterable[Heading], row: Row, told: _Told) -> None:
    for heading in titles:
        if heading.column in {Column.UNUSED, Column.DOUBTFUL, Column.PATIENT, Column.FOR}:
            told.add(row.line, f"the column '{heading.text}' is not used")


def _has_amount(row: Row) -> bool:
    return any(re.match(r"\s*\d", cell) for cell in row.cells)


def _not_in_table(lines: list[int]) -> str:
    """Say that lines are not read: "lines 1-3 and 7 are …"."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and runs[-1][-1] == line - 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    parts = [f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
    if len(lines) == 1:
        return f"line {parts[0]} is outside of the table and is not read"
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"lines {listed} are outside of the table and are not read"


def _refuse_several_patients(entries: Sequence[_Entry], outside: Iterable[Row], file: str) -> None:
    """Refuse a sheet of several patients, whose doses must not run together.

    Raises:
        FileError: If it names more than one.
    """
    # A first name and a surname are of one patient: each column is compared with itself.
    in_columns: dict[Heading, list[tuple[int, str]]] = {}
    for entry in entries:
        for cell in entry.cells(Column.PATIENT, Column.FOR):
            if cell.heading.column is Column.PATIENT or may_be_person(cell.text):
                names = in_columns.setdefault(cell.heading, [])
                names.append((entry.row.line, squeezed(cell.text)))
    lines = [*outside, *(entry.row for entry in entries)]
    in_lines = [(row.line, found) for row in lines if (found := patient(row.cells))]
    for names in (*in_columns.values(), in_lines):
        for line, name in names:
            if name.casefold() != names[0][1].casefold():
                raise FileError(
                    f"{file}:{line}:1: the sheet is of more than one patient, "
                    f"'{names[0][1]}' and '{name}'. Nothing was written.",
                    hint="Split the sheet: one file for each patient.",
                )


def _name(entry: _Entry, told: _Told) -> str:
    """Read the exercise's name; empty if the row has none."""
    name = squeezed(" ".join(_spoken_texts(entry, Column.NAME, told)))
    return name if is_speakable(name) else ""


def _setup(entry: _Entry, told: _Told) -> list[str]:
    """Read the notes as sentences that can be spoken."""
    return [one for text in _spoken_texts(entry, Column.NOTES, told) for one in sentences(text)]


def _spoken_texts(entry: _Entry, column: Column, told: _Told) -> list[str]:
    words = [plain(cell.text) for cell in entry.cells(column)]
    for address in (address for one in words for address in one.addresses):
        told.add(entry.row.line, f"the address {address} is not spoken")
    return [one.text for one in words]


def _exercise(name: str, entry: _Entry, told: _Told) -> dict[str, Any]:
    """Read a row as the keys of an exercise.

    Raises:
        UnreadableError: If the dose or the sides are not sure.
    """
    _refuse_stray_cells(entry, told)
    if len(name) > MAX_TEXT:
        raise UnreadableError(f"this name has {len(name)} characters, the limit is {MAX_TEXT}")
    named = sides.in_name(name)
    doses = [(cell, sides.in_dose(cell)) for cell in entry.cells(*_OF_DOSE)]
    dose = read_dose([(cell, part.text) for cell, part in doses])
    side = _side(named, doses, entry, several="sets" in dose or "work" in dose)
    rest = _rest(name, entry, told)
    if rest and "sets" in dose:
        dose["rest"] = rest
    elif rest:
        unused = entry.cells(Column.REST)[0]
        told.leave_out_rest(entry.row.line, f"{unused} is left out, because '{name}' has one set")
    _tell_what_is_only_said(name, side, entry, told)
    setup = _setup(entry, told)
    exercise: dict[str, Any] = {"name": named.text, **({"setup": setup} if setup else {}), **dose}
    if side in {sides.LEFT, sides.RIGHT} and sides.named_side(named.text) is None:
        exercise["name"] = f"{named.text}, {side} side"
    elif side in {sides.EACH, sides.ALTERNATE}:
        # Only reps can change sides one by one.
        exercise["sides"] = side if "reps" in dose else sides.EACH
    return exercise


def _refuse_stray_cells(entry: _Entry, told: _Told) -> None:
    """Refuse a row with a cell that may be of the dose, or cut off from a note."""
    stray = [f"'{squeezed(cell)}'" for cell in entry.row.cells[len(entry.titles) :] if cell.strip()]
    if stray:
        last = entry.titles[-1].text
        raise UnreadableError(
            f"{' and '.join(stray)} after the last column, '{last}', would be lost "
            "(a comma or semicolon in a cell needs quotation marks around the cell)"
        )
    amounts = [cell for cell in entry.cells(Column.FOR) if speaks_of_dose(cell.text)]
    for cell in (*entry.cells(Column.DOUBTFUL), *amounts):
        raise UnreadableError(f"{cell} is in a column that may be of the dose and is not used")
    seen_name = False
    for heading, text in zip(entry.titles, entry.row.cells, strict=False):
        seen_name = seen_name or heading.column is Column.NAME
        if heading.column is Column.NO_HEADING and text.strip():
            if seen_name:
                raise UnreadableError(f"'{squeezed(text)}' is in a column without a heading")
            told.add(entry.title_line, "the first column has no heading and is not used")


def _rest(name: str, entry: _Entry, told: _Told) -> str | None:
    cells = entry.cells(Column.REST)
    try:
        lengths = {_rest_length(cell) for cell in cells}
    except UnreadableError as error:
        told.leave_out_rest(entry.row.line, f"{error}, so '{name}' has no rest of its own")
        return None
    if len(lengths) > 1:
        told.leave_out_rest(
            entry.row.line,
            f"{' and '.join(map(str, cells))} differ, so '{name}' has no rest of its own",
        )
    return lengths.pop() if len(lengths) == 1 else None


def _rest_length(cell: Cell) -> str:
    if "rep" in cell.heading.text.lower():
        raise UnreadableError(f"{cell} is not between sets")
    return read_length(cell)


def _side(
    named: sides.Sided, doses: Sequence[tuple[Cell, sides.Sided]], entry: _Entry, *, several: bool
) -> str | None:
    """Find the sides of an exercise on which its name and its cells agree.

    Args:
        named: The sides that the end of the name says.
        doses: The cells of the dose, with the sides that they say.
        entry: The row.
        several: Whether there are sets or reps, to which a lone "each" may belong.
    """
    place = str(entry.cells(Column.NAME)[0])
    said = [(place, side) for side in (named.side, sides.named_side(named.text)) if side]
    said += [(str(cell), part.side) for cell, part in doses if part.side]
    said += [(str(cell), sides.in_column(cell)) for cell in entry.cells(Column.SIDE)]
    side = sides.agreed(said)
    if named.each_of_what and side is None:
        raise UnreadableError(
            f"{place} may mean each side in turn, or both at once; a column Side can say which"
        )
    for cell, part in doses:
        if part.each_of_what and side != sides.EACH:
            if several or side:
                raise UnreadableError(
                    f"{cell} does not say each what; write 'each side', or leave it out"
                )
            side = sides.EACH
    return side


def _tell_what_is_only_said(name: str, side: str | None, entry: _Entry, told: _Told) -> None:
    """Tell of amounts and sides in a name or a note: they are spoken, but change no dose."""
    line = entry.row.line
    for cell in entry.cells(Column.NAME, Column.NOTES):
        if speaks_of_dose(cell.text):
            told.add(
                line, f"{cell} is spoken, but an amount in it is not part of the dose of '{name}'"
            )
        if side or cell.heading.column is Column.NAME:
            continue
        if sides.speaks_of_sides(cell.text):
            told.add(
                line, f"{cell} speaks of sides, and '{name}' has none; a column Side can say them"
            )
