"""Hold what is known of a row: its cells under their headings, and what is told of it."""

from dataclasses import dataclass, field

from stretchaudio.errors import Mark, Problem
from stretchaudio.routine.import_sheet.columns import NOT_READ, Cell, Column, Heading
from stretchaudio.routine.import_sheet.rows import Row
from stretchaudio.routine.import_sheet.words import plain

_NOTHING = {"", "-", "–", "—", "--", "n/a", "na", "/", ".", "not applicable", "entfällt"}
_ZEROS = {"0", "0.0"}
_ZERO_IS_NONE = {Column.REPS, Column.HOLD, Column.TIME, Column.REST}
_SPOKEN = {Column.NAME, Column.NOTES}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A row of the table that is not read."""

    line: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the table, with the headings above it."""

    row: Row
    title_line: int
    titles: tuple[Heading, ...]
    person: str | None = None
    """The one whom a line above the table names."""

    def cells(self, *columns: Column) -> list[Cell]:
        """List the cells of some columns that are not empty.

        Markup is dropped, but for names and notes.
        """
        places = self.row.places or ("",) * len(self.row.cells)
        cells = (
            Cell(
                heading=heading,
                text=text if heading.column in _SPOKEN else plain(text).text,
                place=place,
            )
            for heading, text, place in zip(self.titles, self.row.cells, places, strict=False)
            if heading.column in columns
        )
        return [cell for cell in cells if not _is_empty(cell)]

    def has_zero(self, column: Column) -> bool:
        """Whether a cell of a column is a 0."""
        pairs = zip(self.titles, self.row.cells, strict=False)
        return any(one.column is column and text.strip() in _ZEROS for one, text in pairs)

    @property
    def is_struck_out(self) -> bool:
        """Whether the exercise's name is struck out, or all that is in the row."""
        filled = {at for at, cell in enumerate(self.row.cells) if cell.strip()}
        names = {at for at, one in enumerate(self.titles) if one.column is Column.NAME}
        return bool(names & self.row.struck) or (bool(filled) and filled <= self.row.struck)

    @property
    def struck_cells(self) -> list[Cell]:
        """The cells under headings that are used of which some is struck out."""
        struck = self.row.struck | self.row.struck_partly
        cells = zip(self.titles, self.row.cells, self.row.places, strict=False)
        return [
            Cell(heading=heading, text=text, place=place)
            for at, (heading, text, place) in enumerate(cells)
            if at in struck and heading.column not in NOT_READ
        ]

    @property
    def filled(self) -> int:
        """The number of cells that are not empty."""
        return sum(bool(cell.strip()) for cell in self.row.cells)


def _is_empty(cell: Cell) -> bool:
    text = cell.text.strip().lower()
    # Programs export a 0 where nothing was filled in.
    return text in _NOTHING or (text in _ZEROS and cell.heading.column in _ZERO_IS_NONE)


@dataclass(slots=True)
class Told:
    """The problems of a sheet, each told once."""

    file: str
    problems: dict[Problem, None] = field(default_factory=dict)
    matches: list[str] = field(default_factory=list)
    rests_left_out: int = 0
    work_left_out: int = 0

    def add(self, line: int, message: str) -> None:
        """Tell of a line."""
        mark = Mark(file=self.file, line=line, column=1)
        self.problems[Problem(mark=mark, message=message)] = None

    def leave_out_rest(self, line: int, message: str) -> None:
        """Tell of a line whose rest is not read."""
        self.rests_left_out += 1
        self.add(line, message)
