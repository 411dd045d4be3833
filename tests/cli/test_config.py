"""`imglint config`."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from .conftest import Imglint, plant

CONFIG = """\
repository = "octocat/hello"
target = "app"
[severity]
missing-source = "off"
[required-labels]
"org.example.team" = { pattern = "^a" }
"""


def test_show(imglint: Imglint, root: Path) -> None:
    plant(root, {"imglint.toml": CONFIG, "a/b": ""})
    code, out, err = imglint("config", "show", "a", IMGLINT_SELECT="labels, syntax")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert 'repository        "octocat/hello"  # the configuration (imglint.toml)' in lines
    assert 'select            ["labels", "syntax"]  # IMGLINT_SELECT' in lines
    assert 'fail-on           "warning"  # the default' in lines
    assert '"org.example.team": {"pattern": "^a"}' in out


def test_show_as_json(imglint: Imglint, root: Path) -> None:
    plant(root, {"imglint.toml": CONFIG})
    document = imglint("config", "show", "--format", "json", IMGLINT_FAIL_ON="error").json
    assert document["file"] == str(root / "imglint.toml")
    settings = document["settings"]
    assert settings["target"] == {"value": "app", "origin": {"kind": "file", "where": "imglint.toml"}}
    assert settings["fail-on"] == {"value": "error", "origin": {"kind": "environment", "where": "IMGLINT_FAIL_ON"}}
    assert settings["severity"]["value"] == {"missing-source": "off"}
    assert settings["required-labels"]["value"] == {"org.example.team": {"pattern": "^a"}}
    assert settings["select"] == {"value": [], "origin": {"kind": "default", "where": ""}}


def test_show_without_any(imglint: Imglint) -> None:
    code, out, err = imglint("config", "show")
    assert (code, err) == (0, "")
    assert {line.partition("# ")[2] for line in out.splitlines()} == {"the default"}


def test_a_broken_file(imglint: Imglint, root: Path) -> None:
    plant(root, {"imglint.toml": 'fail_on = "error"\ntarget = 3\n'})
    code, out, err = imglint("config", "show")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "error: imglint.toml: `fail_on` is not a setting; did you mean `fail-on`?",
        'error: imglint.toml: `target` must be the name of a stage, such as "runtime", not the number 3',
    ]


def test_a_file_that_is_named(imglint: Imglint, root: Path) -> None:
    plant(root, {"other.toml": CONFIG, "imglint.toml": "broken"})
    assert '"app"' in imglint("config", "show", "--config", "other.toml").out
    assert imglint("config", "show", "--config", "none.toml") == (2, "", "error: none.toml: does not exist\n")


def test_the_schema(imglint: Imglint) -> None:
    code, out, err = imglint("config", "schema")
    assert (code, err) == (0, "")
    schema = json.loads(out)
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid({"fail-on": "error"})
    assert not Draft202012Validator(schema).is_valid({"fail-on": "never"})
