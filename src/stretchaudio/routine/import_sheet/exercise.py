"""Read a row as the keys of an exercise; one that is not sure is told, never guessed."""

import re
from collections.abc import Iterable
from typing import Any

from stretchaudio.routine.import_sheet import match, sides, tempo
from stretchaudio.routine.import_sheet.columns import OF_DOSE, Cell, Column, Heading
from stretchaudio.routine.import_sheet.dose import (
    NO_REST,
    Dose,
    UnreadableError,
    checked_rest,
    read_dose_cell,
    read_doses,
    read_rest,
    work_of,
)
from stretchaudio.routine.import_sheet.entry import Entry, LeftOut, Told
from stretchaudio.routine.import_sheet.grammar import LONGEST, read_cell
from stretchaudio.routine.import_sheet.lists import (
    leading_hold,
    speaks_of_dose,
    split_line,
    trouble,
)
from stretchaudio.routine.import_sheet.reading import NotUnderstoodError
from stretchaudio.routine.import_sheet.spoken_only import contradiction
from stretchaudio.routine.import_sheet.tokens import plain_signs, tokens
from stretchaudio.routine.import_sheet.vocabulary import LETTER, Vocabulary, phrase
from stretchaudio.routine.import_sheet.words import is_speakable, plain, sentences, squeezed
from stretchaudio.routine.schema import MAX_TEXT, WORK_KEYS

_LIST_BREAK = re.compile(r"\s+[-–—]+\s+|[:,;]\s")
FEWEST_SECONDS = 15
"""Of "3 x 30" beside a stretch; fewer are reps of a moving one."""
DEFAULT_REST = "8s"
"""The rest of an exercise that has none of its own."""
_LONGEST_READ = 2000
"""Characters of a note that may have something of the dose."""


class RowReader:
    """Reads the rows of one person's table."""

    def __init__(
        self, words: Vocabulary, told: Told, *, matching: bool, has_rests: bool = False
    ) -> None:
        self.words = words
        self.told = told
        self.matching = matching
        self.has_rests = has_rests
        """Some row of the table has a rest, so that a 0 in another is meant."""

    def item(self, entry: Entry) -> dict[str, Any] | LeftOut:
        """Read a row, or tell why it is not read."""
        line = entry.row.line
        name = self.name(entry)
        short = _shortened(_LIST_BREAK.split(name)[0] if entry.row.is_item else name)
        if not name:
            self.told.add(line, "this row has no exercise name, so it is left out")
            return LeftOut(line=line, name="", reason="this row has no exercise name")
        try:
            return self.exercise(*self.taken_apart(name, entry), entry)
        except UnreadableError as error:
            self.told.add(line, f"{error}, so '{short}' is left out")
            return LeftOut(line=line, name=short, reason=str(error))

    def name(self, entry: Entry) -> str:
        """Read the exercise's name; empty if the row has none."""
        texts = self.spoken(entry.cells(Column.NAME), entry)
        name = squeezed(" ".join(texts))
        return name if is_speakable(name) else ""

    def spoken(self, cells: Iterable[Cell], entry: Entry) -> list[str]:
        """Read what is spoken: no markup, and no addresses, which are told."""
        words = [plain(cell.text) for cell in cells]
        for address in (address for one in words for address in one.addresses):
            self.told.add(entry.row.line, f"the address {address} is not spoken")
        return [one.text for one in words]

    def taken_apart(self, name: str, entry: Entry) -> tuple[str, list[Cell], list[str]]:
        """Tell name, cells of the dose and notes; of a row of one cell it holds them all."""
        doses = entry.cells(*OF_DOSE)
        notes = self.spoken(entry.cells(Column.NOTES), entry)
        if doses:
            return name, doses, notes
        line = split_line(name, self.words)
        heading = Heading(column=Column.DOSE, text="")
        if line:
            return line.name, [Cell(heading=heading, text=line.dose)], [*notes, line.notes]
        if entry.row.is_item:
            raise UnreadableError(trouble(name, self.words))
        return name, [], notes

    def exercise(
        self, name: str, cells: list[Cell], notes: list[str], entry: Entry
    ) -> dict[str, Any]:
        """Read a row as the keys of an exercise.

        Raises:
            UnreadableError: If the dose or the sides are not sure.
        """
        _refuse_stray_cells(entry, self.words, self.told)
        if len(name) > MAX_TEXT:
            raise UnreadableError(f"this name has {len(name)} characters, the limit is {MAX_TEXT}")
        if self.words.words.get(phrase(name)) == "P":
            raise UnreadableError("a rest by itself is no exercise")
        named = sides.in_name(name, self.words)
        dose = read_doses(cells, self.words)
        notes = self.dose_in_notes(notes, dose, entry)
        moving = self.moving(named.text, entry)
        found_words = set(phrase(named.text))
        if dose.bare and (self.words.staying & found_words or not self.words.counted & found_words):
            raise UnreadableError(f"{dose.bare} does not say what it counts (seconds or reps)")
        work = work_of(dose, moving=moving)
        self.refuse_reps_of_a_hold(named.text, dose)
        found = match.find(named.text, self.words.language) if self.matching else None
        side = self.side(named, dose, entry, notes, found)
        if side == sides.ALTERNATE and "reps" not in work:
            raise UnreadableError(
                "only reps can take turns side by side; write 'each side' beside a hold"
            )
        rest = self.rest(name, dose, entry, has_sets="sets" in work)
        if rest:
            work["rest"] = rest
        notes = self.tempo(notes, dose, entry, work)
        # The library's reps may have phases of other lengths.
        found = None if "tempo" in work else found
        self.refuse_contradictions(notes, side, dose, entry)
        _refuse_unsure_frequency(entry, dose, self.words)
        self.tell_amount_in_name(name, entry)
        setup = [one for text in (*notes, *dose.remarks) for one in sentences(text)]
        frequency = self.frequency(dose, entry)
        return self.keys(
            name=named.text,
            side=side,
            setup=setup,
            work=work,
            frequency=frequency,
            found=found,
            line=entry.row.line,
        )

    def dose_in_notes(self, notes: list[str], dose: Dose, entry: Entry) -> list[str]:
        """Take sentences out of the notes that are of the dose, such as "Hold 5 s"; keep others.

        Raises:
            UnreadableError: If one says another dose than the cells.
        """
        kept = []
        headed = next(iter(entry.cells(Column.NOTES)), None)
        for note in notes:
            if len(note) > _LONGEST_READ:
                kept.append(note)
                continue
            for sentence in _sentences(note, self.words):
                text = sentence.strip(" .;!\n")
                amount = text if _adds_to_dose(text, self.words) else leading_hold(text, self.words)
                if amount != text or not text:
                    kept.append(sentence)
                if amount and headed:
                    title = Heading(column=Column.DOSE, text=headed.heading.text)
                    cell = Cell(heading=title, text=amount)
                    reading = read_dose_cell(cell, self.words)
                    if reading.is_each_of_all and reading.holds and "reps" in dose.said:
                        # "Each held for 5 s": each rep.
                        reading.side, reading.is_each_of_all = None, False
                    dose.add(cell, reading)
        return [" ".join(kept)] if any(map(str.strip, kept)) else []

    def moving(self, name: str, entry: Entry) -> bool | None:
        """Tell from a name, or from its heading, whether one moves or stays; None if from neither.

        Under "Stretch" one stays, where the name says nothing else.
        """
        found = set(phrase(name))
        moves, stays = bool(found & self.words.moving), any(map(self.stays, found))
        headings = (one.text for one in entry.titles if one.column is Column.NAME)
        stretches = any(all(map(self.stays, phrase(one))) for one in headings if one)
        if moves == stays:
            return False if stretches and not moves else None
        return moves

    def stays(self, word: str) -> bool:
        """Whether a word says that one stays."""
        # German writes two words as one: Wadendehnung, Dehnübung.
        is_german = word.endswith(("dehnung", "stutz", "stretch")) or word.startswith("dehn")
        return is_german or word in self.words.staying

    def refuse_reps_of_a_hold(self, name: str, dose: Dose) -> None:
        """Refuse "3 x 30" of a stretch or a plank: most likely seconds, and reps to the letter.

        Raises:
            UnreadableError: If nothing says which.
        """
        words = set(phrase(name))
        is_held = bool(words & self.words.held) or any(one.endswith("dehnung") for one in words)
        if "reps" not in dose.said or {"time", "breaths"} & dose.said.keys() or dose.names_reps:
            return
        reps, cell = dose.said["reps"]
        is_many = int(reps.split("-", maxsplit=1)[0]) >= FEWEST_SECONDS
        if is_held and is_many and not words & self.words.counted:
            raise UnreadableError(f"{cell} may be seconds or reps; write which")

    def side(
        self,
        named: sides.Sided,
        dose: Dose,
        entry: Entry,
        notes: list[str],
        found: match.Found | None,
    ) -> str | None:
        """Find the sides of an exercise on which its name, its cells and its notes agree."""
        place = str(next(iter(entry.cells(Column.NAME)), named.text))
        said = [
            (place, one) for one in (named.side, sides.named_side(named.text, self.words)) if one
        ]
        said += [(str(cell), one) for cell, one in dose.sides]
        said += [
            (str(cell), sides.in_column(cell, self.words))
            for cell in entry.cells(Column.SIDE)
            if phrase(cell.text) not in self.words.nothing
        ]
        in_turn = found is not None and found.keys.get("sides") == sides.EACH
        both = [at for at, (_, one) in enumerate(said) if one == sides.BOTH]
        unsaid = [at for at, (_, one) in enumerate(said) if one == "unsaid"]
        if both and not in_turn:
            raise UnreadableError(
                f"{said[both[0]][0]} may mean each side in turn, or both at once; "
                "write 'each side', or leave it out if both work at once"
            )
        several = (
            bool({"sets", "times"} & dose.said.keys())
            or len({"reps", "time"} & dose.said.keys()) > 1
        )
        others = {one for _, one in said if one not in {sides.BOTH, "unsaid"}}
        if unsaid and not in_turn and others != {sides.EACH} and (several or others):
            raise UnreadableError(
                f"{said[unsaid[0]][0]} does not say each what; write 'each side', or leave it out"
            )
        said = [
            (where, sides.EACH if one in {sides.BOTH, "unsaid"} else one) for where, one in said
        ]
        is_often = bool(dose.frequencies or entry.cells(Column.FREQUENCY))
        if dose.each_of_all and is_often and len(said) == 1 and not in_turn:
            raise UnreadableError(
                f"{dose.each_of_all} may be each side or each time; write 'each side', or no 'each'"
            )
        if any(sides.says_other_side(note, self.words) for note in notes):
            others = {one for _, one in said}
            if not others:
                said.append((place, sides.EACH))
        side = sides.agreed(said)
        if named.each_of_what and side is None and not in_turn:
            raise UnreadableError(
                f"{place} may mean each side in turn, or both at once; a column Side can say which"
            )
        return sides.EACH if named.each_of_what and side is None else side

    def rest(self, name: str, dose: Dose, entry: Entry, *, has_sets: bool) -> str | None:
        """Read the rest; one that is not understood is left out alone, and told."""
        cells = entry.cells(Column.REST)
        lengths = {checked_rest(dose)} - {None}
        short = _shortened(name)
        try:
            lengths |= {
                _rest_length(cell, self.words) for cell in cells if cell.text.strip() != "0"
            }
        except UnreadableError as error:
            self.told.leave_out_rest(
                entry.row.line, f"{error}, so '{short}' has no rest of its own"
            )
            return None
        if len(lengths) > 1:
            self.told.leave_out_rest(
                entry.row.line,
                f"{' and '.join(map(str, cells))} differ, so '{short}' has no rest of its own",
            )
            return None
        length = lengths.pop() if lengths else None
        if not length and self.has_rests and entry.has_zero(Column.REST):
            length = NO_REST
        if length == NO_REST:
            return NO_REST if has_sets else None
        if length and not has_sets:
            unused = cells[0] if cells else dose.said["rest"][1]
            self.told.leave_out_rest(
                entry.row.line, f"{unused} is left out, because '{short}' has one set"
            )
            return None
        return length

    def tempo(self, notes: list[str], dose: Dose, entry: Entry, work: dict[str, Any]) -> list[str]:
        """Add the tempo of reps to their work; return the notes without it, and tell of it."""
        line = entry.row.line
        kept, said = [], []
        for note in notes:
            rest, found = tempo.take(note, self.words)
            kept.append(rest)
            said += [found] if found else []
        for cell in entry.cells(Column.TEMPO):
            found = tempo.in_cell(cell.text)
            if found:
                said.append(found)
            elif tempo.slow_word([cell.text], self.words):
                kept.append(cell.text)
            else:
                self.told.add(line, f"{cell} is not used")
        slow = tempo.slow_word((*kept, *dose.remarks), self.words)
        if said and "reps" in work and len({one.seconds for one in said}) == 1:
            work["tempo"] = f"{said[0].seconds}s"
            self.told.add(line, f"'{said[0].text}' is {said[0].seconds} s for each rep")
        elif said:
            self.told.add(line, f"the tempo '{said[0].text}' is left out: it fits no reps here")
        elif slow and "reps" in work:
            self.told.add(
                line, f"'{slow}' is spoken, but reps take 3 s; a tempo such as 5s makes them slower"
            )
        return [one for one in kept if one]

    def frequency(self, dose: Dose, entry: Entry) -> str | None:
        """Read how often the exercise is done, in the sheet's own words."""
        said = [*dose.frequencies]
        for cell in entry.cells(Column.FREQUENCY):
            text = squeezed(cell.text)
            # "2" under "Times per day" says nothing by itself.
            is_number = not re.search(LETTER, text.replace("x", ""))
            said.append(f"{text} ({cell.heading.text})" if is_number else text)
        return ", ".join(dict.fromkeys(said)) or None

    def refuse_contradictions(
        self, notes: list[str], side: str | None, dose: Dose, entry: Entry
    ) -> None:
        """Refuse a note of an amount or a side that the exercise would not do.

        Raises:
            UnreadableError: If there is one.
        """
        said = {slot: value for slot, (value, _) in dose.said.items()}
        cell = next(iter(entry.cells(Column.NOTES)), None)
        for note in notes:
            found = contradiction(note, side=side, said=said, words=self.words)
            if found:
                raise UnreadableError(
                    f"'{_shortened(found)}' in {cell or 'the note'} is no part of the dose; "
                    "write it in a column of its own, or in other words"
                )

    def tell_amount_in_name(self, name: str, entry: Entry) -> None:
        """Tell of an amount in a name: it is spoken, but changes no dose."""
        if entry.row.is_item or not entry.cells(*OF_DOSE):
            return
        for cell in entry.cells(Column.NAME):
            if speaks_of_dose(cell.text, self.words):
                self.told.add(
                    entry.row.line,
                    f"{cell} is spoken, but an amount in it is not part of the dose of "
                    f"'{_shortened(name)}'",
                )

    def keys(
        self,
        *,
        name: str,
        side: str | None,
        setup: list[str],
        work: dict[str, Any],
        frequency: str | None,
        found: match.Found | None,
        line: int,
    ) -> dict[str, Any]:
        """Write the keys of an exercise, with the library's words where it is the same."""
        if side in {sides.LEFT, sides.RIGHT} and sides.named_side(name, self.words) is None:
            name = self.words.side_names[side].format(name=name)
        own_sides = {"sides": side} if side in {sides.EACH, sides.ALTERNATE} else {}
        how_often = {"frequency": frequency} if frequency else {}
        own = {
            "name": name,
            **({"setup": setup} if setup else {}),
            **work,
            **own_sides,
            **how_often,
        }
        if found is None:
            return own
        if found.keys.get("sides") != own.get("sides") or side in {sides.LEFT, sides.RIGHT}:
            self.told.matches.append(
                f"line {line}: '{name}' is {found.id} in the library, with other sides, "
                "so its words are not taken"
            )
            return own
        self.told.matches.append(
            f"line {line}: '{name}' is {found.id} in the library: {found.name}"
        )
        known_setup = [*found.keys.get("setup", ()), *setup] if setup else None
        if self.words.language == "en":
            words = {"setup": [_bare(one) for one in known_setup]} if known_setup else {}
            return {
                "use": found.id, **words, **_plain_dose(found), **work, **own_sides, **how_often
            }  # fmt: skip
        return _translated(found, work, known_setup, how_often)


def _plain_dose(found: match.Found) -> dict[str, Any]:
    """Write defaults over the library's sets and rest, which are not the sheet's."""
    defaults = {"sets": 1, "rest": DEFAULT_REST}
    return {key: value for key, value in defaults.items() if key in found.keys}


def _translated(
    found: match.Found, work: dict[str, Any], setup: list[Any] | None, how_often: dict[str, Any]
) -> dict[str, Any]:
    """Write an exercise of a translated routine with the sheet's own dose."""
    steps = found.keys.get("work")
    short = [key for key in WORK_KEYS if key in work]
    kept = {
        key: _bare(value)
        for key, value in found.keys.items()
        if key not in {*WORK_KEYS, "sets", "rest", "use"}
    }
    if isinstance(steps, list) and len(steps) == 1 and short != ["work"] and short[0] in steps[0]:
        work = {**work, "work": [{**_bare(steps[0]), short[0]: work[short[0]]}]}
        work.pop(short[0])
    if setup:
        kept["setup"] = [_bare(one) for one in setup]
    return {**kept, **work, **how_often}


def _bare(value: Any) -> Any:
    """Write a value of a routine as plain lists and dicts."""
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items()}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def _sentences(note: str, words: Vocabulary) -> list[str]:
    """Split a note into sentences; the dot of "5 sec. hold" ends none."""
    found: list[str] = []
    for one in re.split(r"(?<=[.!?;\n])\s*", note):
        joined = f"{found[-1]} {one}" if found and found[-1].endswith(".") and one else ""
        if joined and _adds_to_dose(joined.strip(" .;!\n"), words):
            found[-1] = joined
        else:
            found.append(one)
    return found


def _adds_to_dose(text: str, words: Vocabulary) -> bool:
    """Whether a sentence of a note is wholly of the dose: "Hold 5 s", "Twice a day"."""
    try:
        reading = read_cell(text, words)
    except NotUnderstoodError:
        return False
    says_amount = reading.reps or reading.time or reading.breaths or reading.sets
    return bool(says_amount or reading.frequency or reading.rest or reading.side)


def _refuse_stray_cells(entry: Entry, words: Vocabulary, told: Told) -> None:
    """Refuse a row with a cell that may be of the dose, or cut off from a note."""
    stray = [f"'{squeezed(cell)}'" for cell in entry.row.cells[len(entry.titles) :] if cell.strip()]
    if stray:
        last = entry.titles[-1].text
        raise UnreadableError(
            f"{' and '.join(stray)} after the last column, '{last}', would be lost "
            "(a comma or semicolon in a cell needs quotation marks around the cell)"
        )
    for cell in entry.struck_cells:
        raise UnreadableError(f"{cell} is struck out, wholly or in part")
    for cell in entry.cells(Column.DOUBTFUL):
        raise UnreadableError(f"{cell} is in a column that may be of the dose and is not used")
    for cell in entry.cells(Column.FOR, Column.UNUSED):
        if speaks_of_dose(cell.text, words):
            raise UnreadableError(f"{cell} is in a column that may be of the dose and is not used")
    seen_name = False
    for heading, text in zip(entry.titles, entry.row.cells, strict=False):
        seen_name = seen_name or heading.column is Column.NAME
        if heading.column is Column.NO_HEADING and text.strip():
            if seen_name or speaks_of_dose(text, words):
                raise UnreadableError(f"'{squeezed(text)}' is in a column without a heading")
            told.add(entry.title_line, "the first column has no heading and is not used")


def _refuse_unsure_frequency(entry: Entry, dose: Dose, words: Vocabulary) -> None:
    """Refuse a cell of how often that may be of the dose: "3x per leg", "3x" beside "10 s"."""
    for cell in entry.cells(Column.FREQUENCY):
        letters = "".join(one.code for one in tokens(plain_signs(cell.text[:LONGEST]), words))
        if re.search("[eLRrbSs]|[/E]o*p|xn", letters):
            raise UnreadableError(f"{cell} may be of the dose, and only says how often here")
        says_when = any(
            one.code in "DF" for one in tokens(plain_signs(cell.heading.text[:LONGEST]), words)
        )
        is_one_hold = not {"sets", "reps", "times"} & dose.said.keys()
        if re.fullmatch(r"n(?:[-t]n)?x?", letters) and is_one_hold and not says_when:
            raise UnreadableError(f"{cell} may be sets or times a day; write which")


def _rest_length(cell: Cell, words: Vocabulary) -> str:
    if any(words.words.get((word,)) == "r" for word in phrase(cell.heading.text)):
        raise UnreadableError(f"{cell} is not between sets")
    return read_rest(cell, words)


def _shortened(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:79]}…"
