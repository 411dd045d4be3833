"""The page above a stage, and the places that lead somewhere."""

from __future__ import annotations

from imglint.server.lens import lenses
from imglint.server.links import links
from imglint.server.pagetext import page_text

from .conftest import Desk, plant

LABELS = (
    "LABEL org.opencontainers.image.source=https://github.com/acme/widget \\\n"
    "      org.opencontainers.image.licenses=MIT\n"
)
WORKFLOW = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: "docker/build-push-action@v6"
        with:
          context: .
          push: true
          provenance: false
          tags: {tags}
"""


def titles(desk: Desk, text: str) -> list[str]:
    return [each.title for each in lenses(desk.put("Dockerfile", text))]


def test_the_page_of_a_dockerfile_alone(desk: Desk) -> None:
    text = "FROM a AS b\nFROM a\n" + LABELS
    assert titles(desk, text) == ["page: linked to acme/widget, MIT, no description"]
    view = desk.view("Dockerfile")
    assert view.source.slice(lenses(view)[0].span) == "FROM a"
    assert "acme/widget" in page_text(view)


def test_pages_of_what_is_pushed(desk: Desk) -> None:
    tags = "ghcr.io/acme/widget:1,ghcr.io/acme/gadget:1"
    plant(desk.folder, {".github/workflows/publish.yml": WORKFLOW.format(tags=tags)})
    assert titles(desk, "FROM a\n" + LABELS) == [
        "page of ghcr.io/acme/widget: linked to acme/widget, MIT, no description",
        "page of ghcr.io/acme/gadget: linked to acme/widget, MIT, no description",
    ]


def test_many_pages_are_counted(desk: Desk) -> None:
    tags = ",".join(f"ghcr.io/acme/w{number}:1" for number in range(5))
    plant(desk.folder, {".github/workflows/publish.yml": WORKFLOW.format(tags=tags)})
    assert titles(desk, "FROM a\n")[-1] == "and 2 more pages: imglint page"
    assert page_text(desk.view("Dockerfile")).count("✗ push        will be denied: nothing logs in to ghcr.io") == 5


def test_what_is_not_known_is_said_to_be(desk: Desk) -> None:
    text = "FROM a\nARG S\nLABEL org.opencontainers.image.source=$S\n"
    assert titles(desk, text)[0].startswith("page: repository not known yet, ")


def test_no_page_without_a_publication(desk: Desk) -> None:
    plant(desk.folder, {"imglint.toml": 'assume-published = "never"\n'})
    assert titles(desk, "FROM a\n") == []
    assert page_text(desk.view("Dockerfile")).startswith("Nothing here is published")


def targets(desk: Desk, name: str, text: str) -> list[tuple[str, str]]:
    view = desk.put(name, text)
    return [(view.source.slice(each.span), each.target) for each in links(view, desk.session.workspace.catalog)]


def test_rules_and_repositories(desk: Desk) -> None:
    text = (
        "# imglint: ignore[missing-description] later\n"
        "FROM a\nLABEL org.opencontainers.image.source=git@github.com:acme/widget.git\n"
    )
    assert targets(desk, "Dockerfile", text) == [
        ("missing-description", "https://github.com/imglint/imglint/blob/main/rules/labels/missing-description.md"),
        ("git@github.com:acme/widget.git", "https://github.com/acme/widget"),
    ]


def test_actions(desk: Desk) -> None:
    text = WORKFLOW.format(tags="a/b") + "      - uses: ./local\n      - uses: acme/tools/sub/dir@main\n"
    assert targets(desk, ".github/workflows/publish.yml", text) == [
        ("actions/checkout@v4", "https://github.com/actions/checkout/tree/v4"),
        ("docker/build-push-action@v6", "https://github.com/docker/build-push-action/tree/v6"),
        ("acme/tools/sub/dir@main", "https://github.com/acme/tools/tree/main/sub/dir"),
    ]
