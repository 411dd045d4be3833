"""What is said about the place under the pointer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from imglint.catalog import Catalog, Rule
from imglint.model.metadata import Setting
from imglint.model.suppression import Suppression, comments_in, suppressions
from imglint.record import NamedTuple
from imglint.server.images import Named, named
from imglint.server.labels import Written, written_at
from imglint.server.markdown import code, where
from imglint.server.meanings import MEANINGS
from imglint.server.session import View
from imglint.source import Span
from imglint.syntax.oci import PREFIX
from imglint.syntax.partialreference import PartialReference
from imglint.syntax.spdx.names import license_names
from imglint.syntax.spdx.table import spdx_list
from imglint.syntax.text import Text

_WORD = r"[A-Za-z0-9.+-]+"
_EXAMPLES = "\n## Examples"
_RULE = "\n\n---\n\n"


class Hover(NamedTuple):
    """Markdown about a range of the text."""

    text: str
    span: Span


def hover(view: View, offset: int, catalog: Catalog) -> Hover | None:
    """Everything that there is to say about a place, the most particular first; None when that is nothing."""
    parts = [
        *_licenses(view, offset),
        *_labels(view, offset),
        *_images(view, offset),
        *_rules(view, offset, catalog),
    ]
    if not parts:
        return None
    return Hover(_RULE.join(dict.fromkeys(part.text for part in parts)), parts[0].span)


def suppressions_in(view: View) -> tuple[Suppression, ...]:
    """The comments that silence rules in a text."""
    return suppressions(view.evaluation.dockerfile) if view.evaluation else comments_in(view.source)


# Rules -------------------------------------------------------------------------------------------------------------


def _rules(view: View, offset: int, catalog: Catalog) -> Iterator[Hover]:
    """The page of the rule that a comment names or that finds something here; of several, each in short."""
    found: dict[str, Span] = {}
    for comment in suppressions_in(view):
        for name in comment.names:
            if name.span.start <= offset <= name.span.end:
                rules = [name.text] if name.text in catalog.families else sorted(catalog.aliased(name.text))
                found.update(dict.fromkeys(rules, name.span))
    for finding in view.findings:
        if finding.span.start <= offset <= finding.span.end:
            found.setdefault(finding.rule, finding.span)
    shown = page if len(found) == 1 else short
    yield from (Hover(shown(catalog.rule(rule)), span) for rule, span in found.items())


def page(rule: Rule) -> str:
    """The page of a rule without its examples, which are a link away."""
    text, examples, _ = rule.page.partition(_EXAMPLES)
    more = f"\n\n[The whole page, with examples]({rule.url})" if examples else f"\n\n[The page on the web]({rule.url})"
    return text.strip() + more


def short(rule: Rule) -> str:
    """A rule in two lines, and a link to its page."""
    return f"**{rule.name}**: {rule.summary}  \nWhy: {rule.why}  \n[The page]({rule.url})"


# Labels and licences -----------------------------------------------------------------------------------------------


def _labels(view: View, offset: int) -> Iterator[Hover]:
    found = written_at(view, offset)
    if not found:
        return
    setting = found[0].setting
    heading = f"**{code(setting.key)}**"
    meaning = MEANINGS.get(setting.key.removeprefix(PREFIX)) if setting.key.startswith(PREFIX) else None
    lines = [heading + (f": {meaning}" if meaning else ""), ""]
    for each in found:
        lines += _outcome(view, each)
    yield Hover("\n".join(lines), setting.span)


def _outcome(view: View, each: Written) -> Iterator[str]:
    """What one image has in the end, and the way there."""
    if each.label is None:
        yield "- lost: the published image is not built upon this stage"
        return
    winner = each.label.setting
    yield f"- {each.kind} {_value(winner)}, set {_by(view, winner)}"
    for older in reversed(each.label.overridden):
        yield f"  - over {_value(older)}, {_by(view, older)}"


def _value(setting: Setting) -> str:
    if setting.value is None:
        return "unknown until it is built" + (f" ({setting.reason})" if setting.reason else "")
    if not setting.value:
        return "without a value"
    defaults = ", ".join(code(name) for name in sorted(setting.arguments))
    return code(setting.value) + (f" (with the default of {defaults})" if defaults else "")


def _by(view: View, setting: Setting) -> str:
    place = where(setting.source, setting.key_span, view.source)
    return f"in {place}" if setting.by == "LABEL" else f"by {setting.by} in {place}"


def _licenses(view: View, offset: int) -> Iterator[Hover]:
    for each in written_at(view, offset):
        setting = each.setting
        if setting.key != f"{PREFIX}licenses" or offset < setting.value_span.start:
            continue
        for word in re.compile(_WORD).finditer(view.source.text, *setting.value_span):
            identifier = spdx_list().licenses.get(word[0].removesuffix("+").lower())
            if word.start() <= offset <= word.end() and identifier:
                yield Hover(_license(identifier), Span(*word.span()))
                return


def _license(identifier: str) -> str:
    name = license_names().get(identifier, "a licence of the SPDX list")
    old = spdx_list().replacements.get(identifier.lower())
    note = "" if old is None else f"  \ndeprecated{f'; today {code(old)}' if old else ''}"
    return f"**{code(identifier)}**: {name}{note}  \n[spdx.org](https://spdx.org/licenses/{identifier}.html)"


# Images ------------------------------------------------------------------------------------------------------------


def _images(view: View, offset: int) -> Iterator[Hover]:
    for each in named(view):
        if each.span.start <= offset <= each.span.end:
            yield Hover(_image(view, each), each.span)
            return


def _image(view: View, each: Named) -> str:
    if each.stage is not None:
        place = where(view.source, each.stage.instruction.span, view.source)
        return f"the stage {code(each.stage.name or str(each.stage.number))} of this file, {place}"
    assert each.reference is not None  # Only a stage goes without.
    return "\n".join(["| part of the image's name | |", "|---|---|", *_rows(each.reference)])


def _rows(reference: PartialReference) -> Iterable[str]:
    yield f"| registry | {_part(reference.domain)} |"
    yield f"| repository | {_part(reference.path)} |"
    if reference.tag is None or reference.tag.text:
        yield f"| tag | {_part(reference.tag)} |"
    if reference.digest is None or reference.digest.text:
        yield f"| digest | {_part(reference.digest)} |"
    elif reference.tag is not None and not reference.tag.text:
        yield f"| tag | {code('latest')}, since none is written |"


def _part(text: Text | None) -> str:
    if text is None:
        return "depends on what is not known"
    return code(text.shown).replace("|", "\\|")
