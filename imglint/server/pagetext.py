"""The cards of `imglint page` for what is built from one text."""

from __future__ import annotations

from imglint.model.page import pages
from imglint.model.repository import DEFAULT_HOST
from imglint.report.page.shared import Pages
from imglint.report.page.text import render
from imglint.report.result import Style
from imglint.server.session import View
from imglint.syntax.secrets import without_tokens


def page_text(view: View) -> str:
    """The cards of what the Dockerfile is published as; for another text, of everything in the project."""
    profile = view.request.profile
    publications = view.understanding.publications
    if view.evaluation is not None:
        publications = tuple(each for each in publications if each.source is view.source)
    hosts = (DEFAULT_HOST, *view.request.settings.github_hosts)
    workflows = view.understanding.workflows
    shown, elsewhere = pages(publications, profile, hosts, view.request.find_identity(), workflows)
    text = without_tokens("".join(render(Pages(shown, elsewhere, profile.name), Style())))
    return text or "Nothing here is published: no build that pushes was found.\n"
