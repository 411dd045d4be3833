"""Which repository this is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imglint.config import REPOSITORY_PATTERN
from imglint.model.repository import Repository, from_remote_url, identify

WIDGET = Repository("github.com", "acme", "widget")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/widget",
        "https://github.com/acme/widget.git",
        "https://github.com/acme/widget.git/",
        "http://github.com/acme/widget/",
        "HTTPS://GitHub.com/acme/widget",
        "https://user:s3cret@github.com/acme/widget.git",
        "https://x-access-token:a@b@github.com/acme/widget",
        "https://github.com:443/acme/widget",
        "https://www.github.com/acme/widget",
        "git@github.com:acme/widget.git",
        "git@github.com:acme/widget",
        "git@github.com:/acme/widget.git",
        "github.com:acme/widget.git",
        "ssh://git@github.com/acme/widget.git",
        "ssh://git@github.com:22/acme/widget.git",
        "ssh://git@ssh.github.com:443/acme/widget.git",
        "git+ssh://git@github.com/acme/widget.git",
        "git://github.com/acme/widget.git",
    ],
)
def test_addresses_of_a_repository(url: str) -> None:
    assert from_remote_url(url) == WIDGET


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/widget.git",
        "../widget",
        "acme/widget",
        "file:///srv/acme/widget.git",
        "file://github.com/acme/widget",
        "C:\\acme\\widget",
        "C:/acme/widget",
        "https://github.com/acme",
        "https://github.com/acme/",
        "https://github.com//widget",
        "https://github.com/acme/.git",
        "https://github.com/acme/..",
        "https://github.com/../widget",
        "https://gitlab.com/acme/group/widget.git",
        "git@gitlab.com:acme/group/widget.git",
        "https://github.com/acme/widget?ref=main",
        "https://github.com/acme/widget#readme",
        "https://github.com/acme/widget\n",
        "https://github.com/ac me/widget",
        "ext::sh -c evil",
        "https://github.com/" + "a" * 3_000 + "/widget",
    ],
)
def test_what_names_no_repository(url: str) -> None:
    assert from_remote_url(url) is None


@pytest.mark.parametrize(
    "url", ["git@github-work:acme/widget.git", "git@github.com-work:acme/widget.git", "work:acme/widget"]
)
def test_hosts_of_a_persons_ssh_configuration_are_unknown(url: str) -> None:
    assert from_remote_url(url) is None


def test_a_short_host_in_a_web_address_is_that_host() -> None:
    assert from_remote_url("https://ghe/acme/widget") == Repository("ghe", "acme", "widget")


def test_owner_and_name_are_kept_as_written_and_compared_without_case() -> None:
    repository = from_remote_url("https://GitHub.com/Acme/Widget.js.git")
    assert repository == Repository("github.com", "Acme", "Widget.js")
    assert repository.url == "https://github.com/Acme/Widget.js"
    assert repository.same_as(Repository("github.com", "acme", "widget.JS"))
    assert not repository.same_as(Repository("ghe.example.com", "Acme", "Widget.js"))


@given(st.text())
def test_any_text_is_a_repository_or_not(url: str) -> None:
    repository = from_remote_url(url)
    assert repository is None or from_remote_url(repository.url) is not None


REMOTES = [("origin", "git@github.com:me/widget.git"), ("upstream", "https://github.com/acme/widget")]


def test_the_configuration_comes_first() -> None:
    actions = {"GITHUB_REPOSITORY": "other/thing"}
    identity = identify("acme/widget", actions, REMOTES, "the configuration (imglint.toml)")
    assert identity == ((WIDGET,), "the configuration (imglint.toml)")


def test_a_configured_name_is_on_the_server_of_the_run() -> None:
    server = {"GITHUB_SERVER_URL": "https://ghe.example.com"}
    identity = identify("acme/widget", server, ())
    assert identity and identity.candidates == (Repository("ghe.example.com", "acme", "widget"),)
    identity = identify("https://github.com/acme/widget/", server, ())
    assert identity and identity.candidates == (WIDGET,)


def test_then_the_environment_of_github_actions() -> None:
    identity = identify(None, {"GITHUB_REPOSITORY": "acme/widget"}, REMOTES)
    assert identity == ((WIDGET,), "GITHUB_REPOSITORY")
    environment = {"GITHUB_REPOSITORY": "acme/widget", "GITHUB_SERVER_URL": "https://ghe.example.com/"}
    identity = identify(None, environment, REMOTES)
    assert identity and identity.candidates[0].url == "https://ghe.example.com/acme/widget"


def test_then_the_git_remotes_each_of_which_it_may_be() -> None:
    identity = identify(None, {}, REMOTES)
    assert identity is not None
    assert [candidate.url for candidate in identity.candidates] == [
        "https://github.com/me/widget",
        "https://github.com/acme/widget",
    ]
    assert identity.origin == "the git remotes `origin` and `upstream`"
    assert identity.includes(Repository("github.com", "ACME", "Widget"))
    assert not identity.includes(Repository("github.com", "acme", "gadget"))


def test_remotes_that_say_the_same_or_nothing() -> None:
    remotes = [("origin", "https://github.com/acme/widget"), ("ssh", "git@github.com:Acme/widget.git")]
    identity = identify(None, {}, [*remotes, ("backup", "/srv/backup.git")])
    assert identity == ((WIDGET,), "the git remotes `origin` and `ssh`")
    assert identify(None, {}, remotes[:1]) == ((WIDGET,), "the git remote `origin`")


def test_nothing_known() -> None:
    assert identify(None, {}, ()) is None
    assert identify(None, {"GITHUB_REPOSITORY": "no slash"}, [("origin", "../elsewhere")]) is None


@given(st.from_regex(REPOSITORY_PATTERN))
def test_whatever_the_configuration_accepts_is_a_repository(configured: str) -> None:
    assert identify(configured, {}, ()) is not None
