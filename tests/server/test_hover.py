"""What is said about the place under the pointer."""

from __future__ import annotations

from imglint.server.hover import hover

from .conftest import Desk, plant

PUBLISH = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v6
        with:
          push: true
          context: .
          tags: ghcr.io/octocat/hello:${{ github.ref_name }}
          labels: org.opencontainers.image.title=From the workflow
"""


def said(desk: Desk, marked: str, name: str = "Dockerfile") -> str:
    """The Markdown at the place that is marked, empty for none."""
    view, offset = desk.at(marked, name)
    found = hover(view, offset, desk.session.workspace.catalog)
    return found.text if found else ""


def test_a_finding_has_the_page_of_its_rule(desk: Desk) -> None:
    text = said(desk, "FROM alpine:3.20\nLABEL org.opencontainers.image.lic‸ense=MIT\n")
    assert "# unknown-oci-label" in text and "## How to fix it" in text
    assert "## Examples" not in text and "rules/labels/unknown-oci-label.md)" in text


def test_a_rule_in_a_comment(desk: Desk) -> None:
    assert "# missing-source" in said(desk, "# imglint: ignore[missing-sou‸rce] no page\nFROM alpine\n")
    assert "# legacy-label" in said(desk, "# hadolint ignore=DL40‸00\nFROM alpine\nMAINTAINER a\n")
    assert said(desk, "# imglint: ignore[no-such-‸rule] x\nFROM alpine\n").find("# no-such") < 0


def test_a_label_has_its_value_and_the_way_there(desk: Desk) -> None:
    marked = (
        "FROM alpine AS base\nLABEL org.opencontainers.image.title=Old\nFROM base\n"
        "ARG NAME=New\nLABEL org.opencontainers.image.tit‸le=$NAME\n"
    )
    text = said(desk, marked)
    assert "the title of the image" in text
    assert "- label `New` (with the default of `NAME`), set in line 5" in text
    assert "  - over `Old`, in line 2" in text


def test_a_label_that_the_build_overrides(desk: Desk) -> None:
    plant(desk.folder, {".github/workflows/publish.yml": PUBLISH})
    text = said(desk, "FROM alpine\nLABEL org.opencontainers.image.ti‸tle=Here\n")
    assert "- label `From the workflow`, set by docker/build-push-action in `publish.yml` line 12" in text
    assert "  - over `Here`, in line 2" in text


def test_a_label_in_a_workflow(desk: Desk) -> None:
    plant(desk.folder, {"Dockerfile": "FROM alpine\nLABEL org.opencontainers.image.title=Here\n"})
    text = said(desk, PUBLISH.replace(".title=From", ".ti‸tle=From"), ".github/workflows/publish.yml")
    assert "- label `From the workflow`" in text and "  - over `Here`, in `Dockerfile` line 2" in text


def test_a_label_whose_value_is_not_known(desk: Desk) -> None:
    text = said(desk, "FROM alpine\nARG V\nLABEL org.opencontainers.image.ver‸sion=$V\n")
    assert "- label unknown until it is built" in text


def test_a_label_that_is_lost(desk: Desk) -> None:
    assert "- lost: " in said(desk, "FROM alpine\nLABEL a‸b=1\nFROM alpine\n")


def test_a_licence_has_its_name(desk: Desk) -> None:
    marked = 'FROM alpine\nLABEL org.opencontainers.image.licenses="MIT OR GPL-2‸.0"\n'
    text = said(desk, marked)
    assert text.startswith("**`GPL-2.0`**: GNU General Public License v2.0 only  \ndeprecated; today `GPL-2.0-only`")
    assert "MIT License" not in text
    assert "MIT License" in said(desk, marked.replace("‸", "").replace("MIT", "MI‸T"))
    assert "License" not in said(desk, "FROM alpine\nLABEL other=MI‸T\n")


def test_an_image_has_its_parts(desk: Desk) -> None:
    assert said(desk, "FROM alp‸ine\n").splitlines()[2:5] == [
        "| registry | `docker.io` |", "| repository | `library/alpine` |", "| tag | `latest`, since none is written |",
    ]  # fmt: skip
    text = said(desk, "FROM ghcr.io:443/acme/wi‸dget:1.2@sha256:" + "0" * 64 + "\n")
    assert "| registry | `ghcr.io:443` |" in text and "| digest | `sha256:0" in text and "| tag | `1.2` |" in text
    assert "| repository | `acme/widget` |" in said(desk, "FROM a\nCOPY --from=ghcr.io/acme/wid‸get:1 /a /b\n")


def test_a_tag_in_a_workflow(desk: Desk) -> None:
    text = said(desk, PUBLISH.replace("ghcr.io/octo", "ghcr.io/oc‸to"), ".github/workflows/publish.yml")
    assert "| repository | `octocat/hello` |" in text and "| tag |" in text


def test_a_stage_is_no_image(desk: Desk) -> None:
    assert said(desk, "FROM a AS build\nFROM bui‸ld\n").startswith("the stage `build` of this file, line 1\n")
    assert said(desk, "FROM a AS build\nFROM b\nCOPY --from=bui‸ld /a /b\n") == "the stage `build` of this file, line 1"
    assert said(desk, "FROM a\nFROM b\nCOPY --from=‸0 /a /b\n") == "the stage `0` of this file, line 1"


def test_what_there_is_nothing_to_say_about(desk: Desk) -> None:
    assert said(desk, "FROM scratch\nCOPY ‸a b\n") == ""
    assert "| registry |" not in said(desk, "FROM scr‸atch\n")


def test_several_rules_are_named_in_short(desk: Desk) -> None:
    text = said(desk, "‸FROM alpine\n")
    assert "**missing-source**: " in text and "**missing-licenses**: " in text
    assert "## What it finds" not in text


def test_text_from_the_file_is_no_markup(desk: Desk) -> None:
    text = said(desk, 'FROM alpine\nLABEL a‸="`<b>` [x](http://evil) \\u202e"\n')
    assert "``" in text and "\u202e" not in text


def test_a_token_is_not_shown(desk: Desk) -> None:
    token = "glpat-" + "Vq7R3nW_k4Zp-9Qx2tR8"
    text = said(desk, f"FROM alpine\nLABEL ‸a={token}\n")
    assert "- label `" in text and token not in text
