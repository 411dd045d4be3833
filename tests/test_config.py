"""Settings: defaults, layers, and what is said of a configuration that cannot be used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from imglint import config
from imglint.config import ConfigError, DeclaredToken, LabelRequirement, MismatchError, Origin, Settings
from imglint.read.configfile import schema_text

SCHEMA = json.loads(schema_text())
FILE = Origin("file", "imglint.toml")
FLAG = Origin("flag", "--select")

COMPLETE: dict[str, object] = {
    "repository": "acme/widget",
    "github-hosts": ["GitHub.Example.com"],
    "registry": "docker.io",
    "select": ["labels", "DL3008"],
    "ignore": [],
    "fail-on": "error",
    "assume-published": "never",
    "target": "runtime",
    "build-args": {"VERSION": "1", "EMPTY": ""},
    "exclude": ["fixtures/", "!keep/**/*.x"],
    "uplink": 100,
    "severity": {"missing-source": "error", "layer-too-large": "off"},
    "required-labels": {"org.example.a": {"type": "url", "pattern": "^https://"}, "b": {}},
    "tokens": {"CR_PAT": {"scopes": ["repo", "write:packages"]}},
}


def lay(document: dict[str, object], under: Settings | None = None, origin: Origin = FILE) -> Settings:
    return config.lay_over(under or config.defaults(), document, origin, schema_text)


def complaints(document: dict[str, object]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        lay(document)
    assert str(caught.value) == "\n".join(f"imglint.toml: {problem}" for problem in caught.value.problems)
    assert caught.value.path == "imglint.toml"
    return list(caught.value.problems)


def test_defaults() -> None:
    settings = config.defaults("/somewhere")
    assert (settings.registry, settings.fail_on, settings.select, settings.file) == ("ghcr.io", "warning", (), None)
    assert settings.root == "/somewhere"
    assert settings.origins == dict.fromkeys(SCHEMA["properties"], Origin("default"))


def test_every_key_reaches_its_field() -> None:
    settings = lay(COMPLETE)
    assert settings.repository == "acme/widget"
    assert settings.github_hosts == ("github.example.com",)
    assert settings.registry == "docker.io"
    assert settings.select == ("labels", "DL3008")
    assert settings.ignore == ()
    assert settings.fail_on == "error"
    assert settings.assume_published == "never"
    assert settings.target == "runtime"
    assert settings.build_args == {"VERSION": "1", "EMPTY": ""}
    assert settings.exclude == ("fixtures/", "!keep/**/*.x")
    assert settings.uplink == 100
    assert settings.severity == {"missing-source": "error", "layer-too-large": "off"}
    assert settings.required_labels == {
        "org.example.a": LabelRequirement("url", "^https://"),
        "b": LabelRequirement("", ""),
    }
    assert settings.tokens == {"CR_PAT": DeclaredToken(("repo", "write:packages"))}
    assert set(settings.origins.values()) == {FILE}


def test_a_higher_layer_replaces_values_and_joins_tables() -> None:
    lower = lay({"select": ["labels"], "fail-on": "info", "build-args": {"A": "1", "B": "1"}})
    settings = lay({"select": ["image"], "build-args": {"B": "2"}}, lower, FLAG)
    assert settings.select == ("image",)
    assert settings.build_args == {"A": "1", "B": "2"}
    assert settings.fail_on == "info"
    assert {key: settings.origins[key] for key in ("select", "fail-on", "target")} == {
        "select": FLAG,
        "fail-on": FILE,
        "target": Origin("default"),
    }


def test_the_environment() -> None:
    found = config.from_environment(
        {"IMGLINT_SELECT": " labels, image ,", "IMGLINT_FAIL_ON": "error", "IMGLINT_IGNORE": "", "OTHER": "x"}
    )
    assert found == {
        "select": (["labels", "image"], Origin("environment", "IMGLINT_SELECT")),
        "fail-on": ("error", Origin("environment", "IMGLINT_FAIL_ON")),
    }


def test_origins_in_words() -> None:
    assert Origin().words == "the default"
    assert FILE.words == "the configuration (imglint.toml)"
    assert Origin("environment", "IMGLINT_REPOSITORY").words == "IMGLINT_REPOSITORY"
    assert FLAG.words == "--select"


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"fail_on": "error"}, "`fail_on` is not a setting; did you mean `fail-on`?"),
        ({"requierd-labels": {}}, "`requierd-labels` is not a setting; did you mean `required-labels`?"),
        ({"fail-on": "never"}, '`fail-on` must be one of "error", "warning" and "info", not the text "never"'),
        (
            {"select": "labels"},
            '`select` must be a list of rules or families such as ["labels"], not the text "labels"',
        ),
        ({"select": ["labels", 3]}, "`select[1]` must be the name of a rule or family in quotes, not the number 3"),
        ({"build-args": {"V": True}}, "`build-args.V` must be a text in quotes, not the boolean true"),
        ({"build-args": ["V=1"]}, '`build-args` must be a table of texts such as { VERSION = "1.2.3" }, not a list'),
        ({"target": ""}, '`target` must be the name of a stage, such as "runtime", not the text ""'),
        (
            {"repository": "widget"},
            '`repository` must be "owner/name" or an address such as "https://github.com/acme/widget", '
            'not the text "widget"',
        ),
        (
            {"severity": {"missing-source": "fatal"}},
            '`severity.missing-source` must be one of "error", "warning", "info" and "off", not the text "fatal"',
        ),
        (
            {"required-labels": {"org.example.a": {"type": "link"}}},
            '`required-labels."org.example.a".type` must be one of "url", "semver", "rfc3339", "spdx", "email", '
            '"hash" and "text", not the text "link"',
        ),
        (
            {"required-labels": {"org": {"example": {"type": "url"}}}},
            "`required-labels.org.example` is not a setting; a label key with dots is written in quotes: "
            '"org.example.key"',
        ),
        (
            {"required-labels": {"a": {"pattern": "("}}},
            '`required-labels.a.pattern` must be a Python regular expression, but the text "(" is not one: '
            "missing ), unterminated subpattern at position 0",
        ),
        (
            {"uplink": 0},
            "`uplink` must be a whole number of megabits a second, from 1 to 1,000,000, not the number 0",
        ),
        ({"severity": {"": "off"}}, '`severity.""` is an empty name'),
    ],
)
def test_what_is_said_of_a_mistake(document: dict[str, object], problem: str) -> None:
    assert complaints(document) == [problem]


def test_an_unknown_key_unlike_any_other_is_answered_with_all_of_them() -> None:
    (problem,) = complaints({"zzz": 1})
    assert all(f"`{key}`" in problem for key in SCHEMA["properties"])


def test_every_mistake_has_its_line() -> None:
    problems = complaints({"fail-on": 1, "select": [1, "labels", 2], "selct": [], "required-labels": {"a": {"x": 1}}})
    assert len(problems) == 5


def test_long_values_are_shortened() -> None:
    (problem,) = complaints({"fail-on": "x" * 10_000})
    assert len(problem) < 200


@pytest.mark.parametrize("pattern", ["(", "a{99999999999999999999}", "(?a)(?u)x", "[z-a]", "(" * 500])
def test_expressions_that_python_refuses(pattern: str) -> None:
    (problem,) = complaints({"required-labels": {"a": {"pattern": pattern}}})
    assert "must be a Python regular expression" in problem


def test_a_wrong_variable_is_named() -> None:
    for key, (value, origin) in config.from_environment({"IMGLINT_FAIL_ON": "never"}).items():
        with pytest.raises(ConfigError, match=r"^IMGLINT_FAIL_ON: `fail-on` must be one of"):
            lay({key: value}, origin=origin)


def test_the_schema_is_one_and_describes_every_key() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]) == set(config.DECODERS)
    assert SCHEMA["properties"]["repository"]["pattern"] == config.REPOSITORY_PATTERN
    assert SCHEMA["properties"]["github-hosts"]["items"]["pattern"] == config.HOST_PATTERN
    assert SCHEMA["properties"]["exclude"]["items"]["pattern"] == config.EXCLUDE_PATTERN
    default = config.defaults()
    for key, schema in SCHEMA["properties"].items():
        assert schema["description"] and schema["$comment"] and schema["examples"], key
        for sample in schema["examples"]:
            assert config.decode({key: sample})
        if "default" in schema:
            value = getattr(default, key.replace("-", "_"))
            assert schema["default"] == (list(value) if isinstance(value, tuple) else value)


def _texts() -> st.SearchStrategy[str]:
    near = ["", "error", "off", "info", "warning", "url", "acme/widget", "https://github.com/acme/widget", "a/b/c"]
    near += [
        "../x",
        "x/..",
        "x/.git",
        "x/y.git/",
        "a/b\n",
        "github.example.com",
        "-x.com",
        "h\n",
        "a/**/*.b",
        "*a*b*c*",
    ]
    near += ["*" * 1000, "a" * 1000, "a" * 1001, "**a\n", "type", "pattern"]
    return st.sampled_from(near) | st.text(max_size=5) | st.from_regex(r"[a./*:\n]{0,9}", fullmatch=True)


SCALARS = _texts() | st.none() | st.booleans() | st.integers() | st.floats() | st.dates()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["", "a", "type", "pattern", "org.x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
LABELS = st.dictionaries(
    _texts(),
    st.fixed_dictionaries(
        {},
        optional={"type": st.sampled_from(config.LABEL_TYPES) | VALUES, "pattern": _texts() | VALUES},
    ),
    max_size=2,
)
LIKELY = {
    "repository": _texts(),
    "github-hosts": st.lists(_texts(), max_size=2),
    "registry": _texts(),
    "select": st.lists(_texts(), max_size=2),
    "ignore": st.lists(_texts(), max_size=2),
    "fail-on": _texts(),
    "target": _texts(),
    "build-args": st.dictionaries(_texts(), _texts(), max_size=2),
    "exclude": st.lists(_texts(), max_size=2),
    "uplink": st.sampled_from([0, 1, 1.0, 1.5, True, 1_000_000, 1_000_001, float("nan"), float("inf")]) | SCALARS,
    "severity": st.dictionaries(_texts(), st.sampled_from(config.SEVERITIES) | _texts(), max_size=2),
    "required-labels": LABELS,
    "tokens": st.dictionaries(
        _texts(),
        st.fixed_dictionaries({}, optional={"scopes": st.lists(_texts() | VALUES, max_size=2) | VALUES}) | VALUES,
        max_size=2,
    ),
}
NEAR = st.fixed_dictionaries({}, optional={**LIKELY, "fail_on": VALUES}) | st.dictionaries(
    st.sampled_from([*LIKELY, "unknown"]), VALUES, max_size=2
)
ONE_KEY = st.sampled_from(list(LIKELY)).flatmap(lambda key: (LIKELY[key] | VALUES).map(lambda value: {key: value}))


def _has_bad_expression(document: dict[str, object]) -> bool:
    """Whether some `pattern` is refused by Python: beyond what a schema can say."""
    labels = document.get("required-labels")
    wanted = labels.values() if isinstance(labels, dict) else ()
    patterns = [label.get("pattern") for label in wanted if isinstance(label, dict)]
    return any(isinstance(pattern, str) and config.pattern_problem(pattern) for pattern in patterns)


VALIDATOR = Draft202012Validator(SCHEMA)


@settings(max_examples=1000, deadline=None)
@given(ONE_KEY | NEAR)
@example({"exclude": ["a" * 1_000]})
@example({"exclude": ["a" * 1_001]})
@example({"github-hosts": ["a" * 1_001]})
@example({"repository": "a/" + "b" * 999})
@example({"required-labels": {"a": {"pattern": "a" * 1_000}}})
@example({"tokens": {"A": {"scopes": ["repo", "write:packages"]}, "b": {"scopes": []}}})
@example({"tokens": {"A": {"scopes": ["packages: write"]}}})
@example({"tokens": {"A": {"scopes": ["repo\n"], "more": 1}}})
@example({"tokens": {"": {"scopes": ["repo"]}}})
@example({"required-labels": {"a": {"pattern": "a" * 1_001}}})
def test_the_decoder_accepts_what_the_schema_accepts(document: dict[str, object]) -> None:
    try:
        config.decode(document)
        accepted = True
    except MismatchError:
        accepted = False
    assert accepted == (VALIDATOR.is_valid(document) and not _has_bad_expression(document))
    if not accepted:
        assert complaints(document)


def test_a_good_configuration_needs_no_jsonschema() -> None:
    code = (
        "import sys; from imglint.config import *;"
        f"lay_over(defaults(), {COMPLETE!r}, Origin('file', 'x'), lambda: 1/0);"
        "sys.exit(sorted({'jsonschema', 'imglint.configcheck', 'tomllib', 'logging', 'pathlib'} & set(sys.modules)))"
    )
    checkout = Path(config.__file__).parents[1]
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
