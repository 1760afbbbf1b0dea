"""Turn home-exercise sheets, tables as physiotherapists hand them out, into routines."""

from stretchaudio.routine.import_sheet.read import Sheet, all_lines, read_sheet, sheet_yaml
from stretchaudio.routine.import_sheet.rows import read_sheet_text

__all__ = ["Sheet", "all_lines", "read_sheet", "read_sheet_text", "sheet_yaml"]
