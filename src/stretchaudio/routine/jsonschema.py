"""The format as a JSON Schema, made from the models that check files, for editors that complete and check."""

from typing import Any

from stretchaudio.routine.schema import SHORT_FORMS, ExerciseKeys, RoutineKeys

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def routine_schema() -> dict[str, Any]:
    """The schema of a routine file."""
    schema = _plain(RoutineKeys.model_json_schema())
    schema["oneOf"] = [{"required": ["sections"]}, {"required": ["exercises"]}]
    exercise = schema["$defs"]["ExerciseKeys"]
    exercise.pop("required")
    exercise["anyOf"] = [{"required": ["use"]}, _written_in_place()]
    return {"$schema": DIALECT, "title": "A stretchaudio routine, format 1", **schema}


def exercises_schema() -> dict[str, Any]:
    """The schema of a library file: exercises by id."""
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
    """An exercise that has all it needs: a name and one kind of work."""
    return {"required": ["name"], "oneOf": [{"required": [key]} for key in ("work", *SHORT_FORMS)]}


def _plain(schema: Any) -> Any:
    """The schema without the titles and defaults of pydantic, which would show in editors."""
    if isinstance(schema, dict):
        return {
            key: _plain(value)
            for key, value in schema.items()
            if key != "default" and not (key == "title" and isinstance(value, str))
        }
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema
