"""What BuildKit says of real Dockerfiles, as measured once; it lies beside the repository and is not part of it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LEAST_FILES = 3_000
"""With fewer files, something is wrong with the data rather than right with us."""

# BuildKit's words -> our code.
ERRORS = (
    (r"(?:ENV|LABEL) must have two arguments", "missing-value"),
    (r"unknown instruction: ", "unknown-instruction"),
    (r"FROM requires either one or three arguments", "from-arguments"),
    (r"missing a value on flag: ", "flag-needs-value"),
    (r"unknown flag: ", "unknown-flag"),
    (r"invalid name for build stage: ", "invalid-stage-name"),
    (r"\w+ requires at least one argument", "needs-argument"),
    (r"failed to parse stage name ", "invalid-reference"),
    (r"base name \(.*\) should not be blank", "blank-base"),
    (r"failed to parse platform ", "invalid-platform"),
    (r"failed to process .*: unsupported modifier ", "expansion-modifier"),
    (r"failed to process .*: unexpected end of statement while looking for matching ", "expansion-quote"),
    (r"variable expansion is not supported for --from", "from-variable"),
    (r"invalid field '.*' must be a key=value pair", "mount-field"),
    (r'invalid mount target "/"', "mount-target"),
)


def answers(shared: Path) -> list[dict[str, Any]]:
    """One answer for each Dockerfile of the corpus."""
    with gzip.open(shared / "conformance" / "buildkit.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert len(rows) >= LEAST_FILES
    return rows


def code_of(message: str) -> str:
    """Our code for an error of BuildKit's; the message itself when it has none yet."""
    text = re.sub(r"^dockerfile parse error on line \d+: ", "", message)
    return next((code for pattern, code in ERRORS if re.match(pattern, text, re.DOTALL)), message)


def line_of(message: str) -> int | None:
    """The line that an error of BuildKit's names."""
    match = re.match(r"dockerfile parse error on line (\d+): ", message)
    return int(match[1]) if match else None


def assert_none(differences: Iterable[object]) -> None:
    """Fail with the first ten differences, one a line, and their number."""
    found = list(differences)
    shown = "\n".join(str(each)[:500] for each in found[:10])
    assert not found, f"{len(found)} differences:\n{shown}"
