"""Describe the keys of a routine file and their values, as pydantic models.

This is the one description of the format: files are checked by it, and the JSON schema made of it.
"""

import re
import unicodedata
from collections.abc import Callable
from pathlib import PureWindowsPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    WithJsonSchema,
)
from pydantic_core import CoreSchema

from stretchaudio.audio.beds import GENERATED_BEDS, NO_BED, is_generated
from stretchaudio.errors import did_you_mean
from stretchaudio.language import SPOKEN_VERBOSITIES, phrase_forms
from stretchaudio.routine.figures import own_figure_problem
from stretchaudio.routine.values import (
    MAX_REPS,
    MAX_SETS,
    MIN_LENGTH_MS,
    BadValueError,
    Range,
    count,
    count_range,
    duration_ms,
    duration_range_ms,
)
from stretchaudio.util.located_yaml import LocatedDict

MAX_TEXT = 500
PHASES = 4
"""Those of a tempo such as 4-1-2-1."""
LONGEST_WORD = 40
"""Characters of a length, a count or a range."""
STEP_KEYS = ("hold", "reps", "breaths", "time", "move", "repeat")
EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff"
    "\ufe0f\u200d\u20e3\U000e0020-\U000e007f]"
)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        raise BadValueError("expected a sentence; one with a colon in it has to be in quotes")
    if isinstance(value, list):
        raise BadValueError("expected one text, not a list")
    if value is None:
        raise BadValueError("there is nothing here; write a text or delete the key")
    text = " ".join(str(value).split())
    if len(text) > MAX_TEXT:
        raise BadValueError(
            f"this text has {len(text)} characters, the limit is {MAX_TEXT}; "
            "split it into shorter sentences"
        )
    for character in text:
        if unicodedata.category(character) == "Cc":
            raise BadValueError(
                f"a control character (U+{ord(character):04X}) cannot be spoken; delete it"
            )
    return text


def _label(value: Any) -> str:
    text = _text(value)
    if not any(_is_speakable(character) for character in text):
        raise BadValueError(
            f"'{text}' has no letter or digit, so nothing of it can be spoken; write words"
        )
    return text


def _is_speakable(character: str) -> bool:
    """Whether it is a letter or a digit; circled numbers are silent in some voices."""
    return unicodedata.category(character)[0] == "L" or character.isdecimal()


def _sentence(value: Any) -> str:
    text = _label(value)
    emoji = EMOJI.search(text)
    if emoji:
        raise BadValueError(f"an emoji (U+{ord(emoji[0]):04X}) cannot be spoken; leave it out")
    return text


def word(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Make a validator for a value that is one word of YAML, such as a duration or a count."""

    def validate(value: Any) -> Any:
        if value is None:
            raise BadValueError("there is no value here")
        if isinstance(value, (dict, list)):
            raise BadValueError("expected one value, such as 30s or 10")
        text = " ".join(str(value).split())
        if len(text) > LONGEST_WORD:
            raise BadValueError("this is too long for one value, such as 30s or 10")
        return parse(text)

    return validate


def _sides(value: Any) -> Any:
    if isinstance(value, list):
        labels = tuple(_sentence(label) for label in value)
        if len(labels) != 2 or labels[0] == labels[1]:
            raise BadValueError(
                "sides of your own are two different labels, such as [clockwise, counterclockwise]"
            )
        return labels
    if not isinstance(value, str) or value not in {"each", "alternate"}:
        raise BadValueError(
            "sides are 'each', 'alternate', "
            "or two labels of your own such as [clockwise, counterclockwise]"
        )
    return value


def _list(value: Any) -> Any:
    if not isinstance(value, list):
        raise BadValueError(
            "expected a list: write [one, two], or one entry a line, each after '- '"
        )
    return value


def filled(value: Any) -> Any:
    """Refuse a value that is no list, or an empty one."""
    if not _list(value):
        raise BadValueError("the list is empty; put at least one entry in it")
    return value


def _table(value: Any) -> Any:
    if not isinstance(value, dict):
        raise BadValueError("expected keys with values, such as 'cat-cow: cat cow'")
    return value


def _phrase(value: Any) -> Any:
    """Check a phrase: a text, alternatives taken in turn, or either for each verbosity."""
    given = value if isinstance(value, dict) else {"full": value}
    if not given:
        raise BadValueError("there is no phrase here")
    for amount, texts in given.items():
        if amount not in SPOKEN_VERBOSITIES:
            raise BadValueError(
                f"'{amount}' is not an amount of telling; they are {', '.join(SPOKEN_VERBOSITIES)}"
            )
        for text in filled(texts) if isinstance(texts, list) else [texts]:
            _silent_or_sentence(text)
    return phrase_forms(given)


def _silent_or_sentence(text: Any) -> None:
    """Check one text of a phrase: an empty one is not said, any other must be speakable."""
    if text is None or isinstance(text, (dict, list)) or (text and "{" not in text):
        _sentence(text)


def _instruction(value: Any) -> Any:
    """Check a sentence, or a table that has one under `say`."""
    if isinstance(value, dict):
        if "say" not in value:
            raise BadValueError(
                "expected a sentence; one with a colon in it has to be in quotes, "
                "and a table has its sentence under say"
            )
        return value
    return {"say": _sentence(value)}


def _tempo(text: str) -> int | tuple[int, ...]:
    """Read a rep's length, or those of its four phases: `4-1-2-1`."""
    if not re.fullmatch(r"[\d.]+s?(-[\d.]+s?)+", text):
        return duration_ms(text)
    lengths_ms = tuple(_short_pause(part) for part in text.split("-"))
    if len(lengths_ms) != PHASES or sum(lengths_ms) < MIN_LENGTH_MS:
        raise BadValueError(
            f"'{text}' is not a tempo: write a length such as 3s, or the seconds of going, "
            "holding, returning and holding, such as 4-1-2-1"
        )
    return lengths_ms


def _short_pause(text: str) -> int:
    """Read a length that may be nothing."""
    return 0 if re.fullmatch(r"0+(\.0+)?s?", text) else duration_ms(text)


def _bed(value: Any) -> str:
    """Check the name of a bed that the program makes, or the path of a music file."""
    if not isinstance(value, str):
        raise BadValueError("expected the name of one bed, such as rain")
    if value == NO_BED or is_generated(value):
        return value
    path = PureWindowsPath(value)  # it takes both kinds of slashes, and knows of drives
    if not path.suffix:
        near = did_you_mean(value, (*GENERATED_BEDS, NO_BED))
        raise BadValueError(
            f"there is no bed '{value}' for a section.{near} "
            f"Write {', '.join(GENERATED_BEDS)}, {NO_BED} or a music file, such as music/calm.mp3"
        )
    if path.anchor or ".." in path.parts:
        raise BadValueError(
            f"the music '{value}' is not in the routine's folder; put it there, "
            "and write its path from there, such as music/calm.mp3"
        )
    return value


def _figure(value: Any) -> Any:
    """Check a figure: the name of one, or a pose, which needs its places for its problems."""
    if not isinstance(value, LocatedDict):
        return _text(value)
    problem = own_figure_problem(value)
    if problem:
        raise BadValueError(problem)
    return value


AT_LEAST_ONE = Field(json_schema_extra={"minItems": 1})
_LENGTH_PATTERN = r"(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?|\d+(\.\d+)?|\d+:[0-5]\d(\.\d+)?"
_LENGTH = {
    "type": ["number", "string"],
    "exclusiveMinimum": 0,
    "pattern": rf"^({_LENGTH_PATTERN})$",
}
_LENGTHS = {
    "type": ["number", "string"],
    "exclusiveMinimum": 0,
    "pattern": rf"^({_LENGTH_PATTERN})(\s*[-\u2013]\s*({_LENGTH_PATTERN}))?$",
}
_TEMPO_PATTERN = r"\d+(\.\d+)?s?(-\d+(\.\d+)?s?){3}"
_TEMPO = {
    "type": ["number", "string"],
    "exclusiveMinimum": 0,
    "pattern": rf"^({_LENGTH_PATTERN}|{_TEMPO_PATTERN})$",
}
_PAUSE = {"type": ["number", "string"], "minimum": 0, "pattern": rf"^({_LENGTH_PATTERN})$"}
_COUNT = {"type": ["integer", "string"], "minimum": 1, "pattern": r"^\d+$"}
_COUNTS = {"type": ["integer", "string"], "minimum": 1, "pattern": r"^\d+(\s*[-\u2013]\s*\d+)?$"}
_SIDES = {
    "anyOf": [
        {"enum": ["each", "alternate"]},
        {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
    ]
}
_BED = {"type": "string", "pattern": rf"^({NO_BED}|({'|'.join(GENERATED_BEDS)})(:\d+)?|.+\.\w+)$"}
_TEXT = {"type": "string", "maxLength": MAX_TEXT}
_FIGURE = {"anyOf": [_TEXT, {"type": "object"}]}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
_FORMS = {
    "type": "object",
    "properties": dict.fromkeys(map(str, SPOKEN_VERBOSITIES), _TEXTS),
    "additionalProperties": False,
}
_PHRASE = {"anyOf": [*_TEXTS["anyOf"], _FORMS]}


def _range_of(most: int) -> Callable[[str], Range]:
    return lambda text: count_range(text, most=most)


Text = Annotated[str, BeforeValidator(_text), WithJsonSchema(_TEXT)]
Label = Annotated[str, BeforeValidator(_label), WithJsonSchema(_TEXT)]
Sentence = Annotated[str, BeforeValidator(_sentence), WithJsonSchema(_TEXT)]
Phrase = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_phrase), WithJsonSchema(_PHRASE)]
Sentences = Annotated[tuple[Sentence, ...], BeforeValidator(_list)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_list)]
Length = Annotated[int, BeforeValidator(word(duration_ms)), WithJsonSchema(_LENGTH)]
Tempo = Annotated[int | tuple[int, ...], BeforeValidator(word(_tempo)), WithJsonSchema(_TEMPO)]
Pause = Annotated[int, BeforeValidator(word(_short_pause)), WithJsonSchema(_PAUSE)]
LengthRange = Annotated[Range, BeforeValidator(word(duration_range_ms)), WithJsonSchema(_LENGTHS)]
RepRange = Annotated[Range, BeforeValidator(word(_range_of(MAX_REPS))), WithJsonSchema(_COUNTS)]
SetRange = Annotated[Range, BeforeValidator(word(_range_of(MAX_SETS))), WithJsonSchema(_COUNTS)]
Rounds = Annotated[
    int, BeforeValidator(word(lambda text: count(text, most=MAX_SETS))), WithJsonSchema(_COUNT)
]
FigureValue = Annotated[Any, AfterValidator(_figure), WithJsonSchema(_FIGURE)]
Bed = Annotated[str, BeforeValidator(_bed), WithJsonSchema(_BED)]
SidesValue = Annotated[
    Literal["each", "alternate"] | tuple[str, str], BeforeValidator(_sides), WithJsonSchema(_SIDES)
]


class Keys(BaseModel):
    """Keys with their values; any other is an error."""

    # Built with the model that holds them all, not each by itself before.
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class PhaseKeys(Keys):
    """A part of a rep."""

    say: Sentence
    for_: Length = Field(alias="for")


class InstructionKeys(Keys):
    """A sentence, with the time one needs to do what it says."""

    say: Sentence
    wait: Pause | None = None


class TipKeys(Keys):
    """A sentence for the time of the work, and when it helps."""

    say: Sentence
    when: Literal["first", "late", "safety", "every_side"] | None = None


class _OrSentence:
    """Let a plain sentence stand for a table that has it under `say`."""

    def __get_pydantic_json_schema__(
        self, table: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [_TEXT, handler(table)]}


Instruction = Annotated[InstructionKeys, BeforeValidator(_instruction), _OrSentence()]
TipValue = Annotated[TipKeys, BeforeValidator(_instruction), _OrSentence()]


class HoldStep(Keys):
    """Stay still for that long."""

    hold: LengthRange
    say: Sentence | None = None
    release: Sentence | None = None
    name: Label | None = None


class RepsStep(Keys):
    """That many repetitions."""

    reps: RepRange
    tempo: Tempo | None = None
    phases: Annotated[tuple[PhaseKeys, ...], BeforeValidator(_list)] = ()
    release: Sentence | None = None


class BreathsStep(Keys):
    """That many slow breaths."""

    breaths: RepRange
    inhale: Length = 4000
    exhale: Length = 6000
    hold_full: Pause = 0
    hold_empty: Pause = 0
    in_: Sentence | None = Field(default=None, alias="in")
    out: Sentence | None = None
    release: Sentence | None = None


class TimeStep(Keys):
    """Keep moving for that long."""

    time: LengthRange
    say: Sentence | None = None


class MoveStep(Keys):
    """Get from one position to the next."""

    move: Length
    say: Sentence | None = None


class RepeatStep(Keys):
    """Do the nested work that many times."""

    repeat: RepRange
    work: Annotated[tuple["StepKeys", ...], BeforeValidator(filled), AT_LEAST_ONE]


def _step_tag(value: Any) -> str | None:
    found = [key for key in STEP_KEYS if isinstance(value, dict) and key in value]
    return f"step {found[0]}" if len(found) == 1 else None


StepKeys = Annotated[
    Annotated[HoldStep, Tag("step hold")]
    | Annotated[RepsStep, Tag("step reps")]
    | Annotated[BreathsStep, Tag("step breaths")]
    | Annotated[TimeStep, Tag("step time")]
    | Annotated[MoveStep, Tag("step move")]
    | Annotated[RepeatStep, Tag("step repeat")],
    Discriminator(
        _step_tag,
        custom_error_type="step",
        custom_error_message=f"a work step has exactly one of {', '.join(STEP_KEYS)}, "
        "written like 'hold: 30s'",
    ),
]
RepeatStep.model_rebuild()
_ShortStep = type[HoldStep] | type[RepsStep] | type[BreathsStep] | type[TimeStep]
SHORT_FORMS: dict[str, _ShortStep] = {
    "hold": HoldStep,
    "reps": RepsStep,
    "breaths": BreathsStep,
    "time": TimeStep,
}
"""The keys of an exercise that stand for `work` of one step."""
WORK_KEYS = ("work", *SHORT_FORMS)


class PaceKeys(Keys):
    """Lengths that hold for a whole routine."""

    transition: Length = 6000
    rest: Length = 8000
    switch: Length | None = None
    tempo: Length = 3000


class ExerciseKeys(Keys):
    """One exercise; the library's keys have been added where it has `use`."""

    use: Text | None = None
    name: Label
    position: Label | None = None
    setup: Annotated[tuple[Instruction, ...], BeforeValidator(_list)] = ()
    work: Annotated[tuple[StepKeys, ...], BeforeValidator(filled), AT_LEAST_ONE] | None = None
    hold: LengthRange | None = None
    reps: RepRange | None = None
    breaths: RepRange | None = None
    time: LengthRange | None = None
    sides: SidesValue | None = None
    sets: SetRange = Range(low=1, high=1)
    rest: Pause | None = None
    switch: Length | None = None
    transition: Length | None = None
    tempo: Tempo | None = None
    lead: Literal["foot", "leg", "knee", "hand", "arm", "turn", "lean", "stretch"] | None = None
    recap: Sentence | None = None
    feel: Sentence | None = None
    why: Sentence | None = None
    exit: Sentence | None = None
    tips: Annotated[tuple[TipValue, ...], BeforeValidator(_list)] = ()
    easier: Sentence | None = None
    harder: Sentence | None = None
    caution: Sentence | None = None
    focus: Texts = ()
    frequency: Text | None = None
    source: Text | None = None
    stage: Literal["warm-up", "mobility", "holds", "cool-down"] | None = None
    equipment: Texts = ()
    figure: FigureValue | None = None


_Exercises = Annotated[tuple[ExerciseKeys, ...], BeforeValidator(filled), AT_LEAST_ONE]


class SectionKeys(Keys):
    """A part of a routine."""

    title: Label | None = None
    intro: Sentence | None = None
    rounds: Rounds = 1
    bed: Bed | None = None
    exercises: _Exercises


class RoutineKeys(Keys):
    """A whole routine file."""

    title: Label
    summary: Text = ""
    language: Text = "en"
    focus: Texts = ()
    equipment: Texts = ()
    source: Text | None = None
    licence: Label | None = None
    pace: PaceKeys = PaceKeys()
    say: Annotated[dict[Label, Sentence], BeforeValidator(_table)] = {}
    phrases: Annotated[dict[str, Phrase], BeforeValidator(_table)] = {}
    purpose: Sentence | None = None
    intro: Sentences = ()
    outro: Sentences = ()
    sections: Annotated[tuple[SectionKeys, ...], BeforeValidator(filled), AT_LEAST_ONE] | None = (
        None
    )
    exercises: _Exercises | None = None


DIALECT = "https://json-schema.org/draft/2020-12/schema"


def routine_schema() -> dict[str, Any]:
    """Make the JSON schema of a routine file."""
    schema = _plain(RoutineKeys.model_json_schema())
    schema["oneOf"] = [{"required": ["sections"]}, {"required": ["exercises"]}]
    exercise = schema["$defs"]["ExerciseKeys"]
    exercise.pop("required")
    exercise["anyOf"] = [{"required": ["use"]}, _written_in_place()]
    return {"$schema": DIALECT, "title": "A stretchaudio routine, format 1", **schema}


def exercises_schema() -> dict[str, Any]:
    """Make the JSON schema of a library file: exercises by id."""
    schema = _plain(ExerciseKeys.model_json_schema())
    definitions = schema.pop("$defs")
    schema["properties"].pop("use")
    exercise = {**schema, **_written_in_place()}
    return {
        "$schema": DIALECT,
        "title": "A library of stretchaudio exercises, format 1",
        "type": "object",
        "propertyNames": {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        "additionalProperties": exercise,
        "$defs": definitions,
    }


def _written_in_place() -> dict[str, Any]:
    """Require all that an exercise needs: a name and one kind of work."""
    return {"required": ["name"], "oneOf": [{"required": [key]} for key in WORK_KEYS]}


def _plain(schema: Any) -> Any:
    """Drop the titles and defaults of pydantic, which would show in editors."""
    if isinstance(schema, dict):
        return {
            key: _plain(value)
            for key, value in schema.items()
            if key != "default" and not (key == "title" and isinstance(value, str))
        }
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema
