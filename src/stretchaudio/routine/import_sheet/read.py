"""Read a sheet as the exercises of each person, and as problems for all that is not read."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from stretchaudio.errors import FileError, Problem
from stretchaudio.routine.import_sheet.columns import (
    Column,
    Heading,
    headings,
    known,
    may_be_person,
    patient,
)
from stretchaudio.routine.import_sheet.entry import Entry, LeftOut, Told
from stretchaudio.routine.import_sheet.exercise import RowReader
from stretchaudio.routine.import_sheet.lists import is_part_of_dose, speaks_of_dose, split_line
from stretchaudio.routine.import_sheet.rows import Row, Table, split_rows
from stretchaudio.routine.import_sheet.source import decode, is_workbook
from stretchaudio.routine.import_sheet.spoken_only import has_amount_of_work, says_more_work
from stretchaudio.routine.import_sheet.vocabulary import (
    Vocabulary,
    likely_language,
    phrase,
    vocabulary,
)
from stretchaudio.routine.import_sheet.words import is_speakable, squeezed

_LONGEST_NAME_WORDS = 9
"""Of a row with one cell; a longer one is a sentence of the sheet, and no exercise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The exercises of a sheet, or of one person in it."""

    person: str | None = None
    """Whose it is, where the sheet is of several people."""
    worksheet: str = ""
    """The name of its worksheet, where there are several."""
    language: str
    items: tuple[dict[str, Any] | LeftOut, ...]
    """The rows of the table in order: the keys of an exercise, or one that is left out."""
    rests_left_out: int
    """The number of exercises among them without the rest that the sheet has for them."""
    work_left_out: int = 0
    """The number of lines beside the table that say how often all of it is done."""
    problems: tuple[Problem, ...]
    """All that was not read, by line."""
    matches: tuple[str, ...] = ()
    """What was found in the library, as sentences."""

    @property
    def exercises(self) -> tuple[dict[str, Any], ...]:
        """The keys of each exercise that was read."""
        return tuple(one for one in self.items if isinstance(one, dict))

    @property
    def left_out(self) -> int:
        """The number of rows of the table that are not among them."""
        return len(self.items) - len(self.exercises)


def read_sheets(
    data: bytes | str, *, file: str, language: str | None = None, matching: bool = False
) -> tuple[Sheet, ...]:
    """Read a sheet; one for each person and worksheet.

    Args:
        data: Its bytes, or its text.
        file: Its name, for messages; one that ends in .md is Markdown.
        language: The code of its language; None to tell it by its words.
        matching: Whether to find its exercises in the library.

    Raises:
        FileError: If it is nothing that can be read, or its quotation marks do not pair.
    """
    if isinstance(data, bytes) and is_workbook(data, file=file):
        from stretchaudio.routine.import_sheet.workbook import read_workbook

        tables = read_workbook(data, file=file)
        code = language or _language(chain.from_iterable(one.rows for one in tables))
    else:
        text = decode(data, file=file) if isinstance(data, bytes) else data
        code = language or _text_language(text)
        tables = (Table(rows=split_rows(text, vocabulary(code), file=file)),)
    several = len(tables) > 1
    found = [
        _read_table(
            one, vocabulary(code), file=f"{file}:{one.name}" if several else file, matching=matching
        )
        for one in tables
    ]
    sheets = [sheet for sheets in found for sheet in sheets]
    # A worksheet of notes beside the one with the plan.
    return tuple(one for one in sheets if one.items) or tuple(sheets[:1])


def read_sheet(
    data: bytes | str, *, file: str, language: str | None = None, matching: bool = False
) -> Sheet:
    """Read a sheet of one person.

    Raises:
        FileError: If it is of several, or for the reasons of `read_sheets`.
    """
    sheets = read_sheets(data, file=file, language=language, matching=matching)
    if len(sheets) > 1:
        raise FileError(f"{file} is of {len(sheets)} people or worksheets; one was expected.")
    return sheets[0]


def _text_language(text: str) -> str:
    titles = {cell for line in text.splitlines()[:200] for cell in re.split(r"[,;\t|]", line)}
    return likely_language(titles, [text])


def _language(rows: Iterable[Row]) -> str:
    cells = {cell for row in rows for cell in row.cells}
    return likely_language(cells, cells)


def _read_table(table: Table, words: Vocabulary, *, file: str, matching: bool) -> list[Sheet]:
    told = Told(file)
    rows = [row for row in table.rows if any(map(str.strip, row.cells))]
    for hidden in table.hidden:
        told.add(1, f"{hidden} not read")
    entries, outside = _parted(rows, words, told)
    if outside:
        told.add(outside[0].line, _not_in_table([row.line for row in outside]))
    for row in outside:
        text = squeezed(" ".join(row.cells))
        if says_more_work(text, words):
            told.add(row.line, f"'{textwrap.shorten(text, 80, placeholder=' …')}' is not done")
            told.work_left_out += has_amount_of_work(text, words)
    if not rows:
        told.add(1, "there is no table here with a column such as Exercise or Name")
    people = _people(entries, told)
    names: list[str | None] = list(dict.fromkeys(people)) or [None]
    shared = tuple(told.problems)
    sheets = []
    for name in names:
        mine = Told(file) if len(names) > 1 else told
        own = [entry for entry, person in zip(entries, people, strict=True) if person == name]
        has_rests = any(entry.cells(Column.REST) for entry in own)
        reader = RowReader(words, mine, matching=matching, has_rests=has_rests)
        items = tuple(map(reader.item, own))
        sheets.append(
            Sheet(
                person=name if len(names) > 1 else None,
                worksheet=file.rpartition(":")[2]
                if table.name and file.endswith(f":{table.name}")
                else "",
                language=words.language,
                items=items,
                rests_left_out=mine.rests_left_out,
                work_left_out=told.work_left_out,
                problems=tuple(
                    dict.fromkeys((*(shared if name == names[0] else ()), *mine.problems))
                ),
                matches=tuple(mine.matches),
            )
        )
    return sheets


def _parted(rows: Sequence[Row], words: Vocabulary, told: Told) -> tuple[list[Entry], list[Row]]:
    """Part the rows of the table, or the items of a list, from those outside of it."""
    counts = [known(row.cells, words) if row.in_table and not row.is_item else 0 for row in rows]
    # A first line such as "Name, Anna" is no heading where a fuller one follows.
    least = max(1, min(2, max(counts, default=0)))
    if max(counts, default=0) == 0:
        return _list_parted(rows, words)
    entries: list[Entry] = []
    outside: list[Row] = []
    titles: tuple[Heading, ...] = ()
    title_line = 0
    person: str | None = None
    for row, count in zip(rows, counts, strict=True):
        may_be_titles = not titles or (count > 1 and _may_be_new_titles(row, titles, words))
        entry = Entry(row=row, title_line=title_line, titles=titles, person=person)
        if count >= least and may_be_titles:
            titles, title_line = headings(row.cells, words) or (), row.line
            _tell_unused(titles, row, told)
        elif label := _labelled_person(row, words, is_entry=bool(titles)):
            person = label
            outside.append(row)
        elif entry.is_struck_out:
            told.add(row.line, "this row is struck out and is not read")
        elif titles and row.in_table and not _is_beside(entry, words):
            entries.append(entry)
        elif is_speakable("".join(row.cells)):
            outside.append(row)
    return entries, outside


def _labelled_person(row: Row, words: Vocabulary, *, is_entry: bool) -> str | None:
    """Find whom a line above a table names, such as "Patient: Anna"."""
    found = patient(row.cells, words)
    filled = sum(bool(cell.strip()) for cell in row.cells)
    return squeezed(found) if found and (not is_entry or filled <= 2) else None


def _is_beside(entry: Entry, words: Vocabulary) -> bool:
    """Whether a row of the table is no exercise: the title of a part, or a sentence."""
    if entry.filled != 1:
        return False
    text = squeezed(next(cell for cell in entry.row.cells if cell.strip()))
    found = phrase(text)
    without_number = tuple(word for word in found if not word.isdigit() and len(word) > 1)
    is_title = bool(found) and (
        without_number in words.sections or (text.endswith(":") and not speaks_of_dose(text, words))
    )
    is_sentence = text.endswith((".", "!", "?")) and len(text.split()) > 3
    is_long = len(text.split()) > _LONGEST_NAME_WORDS
    return is_title or ((is_sentence or is_long) and not speaks_of_dose(text, words))


def _list_parted(rows: Sequence[Row], words: Vocabulary) -> tuple[list[Entry], list[Row]]:
    """Read items with bullets; where there are none, the lines around one that has a dose."""
    titles = (Heading(column=Column.NAME, text=""),)
    rows = _joined(rows, words)
    if not any(row.is_item for row in rows):
        rows = _as_items(rows, words)
    entries: list[Entry] = []
    outside: list[Row] = []
    person: str | None = None
    for row in rows:
        label = patient(row.cells, words)
        if row.is_item and not label and is_speakable(row.cells[0]):
            entries.append(Entry(row=row, title_line=row.line, titles=titles, person=person))
        elif is_speakable("".join(row.cells)):
            person = squeezed(label) if label else person
            outside.append(row)
    return entries, outside


def _joined(rows: Sequence[Row], words: Vocabulary) -> list[Row]:
    """Join lines such as "Repeat 10 times" and "Hold 5 seconds" with the exercise above them."""
    found: list[Row] = []
    for at, row in enumerate(rows):
        text, above = row.cells[0], found[-1] if found else row
        is_next = at > 0 and rows[at - 1].line == row.line - 1 and not row.is_item
        adds = is_next and is_part_of_dose(text, words, starts=not above.is_item)
        if adds and not is_part_of_dose(above.cells[0], words):
            joint = ", " if speaks_of_dose(above.cells[0], words) else " - "
            cells = (f"{above.cells[0]}{joint}{text}", *above.cells[1:])
            found[-1] = replace(above, cells=cells, is_item=True)
        else:
            found.append(row)
    return found


def _as_items(rows: Sequence[Row], words: Vocabulary) -> list[Row]:
    """Take lines as items of a list, from the first with a dose to the last, without a gap."""
    has_dose = [split_line(squeezed(row.cells[0]), words) is not None for row in rows]
    items = []
    for at, row in enumerate(rows):
        beside = [
            has_dose[other]
            for other in (at - 1, at + 1)
            if 0 <= other < len(rows) and abs(rows[other].line - row.line) == 1
        ]
        has_amount = speaks_of_dose(row.cells[0], words)
        is_item = has_dose[at] or (any(beside) if has_amount else beside == [True, True])
        is_item = is_item and not row.cells[0].startswith("|")
        items.append(Row(line=row.line, cells=row.cells, in_table=is_item, is_item=is_item))
    return items


def _tell_unused(titles: Iterable[Heading], row: Row, told: Told) -> None:
    for heading in titles:
        if heading.column in {Column.UNUSED, Column.IGNORED, Column.DOUBTFUL, Column.FOR}:
            told.add(row.line, f"the column '{heading.text}' is not used")


def _may_be_new_titles(row: Row, titles: tuple[Heading, ...], words: Vocabulary) -> bool:
    """Whether a row below the headings repeats them, as on a new page, or is all headings.

    "Stretch, as tolerated, daily" is an exercise.
    """
    found = headings(row.cells, words) or ()
    is_all = not any(one.column in {Column.UNUSED, Column.DOUBTFUL} for one in found)
    return found == titles or (is_all and not any(re.search(r"\d", cell) for cell in row.cells))


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


def _people(entries: Sequence[Entry], told: Told) -> list[str | None]:
    """Tell whose each row is; None where the sheet names nobody.

    A name may stand in the first row of its block alone, as in merged cells, but only where no
    name stands in two rows: else a row without one may be anybody's.
    """
    said = [_person(entry) for entry in entries]
    named = [one for one in said if one]
    spelled = {one.casefold(): one for one in reversed(named)}
    in_blocks = len(spelled) == len(named)
    people: list[str | None] = []
    above: str | None = None
    for entry, one in zip(entries, said, strict=True):
        above = one or above
        if one is None and len(spelled) > 1 and not in_blocks:
            raise FileError(
                f"{told.file}:{entry.row.line}:1: the sheet is of more than one patient, "
                "and this row does not say whose it is. Nothing was written.",
                hint="Write the patient's name into every row.",
            )
        if one is None and above is None and len(spelled) > 1:
            raise FileError(
                f"{told.file}:{entry.row.line}:1: this row comes before the first patient's name. "
                "Nothing was written.",
                hint="Write the patient's name into every row.",
            )
        whose = one or above or (named[0] if named else None)
        people.append(spelled[whose.casefold()] if whose else None)
    return people


def _person(entry: Entry) -> str | None:
    # A first name and a surname are of one patient.
    names = [
        squeezed(cell.text)
        for cell in entry.cells(Column.PATIENT, Column.FOR)
        if cell.heading.column is Column.PATIENT or may_be_person(cell.text)
    ]
    return " ".join(names) or entry.person


def all_lines(problems: Iterable[Problem]) -> str:
    """List problems, a line each, in the order of the file."""
    return "\n".join(map(str, sorted(set(problems))))
