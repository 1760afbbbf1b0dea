"""Find what a note says of the dose or the sides that the exercise does not do."""

import re

from stretchaudio.routine.import_sheet.tokens import Token, plain_signs, tokens
from stretchaudio.routine.import_sheet.vocabulary import Vocabulary, fold, phrase

_LONGEST_READ = 20_000
"""Characters of a note; one that is longer is no instruction for one exercise."""
_AMOUNT = re.compile(
    r"(?P<low>n)(?:[-t](?P<high>n))?[-o]*(?P<unit>[SMbrsC]|x(?![o/E]*[DFhn]))|C[ot]*(?P<of>n)"
)
_WORDED = re.compile(r"[HP]o*[SM]|T(?![o/E]*[DFn])")
"""Amounts without a number: "hold a minute", "repeat twice"."""
_NEXT = re.compile(r"[VY][,o]*n|xo*n|[HP][^,n]{0,4}n(?![-tSMbrsxCwkp])")
"""More work, or a length without a unit: "then 8 backwards", "x 3", "hold at the top for 4"."""
_TWICE = re.compile(r"(?P<one>n)\?+[,&/-]*(?P<other>n)\?")
_CHANGE = re.compile(r"W[^,]{0,2}p")
_STRAIGHT = {"droit", "derecho", "direito"}
"""Words that are no side by themselves: "dos droit" is a straight back."""
_SLOTS = {
    "S": ("time", "rest"), "M": ("time", "rest"), "b": ("breaths",), "r": ("reps", "times"),
    "s": ("sets", "times"), "x": ("reps", "sets", "times"), "C": ("time", "reps"),
}  # fmt: skip


def contradiction(
    note: str, *, side: str | None, said: dict[str, str], words: Vocabulary
) -> str | None:
    """Find words of a note that its exercise does not do.

    Args:
        note: The note, without the sentences that were read as part of the dose.
        side: The sides of the exercise: each, alternate, left, right or None.
        said: The text of each slot of its dose.
        words: The vocabulary of the sheet's language.

    Returns:
        The words, or None where the note only explains.
    """
    # A right angle is no side; each character stays in its place.
    text = re.sub(r"(?i)right(?=.angle)", "     ", plain_signs(note[:_LONGEST_READ]))
    found = _tokens(text, words)
    letters = "".join(one.code for one in found)
    if "time" not in said and re.fullmatch("o*[SM]", letters):
        # "Seconds" beside a number of reps.
        return note.strip()
    if twice := _TWICE.search(letters):
        # "10 forward, 10 back" of 10 reps.
        numbers = {found[twice.start(name)].text for name in ("one", "other")}
        if len(numbers) == 1 and numbers & set(said.values()):
            return _original(note, found, twice)
    begins = [one for one in _WORDED.finditer(letters) if found[one.start()].text != "once"]
    for match in (*_NEXT.finditer(letters), *begins):
        return _original(note, found, match)
    for match in _AMOUNT.finditer(letters):
        if not _is_said(match, found, said):
            return _original(note, found, match)
    return _other_side(note, found, letters, side, words)


def says_more_work(text: str, words: Vocabulary) -> bool:
    """Whether a line beside the table speaks of rounds, of repeating, or of the other side."""
    return any(one.code in "srGOQ" for one in _tokens(plain_signs(text[:_LONGEST_READ]), words))


def has_amount_of_work(text: str, words: Vocabulary) -> bool:
    """Whether such a line has a number of rounds or times, or another side to do."""
    letters = "".join(one.code for one in _tokens(plain_signs(text[:_LONGEST_READ]), words))
    return bool(re.search(r"n(?:[-t]n)?[srx](?![/ED])|[sx]:?n|[rGT].*[nxTQ]|O", letters))


def _tokens(text: str, words: Vocabulary) -> list[Token]:
    """Cut a note into tokens, with words that stand for numbers, the other side and changes."""
    found = []
    for one in tokens(text, words):
        code = words.note_words.get(fold(one.text), one.code)
        # A word that stands for a number gets its digits.
        digits = words.note_numbers.get(fold(one.text), one.text)
        found.append(
            Token(
                code="n" if digits != one.text else code, text=digits, start=one.start, end=one.end
            )
        )
    return found


def _is_said(match: re.Match[str], found: list[Token], said: dict[str, str]) -> bool:
    """Whether the dose has the numbers of an amount, where it says such amounts."""
    unit = match["unit"] or "C"
    groups = [name for name in ("low", "high", "of") if match[name]]
    numbers = [found[match.start(name)].text.replace(",", ".") for name in groups]
    if numbers == ["1"] and (unit in "brx" or (unit == "s" and "sets" not in said)):
        # "Take one breath": in most languages also "a breath".
        return True
    slots = [re.findall(r"\d+(?:\.\d+)?", said[slot]) for slot in _SLOTS[unit] if slot in said]
    return any(all(number in slot for number in numbers) for slot in slots)


def _other_side(
    note: str, found: list[Token], letters: str, side: str | None, words: Vocabulary
) -> str | None:
    in_turn = side in {"each", "alternate"}
    sides = [one for one in found if one.code in "LR" and _is_side(one)]
    if in_turn:
        is_only = any(words.words.get((word,)) == "Y" for word in phrase(note))
        return sides[0].text if sides and is_only else None
    wrong = {"left": "R", "right": "L"}.get(side or "", "LR")
    for one in sides:
        if one.code in wrong:
            return one.text
    for one in found:
        if one.code in "deOAQ" or (one.code == "B" and " " in one.text):
            return one.text
    for sentence in re.split(r"[.,;:!\n]", note):
        if phrase(sentence) in words.mirror:
            return sentence.strip()
    change = _CHANGE.search(letters) or re.search("Ep", letters)
    if change:
        return _original(note, found, change)
    # "One leg at a time" is of sides; "two hands" are not.
    one_part = [match for match in re.finditer("np", letters) if found[match.start()].text == "1"]
    return _original(note, found, one_part[0]) if one_part and not side else None


def _is_side(one: Token) -> bool:
    """Whether a word is a side: no single letter, and not "straight"."""
    return len(one.text) > 1 and fold(one.text) not in _STRAIGHT


def _original(note: str, found: list[Token], match: re.Match[str]) -> str:
    return " ".join(note[found[match.start()].start : found[match.end() - 1].end].split())
