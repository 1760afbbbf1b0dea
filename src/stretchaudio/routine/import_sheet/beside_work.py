"""Take out of a cell what stands beside its work: how often, remarks, rests and sides."""

import re
from dataclasses import replace

from stretchaudio.routine.import_sheet.amounts import LENGTHS, length
from stretchaudio.routine.import_sheet.reading import NotUnderstoodError, Reading
from stretchaudio.routine.import_sheet.tokens import Token

_TIMES_A_DAY = r"n(?:[-t]n)?(?:x|(?=[/ED]))"
_FREQUENCY = re.compile(
    rf"[DF]o*n(?:[-t]n)?x(?![no])"
    rf"|(?:{_TIMES_A_DAY}|T)?o*(?:[/E]o*n?o*[Dh]|F(?:&?F)*|(?<=x)D|(?<=n)D[/Eo]*[DF]|(?<=T)D)(?:[&,]?F)*(?:En?D|/D)?"
)
_REST = re.compile(rf"/?g?(?:P[:o]*(?P<after>{LENGTHS})[oP]*g?|(?P<before>{LENGTHS})o*[P0]o*g?)")
_SIDE = re.compile(
    r"(?P<each>:?(?:[/&]*[eO](?:Y)?|[/E]o*p|p?[LR][/&,]p?[LR]p?))"
    r"|(?P<both>o?B[op]*)|(?P<alternate>o?Ao?p*)"
    r"|(?P<left>[Yo]*(?:p*L|L)p*Y?)|(?P<right>[Yo]*(?:p*R|R)p*Y?)"
    r"|(?P<alone>E(?=[,)]*$))"
)
_RELAX = re.compile(
    rf"(?:[HZ]o*{LENGTHS}|{LENGTHS}o*[HZ])"
    rf"(?P<relax>[,/&]*Uo*(?P<after>{LENGTHS})|[,/&]*(?P<before>{LENGTHS})o*U)"
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


class Codes:
    """The tokens of a cell as a string of letters, out of which parts are taken."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text = text
        self.tokens = found

    @property
    def letters(self) -> str:
        """The letter of each token."""
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


def take_all(codes: Codes, reading: Reading, *, counts: str) -> None:
    """Take all of it out, into a reading; `counts` is what numbers count by their heading.

    Raises:
        NotUnderstoodError: If some of it is not understood.
    """
    _take_repeat(codes)
    _take_frequency(codes, reading)
    _take_remarks(codes, reading)
    _take_on_off(codes)
    _take_relax(codes, reading)
    _take_rest(codes, reading)
    _take_halves(codes, reading, counts=counts)
    _take_side(codes, reading)


def _take_repeat(codes: Codes) -> None:
    """Take the verb out of "repeat 10 times", which is 10 times."""
    while found := re.search(r"[Gr](?=o*n(?:[-t]n)?x(?!o*n))|(?<=x)G", codes.letters):
        codes.tokens.pop(found.start())


def _take_frequency(codes: Codes, reading: Reading) -> None:
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


def _is_parted(codes: Codes, at: int) -> bool:
    """Whether a dash parts what is done from how often: "3 x 10 - 2 times a day"."""
    is_range = codes.letters[max(at - 1, 0) :].startswith("xn-n")
    dash = codes.tokens[at + 1].start if is_range else 0
    return is_range and codes.text[dash - 1 : dash + 2] == " - "


def _take_remarks(codes: Codes, reading: Reading) -> None:
    # "10 slow reps".
    while between := re.search(r"(?<=n)k(?:&?k)*(?=[rb])", codes.letters):
        reading.remarks.append(codes.original(*between.span()))
        del codes.tokens[slice(*between.span())]
    while found := _REMARK.search(codes.letters):
        start = found.start() + len(re.match("[,o&]*", found[0])[0])  # type: ignore[index]
        reading.remarks.append(codes.original(start, found.end()))
        codes.take(found.start(), found.end())


def _take_on_off(codes: Codes) -> None:
    """Take the word "on" out of "30 s on 15 s off"; "off" makes a rest of its length."""
    letters = codes.letters
    if not re.search("[10]", letters):
        return
    if not re.search(rf"{LENGTHS}o?1[,/&]*{LENGTHS}o?[0P]", letters):
        raise NotUnderstoodError
    at = letters.index("1")
    codes.take(at, at + 1 + (letters[at + 1] == "/"))


def _take_relax(codes: Codes, reading: Reading) -> None:
    """Take "relax 5 s" out of "squeeze 5 s, relax 5 s, 10 times"; "squeeze 5 s" is a hold."""
    if "U" not in codes.letters:
        codes.tokens[:] = [
            replace(one, code="H") if one.code == "Z" else one for one in codes.tokens
        ]
    found = _RELAX.search(codes.letters)
    if found:
        start, end = found.span("after" if found["after"] else "before")
        reading.relax = length(codes.tokens[start:end])
        reading.holds = True
        codes.take(*found.span("relax"))
        codes.tokens[:] = [one for one in codes.tokens if one.code != "Z"]
    if re.search("[ZU]", codes.letters) or (reading.relax and "-" in reading.relax):
        raise NotUnderstoodError


def _take_halves(codes: Codes, reading: Reading, *, counts: str) -> None:
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


def _take_rest(codes: Codes, reading: Reading) -> None:
    found = _REST.search(codes.letters)
    if found:
        group = "after" if found["after"] else "before"
        start, end = found.span(group)
        reading.rest = length(codes.tokens[start:end])
        codes.take(*found.span())
    if re.search("[Pg0]", codes.letters) or (reading.rest and "-" in reading.rest):
        raise NotUnderstoodError


def _take_side(codes: Codes, reading: Reading) -> None:
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


def _take_leading_each(codes: Codes, reading: Reading) -> None:
    """Take the word out of "je 2 x 20 Sek.": before sets it can only be of sides."""
    codes.tokens.pop(0)
    if re.search("e|[/E]p", codes.letters):
        return
    reading.is_each_of_all = True
    is_of_sides = re.match(f"o*(?:n[-t])?nxn|{LENGTHS}xn", codes.letters) and not reading.frequency
    found = codes.tokens[0]
    codes.tokens.append(
        Token(code="e" if is_of_sides else "E", text="", start=found.end, end=found.end)
    )
