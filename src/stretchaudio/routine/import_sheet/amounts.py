"""Write counts and lengths of a cell's tokens as routines do."""

from stretchaudio.routine.import_sheet.reading import NotUnderstoodError
from stretchaudio.routine.import_sheet.tokens import Token, decimal

LENGTH = r"(?:nMnS|nM&nS|nMn(?![-trsbxSMoe])|nM|nS|c)"
LENGTHS = rf"(?:{LENGTH}[-t]{LENGTH}|n-[SM]|n[-t]{LENGTH}|{LENGTH})"


def count(part: list[Token]) -> str:
    """Write a number, or a range of two.

    Raises:
        NotUnderstoodError: If one is broken, or both are the same.
    """
    numbers = [one.text for one in part if one.code == "n"]
    if not all(number.isdigit() for number in numbers):
        raise NotUnderstoodError
    if len(set(numbers)) < len(numbers):
        # "10-10": no range, so it is of two sides or two sets.
        raise NotUnderstoodError
    return "-".join(str(int(number[:9])) if len(number) < 9 else number for number in numbers)


def length(part: list[Token]) -> str:
    """Write a length, or a range of two.

    Raises:
        NotUnderstoodError: If it is neither.
    """
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
