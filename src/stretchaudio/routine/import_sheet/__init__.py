"""Turn home-exercise sheets, tables as physiotherapists hand them out, into routines."""

from stretchaudio.routine.import_sheet.entry import LeftOut
from stretchaudio.routine.import_sheet.read import Sheet, all_lines, read_sheet, read_sheets
from stretchaudio.routine.import_sheet.source import read_source
from stretchaudio.routine.import_sheet.write import sheet_yaml

__all__ = [
    "LeftOut",
    "Sheet",
    "all_lines",
    "read_sheet",
    "read_sheets",
    "read_source",
    "sheet_yaml",
]
