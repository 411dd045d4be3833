"""How builds are mended, in the language of the file that a build is written in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from imglint.checks.builds import wording
from imglint.checks.builds.around import action_version, metadata_step, steps_around
from imglint.finding import Edit, Fix
from imglint.model.build import Build, Route
from imglint.model.kind import Kind, kind_of
from imglint.model.workflow.actions import BUILD_PUSH
from imglint.model.workflow.metadata_action import LEVELS_VARIABLE
from imglint.source import Source, Span
from imglint.syntax.text import Place, Text

if TYPE_CHECKING:
    from imglint.model.workflow.structure import Fields, Step
    from imglint.syntax.yamledit import Change

_IN_YAML: Final = frozenset((Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE))
_LEVELS: Final = {LEVELS_VARIABLE: "manifest,index"}


def rewrite(source: Source, span: Span, text: str, title: str = "", safe: bool = False) -> Fix | None:
    """Other text in a place of any file; of a YAML file only where that changes one value and nothing else."""
    edit: Edit | None = Edit(source, span, text)
    if kind_of(f"/{source.path}") in _IN_YAML:
        from imglint.syntax import yaml, yamledit

        edit = _edit(source, yamledit.replace(source.read_once("yaml", yaml.parse), span, text))
    return Fix(title or f"write `{text}`", (edit,), safe) if edit else None


def replace_text(text: Text, new: str, safe: bool = False) -> Fix | None:
    """Other words for a text that stands in its file as it is read."""
    source, span = text.place
    exact = all(piece.exact and not piece.unknown for piece in text.pieces) and source.slice(span) == text.text
    return rewrite(source, span, new, safe=safe) if exact and text.text else None


def lower(whole: Text, part: Text) -> Fix | None:
    """A name in lower case wherever it stands in its file, if what is wrong in it stands there as it is read."""
    source, span = part.place
    if source.slice(span) != part.text or not part.text or any(piece.unknown for piece in part.pieces):
        return None
    name = re.escape(part.text if part.text in whole.text else whole.text)
    places = [match.span() for match in re.finditer(rf"(?<![\w.$-]){name}(?![\w-])", source.text)]
    fixes = [rewrite(source, Span(*place), source.text[place[0] : place[1]].lower()) for place in places]
    if (span.start, span.end) not in places or len(places) > _MAX_PLACES:
        return None
    edits = tuple(edit for fix in fixes if fix for edit in fix.edits)
    return Fix(f"write `{part.text.lower()}`", edits) if len(edits) == len(places) else None


_MAX_PLACES: Final = 50


def describe_index(build: Build, key: str, value: str, by_action: bool | None, safe: bool) -> Fix | None:
    """The annotation that an index lacks; `by_action` as in `wording.add_to_build`, `value` is empty when unknown."""
    value = " ".join(value.split())
    if build.route is Route.ACTION:
        return _describe_by_action(build, key, value, by_action, safe)
    if not value or not value.isprintable():
        return None
    if build.route is Route.COMMAND:
        return _describe_by_command(build, key, value, safe)
    if build.place.source.path.endswith(".hcl") and not build.annotations:
        entry = re.sub(r'[\\"]', r"\\\g<0>", f"index:{key}={value}").replace("${", "$${").replace("%{", "%%{")
        return _add_attribute(build.place, "annotations", f'["{entry}"]', safe)
    return None


def _describe_by_command(build: Build, key: str, value: str, safe: bool) -> Fix | None:
    """A flag right behind the words that call the build, where no quotes are around them."""
    source, span = build.place
    before = source.text[: span.end].rpartition("\n")[2]
    if not re.search(r"\bbuild\Z", before) or re.search(r"[\"'`#]", before) or not build.tool.startswith("docker"):
        return None
    flag = wording.flag(source, key, value)
    return rewrite(source, Span(span.end, span.end), f" {flag}", f"add `{flag}`", safe)


def _describe_by_action(build: Build, key: str, value: str, by_action: bool | None, safe: bool) -> Fix | None:
    version = action_version(build.version)
    old = build.tool == BUILD_PUSH and version is not None and version != (5,) and (*version, 0) < (5, 1)
    meta, own = metadata_step(build.place), _step(build.place)
    if own is None or build.tool != BUILD_PUSH or old:
        return None
    if by_action and meta is not None:
        return _fix(f"set {LEVELS_VARIABLE}", [_entry(meta.fields, "env", _LEVELS, "uses")], safe=True)
    document, given = own.fields.document, own.inputs.node
    line = f"index:{key}={value}"
    if build.annotations or document.key(given, "annotations"):
        from imglint.syntax import yamledit

        if not value or any(each.pair.key.text == key for each in build.annotations):
            return None
        change = yamledit.append(document, document.get(given, "annotations"), line)
        return _fix(f"add `{line}`", [_edit(document.source, change)], safe)
    if meta is not None:
        name = meta.id or "meta"
        edits = [_entry(own.fields, "with", {"annotations": f"${{{{ steps.{name}.outputs.annotations }}}}"})]
        if LEVELS_VARIABLE not in document.source.text:
            edits.append(_entry(meta.fields, "env", _LEVELS, "uses"))
        return _fix("pass the annotations of docker/metadata-action", edits, False) if meta.id else None
    return _fix(f"add `{line}`", [_entry(own.fields, "with", {"annotations": f"{line}\n"})], safe) if value else None


def pass_outputs(made: Step, build: Build, outputs: Iterable[str], safe: bool) -> Fix | None:
    """Give outputs of docker/metadata-action to a build, as inputs of the same names that it does not have yet."""
    own = _step(build.place)
    if own is None or build.route is not Route.ACTION or not made.id:
        return None
    names = [name for name in outputs if own.fields.document.key(own.inputs.node, name) is None]
    edits = [_entry(own.fields, "with", {name: f"${{{{ steps.{made.id}.outputs.{name} }}}}"}) for name in names[:1]]
    return _fix(f"pass `{names[0]}` to the build", edits, safe) if names else None


def _step(place: Place) -> Step | None:
    steps, number = steps_around(place)
    return steps[number] if number >= 0 else None


def _entry(step: Fields, key: str, value: dict[str, str], after: str = "") -> Edit | None:
    """A key with values in a step: a new one, or, where it is there, its next value."""
    from imglint.syntax import yamledit

    document = step.document
    there = document.get(step.node, key)
    if there is None:
        return _edit(document.source, yamledit.add(document, step.node, key, value, after))
    ((name, text),) = value.items()
    return _edit(document.source, yamledit.add(document, there, name, text))


def _fix(title: str, edits: Iterable[Edit | None], safe: bool) -> Fix | None:
    made = tuple(edits)
    whole = tuple(edit for edit in made if edit is not None)
    return Fix(title, whole, safe) if whole and len(whole) == len(made) else None


def _edit(source: Source, change: Change | None) -> Edit | None:
    return Edit(source, *change) if change else None


def _add_attribute(place: Place, name: str, value: str, safe: bool) -> Fix | None:
    """One more attribute at the end of the block of a bake file that has a label at the place."""
    from imglint.syntax import hcl

    source = place.source
    blocks = [
        block
        for block in hcl.parse(source).body.blocks
        if any(label.place.span.start <= place.span.start < label.place.span.end for label in block.labels)
    ]
    attributes = blocks[0].body.attributes if blocks else ()
    if not attributes or blocks[0].body.get(name):
        return None
    last = attributes[-1]
    line = source.text.rfind("\n", 0, last.span.start) + 1
    indent = source.text[line : last.span.start]
    end = source.text.find("\n", last.span.end)
    if indent.strip() or end < 0 or source.text[last.span.end : end].strip():
        return None
    text = source.text
    signs = {text.find("=", each.name_span.end) - text.rfind("\n", 0, each.span.start) for each in attributes}
    column = signs.pop() - len(indent) - 1 if len(signs) == 1 and len(attributes) > 1 else 0
    edit = Edit(source, Span(end, end), f"\n{indent}{name.ljust(column - 1)} = {value}")
    text = text[:end] + edit.text + text[end:]
    return None if hcl.parse(Source(source.path, text)).problems else Fix(f"add `{name}`", (edit,), safe)
