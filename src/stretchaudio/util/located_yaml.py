"""Turn YAML text into plain data that remembers the place of every key and value.

Scalars stay the text that was written, so `1:30` is never a sexagesimal number and `No` never a
boolean; it is for the schema to say what a text means.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

from stretchaudio.errors import FileError, Mark, Problem, RoutineError

MAX_FILE_BYTES = 1024 * 1024
MAX_NODES = 100_000
MAX_DEPTH = 50

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value", "merge")
}


class LocatedDict(dict[str, Any]):
    """A YAML mapping; `marks` holds each key's place and its value's place."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.marks: dict[str, tuple[Mark, Mark]] = {}

    def put(self, key: str, value: Any, marks: tuple[Mark, Mark]) -> None:
        """Set a key together with the places of its name and its value."""
        self[key] = value
        self.marks[key] = marks


class LocatedList(list[Any]):
    """A YAML sequence; `marks` holds the place of each item."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.marks: list[Mark] = []


def read_text(path: Path) -> str:
    """Read a YAML file's text.

    Raises:
        FileError: If it cannot be read.
        RoutineError: If it is too large or not UTF-8.
    """
    try:
        if path.is_dir():
            raise FileError(f"{path} is a folder.", hint="Name a routine file (.yaml) in it.")
        if path.exists() and not path.is_file():
            raise FileError(f"{path} is not a file.", hint="Name a routine file (.yaml).")
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_FILE_BYTES else b""
    except FileNotFoundError:
        raise FileError(f"There is no file {path}.") from None
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    _refuse_large(size, str(path))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        _fail(
            _mark_at(str(path), before, len(before)),
            "this is not UTF-8 text; save the file as UTF-8",
        )
    return text


def parse(
    text: str,
    file: str,
    problems: list[Problem] | None = None,
    *,
    example: str = "title: Back basics",
) -> LocatedDict:
    """Turn YAML text into a located mapping.

    Args:
        text: The file's text.
        file: Its name, for the marks.
        problems: Gets those that leave the rest readable, such as a key that is there twice;
            without it they are raised.
        example: A key with a value, as they may stand in such a file.

    Raises:
        RoutineError: If it is not YAML, not a mapping, too deep, too large, contains control
            characters, or has a key twice.
    """
    if not isinstance(text, str):
        start = Mark(file=file, line=1, column=1)
        _fail(start, "this is not text; decode its bytes as UTF-8 first")
    # Characters first: they are counted already, and a text of gigabytes must not be encoded.
    _refuse_large(len(text), file)
    _refuse_large(len(text.encode(errors="surrogatepass")), file)
    refuse_control_characters(text, file)
    try:
        _check_depth(text, file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = Mark(file=file, line=at.line + 1 if at else 1, column=at.column + 1 if at else 1)
        _fail(mark, _explain(error, text, mark))
    except yaml.YAMLError as error:
        _fail(Mark(file=file, line=1, column=1), f"this is not YAML ({error})")
    if root is None:
        _fail(
            Mark(file=file, line=1, column=1),
            "the file is empty; it needs keys such as title and exercises",
        )
    if not isinstance(root, yaml.MappingNode):
        _fail(
            _mark(root, file),
            f"expected keys with values at the top of the file, such as '{example}'",
        )
    _check_size(root, file)
    found: list[Problem] = []
    tree: LocatedDict = _build(root, file, found)
    if problems is not None:
        problems += found
    elif found:
        raise RoutineError(found)
    return tree


def _refuse_large(size: int, file: str) -> None:
    """Refuse a text of more bytes than a routine has."""
    if size > MAX_FILE_BYTES:
        start = Mark(file=file, line=1, column=1)
        _fail(start, f"the file is {size / MAX_FILE_BYTES:.1f} MiB; a routine has at most 1 MiB")


def refuse_control_characters(text: str, file: str) -> None:
    """Refuse a text with control characters.

    Raises:
        RoutineError: If there is a character that a terminal or YAML would obey.
    """
    bad = _NOT_ALLOWED.search(text)
    if bad:
        message = f"a control character (U+{ord(bad[0]):04X}) cannot be in the file; delete it"
        _fail(_mark_at(file, text, bad.start()), message)


def _build(node: yaml.Node, file: str, problems: list[Problem]) -> Any:
    mark = _mark(node, file)
    if node.tag not in _PLAIN_TAGS:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        problems.append(
            Problem(mark=mark, message=f"tags such as {tag} are not used here; delete it")
        )
    if isinstance(node, yaml.MappingNode):
        return _build_dict(node, file, problems)
    if isinstance(node, yaml.SequenceNode):
        items = LocatedList(mark)
        for child in node.value:
            items.append(_build(child, file, problems))
            items.marks.append(_mark(child, file))
        return items
    if node.tag == "tag:yaml.org,2002:null" and node.value in {"", "~", "null"}:
        return None
    return node.value


def _build_dict(node: yaml.MappingNode, file: str, problems: list[Problem]) -> LocatedDict:
    table = LocatedDict(_mark(node, file))
    for key_node, value_node in node.value:
        key, mark = key_node.value, _mark(key_node, file)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(mark=mark, message="a key has to be a word"))
        elif key in table:
            first = table.marks[key][0]
            message = f"'{key}' is here twice (first on line {first.line}); keep one"
            problems.append(Problem(mark=mark, message=message))
        else:
            value = _build(value_node, file, problems)
            table.put(key, value, (mark, _mark(value_node, file)))
    return table


def _check_depth(text: str, file: str) -> None:
    """Refuse deep nesting before the text is composed."""
    # libyaml's composer recurses on the C stack and would crash.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                _fail(_mark(event, file), f"this is nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_size(root: yaml.Node, file: str) -> None:
    """Count the nodes as if every alias were written out, without writing them out."""
    known: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in open_nodes:
            _fail(_mark(node, file), "this anchor contains an alias to itself")
        if id(node) not in known:
            open_nodes.add(id(node))
            known[id(node)] = 1 + sum(size(child) for child in _children(node))
            open_nodes.discard(id(node))
        return known[id(node)]

    if size(root) > MAX_NODES:
        _fail(
            _mark(root, file),
            f"the file has more than {MAX_NODES:,} values once its aliases are followed",
        )


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _explain(error: yaml.MarkedYAMLError, text: str, mark: Mark) -> str:
    lines = text.splitlines()
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    if "\t" in line[: mark.column]:
        return "a tab cannot indent YAML; use spaces"
    if error.problem and "mapping values are not allowed" in error.problem:
        return "a colon inside a sentence; put the sentence in quotes"
    if error.problem == "but found another document":
        return (
            "a routine file holds one document; "
            "delete this line and what follows, or make it a file of its own"
        )
    return f"this is not YAML: {error.problem or error.context}"


def _mark(node: yaml.Node | yaml.Event, file: str) -> Mark:
    at = node.start_mark
    return Mark(file=file, line=at.line + 1 if at else 1, column=at.column + 1 if at else 1)


def _mark_at(file: str, text: str, index: int) -> Mark:
    before = text[:index]
    return Mark(file=file, line=before.count("\n") + 1, column=index - (before.rfind("\n") + 1) + 1)


def _fail(mark: Mark, message: str) -> NoReturn:
    raise RoutineError([Problem(mark=mark, message=message)])
