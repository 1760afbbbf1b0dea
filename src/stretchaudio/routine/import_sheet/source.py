"""Open a sheet, whatever its format and encoding, as text or as a spreadsheet."""

import codecs
from pathlib import Path

from stretchaudio.errors import FileError
from stretchaudio.routine.import_sheet.vocabulary import known_words
from stretchaudio.util.located_yaml import MAX_FILE_BYTES

_DOCUMENT = "a document"
_KINDS = {
    **dict.fromkeys((".xls", ".ods", ".numbers"), "a spreadsheet in a format of its own"),
    **dict.fromkeys((".docx", ".doc", ".odt", ".pages", ".rtf"), _DOCUMENT),
    ".pdf": "a PDF",
}
_MAGIC = {
    b"\xd0\xcf\x11\xe0": "an old or locked spreadsheet or document",
    b"%PDF": "a PDF",
    b"{\\rtf": _DOCUMENT,
}
_WORKBOOK = b"xl/workbook"
_ZIP = b"PK\x03\x04"
_SAVE_AS = "Open it, and save it as .xlsx or CSV; a table in a text goes into a spreadsheet first."
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ENCODINGS = ("cp1252", "mac_roman", "cp850")
"""Those of spreadsheets that do not write Unicode, the usual one first."""


def read_source(path: Path) -> bytes:
    """Read a sheet's bytes.

    Raises:
        FileError: If it cannot be read, or is too large.
    """
    try:
        if path.is_dir():
            raise FileError(f"{path} is a folder.", hint="Name a sheet in it.")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES * 8 + 1)
    except FileNotFoundError:
        raise FileError(f"There is no file {path}.") from None
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    return data


def is_workbook(data: bytes, *, file: str) -> bool:
    """Whether a file is a spreadsheet that can be read, whatever its name.

    Raises:
        FileError: If it is a document, a PDF, or a spreadsheet that cannot.
    """
    start = data[:8]
    packed = start.startswith(_ZIP)
    kind = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)
    suffix = Path(file).suffix.lower()
    if packed and _WORKBOOK in data:
        return True
    kind = _KINDS.get(suffix) or kind or ("a packed file" if packed else None)
    if kind is None and suffix in {".xlsx", ".xlsm"}:
        kind = "no spreadsheet, whatever its name says"
    if kind:
        raise FileError(f"{file} is {kind}, which cannot be imported.", hint=_SAVE_AS)
    return False


def decode(data: bytes, *, file: str) -> str:
    """Decode the text of a sheet.

    Raises:
        FileError: If it is no text, or too long.
    """
    if len(data) > MAX_FILE_BYTES:
        raise FileError(
            f"{file} is too large; a sheet has at most {MAX_FILE_BYTES >> 20} MiB of text.",
            hint="Copy the plan into a file of its own.",
        )
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return _decoded(data, encoding, file)
    if b"\x00" in data[:1000]:
        return _decoded(data, "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be", file)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(data, _legacy_encoding(data), file)


def _legacy_encoding(data: bytes) -> str:
    """Choose the encoding in which most words are those of sheets."""
    # A guess by the statistics of letters fails on tables, which are short.
    texts = {one: data.decode(one, errors="replace") for one in _ENCODINGS}
    return max(_ENCODINGS, key=lambda one: known_words(texts[one]) - texts[one].count("\ufffd"))


def _decoded(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding, errors="replace" if encoding in _ENCODINGS else "strict")
    except UnicodeDecodeError:
        raise FileError(
            f"{file} is not text in any encoding that spreadsheets write.",
            hint="Open it, and save it as CSV in UTF-8, or as .xlsx.",
        ) from None
