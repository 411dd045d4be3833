"""Calls of make: which recipes they run and with which variables. Make itself says what is right."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.model.build import Build, MakeCall
from imglint.model.files import command_scene
from imglint.model.make import Calls
from imglint.source import Source

MAKEFILE = """\
REGISTRY ?= docker.io
IMAGE := $(REGISTRY)/acme/w
VERSION ?= main
PLATFORMS = linux/amd64
LOWER = $(shell echo $(OWNER) | tr A-Z a-z)
ARCHES ?= amd64 arm64

.PHONY: all
all: build

build: prepare
\tdocker build -t $(IMAGE):$(VERSION) -t $(LOWER):$(strip  a  ) --platform $(PLATFORMS) .
\tdocker build -t env:$${VERSION:-none} .

prepare:
\tdocker build -t prepare:$@ .

push: build
\tdocker push $(IMAGE):$(VERSION)

each: $(addprefix one-,$(ARCHES)) $(addsuffix -two,b)
\tdocker build -t each:$(firstword $(ARCHES))-$(lastword $(ARCHES))-$(subst /,_,$(IMAGE)) .

one-%:
\tdocker build -t one:$* -t $@ .

%-two:
\tdocker build -t two:$* .

special: VERSION = own
special:
\tdocker build -t special:$(VERSION) .
"""


def calls(command: str, before: str = "", path: str = "ci.sh") -> list[MakeCall]:
    events = command_scene("", Source(path, f"{before}\n{command}\n")).events
    return [event for event in events if isinstance(event, MakeCall)]


def tags(command: str, makefile: str = MAKEFILE, before: str = "", where: str = "Makefile") -> list[str]:
    """The tags of the builds that a call makes."""
    (call,) = calls(command, before)
    events = Calls({where: Source(where, makefile)}.get).read(call)
    return [tag.shown for event in events if isinstance(event, Build) for tag in event.tags]


def tags_by_make(command: str, directory: Path, before: str) -> list[str]:
    """The tags that make calls a `docker` with, which says what it is told."""
    (directory / "Makefile").write_text(MAKEFILE)
    (directory / "docker").write_text('#!/bin/sh\necho "docker: $*"\n')
    (directory / "docker").chmod(0o755)
    # The make that may run this test has nothing to say to the one in it.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    clean["PATH"] = f"{directory}:{clean['PATH']}"
    script = f"{before}\n{re.sub('-j ?[0-9]', '-j1', command)}"
    run = subprocess.run(["bash", "-c", script], cwd=directory, env=clean, capture_output=True, text=True, check=True)
    told = "\n".join(re.findall("^docker: (.*)", run.stdout, re.MULTILINE))
    return re.findall(r"-t (\S+)", told)


@pytest.mark.peer
@pytest.mark.skipif(not (shutil.which("make") and shutil.which("bash")), reason="make or bash is not installed")
@pytest.mark.parametrize("before", ["export OWNER=Acme", "export OWNER=X VERSION=v2 REGISTRY=ghcr.io ARCHES=riscv64"])
@pytest.mark.parametrize(
    "command",
    ["make", "make build", "make push VERSION=1", "make prepare", "make each", "make one-x",
     "make -j4 each ARCHES='a b'",
     "make special", "make -s VERSION=v3 build special", "make PLATFORMS=linux/arm64 build", "make a-two",
     "REGISTRY=quay.io make build", "make -k -j 2 prepare each"],
)  # fmt: skip
def test_as_make_has_it(command: str, before: str, tmp_path: Path) -> None:
    ours = tags(command, before=before)
    assert ours == tags_by_make(command, tmp_path, before)
    assert ours and "…" not in "".join(ours)


@pytest.mark.parametrize(
    "command",
    ["make -n build", "make $TARGET", "make --version", "make -q build", "make --unheard-of build", "make -h"],
)
def test_what_runs_nothing_that_is_known(command: str) -> None:
    assert calls(command) == []


def test_what_only_the_shell_knows_is_not_for_make() -> None:
    assert tags("make build", before="VERSION=v2\nOWNER=x")[1] == "docker.io/acme/w:main"
    assert tags("make build", before="VERSION=v2\nexport VERSION\nOWNER=x")[1] == "docker.io/acme/w:v2"
    assert tags("make build", before="export VERSION=$SECRET")[1] == "docker.io/acme/w:…"


def test_where_the_makefile_is() -> None:
    simple = "a:\n\tdocker build -t a .\n"
    assert tags("make -C sub", simple, where="sub/Makefile") == ["a"]
    assert tags("cd sub && make", simple, where="sub/GNUmakefile") == ["a"]
    assert tags("make -f ci.mk a", simple, where="ci.mk") == ["a"]
    assert tags("make --directory=sub -f ci.mk", simple, where="sub/ci.mk") == ["a"]
    assert tags("make -C sub", simple) == []
    (call,) = calls("make -C sub")
    (build,) = Calls({"sub/Makefile": Source("sub/Makefile", simple)}.get).read(call)
    assert isinstance(build, Build) and build.directories == ("sub",) and build.calls == (call.place,)


def test_one_shell_for_a_recipe() -> None:
    text = ".ONESHELL:\na:\n\tTAG=x\n\tdocker build -t w:$$TAG .\n"
    assert tags("make a", text) == ["w:x"]


def test_the_default_goal() -> None:
    text = ".DEFAULT_GOAL := b\na:\n\tdocker build -t a .\nb:\n\tdocker build -t b .\n"
    assert tags("make", text) == ["b"]
    assert tags("make", "%.o:\n\tdocker build -t o .\n.PHONY: a\na:\n\tdocker build -t a .\n") == ["a"]


def test_make_calls_itself() -> None:
    (call,) = calls("make release")
    source = Source("Makefile", "release:\n\t$(MAKE) -C sub image VERSION=$(V)\nV = 1\n# docker build\n")
    (inner,) = Calls({"Makefile": source}.get).read(call)
    assert isinstance(inner, MakeCall)
    assert (inner.directories, inner.goals[0].text, inner.given[0][1].text) == (("sub",), "image", "1")


def test_rules_that_need_one_another_end() -> None:
    assert tags("make a", "a: b\n\tdocker build -t a .\nb: a\n\tdocker build -t b .\n") == ["b", "a"]
    deep = "".join(f"t{number}: t{number + 1}\n\tdocker build -t t{number} .\n" for number in range(2_000))
    assert len(tags("make t0", deep)) <= 60


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(
        ["a: b\n", "b: a%\n", "a%: c\n", "%: %x\n", "\tdocker build -t $* .\n", "\t$(MAKE) a\n", "A = $(A)\n", "c:\n",
         ".ONESHELL:\n", "A ?= $(addprefix a,$(B))\n", "B := $(shell echo $(A) | tr a-z A-Z)\n", "$(A): b\n",
         ".DEFAULT_GOAL = $(A)\n", "define X\n", "endef\n", "$(subst ,,)$(strip $(firstword ))\n"]
    ), max_size=25),
    st.sampled_from(["make", "make a", "make ab -j", "make A=x b", "make -C a/b", "make -j $X a"]),
)  # fmt: skip
def test_anything(lines: list[str], command: str) -> None:
    for call in calls(command):
        Calls({"Makefile": Source("Makefile", "".join(lines))}.get).read(call)
