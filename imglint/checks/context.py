"""What a check is given beside its subject, and how it says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar, cast

from imglint.catalog import Rule
from imglint.config import Settings
from imglint.finding import Finding, Fix, Related, Severity
from imglint.model.about import NOTHING, About
from imglint.model.registry import RegistryProfile
from imglint.model.repository import DEFAULT_HOST, Identity, Repository
from imglint.source import Source, Span

if TYPE_CHECKING:
    from imglint.model.image.image import At, Image
    from imglint.model.scopes import Scopes
    from imglint.syntax.dockerfile import Dockerfile

T = TypeVar("T")


class Surroundings:
    """What is the same for all rules that judge one file or image; what costs time is found when first asked for.

    `image` is the image that is judged, and `dockerfile` what it was built from, when the user says so. `find_about`
    finds what the project around the file says of itself, `find_scopes` what is known of the scopes of tokens.
    Without `mends`, no fix is made that takes time.
    """

    __slots__ = (
        "_find_identity", "_identity", "_known", "_made", "dockerfile", "find_about", "find_scopes", "image", "mends",
        "profile", "settings",
    )  # fmt: skip

    def __init__(
        self,
        settings: Settings,
        profile: RegistryProfile,
        find_identity: Callable[[], Identity | None],
        image: Image | None = None,
        dockerfile: Dockerfile | None = None,
        find_scopes: Callable[[], Scopes] | None = None,
        find_about: Callable[[], About] = lambda: NOTHING,
        mends: bool = True,
    ) -> None:
        self.find_scopes = find_scopes
        self.find_about = find_about
        self.mends = mends
        self.image = image
        self.dockerfile = dockerfile
        self.settings = settings
        self.profile = profile
        self._made: dict[object, object] = {}
        self._find_identity = find_identity
        self._identity: Identity | None = None
        self._known = False

    @property
    def identity(self) -> Identity | None:
        """The repository that the file belongs to, or None when nothing says which."""
        if not self._known:
            self._identity = self._find_identity()
            self._known = True
        return self._identity

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What several rules ask of the same file, made for the first of them."""
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])


class Context:
    """The surroundings of one rule. `find_rule` reads the rule's page, which only a finding needs."""

    __slots__ = ("_find_rule", "name", "source", "surroundings")

    def __init__(self, name: str, find_rule: Callable[[str], Rule], source: Source, surroundings: Surroundings) -> None:
        self.name = name
        self._find_rule = find_rule
        self.source = source
        self.surroundings = surroundings

    @property
    def settings(self) -> Settings:
        """The configuration that holds for the file."""
        return self.surroundings.settings

    @property
    def profile(self) -> RegistryProfile:
        """The registry whose limits and page are judged."""
        return self.surroundings.profile

    @property
    def identity(self) -> Identity | None:
        """The repository that the file belongs to, or None when nothing says which."""
        return self.surroundings.identity

    @property
    def about(self) -> About:
        """What the project around the file says of itself, for values that a fix writes."""
        return self.surroundings.find_about()

    @property
    def image(self) -> Image | None:
        """The image that is judged; None when it is a file."""
        return self.surroundings.image

    @property
    def dockerfile(self) -> Dockerfile | None:
        """What the image was built from, when the user says so."""
        return self.surroundings.dockerfile

    @property
    def scopes(self) -> Scopes:
        """What is known of the scopes of tokens."""
        assert self.surroundings.find_scopes is not None, "texts are judged only by an engine that knows them"
        return self.surroundings.find_scopes()

    @property
    def linkable(self) -> Repository | None:
        """The repository that the file belongs to, when it is on a host to which the registry links packages.

        A mirror elsewhere, such as a remote on GitLab, does not tell what the repository is called on GitHub.
        """
        candidates = self.identity.candidates if self.identity else ()
        return next((candidate for candidate in candidates if candidate.host in self.linkable_hosts), None)

    @property
    def linkable_hosts(self) -> tuple[str, ...]:
        """The hosts to whose repositories the registry links packages."""
        return (DEFAULT_HOST, *self.settings.github_hosts)

    @property
    def required_labels(self) -> tuple[str, ...]:
        """The labels that the registry's page and the configuration ask for."""
        return (*self.profile.required_labels, *self.settings.required_labels)

    def finding(
        self,
        span: Span,
        message: str,
        *,
        label: str = "",
        help: str = "",
        related: Iterable[Related] = (),
        group: str = "",
        source: Source | None = None,
        severity: Severity | None = None,
        fix: Fix | Callable[[], Fix | None] | None = None,
    ) -> Finding:
        """A finding of this rule, with the severity that the configuration, else the call or the rule's page gives.

        The lines that a fix writes end as those of the file do. One that takes time is made when somebody wants it.
        """
        if callable(fix):
            fix = fix() if self.surroundings.mends else None
        rule = self._find_rule(self.name)
        override = self.settings.severity.get(self.name)
        severity = Severity.parse(override) if override else severity or rule.severity
        return Finding(
            rule.name, rule.family, severity, source or self.source, span, message, label, rule.why, help,
            tuple(related), group, fix=_with_line_ends(fix) if fix else None,
        )  # fmt: skip

    def at(
        self,
        at: At,
        message: str,
        *,
        key: bool = False,
        label: str = "",
        help: str = "",
        related: Iterable[tuple[At, str]] = (),
        group: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding about a value of an image's document, or about its name (`key`)."""
        located = at.document.locate(*at.pointer)
        return self.finding(
            located.key if key and located.key else located.value,
            message,
            label=label,
            help=help,
            related=[Related(other.document.source, other.span, words) for other, words in related],
            group=group,
            source=at.document.source,
            severity=severity,
        )


def _with_line_ends(fix: Fix) -> Fix:
    if not any("\n" in edit.text and edit.source.line_end != "\n" for edit in fix.edits):
        return fix
    edits = (edit._replace(text=edit.text.replace("\n", edit.source.line_end)) for edit in fix.edits)
    return fix._replace(edits=tuple(edits))
