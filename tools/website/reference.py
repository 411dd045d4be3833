"""The reference of the configuration, made from its schema (rules/schema/config.json)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]


def document(schema: Schema) -> str:
    """The Markdown of the reference: a section for each key, with an example of each kind that the schema shows."""
    lines = [
        "# Configuration reference",
        "",
        "Every key of `imglint.toml`, as the schema of the file describes it; `imglint config schema` prints that.",
        "[Configuration](configuration.md) tells where the file lies and what wins over what.",
    ]
    for name, part in schema["properties"].items():
        lines += ["", f"## {name}", "", part["description"], "", *_facts(part)]
        fields = _fields(part)
        if fields:
            lines += ["", "| key | what it says |", "|---|---|"]
            lines += [f"| `{field}` | {_cell(each)} |" for field, each in fields.items()]
        for example in part.get("examples", ()):
            lines += ["", "```toml", *toml(name, example), "```"]
    return "\n".join(lines) + "\n"


def toml(name: str, value: object) -> list[str]:
    """The lines that set a key: a table has lines of its own."""
    if isinstance(value, dict):
        return [f"[{name}]", *(f"{_key(key)} = {_value(each)}" for key, each in value.items())]
    return [f"{name} = {_value(value)}"]


def _facts(part: Schema) -> Iterator[str]:
    yield f"- **Value**: {part['$comment']}"
    if "default" in part and part["default"] not in ([], {}):
        yield f"- **Without it**: `{_value(part['default'])}`"


def _fields(part: Schema) -> Schema:
    """The keys of the tables within a table."""
    inner = part.get("additionalProperties")
    return inner.get("properties", {}) if isinstance(inner, dict) else {}


def _cell(part: Schema) -> str:
    return f"{part['description']} {part['$comment'][0].upper()}{part['$comment'][1:]}.".replace("|", "\\|")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _value(value: object) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # Texts, whole numbers and truth are written as in TOML.
