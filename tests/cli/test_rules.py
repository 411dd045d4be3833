"""`imglint rule` and `imglint rules`."""

from __future__ import annotations

from imglint.read.rules import rule_families

from .conftest import Imglint


def test_the_page_of_a_rule(imglint: Imglint) -> None:
    code, out, err = imglint("rule", "missing-source")
    assert (code, err) == (0, "")
    assert out.startswith("# missing-source\n") and out.endswith("\n") and '"severity"' not in out


def test_a_rule_as_json(imglint: Imglint) -> None:
    page = imglint("rule", "missing-source", "--format", "json").json
    assert (page["name"], page["family"], page["severity"]) == ("missing-source", "labels", "error")
    assert page["aliases"]["hadolint"] == ["DL3049"]
    assert page["page"].startswith("# missing-source\n")


def test_by_the_name_of_another_tool(imglint: Imglint) -> None:
    assert imglint("rule", "maintainerdeprecated") == imglint("rule", "legacy-label")


def test_a_name_for_several_rules(imglint: Imglint) -> None:
    out = imglint("rule", "DL3049").out
    titles = [line for line in out.splitlines() if line.startswith("# missing-")]
    assert titles == ["# missing-description", "# missing-label", "# missing-licenses", "# missing-source"]


def test_a_misspelt_name(imglint: Imglint) -> None:
    reason = "there is no rule, family or alias `mising-source`; did you mean `missing-source`?"
    assert imglint("rule", "mising-source") == (2, "", f"error: {reason}\n")


def test_an_unknown_name_is_printed_harmlessly(imglint: Imglint) -> None:
    expected = "error: there is no rule, family or alias `\\x1b[31m\\n::error::x`\n"
    assert imglint("rule", "\x1b[31m\n::error::x") == (2, "", expected)


def test_a_family(imglint: Imglint) -> None:
    expected = "error: `labels` is a family of rules; `imglint rules` lists them\n"
    assert imglint("rule", "labels") == (2, "", expected)


def test_the_list_of_all(imglint: Imglint) -> None:
    code, out, err = imglint("rules")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    listed = [line.split()[1] for line in lines if line.startswith("  ")]
    assert sorted(listed) == sorted(rule_families())
    assert [line for line in lines if line and not line.startswith(" ")] == sorted(set(rule_families().values()))


def test_the_list_as_json(imglint: Imglint) -> None:
    document = imglint("rules", "--format", "json").json
    assert document["version"] == 1
    assert {each["name"]: each["family"] for each in document["rules"]} == rule_families()
    assert all(each["summary"] and each["why"] and each["url"].startswith("https://") for each in document["rules"])
