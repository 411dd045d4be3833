"""What is wrong with a configuration, in words: slow, and only imported when something is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from imglint.syntax.nearest import nearest
from imglint.syntax.pattern import pattern_problem

if TYPE_CHECKING:
    from jsonschema import ValidationError

MAX_SHOWN = 60
"""Characters of a wrong value that a message repeats."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def problems(document: Mapping[str, object], schema_text: str) -> list[str]:
    """One line for each thing wrong in a document, naming its key by its path; none when nothing is."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json.loads(schema_text))
    errors = sorted(validator.iter_errors(document), key=lambda error: [str(step) for step in error.path])
    lines = [line for error in errors for line in _lines(error)]
    return list(dict.fromkeys([*lines, *_bad_expressions(document)]))


def _lines(error: ValidationError) -> Iterator[str]:
    """The line for one error of the schema; for unknown keys, which it counts as one error, a line each."""
    where = list(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        for key in error.instance:
            if key not in known:
                yield _unknown_key(where, key, known)
    elif "propertyNames" in error.absolute_schema_path:
        yield f"{_path([*where, error.instance])} is an empty name"
    else:
        wanted = error.schema.get("$comment", "") if isinstance(error.schema, Mapping) else ""
        yield f"{_path(where)} must be {wanted}, not {_shown(error.instance)}"


def _unknown_key(where: list[Any], key: str, known: Mapping[str, object]) -> str:
    path = _path([*where, key])
    if where[:1] == ["required-labels"]:
        return f'{path} is not a setting; a label key with dots is written in quotes: "org.example.key"'
    guess = nearest(key.lower().replace("_", "-"), known, cutoff=0.6)
    if guess:
        return f"{path} is not a setting; did you mean `{'.'.join([*map(str, where), guess])}`?"
    return f"{path} is not a setting; the settings are {', '.join(f'`{name}`' for name in known)}"


def _bad_expressions(document: Mapping[str, object]) -> Iterator[str]:
    """Regular expressions that Python refuses: the one thing a schema cannot tell."""
    labels = document.get("required-labels")
    for label, wanted in labels.items() if isinstance(labels, Mapping) else ():
        pattern = wanted.get("pattern") if isinstance(wanted, Mapping) else None
        if isinstance(pattern, str) and (reason := pattern_problem(pattern)):
            path = _path(["required-labels", label, "pattern"])
            yield f"{path} must be a Python regular expression, but {_shown(pattern)} is not one: {reason}"


def _path(steps: list[Any]) -> str:
    """A key as TOML would write it: `required-labels."org.example.key".type`, `select[0]`."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += ("." if path else "") + (step if _BARE_KEY.fullmatch(step) else json.dumps(step))
    return f"`{path}`"


def _shown(value: object) -> str:
    """A wrong value in words: its type and, shortened, itself."""
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    if len(text) > MAX_SHOWN:
        text = text[:MAX_SHOWN] + "…"
    if isinstance(value, str):
        return f"the text {text}"
    return f"the number {text}" if isinstance(value, int | float) else f"the date or time {text}"
