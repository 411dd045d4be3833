"""What GoReleaser pushes: the names of images in its configuration. Of how it builds them nothing is judged.

https://goreleaser.com/customization/docker/, https://goreleaser.com/customization/docker_manifest/,
https://goreleaser.com/customization/dockers_v2/, https://goreleaser.com/customization/ko/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from imglint.model.build import Mounts, ReleaseCall, Upload
from imglint.model.commands.flags import Grammar, Word, grammar, parse
from imglint.model.resolve import mounted
from imglint.model.workflow.structure import Fields
from imglint.source import Source
from imglint.syntax import yaml, yamlnode
from imglint.syntax.text import HOLE, Place, Text, joined, unknown

_FILES: Final = tuple(
    f"{stem}.{ending}" for stem in (".config/goreleaser", ".goreleaser", "goreleaser") for ending in ("yml", "yaml")
)
_KINDS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("dockers", "docker", "image_templates", "skip_push"),
    ("docker_manifests", "docker", "name_template", "skip_push"),
    ("dockers_v2", "docker", "images", "disable"),
    ("kos", "ko", "repositories", "disable"),
)
"""The lists of the configuration: what `--skip` calls them, the key of the names, and what switches one off."""
_TEMPLATE: Final = r"\{\{-?\s*(.*?)\s*-?\}\}"
_VARIABLE: Final = r"\.Env\.(\w+)"
_OF_GITHUB: Final = {"GITHUB_REPOSITORY_OWNER": "github.repository_owner", "GITHUB_REPOSITORY": "github.repository"}

Find = Callable[[str], Source | None]


def _grammar() -> Grammar:
    return grammar(
        "config id key parallelism release-footer release-footer-tmpl release-header release-header-tmpl "
        "release-notes release-notes-tmpl skip timeout",
        "auto-snapshot clean draft fail-fast help nightly prepare rm-dist single-target skip-announce skip-before "
        "skip-docker skip-ko skip-publish skip-sbom skip-sign skip-validate snapshot split verbose version",
        "f=config k=key p=parallelism h=help v=version",
    )


def release(
    words: Sequence[Word], place: Place, directories: tuple[str, ...], mounts: Mounts
) -> tuple[ReleaseCall, ...]:
    """The release that the words after `goreleaser` ask for; without a command, they are those of a release."""
    if words and words[0].text.text == "release":
        words = words[1:]
    parsed = parse(words, _grammar())
    skipped = {name.text.strip() for value in parsed.values("skip") for name in value.split(",")}
    skipped |= {name for name in ("publish", "docker", "ko") if parsed.switch(f"skip-{name}") is not False}
    stays = any(parsed.switch(each) is not False for each in ("snapshot", "prepare", "split", "help", "version"))
    if parsed.words or parsed.open or stays or "publish" in skipped or any(HOLE in name for name in skipped):
        return ()
    return (ReleaseCall(place, directories, parsed.last("config"), frozenset(skipped), mounts=mounts),)


def read_call(call: ReleaseCall, find: Find) -> Iterator[Upload]:
    """The images that a release pushes; none when its configuration is not here."""
    source = _configuration(call, find)
    if source is None:
        return
    variables = dict(call.variables)
    document = source.read_once("yaml", yaml.parse)
    for list_key, kind, key, switch in _KINDS:
        for item in document.items(document.get(document.root, list_key)) if kind not in call.skipped else ():
            off = Fields(document, item).text(switch)
            if off is None or off.text in ("false", "auto"):
                node = document.get(item, key)
                for name in document.items(node) or (node,):
                    if isinstance(name, yamlnode.Scalar):
                        yield Upload(_filled(document.text(name), variables), call.place)


def _configuration(call: ReleaseCall, find: Find) -> Source | None:
    names = _FILES if call.file is None else (call.file.value,)
    paths = (mounted(call.mounts, directory, name) for directory in call.directories for name in names if name)
    return next((source for path in paths if path is not None and (source := find(path)) is not None), None)


def _filled(text: Text, variables: Mapping[str, Text]) -> Text:
    """A template with the variables that are known in their places."""
    parts, at = [text.cut(0, 0)], 0
    for match in re.finditer(_TEMPLATE, text.text):
        place = text.cut(*match.span()).place
        name = re.fullmatch(_VARIABLE, match[1])
        value = variables.get(name[1]) if name else None
        reason = _OF_GITHUB.get(name[1], match[1]) if name else match[1]
        parts += [text.cut(at, match.start()), value.moved(place) if value else unknown(reason, *place)]
        at = match.end()
    return joined((*parts, text.cut(at)))
