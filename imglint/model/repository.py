"""Which repository this is: the `HOST/OWNER/NAME` that a label or a workflow should speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from imglint.record import NamedTuple

MAX_URL = 2_000
"""Characters of an address that are looked at; a longer one is not a repository's."""

DEFAULT_HOST = "github.com"

_NAME = r"(?P<owner>[A-Za-z0-9_.-]+)/(?P<name>[A-Za-z0-9_.-]+)"
_HOST = r"(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*)"
_PORT = r"(?::[0-9]{1,5})?"
_WEB = rf"(?i)https?://(?:[^/\s]*@)?{_HOST}{_PORT}/{_NAME}/?"
_OTHER = rf"(?i)(?:ssh|git\+ssh|ssh\+git|git)://(?:[^/\s]*@)?{_HOST}{_PORT}/{_NAME}/?"
_SCP = rf"(?:[^/\s:@]+@)?{_HOST}:/?{_NAME}/?"
_SHORT = _NAME

# A host as the public name system has it. `Host` entries of a person's ssh configuration (`github-work`,
# `github.com-work`) can stand in the same place, and only that person's machine knows what they mean.
_PUBLIC_HOST = r".+\.(?:[a-z]{2,}|xn--[a-z0-9-]+|[0-9]{1,3})"

# Other names under which github.com serves the same repositories:
# https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port
_SAME_HOST = {"ssh.github.com": "github.com", "www.github.com": "github.com"}


class Repository(NamedTuple):
    """A repository on a host such as GitHub. `host` is lower-case, `owner` and `name` as somebody wrote them."""

    host: str
    owner: str
    name: str

    @property
    def url(self) -> str:
        """The address of its page."""
        return f"https://{self.host}/{self.owner}/{self.name}"

    def same_as(self, other: Repository) -> bool:
        """Whether both are one repository: GitHub ignores the case of owner and name."""
        return self.key == other.key

    @property
    def key(self) -> str:
        """Equal for two spellings of one repository, for use in sets and tables."""
        return f"{self.host}/{self.owner}/{self.name}".lower()


class Identity(NamedTuple):
    """The repository this is, or, where several remotes leave it open, each one it may be: the likeliest first.

    `origin` says in words where that is known from: "GITHUB_REPOSITORY", "the git remote `origin`".
    """

    candidates: tuple[Repository, ...]
    origin: str

    def includes(self, repository: Repository) -> bool:
        """Whether the repository is one of the candidates."""
        return any(repository.same_as(candidate) for candidate in self.candidates)


def from_remote_url(url: str) -> Repository | None:
    """The repository at a git remote's address; `None` for what names no `OWNER/NAME` on a known host.

    Understood are https, http, ssh and git addresses and ssh's short form `git@host:owner/name.git`.
    Credentials and port are dropped. Local paths, deeper paths (GitLab's subgroups) and hosts that only a
    person's ssh configuration can explain give `None`.
    """
    if len(url) > MAX_URL:
        return None
    if match := re.fullmatch(_WEB, url):
        return _repository(match["host"], match["owner"], match["name"])
    match = re.fullmatch(_OTHER, url) or re.fullmatch(_SCP, url)
    if match and re.fullmatch(_PUBLIC_HOST, match["host"].lower()):
        return _repository(match["host"], match["owner"], match["name"])
    return None


def identify(
    configured: str | None,
    environment: Mapping[str, str],
    remotes: Iterable[tuple[str, str]],
    configured_by: str = "the configuration",
) -> Identity | None:
    """Which repository this is; `None` when nothing says so.

    `configured` (`owner/name` or an address) wins over the environment of GitHub Actions, and that over the
    git remotes, which are pairs of name and address, the most telling first. `configured_by` says in words
    where `configured` stands.
    """
    server = environment.get("GITHUB_SERVER_URL") or f"https://{DEFAULT_HOST}"
    if configured:
        return _identity(_on_server(configured, server) or from_remote_url(configured), configured_by)
    if repository := _on_server(environment.get("GITHUB_REPOSITORY", ""), server):
        return _identity(repository, "GITHUB_REPOSITORY")
    known: dict[str, Repository] = {}
    names: list[str] = []
    for name, url in remotes:
        if candidate := from_remote_url(url):
            known.setdefault(candidate.key, candidate)
            names.append(f"`{name}`")
    if not known:
        return None
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return Identity(tuple(known.values()), f"the git remote{'s' if len(names) > 1 else ''} {listed}")


def _on_server(slug: str, server: str) -> Repository | None:
    """The repository `owner/name` on a server's address, `None` when the slug is not one."""
    slug = slug.removesuffix("/")
    return from_remote_url(f"{server.rstrip('/')}/{slug}") if re.fullmatch(_SHORT, slug) else None


def _identity(repository: Repository | None, origin: str) -> Identity | None:
    return Identity((repository,), origin) if repository else None


def _repository(host: str, owner: str, name: str) -> Repository | None:
    host = host.lower()
    name = name.removesuffix(".git")
    if not name or {owner, name} & {".", ".."}:
        return None
    return Repository(_SAME_HOST.get(host, host), owner, name)
