"""Read one cell of a dose: sets, reps, breaths, lengths, rest, side and how often, in any order.

A cell is read whole or not at all. Its tokens are letters (`vocabulary.CODES`), and what is asked
of them is a pattern of letters: "3 x 30 s/side, 2x daily" is `nxnSe,nxF`.
"""

import re
from dataclasses import dataclass, replace

from stretchaudio.routine.import_sheet.amounts import LENGTHS, count, length
from stretchaudio.routine.import_sheet.beside_work import Codes, take_all
from stretchaudio.routine.import_sheet.reading import NotUnderstoodError, Reading
from stretchaudio.routine.import_sheet.tokens import Token, plain_signs, tokens
from stretchaudio.routine.import_sheet.vocabulary import Vocabulary, fold

LONGEST = 160
"""Characters of a cell that can be a dose."""
FEWEST_REPS = 6
"""Of "10x" by itself. Fewer may be sets, or times a day."""
FEWEST_REPS_OF_A_SIDE = 4
"""Of "5x on each side", which is not how often; fewer may be sets, or stretches to be held."""
_TERM = re.compile(
    rf"(?P<time>{LENGTHS})|(?P<label>[srb]):(?P<labelled>n(?:[-t]n)?)"
    r"|(?P<count>n(?:[-t]n)?)(?P<unit>-?[srb])?"
)


@dataclass(frozen=True, slots=True)
class _Term:
    kind: str
    """`time`, `s`, `r`, `b`, or empty for a number by itself."""
    value: str
    crossed: bool
    """An "x" or an "of" stands beside it."""


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
    codes = Codes(plain, found)
    reading = Reading()
    take_all(codes, reading, counts="pairs" if order else counts)
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


def _take_work(codes: Codes, reading: Reading, order: tuple[str, ...]) -> None:
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


def _name_times(codes: Codes, *, of_sides: bool) -> None:
    """Read "12 times x 3" as 12 reps, 3 times, and "5 times on each side" as 5 reps."""
    found = re.search("n(x)xn$", codes.letters)
    alone = re.fullmatch("o*(?P<low>n)(?:[-t]n)?(?P<times>x),*", codes.letters)
    if of_sides and alone and _is_many(count([codes.tokens[alone.start("low")]]), of_sides=True):
        at = alone.start("times")
        codes.tokens[at] = replace(codes.tokens[at], code="r")
    elif found and codes.tokens[found.start(1)].text.strip() not in {"x", "X"}:
        at = found.start(1)
        if int(count(codes.tokens[at - 1 : at])) < int(count(codes.tokens[at + 2 :])):
            # "3 times x 12": 3 sets, or 3 reps?
            raise NotUnderstoodError
        codes.tokens[at] = replace(codes.tokens[at], code="r")


def _labels(token: Token, codes: Codes) -> bool:
    """Whether a colon stands behind a unit, as in "reps: 10"."""
    at = codes.tokens.index(token)
    return at > 0 and codes.tokens[at - 1].code in "srb"


def _term(found: re.Match[str], codes: Codes, _join: str) -> _Term:
    part = codes.tokens[found.start() : found.end()]
    if found["time"]:
        return _Term("time", length(part), crossed=False)
    if found["label"]:
        return _Term(found["label"], count(part[2:]), crossed=False)
    return _Term(
        (found["unit"] or "").strip("-"),
        count([one for one in part if one.code in "n-t"]),
        crossed=False,
    )


def _refuse_odd_joins(
    joins: list[str], terms: list[_Term], codes: Codes, order: tuple[str, ...]
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
