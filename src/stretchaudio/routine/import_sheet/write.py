"""Write what was read of a sheet as a routine file, with a comment for each row that was not."""

from collections.abc import Iterator

import yaml

from stretchaudio.routine.import_sheet.entry import LeftOut
from stretchaudio.routine.import_sheet.read import Sheet
from stretchaudio.routine.import_sheet.vocabulary import vocabulary

_WIDTH = 110


def sheet_yaml(sheet: Sheet, *, title: str) -> str:
    """Write a sheet's exercises as the text of a routine."""
    language = {"language": sheet.language} if sheet.language != "en" else {}
    head = {"title": title, **language, "intro": [vocabulary(sheet.language).intro]}
    return "".join([_yaml(head), "exercises:\n", *_items(sheet)])


def _items(sheet: Sheet) -> Iterator[str]:
    for item in sheet.items:
        if isinstance(item, LeftOut):
            name = f"'{item.name}': " if item.name else ""
            text = " ".join(f"{name}{item.reason}".split())
            yield f"# Line {item.line} needs you: {text}.\n"
        else:
            yield _yaml([item])


def _yaml(value: object) -> str:
    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDTH))
