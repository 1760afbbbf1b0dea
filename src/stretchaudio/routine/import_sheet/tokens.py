"""Cut a cell into tokens, each of one kind that a letter stands for."""

import re
import unicodedata
from dataclasses import dataclass

from stretchaudio.routine.import_sheet.vocabulary import LETTER, Vocabulary, fold

NUMBER, CLOCK, UNKNOWN = "n", "c", "?"
_FRACTIONS = {"½": "5", "¼": "25", "¾": "75"}
_TOKEN = re.compile(
    rf"(?P<clock>(?:\d+|(?:^|(?<=x)|(?<=x\s)|(?<=\()))(?<!\d\s):\d\d(?::\d\d)?(?![\d:]))"
    rf"|(?P<number>\d+\s+1/2(?!\d)|(?<![\d/])1/2(?![\d/])|\d+(?:[.,]\d+)?(?:\s?[½¼¾])?|[½¼¾])"
    rf"|(?P<cross>(?<=\d)\s*x(?={LETTER}|\d|\s|$|[^\w]))"
    rf"|(?P<word>{LETTER}+)"
    rf"|(?P<prime>''|\"\"|[\"'])"
    rf"|(?P<sign>\S)"
)
_SIGNS = {
    **dict.fromkeys(map(ord, "\u00d7\u2715\u2716*"), "x"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u2032\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u2033\u201e"), '"'),
    **dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u2007\t"), " "),
    **dict.fromkeys(map(ord, ";\n\r|\u2022\u0964"), ","),
    **dict.fromkeys(map(ord, "[{"), "("),
    **dict.fromkeys(map(ord, "]}"), ")"),
    **{0x966 + value: str(value) for value in range(10)},
}
"""Crosses, dashes, primes, spaces, breaks, brackets and digits, as they are written."""


_SIGN_CODES = {**{one: one for one in "/-,:()"}, ".": ",", "+": "&", "&": "&"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, a number or a sign of a cell."""

    code: str
    """One letter of `CODES`, NUMBER, CLOCK, UNKNOWN, or a sign that stands for itself."""
    text: str
    start: int
    end: int


_OPTIONAL_PLURAL = re.compile(r"(?<=\d )([a-z]{3,9})(\(s\))", re.IGNORECASE)


def plain_signs(text: str) -> str:
    """Write a text with plain signs and digits, each character in its place."""
    plain = unicodedata.normalize("NFC", text).translate(_SIGNS)
    # "2 Time(s) a day".
    return _OPTIONAL_PLURAL.sub(r"\1   ", plain)


def tokens(text: str, vocabulary: Vocabulary) -> list[Token]:
    """Cut a text, already with plain signs, into tokens."""
    matches = list(_TOKEN.finditer(text))
    found: list[Token] = []
    at = 0
    while at < len(matches):
        match = matches[at]
        kind, end = match.lastgroup, at + 1
        if kind in {"word", "cross"}:
            # "10 x lato": a cross may begin a phrase.
            code, end = _of_words(matches, at, vocabulary)
        else:
            code = _of_sign(match, found)
        last = matches[end - 1]
        if code:
            found.append(
                Token(
                    code=code,
                    text=text[match.start() : last.end()],
                    start=match.start(),
                    end=last.end(),
                )
            )
        at = end
    return found


def _of_words(matches: list[re.Match[str]], at: int, vocabulary: Vocabulary) -> tuple[str, int]:
    """Find the longest phrase that begins here; dots, hyphens and slashes in it do not count."""
    words: list[str] = []
    best = (UNKNOWN, at + 1)
    for end in range(at, len(matches)):
        match = matches[end]
        if match.lastgroup in {"word", "number"} or (match.lastgroup == "cross"):
            words.append(fold(match[0].strip()))
        elif match[0] not in {".", "-", "/", "'", "+", "&"} or len(words) >= vocabulary.longest:
            break
        else:
            continue
        if len(words) > vocabulary.longest:
            break
        code = vocabulary.words.get(tuple(words))
        if code:
            best = (code, end + 1)
    return best


def _of_sign(match: re.Match[str], before: list[Token]) -> str:
    """Name the kind of a number or a sign; empty for one that says nothing."""
    last = before[-1] if before and before[-1].end == match.start() else None
    match match.lastgroup:
        case "clock":
            return CLOCK
        case "number":
            return NUMBER
        case "prime" if last and last.code == NUMBER:
            return "M" if match[0] == "'" else "S"
        case "sign" if match[0] == "." and last and last.text[-1:].isalpha():
            return ""
    return _SIGN_CODES.get(match[0], UNKNOWN)


def decimal(text: str) -> str | None:
    """Read a number of a token as a decimal; None for two numbers with a comma between."""
    fraction = text[-1:] if text[-1:] in _FRACTIONS else ""
    if fraction:
        whole = text[:-1].strip() or "0"
        return f"{int(whole)}.{_FRACTIONS[fraction]}" if whole.isdigit() else None
    if text.endswith("1/2"):
        return f"{text[:-3].strip() or 0}.5"
    if re.fullmatch(r"[1-9]\d*[.,][0-5]\d", text):
        # "1.30": a minute and a half, or a little more than one?
        return None
    if "," in text:
        whole, _, part = text.partition(",")
        # "8,10" are two numbers; "1,5" and "0,75" are one.
        return f"{whole}.{part}" if len(part) == 1 or whole == "0" else None
    return text
