"""Read one cell of a dose: sets, reps, breaths, lengths, rest, side and how often, in any order.

A cell is read whole or not at all. Its tokens are letters (`vocabulary.CODES`), and what is asked
of them is a pattern of letters: "3 x 30 s/side, 2x daily" is `nxnSe,nxF`.
"""

import re
from dataclasses import dataclass, field, replace

from stretchaudio.routine.import_sheet.tokens import Token, decimal, plain_signs, tokens
from stretchaudio.routine.import_sheet.vocabulary import Vocabulary, fold

LONGEST = 160
"""Characters of a cell that can be a dose."""
FEWEST_REPS = 6
"""Of "10x" by itself. Fewer may be sets, or times a day."""
FEWEST_REPS_OF_A_SIDE = 4
"""Of "5x on each side", which is not how often; fewer may be sets, or stretches to be held."""
_TIMES_A_DAY = r"n(?:[-t]n)?(?:x|(?=[/ED]))"
_FREQUENCY = re.compile(
    rf"[DF]o*n(?:[-t]n)?x(?![no])"
    rf"|(?:{_TIMES_A_DAY}|T)?o*(?:[/E]o*n?o*[Dh]|F(?:&?F)*|(?<=x)D|(?<=n)D[/Eo]*[DF]|(?<=T)D)(?:[&,]?F)*(?:En?D|/D)?"
)
_LENGTH = r"(?:nMnS|nM&nS|nMn(?![-trsbxSMoe])|nM|nS|c)"
_LENGTHS = rf"(?:{_LENGTH}[-t]{_LENGTH}|n-[SM]|n[-t]{_LENGTH}|{_LENGTH})"
_REST = re.compile(rf"/?g?(?:P[:o]*(?P<after>{_LENGTHS})[oP]*g?|(?P<before>{_LENGTHS})o*[P0]o*g?)")
_SIDE = re.compile(
    r"(?P<each>:?(?:[/&]*[eO](?:Y)?|[/E]o*p|p?[LR][/&,]p?[LR]p?))"
    r"|(?P<both>o?B[op]*)|(?P<alternate>o?Ao?p*)"
    r"|(?P<left>[Yo]*(?:p*L|L)p*Y?)|(?P<right>[Yo]*(?:p*R|R)p*Y?)"
    r"|(?P<alone>E(?=[,)]*$))"
)
_RELAX = re.compile(
    rf"(?:[HZ]o*{_LENGTHS}|{_LENGTHS}o*[HZ])"
    rf"(?P<relax>[,/&]*Uo*(?P<after>{_LENGTHS})|[,/&]*(?P<before>{_LENGTHS})o*U)"
)
_HALVES = re.compile(r"n(?P<unit>r?)o*\((?P<half>n)r?(?:[/&]*[eE]|[/E]o*p)\)")
"""A total and its half for each side: "20 (10/leg)"."""
_BOTH = re.compile(
    r"(?P<one>n)(?P<unit>r?)(?P<side>p?[LR]p?)?(?P<sign>[/&,])n(?P=unit)(?P<other>p?[LR]p?)?$"
)
"""An amount for each side: "10/10", "10 L, 10 R"."""
_BOTH_LENGTHS = re.compile(r"n(?P<unit>[SM])(?P<side>p?[LR]p?)[/&,]+n(?P=unit)(?P<other>p?[LR]p?)$")
"""A length for each side: "30 s L, 30 s R"."""
_REMARK = re.compile(r"[,o&]*(?:nw|n[-t]nw|k)(?:&k)*")
_TERM = re.compile(
    rf"(?P<time>{_LENGTHS})|(?P<label>[srb]):(?P<labelled>n(?:[-t]n)?)"
    r"|(?P<count>n(?:[-t]n)?)(?P<unit>-?[srb])?"
)


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a cell says; what it does not say is None or empty."""

    sets: str | None = None
    reps: str | None = None
    breaths: str | None = None
    time: str | None = None
    """A length as routines write it, or a range of two."""
    times: str | None = None
    """How many times that length is held, which may be sets or reps."""
    bare: str | None = None
    """A number by itself, whose column says what it counts."""
    is_bare: bool = False
    """The reps are such a number, under a heading of any dose."""
    holds: bool = False
    """It says that a position is held."""
    names_reps: bool = False
    """A word says that the reps are reps."""
    is_clock: bool = False
    """The length is written like a time of day."""
    rest: str | None = None
    relax: str | None = None
    """How long to let go between holds: "squeeze 5 s, relax 5 s"."""
    is_each_of_all: bool = False
    """An "each" stands before all of the dose: "je 2 x 20 s"."""
    is_paired: bool = False
    """Two equal counts stand for two sides: "10/10"."""
    is_unclear: bool = False
    """The length may be for each rep or for all of them, if nothing else says that it is held."""
    side: str | None = None
    """each, alternate, left, right, both; or "unsaid" for an "each" without a noun."""
    frequency: str | None = None
    remarks: list[str] = field(default_factory=list)
    """What is to be heard and changes no dose: "slowly", "with 2 kg"."""

    @property
    def has_dose(self) -> bool:
        """Whether it says how much is to be done."""
        return any((self.sets, self.reps, self.breaths, self.time, self.times, self.bare))


class NotUnderstoodError(ValueError):
    """A cell that is not read; the text completes "it …", and is empty where nothing is to add."""


@dataclass(frozen=True, slots=True)
class _Term:
    kind: str
    """`time`, `s`, `r`, `b`, or empty for a number by itself."""
    value: str
    crossed: bool
    """An "x" or an "of" stands beside it."""


class _Codes:
    """The tokens of a cell as a string of letters, out of which parts are taken."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text = text
        self.tokens = found

    @property
    def letters(self) -> str:
        return "".join(token.code for token in self.tokens)

    def original(self, start: int, end: int) -> str:
        """The text of some tokens, as it is written."""
        return " ".join(self.text[self.tokens[start].start : self.tokens[end - 1].end].split())

    def take(self, start: int, end: int) -> list[Token]:
        """Take tokens out; a comma stays in their place, so that what was apart stays apart.

        A dash that stands between spaces before them goes with them.
        """
        taken = self.tokens[start:end]
        if start and self.tokens[start - 1].code == "-":
            dash = self.tokens[start - 1].start
            start -= self.text[dash - 1 : dash + 2] == " - "
        here = taken[0].start
        self.tokens[start:end] = [Token(code=",", text=",", start=here, end=here)]
        return taken


def read_cell(
    text: str,
    vocabulary: Vocabulary,
    *,
    order: tuple[str, ...] = (),
    minutes: bool = False,
    counts: str = "",
) -> Reading:
    """Read a cell.

    Args:
        text: Its text.
        vocabulary: The words of the sheet's language.
        order: What its heading says that numbers count, in order: ("sets", "reps").
        minutes: Whether its heading says that "m" stands for minutes.
        counts: What numbers count by their heading alone: "reps", "seconds", or nothing.

    Raises:
        NotUnderstoodError: If any of it is not understood.
    """
    if len(text) > LONGEST:
        raise NotUnderstoodError
    plain = plain_signs(text)
    found = _with_numbers(tokens(plain, vocabulary), vocabulary)
    if any(token.code == "?" for token in found):
        raise NotUnderstoodError
    if not minutes and _may_be_metres(found):
        raise NotUnderstoodError("may be minutes or metres; write min")
    codes = _Codes(plain, found)
    reading = Reading()
    _take_repeat(codes)
    _take_frequency(codes, reading)
    _take_remarks(codes, reading)
    _take_on_off(codes)
    _take_relax(codes, reading)
    _take_rest(codes, reading)
    _take_halves(codes, reading, counts="pairs" if order else counts)
    _take_side(codes, reading)
    _take_work(codes, reading, order)
    return reading


def _with_numbers(found: list[Token], vocabulary: Vocabulary) -> list[Token]:
    """Read words for numbers, such as "three" and not "forty-five", and "to each side" as each."""
    dashes = {one.start for one in found if one.code == "-"} | {
        one.end for one in found if one.code == "-"
    }

    def read(token: Token) -> Token:
        digits = vocabulary.note_numbers.get(fold(token.text))
        if token.code != "?" or digits is None or {token.start, token.end} & dashes:
            return token
        return replace(token, code="n", text=digits)

    words = [replace(one, code="e") if one.code == "d" else read(one) for one in found]
    for at, one in enumerate(words[1:], 1):
        held = words[at - 1]
        if one.code == "p" and held.code == "H" and held.text.lower().endswith(" each"):
            # "10 s hold each side" is no "hold each".
            words[at] = replace(one, code="e")
    return words


def _may_be_metres(found: list[Token]) -> bool:
    """Whether an "m" has no seconds behind it, as in "20 m" and not in "1m30s"."""
    letters = "".join(token.code for token in found)
    return any(
        token.text.lower() == "m" and not re.match("M&?nS", letters[at:])
        for at, token in enumerate(found)
    )


def _take_repeat(codes: _Codes) -> None:
    """Take the verb out of "repeat 10 times", which is 10 times."""
    while found := re.search(r"[Gr](?=o*n(?:[-t]n)?x(?!o*n))|(?<=x)G", codes.letters):
        codes.tokens.pop(found.start())


def _take_frequency(codes: _Codes, reading: Reading) -> None:
    said = []
    for _ in range(3):
        found = next(
            (one for one in _FREQUENCY.finditer(codes.letters) if re.search("[DFh]", one[0])), None
        )
        if found is None:
            break
        begin = found.start() + 2 * _is_parted(codes, found.start())
        start = begin + len(re.match("o*", codes.letters[begin:])[0])  # type: ignore[index]
        said.append(codes.original(start, found.end()))
        codes.take(begin, found.end())
    if re.search("[DFTh]", codes.letters):
        raise NotUnderstoodError
    reading.frequency = ", ".join(said) or None


def _is_parted(codes: _Codes, at: int) -> bool:
    """Whether a dash parts what is done from how often: "3 x 10 - 2 times a day"."""
    is_range = codes.letters[max(at - 1, 0) :].startswith("xn-n")
    dash = codes.tokens[at + 1].start if is_range else 0
    return is_range and codes.text[dash - 1 : dash + 2] == " - "


def _take_remarks(codes: _Codes, reading: Reading) -> None:
    # "10 slow reps".
    while between := re.search(r"(?<=n)k(?:&?k)*(?=[rb])", codes.letters):
        reading.remarks.append(codes.original(*between.span()))
        del codes.tokens[slice(*between.span())]
    while found := _REMARK.search(codes.letters):
        start = found.start() + len(re.match("[,o&]*", found[0])[0])  # type: ignore[index]
        reading.remarks.append(codes.original(start, found.end()))
        codes.take(found.start(), found.end())


def _take_on_off(codes: _Codes) -> None:
    """Take the word "on" out of "30 s on 15 s off"; "off" makes a rest of its length."""
    letters = codes.letters
    if not re.search("[10]", letters):
        return
    if not re.search(rf"{_LENGTHS}o?1[,/&]*{_LENGTHS}o?[0P]", letters):
        raise NotUnderstoodError
    at = letters.index("1")
    codes.take(at, at + 1 + (letters[at + 1] == "/"))


def _take_relax(codes: _Codes, reading: Reading) -> None:
    """Take "relax 5 s" out of "squeeze 5 s, relax 5 s, 10 times"; "squeeze 5 s" is a hold."""
    if "U" not in codes.letters:
        codes.tokens[:] = [
            replace(one, code="H") if one.code == "Z" else one for one in codes.tokens
        ]
    found = _RELAX.search(codes.letters)
    if found:
        start, end = found.span("after" if found["after"] else "before")
        reading.relax = _length(codes.tokens[start:end])
        reading.holds = True
        codes.take(*found.span("relax"))
        codes.tokens[:] = [one for one in codes.tokens if one.code != "Z"]
    if re.search("[ZU]", codes.letters) or (reading.relax and "-" in reading.relax):
        raise NotUnderstoodError


def _take_halves(codes: _Codes, reading: Reading, *, counts: str) -> None:
    """Read "20 (10/leg)", "10/10" and "10 L, 10 R" as an amount for each side."""
    letters = codes.letters
    if found := _HALVES.search(letters):
        total, half = (codes.tokens[at] for at in (found.start(), found.start("half")))
        if not (total.text.isdigit() and half.text.isdigit()):
            raise NotUnderstoodError
        if counts == "seconds" or int(total.text) != 2 * int(half.text):
            raise NotUnderstoodError
        unit = replace(half, code="r", text="")
        side = replace(half, code="e", text="")
        codes.tokens[slice(*found.span())] = [half, unit, side]
    elif found := _BOTH_LENGTHS.search(letters):
        one, other = (
            codes.tokens[found.start()],
            codes.tokens[letters.index("n", found.end("side"))],
        )
        named = {letter for letter in found["side"] + found["other"] if letter in "LR"}
        if one.text == other.text and named == {"L", "R"}:
            side = replace(other, code="e", text="")
            codes.tokens[found.start() + 2 :] = [side]
    elif (found := _BOTH.search(letters)) and counts != "pairs":
        one, other = (codes.tokens[at] for at in (found.start(), letters.rindex("n")))
        named = {letter for letter in letters[found.start() :] if letter in "LR"}
        is_sure = len(named) == 2 if named else counts == "reps" and found["sign"] == "/"
        if not is_sure or one.text != other.text or letters[: found.start()][-1:] in {"/", "-"}:
            return
        reading.is_paired = not named
        unit = replace(one, code="r", text="")
        side = replace(one, code="e", text="")
        has_unit = bool(found["unit"]) or counts == "reps"
        codes.tokens[slice(*found.span())] = [one, *([unit] if has_unit else []), side]


def _take_rest(codes: _Codes, reading: Reading) -> None:
    found = _REST.search(codes.letters)
    if found:
        group = "after" if found["after"] else "before"
        start, end = found.span(group)
        reading.rest = _length(codes.tokens[start:end])
        codes.take(*found.span())
    if re.search("[Pg0]", codes.letters) or (reading.rest and "-" in reading.rest):
        raise NotUnderstoodError


def _take_side(codes: _Codes, reading: Reading) -> None:
    # "3 sets each 30 s", "3 rounds, 10 each" in German: "3 Durchgänge, je 10".
    if of_each := re.search("[sx][,o]*(E)(?=o*n)", codes.letters):
        codes.tokens.pop(of_each.start(1))
    elif re.match("E(?=o*n)", codes.letters):
        _take_leading_each(codes, reading)
    found = _SIDE.search(codes.letters)
    if not found:
        return
    side = str(found.lastgroup)
    reading.side = "unsaid" if side == "alone" else side
    letters = codes.letters
    if side == "alone" and letters[: found.start()].endswith("b"):
        raise NotUnderstoodError("may be breaths of each rep or on each side; write which")
    taken = codes.take(*found.span())
    # "10/leg x 3": the number that is for each leg is of reps.
    if (
        side == "each"
        and re.search("(?:^|[^-tx])n$", letters[: found.start()])
        and re.match("xn(?![-tSM])", letters[found.end() :])
    ):
        codes.tokens[found.start()] = Token(
            code="r", text="", start=taken[0].start, end=taken[0].start
        )
    if re.search("[LRBAeEpO]", codes.letters):
        raise NotUnderstoodError


def _take_leading_each(codes: _Codes, reading: Reading) -> None:
    """Take the word out of "je 2 x 20 Sek.": before sets it can only be of sides."""
    codes.tokens.pop(0)
    if re.search("e|[/E]p", codes.letters):
        return
    reading.is_each_of_all = True
    is_of_sides = re.match(f"o*(?:n[-t])?nxn|{_LENGTHS}xn", codes.letters) and not reading.frequency
    found = codes.tokens[0]
    codes.tokens.append(
        Token(code="e" if is_of_sides else "E", text="", start=found.end, end=found.end)
    )


def _take_work(codes: _Codes, reading: Reading, order: tuple[str, ...]) -> None:
    """Read what is left: terms with crosses, "of" and commas between."""
    _name_times(codes, of_sides=reading.side == "each")
    letters = codes.letters
    in_brackets = bool(re.search(r"\([^)]*[SMcH]", letters))
    reading.holds = "H" in letters
    kept = [
        token
        for token in codes.tokens
        if token.code not in "H:" or (token.code == ":" and _labels(token, codes))
    ]
    codes.tokens[:] = kept
    letters = codes.letters
    terms: list[_Term] = []
    at = 0
    joins: list[str] = []
    while at < len(letters):
        gap = re.match(r"[xo,&()/-]*", letters[at:])[0]  # type: ignore[index]
        at += len(gap)
        if at == len(letters):
            joins.append(gap)
            break
        found = _TERM.match(letters, at)
        if not found:
            raise NotUnderstoodError
        joins.append(gap)
        terms.append(_term(found, codes, joins[-1]))
        reading.is_clock = reading.is_clock or letters[found.start()] == "c"
        at = found.end()
    if len(joins) == len(terms):
        joins.append("")
    _refuse_odd_joins(joins, terms, codes, order)
    terms = [
        _Term(one.kind, one.value, bool(re.search("[xo]", joins[at] + joins[at + 1])))
        for at, one in enumerate(terms)
    ]
    _fill(reading, terms, joins, order, in_brackets=in_brackets)


def _name_times(codes: _Codes, *, of_sides: bool) -> None:
    """Read "12 times x 3" as 12 reps, 3 times, and "5 times on each side" as 5 reps."""
    found = re.search("n(x)xn$", codes.letters)
    alone = re.fullmatch("o*(?P<low>n)(?:[-t]n)?(?P<times>x),*", codes.letters)
    if of_sides and alone and _is_many(_count([codes.tokens[alone.start("low")]]), of_sides=True):
        at = alone.start("times")
        codes.tokens[at] = replace(codes.tokens[at], code="r")
    elif found and codes.tokens[found.start(1)].text.strip() not in {"x", "X"}:
        at = found.start(1)
        if int(_count(codes.tokens[at - 1 : at])) < int(_count(codes.tokens[at + 2 :])):
            # "3 times x 12": 3 sets, or 3 reps?
            raise NotUnderstoodError
        codes.tokens[at] = replace(codes.tokens[at], code="r")


def _labels(token: Token, codes: _Codes) -> bool:
    """Whether a colon stands behind a unit, as in "reps: 10"."""
    at = codes.tokens.index(token)
    return at > 0 and codes.tokens[at - 1].code in "srb"


def _term(found: re.Match[str], codes: _Codes, _join: str) -> _Term:
    part = codes.tokens[found.start() : found.end()]
    if found["time"]:
        return _Term("time", _length(part), crossed=False)
    if found["label"]:
        return _Term(found["label"], _count(part[2:]), crossed=False)
    return _Term(
        (found["unit"] or "").strip("-"),
        _count([one for one in part if one.code in "n-t"]),
        crossed=False,
    )


def _refuse_odd_joins(
    joins: list[str], terms: list[_Term], codes: _Codes, order: tuple[str, ...]
) -> None:
    """Refuse signs between terms that may mean anything: "3/10", "3 - 10"."""
    for at, join in enumerate(joins):
        inside = 0 < at < len(joins) - 1
        if not inside:
            if re.search("[/&-]", join.replace(",", "")) or "xx" in join:
                raise NotUnderstoodError
            continue
        numbers = not terms[at - 1].kind and not terms[at].kind
        plain = join.replace(",", "").replace("(", "").replace(")", "")
        if plain in {"/", "-"} and (numbers and not (plain == "/" and order)):
            raise NotUnderstoodError
        if plain not in {"", "x", "o", "/", "-", "&", "xo", "&o"}:
            raise NotUnderstoodError
        named = {terms[at - 1].kind, terms[at].kind}
        if plain == "/" and not numbers and named != {"s", "r"}:
            raise NotUnderstoodError
    # "3 x 10 - 30 s": a range of seconds, or ten reps and a length?
    if re.search(r"(?:^|\s)-\s", codes.text) and re.search("xn-n[SM]", codes.letters):
        raise NotUnderstoodError("may be a range or two amounts; write a range without spaces")


def _count(part: list[Token]) -> str:
    numbers = [one.text for one in part if one.code == "n"]
    if not all(number.isdigit() for number in numbers):
        raise NotUnderstoodError
    if len(set(numbers)) < len(numbers):
        # "10-10": no range, so it is of two sides or two sets.
        raise NotUnderstoodError
    return "-".join(str(int(number[:9])) if len(number) < 9 else number for number in numbers)


def _length(part: list[Token]) -> str:
    """Write a length, or a range of two, as routines do."""
    at = next((at for at, one in enumerate(part) if one.code in "-t"), None)
    if at is None:
        return _single(part)
    low, high = part[:at], part[at + 1 :]
    if len(low) == 1 and low[0].code == "n":
        # "15-30 s"; and "30-s" of "a 30-s hold".
        if high[0].code in "SM":
            return _single([*low, *high])
        if high[0].code == "c" or len(high) != 2:
            raise NotUnderstoodError
        return f"{_decimal(low[0])}-{_single(high)}"
    return f"{_single(low)}-{_single(high)}"


def _single(part: list[Token]) -> str:
    if part[0].code == "c":
        return clock(part[0].text)
    said = {}
    for number, unit in zip(
        part[::2] if "&" not in [p.code for p in part] else [part[0], part[3]],
        _units(part),
        strict=True,
    ):
        said[unit] = _decimal(number)
    text = "".join(
        f"{value}{unit}" for unit, value in said.items() if float(value) or len(said) == 1
    )
    return text or "0s"


def _units(part: list[Token]) -> list[str]:
    units = [one.code.lower() for one in part if one.code in "SM"]
    # "1 min 30".
    return units if len(units) == sum(one.code == "n" for one in part) else [*units, "s"]


def _decimal(token: Token) -> str:
    number = decimal(token.text)
    if number is None or len(number) > 9:
        raise NotUnderstoodError
    return str(int(number)) if number.isdigit() else number.rstrip("0").rstrip(".")


def clock(text: str) -> str:
    """Read "1:30" as minutes and seconds; hours only where they are none.

    Raises:
        NotUnderstoodError: If there are hours, or more seconds than a minute has.
    """
    # ":30" is of seconds.
    *hours, minutes, seconds = (int(one or 0) for one in text.split(":"))
    if any(hours) or seconds > 59:
        raise NotUnderstoodError
    parts = [f"{minutes}m"] * bool(minutes) + [f"{seconds}s"] * bool(seconds or not minutes)
    return "".join(parts)


def _fill(
    reading: Reading,
    terms: list[_Term],
    joins: list[str],
    order: tuple[str, ...],
    *,
    in_brackets: bool,
) -> None:
    named = [one for one in terms if one.kind]
    kinds = [one.kind for one in named]
    if len(set(kinds)) < len(kinds) or {"b", "r"} <= set(kinds):
        raise NotUnderstoodError
    reading.names_reps = "r" in kinds
    for one in named:
        slot = {"time": "time", "s": "sets", "r": "reps", "b": "breaths"}[one.kind]
        setattr(reading, slot, one.value)
    bare = [at for at, one in enumerate(terms) if not one.kind]
    if not bare:
        if "x" in "".join(joins).replace(",", "") and len(terms) < 2:
            raise NotUnderstoodError
    elif len(bare) == 1:
        _fill_one(reading, terms[bare[0]], set(kinds), in_brackets=in_brackets)
    elif order and len(bare) == len(order) and not named:
        _fill_ordered(reading, [terms[at].value for at in bare], order)
    else:
        first = bare[0]
        beside = len(bare) == 2 and bare[1] == first + 1 and re.search("[xo]", joins[first + 1])
        if not beside or not set(kinds) <= {"time"}:
            raise NotUnderstoodError
        _fill_two(reading, terms[first].value, terms[first + 1].value, order)
    if reading.holds and not (reading.time or reading.breaths or reading.bare):
        # "3 x 30 hold": seconds, most likely, and reps to the letter.
        raise NotUnderstoodError("does not say how long to hold")
    crossed = [one for one in terms if one.crossed]
    if (
        reading.reps
        and reading.time
        and not reading.holds
        and not any(
            one.kind == "time" and "x" in joins[at] + joins[at + 1] for at, one in enumerate(terms)
        )
    ):
        # "3x12, 60 s": the hold of each rep to the letter, the rest between sets to its writer.
        raise NotUnderstoodError("may be a hold or a rest; write which")
    reading.is_unclear = bool(
        reading.reps and reading.time and not reading.holds and len(crossed) < 2 and not in_brackets
    )


def _fill_one(reading: Reading, bare: _Term, kinds: set[str], *, in_brackets: bool) -> None:
    value = bare.value
    if not kinds:
        if bare.crossed and not _is_many(value):
            raise NotUnderstoodError("may be reps, sets or times a day; write which")
        reading.reps, reading.bare = (value, None) if bare.crossed else (None, value)
    elif kinds == {"time"}:
        if bare.crossed:
            reading.times = value
        elif in_brackets or reading.holds:
            # "10 (5 s hold)" under Reps; elsewhere it may be anything.
            reading.bare = value
        else:
            raise NotUnderstoodError
    elif kinds == {"s"} or (kinds == {"s", "time"} and (bare.crossed or reading.holds)):
        reading.reps = value
    elif kinds in ({"r"}, {"b"}, {"r", "time"}) and bare.crossed:
        reading.sets = value
    else:
        raise NotUnderstoodError


def _is_many(value: str, *, of_sides: bool = False) -> bool:
    fewest = FEWEST_REPS_OF_A_SIDE if of_sides else FEWEST_REPS
    return int(value.split("-", maxsplit=1)[0][:9]) >= fewest


def _fill_ordered(reading: Reading, values: list[str], order: tuple[str, ...]) -> None:
    for slot, value in zip(order, values, strict=True):
        setattr(reading, slot, f"{value}s" if slot == "time" else value)


def _fill_two(reading: Reading, one: str, other: str, order: tuple[str, ...]) -> None:
    """Read "3 x 10": sets of reps."""
    if order == ("reps", "sets"):
        one, other = other, one
    elif order != ("sets", "reps") and int(one.split("-")[0][:9]) > int(other.split("-")[0][:9]):
        raise NotUnderstoodError(
            f"may be {one} sets of {other} reps or {other} sets of {one}; write which"
        )
    reading.sets, reading.reps = one, other
