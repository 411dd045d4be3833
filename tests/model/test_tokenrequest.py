"""What asks people for a token: read from texts as they are really written, and from any text at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.model.scopes import Scopes
from imglint.model.tokenrequest import MAX_REQUESTS, Way, requests
from imglint.read.rules import token_scopes

SCOPES = token_scopes()
FORM = "https://github.com/settings/tokens/new"


def asked(text: str, is_prose: bool = False) -> list[tuple[Way, tuple[str, ...]]]:
    found = requests(text, SCOPES.known, is_prose)
    for request in found:
        for each in request.scopes:
            assert 0 <= each.span.start < each.span.end <= len(text)
    return [(request.way, request.names) for request in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"{FORM}?scopes=repo,write:packages", ("repo", "write:packages")),
        (f"{FORM}?scopes=repo%2Cwrite%3Apackages", ("repo", "write:packages")),
        (f"{FORM}?scopes=repo+write:packages", ("repo", "write:packages")),
        (f"{FORM}?scopes=repo%20write:packages", ("repo", "write:packages")),
        (f"{FORM}?description=my%20token&scopes=gist", ("gist",)),
        (f"{FORM}?description=x&amp;scopes=gist&amp;x=1", ("gist",)),
        (f"[here]({FORM}?scopes=repo).", ("repo",)),
        (f"<{FORM}?scopes=repo>", ("repo",)),
        (f'href="{FORM}?scopes=repo"', ("repo",)),
        (f"`{FORM}?scopes=repo`", ("repo",)),
        (f"See {FORM}?scopes=repo, and then", ("repo",)),
        (f"{FORM}?scopes=repo#top", ("repo",)),
        (f"**{FORM}?scopes=repo**", ("repo",)),
        ("https://github.example.com:8443/settings/tokens/new?scopes=repo", ("repo",)),
        (f"{FORM}?scopes=$SCOPES,repo", ("repo",)),
        (f"{FORM}?scopes={{scopes}}", ()),
        (f"{FORM}?description=scopes", ()),
        (FORM, ()),
        (f"{FORM}?scopes=", ()),
        ("https://github.com/settings/personal-access-tokens/new?scopes=repo", ()),
    ],
)
def test_links(text: str, names: tuple[str, ...]) -> None:
    assert asked(text) == ([(Way.LINK, names)] if names else [])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("gh auth login -s repo,write:packages", ("repo", "write:packages")),
        ("gh auth login --scopes=repo,write:packages --web", ("repo", "write:packages")),
        ('gh auth refresh -h github.com --scopes "repo,write:packages"', ("repo", "write:packages")),
        ("gh auth refresh -s repo -s 'write:packages'", ("repo", "write:packages")),
        ("gh auth refresh \\\n  --scopes write:packages \\\n  --hostname github.com", ("write:packages",)),
        ("`gh auth refresh -s write:packages -s read:packages`.", ("write:packages", "read:packages")),
        ("gh auth login --with-token < t; echo -s repo", ()),
        ("gh auth refresh --remove-scopes repo", ()),
        ("gh auth refresh -r repo", ()),
        ("gh auth status -s repo", ()),
        ("gh auth refresh -s", ()),
    ],
)
def test_commands(text: str, names: tuple[str, ...]) -> None:
    assert asked(text) == ([(Way.GH, names)] if names else [])


def test_other_ways() -> None:
    text = "https://github.com/login/oauth/authorize?client_id=1&scope=repo%20write:packages&state=x"
    assert asked(text) == [(Way.OAUTH, ("repo", "write:packages"))]
    text = 'curl -X POST https://github.com/login/device/code -d "client_id=1&scope=repo,write:packages"'
    assert asked(text) == [(Way.DEVICE, ("repo", "write:packages"))]
    text = 'fetch("https://github.com/login/device/code", {body: {"client_id": "1", "scope": "repo write:packages"}})'
    assert asked(text) == [(Way.DEVICE, ("repo", "write:packages"))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Create a PAT with scopes: repo, workflow, write:packages", ("repo", "workflow", "write:packages")),
        ("a token that has the `read:packages` and `write:packages` scopes", ("read:packages", "write:packages")),
        ("Scopes **repo** + **write:packages** are needed", ("repo", "write:packages")),
        ("Select scopes:\n- ✅ `repo` - all\n- ✅ `write:packages` - push\n", ("repo", "write:packages")),
        ("Tick these scopes:\n\n1. `repo`\n2. `write:packages`\n", ("repo", "write:packages")),
        ("Check the scopes:\n* [x] **repo**\n* [x] **write:packages**\n* [ ] `delete:packages` (optional)\n",
         ("repo", "write:packages")),
        ("you no longer need the `repo` and `write:packages` scopes", ()),
        ("Do not select the scopes `repo` and `write:packages`", ()),
        ("The scopes are explained elsewhere.\n\nrepo, write:packages", ()),
        ("It lists `repo` and `write:packages` somewhere", ()),
        ("a token with the scope `write:packages`", ()),
        ("the scopes repo and workflow", ()),
        ("The scope is enough; `write:packages` and `repo` are not needed and should not be granted", ()),
        ("If dangerous scopes like `repo`, `write:packages` are detected, it warns", ()),
        ("Check the token's scopes, and add what is missing (e.g., `repo`, `write:packages`)", ()),
        ("- `write:packages`\n- `repo`\n", ()),
        ("Scopes that exist: write:packages, write:nothing", ()),
    ],
)  # fmt: skip
def test_sentences(text: str, names: tuple[str, ...]) -> None:
    assert asked(text, is_prose=True) == ([(Way.WORDS, names)] if names else [])
    assert asked(text) == []


@pytest.mark.parametrize(
    ("before", "after", "is_for_images"),
    [
        ("Log in to GHCR: ", "", True),
        ("", "\necho $CR_PAT | docker login ghcr.io -u me --password-stdin", True),
        ("The Container registry takes a token. ", "", True),
        ("docker run ghcr.io/octocat/bot\n", "", False),
        ("The bot opens pull requests. ", "", False),
        ("GHCR" + " " * 1000, "", False),
        ("GHCR has the image of the bot. For its pull requests it takes ", "", False),
    ],
)
def test_what_the_text_around_says(before: str, after: str, is_for_images: bool) -> None:
    (request,) = requests(f"{before}{FORM}?scopes=repo{after}", SCOPES.known, True)
    assert request.for_images is is_for_images


@pytest.mark.parametrize(
    ("around", "for_more"),
    [
        ("make release calls goreleaser, which takes this token", True),
        ("It clones a private repository", True),
        ("- `repo` (Full control of private repositories)", False),
        ("docker push ghcr.io/octocat/widget", False),
    ],
)
def test_other_uses(around: str, for_more: bool) -> None:
    (request,) = requests(f"{FORM}?scopes=repo,write:packages\n{around}", SCOPES.known, False)
    assert request.for_more is for_more


def test_a_scope_for_packages_says_it_by_itself() -> None:
    (request,) = requests(f"{FORM}?scopes=repo,read:packages", SCOPES.known, True)
    assert request.for_images


def test_there_is_an_end_to_it() -> None:
    assert len(requests(f"{FORM}?scopes=repo " * 5000, SCOPES.known, True)) == MAX_REQUESTS


PARTS = st.lists(
    st.sampled_from(
        [FORM, "?scopes=", "&scope=", "repo", "write:packages", "packages:write", ",", "%2C", "+", "gh auth login",
         " -s ",
         "--scopes=", '"', "'", "`", "\\\n", "\n", "- ", "[x] ", "scopes ", "and ", "https://github.com/login/device/code",
         "https://github.com/login/oauth/authorize", "GHCR", "not ", "{", "$", "\ud800", "\0", "✅"],
    )
    | st.text(max_size=5),
    max_size=30,
).map("".join)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(PARTS)
def test_any_text(text: str) -> None:
    for request in requests(text, SCOPES.known, True):
        assert request.names
        assert request.span.start <= request.scopes[0].span.start < request.scopes[-1].span.end <= request.span.end


@pytest.mark.parametrize(
    "unit",
    [f"{FORM}?scopes=", "gh auth login -s ", "gh auth login \\\n", "`write:packages`, ", "- `write:packages`\n",
     "scope ",
     "https://github.com/login/device/code scope", "write:packages and ", "[`*"],
)  # fmt: skip
def test_time_grows_with_the_text(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    start = time.perf_counter()
    requests(text, SCOPES.known, True)
    assert time.perf_counter() - start < 10


# Scopes -----------------------------------------------------------------------------------------------------------


def names(scopes: Scopes, held: list[str], *jobs: str) -> list[str]:
    return [scope.name for scope in scopes.excess(held, jobs)]


def test_what_is_needed() -> None:
    assert SCOPES.needed_for(["pull"]) == ("read:packages",)
    assert SCOPES.needed_for(["push", "pull"]) == ("write:packages",)
    assert SCOPES.needed_for(["delete"]) == ("delete:packages", "read:packages")
    assert SCOPES.needed_for(["push", "delete"]) == ("write:packages", "delete:packages")


def test_what_is_too_much() -> None:
    assert names(SCOPES, ["write:packages", "gist", "repo", "workflow"], "push") == ["workflow", "repo", "gist"]
    assert names(SCOPES, ["write:packages", "read:packages", "unheard:of"], "push") == []
    assert names(SCOPES, ["write:packages"], "pull") == ["write:packages"]
    assert names(SCOPES, ["delete:packages", "write:packages"], "push") == ["delete:packages"]


def test_what_is_missing() -> None:
    assert SCOPES.missing(["repo"], ["push"]) == ("write:packages",)
    assert SCOPES.missing(["write:packages"], ["pull"]) == ()
    assert SCOPES.missing(["delete:packages"], ["delete"]) == ("read:packages",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("write:package", "write:packages"), ("packages:write", "write:packages"), ("write_packages", "write:packages"),
        ("packages:read", "read:packages"), ("package:delete", "delete:packages"), ("Write:Packages", "write:packages"),
        ("wirte:packages", "write:packages"), ("read-org", "read:org"), ("org:admin", "admin:org"), ("repos", "repo"),
        ("user:read", "read:user"), ("workflows", "workflow"), ("repo", None), ("moon:orbit", None),
        ("read:moon", None),
        ("x", None),
    ],
)  # fmt: skip
def test_what_was_meant(written: str, meant: str | None) -> None:
    assert (SCOPES.meant(written) or None) == meant


def test_the_list_agrees_with_itself() -> None:
    for name, scope in SCOPES.known.items():
        assert scope.includes <= SCOPES.known.keys()
        assert name not in scope.includes
        assert all(SCOPES.known[each].includes <= scope.includes for each in scope.includes)
        assert scope.may[-1] not in ".!"
    assert {name for job in SCOPES.needed.values() for name in job} | SCOPES.always_in_gh <= SCOPES.known.keys()
    assert len(SCOPES.known) == 52
