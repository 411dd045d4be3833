"""The pages of what a run looks at, and the layers of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imglint.cli.run import Run
from imglint.engine import READING, RuleCrashError
from imglint.model.page import pages
from imglint.model.pagefacts import Fact
from imglint.model.repository import DEFAULT_HOST
from imglint.record import NamedTuple
from imglint.report.page.shared import Pages
from imglint.report.result import InputProblem
from imglint.workspace import Group

if TYPE_CHECKING:
    from imglint.model.image.image import Image
    from imglint.model.registry import RegistryProfile
    from imglint.report.layers.shared import Sheet


def page_of_image(image: Image, run: Run) -> Pages:
    """The page of an image that is there, with stars for secrets."""
    from imglint.cli.images import request, settings_here
    from imglint.model.image.masking import hider
    from imglint.model.image.publications import publications

    asked = request(run, settings_here(run), image)
    hosts = (DEFAULT_HOST, *asked.settings.github_hosts)
    shown, elsewhere = pages(publications(image), asked.profile, hosts, asked.find_identity())
    hide = hider(image)

    def told(fact: Fact) -> Fact:
        return fact._replace(value=hide(fact.value), reason=hide(fact.reason))

    without_secrets = tuple(
        page._replace(
            description=told(page.description),
            repository=told(page.repository),
            licenses=told(page.licenses),
            access=told(page.access),
        )
        for page in shown
    )
    return Pages(without_secrets, elsewhere, asked.profile.name)


class ProjectPages(NamedTuple):
    """The pages of one project, and the failures met on the way."""

    pages: Pages
    failures: tuple[InputProblem, ...]
    files: int


def project_pages(group: Group, run: Run) -> ProjectPages:
    """The pages of a project, of which nothing else is kept."""
    before = len(run.failures)
    pages = pages_of(group, run)
    for file in group.project.files:
        file.source.let_go()  # The pages keep the text.
    return ProjectPages(pages, tuple(run.failures[before:]), len(group.inputs))


def pages_of(group: Group, run: Run) -> Pages:
    """The pages of the packages that a project publishes."""
    first = group.inputs[0]
    profile = run.profile(first.settings)
    understanding = group.project.understand()
    for path, error in understanding.crashes:
        run.fail(path, str(RuleCrashError(READING, error)))
    hosts = (DEFAULT_HOST, *first.settings.github_hosts)
    identity = run.identity_finder(first)()
    shown, elsewhere = pages(understanding.publications, profile, hosts, identity, understanding.workflows)
    return Pages(shown, elsewhere, profile.name, understanding.unseen)


def sheet_of(image: Image, profile: RegistryProfile) -> Sheet:
    """The layers of an image beside what a registry takes."""
    from imglint.model.image.drawing import drawings
    from imglint.report.layers.shared import Sheet

    return Sheet(image.name, image.form.name, profile.name, profile.layer_bytes, tuple(drawings(image)))
