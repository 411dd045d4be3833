"""Which files say something about images, told by their names."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a file is read as."""

    DOCKERFILE = "Dockerfile"
    WORKFLOW = "workflow"
    ACTION = "action"
    BAKE = "bake file"
    COMPOSE = "compose file"
    SCRIPT = "script"
    MAKEFILE = "Makefile"
    DOCUMENT = "document"
    TEXT = "text"
    """What is only searched for tokens."""


# `docker build` looks for `Dockerfile` and then `dockerfile`; `NAME.Dockerfile` and `Dockerfile.NAME` are the
# customs for several in one directory. `dockerfile.py` and the like are programs, so a lower-case name takes no
# ending.
_DOCKERFILE: Final = (
    r"(?s)[Dd]ockerfile|[Cc]ontainerfile|(?:Dockerfile|Containerfile)\..+|.*\.(?:[Dd]ockerfile|[Cc]ontainerfile)"
)
_COMPANIONS: Final = "dockerignore containerignore md markdown rst adoc txt html json yaml yml toml xml lock log"
_TEMPLATES: Final = "j2 jinja jinja2 template tmpl tpl gotmpl erb ejs hbs mustache liquid in m4"
_LEFTOVERS: Final = "bak orig rej swp swo swn tmp diff patch asc sig sha256"

# https://docs.docker.com/build/bake/reference/#file-lookup and
# https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file
_BAKE: Final = r"docker-bake(?:[.-].+)?\.(?:hcl|json)|(?:.*[.-])?bake\.hcl"
_COMPOSE: Final = r"(?:docker-)?compose(?:[.-].+)?\.ya?ml"
_MAKEFILE: Final = r"(?:GNU)?[Mm]akefile(?:\..+)?|.+\.mk"
_SCRIPT: Final = r".+\.(?:sh|bash)"
_DOCUMENT: Final = r"(?i)readme(?:\.(?:md|markdown|rst|adoc|txt))?"
_TEXT: Final = r"(?i).+\.(?:md|markdown|rst|adoc)|\.env(?:\..+)?|.+\.env|\.?justfile|\.dockercfg|\.dockerconfigjson"
_IN_DOCUMENTATION: Final = r"(?i)(?:.*/)?(?:docs?|documentation|wiki)(?:/.*)?"
_DOCKER_CONFIGURATION: Final = ".docker/config.json"
_WORKFLOWS: Final = ".github/workflows/"


def is_dockerfile(name: str) -> bool:
    """Whether a file of that name (without directories) is taken for a Dockerfile when a directory is searched."""
    if not re.fullmatch(_DOCKERFILE, name) or _is_scratch(name):
        return False
    others = f" {_COMPANIONS} {_TEMPLATES} {_LEFTOVERS} "
    return f" {name.rpartition('.')[2].lower()} " not in others


def kind_of(path: str) -> Kind | None:
    """What a file is read as, by its path with forward slashes; None for a file that is not read."""
    folder, _, name = path.rpartition("/")
    if is_dockerfile(name):
        return Kind.DOCKERFILE
    ending = name.rpartition(".")[2].lower()
    if ending in ("yml", "yaml"):
        if f"{folder}/".endswith(_WORKFLOWS):
            return Kind.WORKFLOW
        if name in ("action.yml", "action.yaml"):
            return Kind.ACTION
        return Kind.COMPOSE if re.fullmatch(_COMPOSE, name) else None
    if ending in ("hcl", "json"):
        if f"/{path}".endswith(f"/{_DOCKER_CONFIGURATION}"):
            return Kind.TEXT
        return Kind.BAKE if re.fullmatch(_BAKE, name) else None
    if _is_scratch(name):
        return None
    if re.fullmatch(_SCRIPT, name) or (folder.endswith("hooks") and name in ("build", "push", "post_push")):
        return Kind.SCRIPT
    if re.fullmatch(_MAKEFILE, name) and ending not in _COMPANIONS.split() + _TEMPLATES.split() + _LEFTOVERS.split():
        return Kind.MAKEFILE
    if re.fullmatch(_DOCUMENT, name):
        return Kind.DOCUMENT
    is_text = re.fullmatch(_TEXT, name) or (ending == "txt" and re.fullmatch(_IN_DOCUMENTATION, folder))
    return Kind.TEXT if is_text else None


def _is_scratch(name: str) -> bool:
    """Whether an editor left the file behind."""
    return name.endswith("~") or name.startswith(("#", ".#", "._"))
