"""Builds that would never end, or not fit into memory, are read within bounds all the same."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import CLEAN, plant

MEMORY = 500 << 20
SECONDS = 10

WORKFLOW = ".github/workflows/a.yml"
JOB = "on: push\njobs:\n  a:\n    runs-on: x\n"
MANY = f"[{', '.join(map(str, range(1000)))}]"
BOMB = "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(20))
CALLS = "".join(f"  a{n}: {{uses: ./{WORKFLOW}}}\n" for n in range(200))

CASES: dict[str, dict[str, str]] = {
    "long-script": {"x.sh": "docker build -t $A --label a=b .\n" * 300_000},
    "long-line": {"x.sh": "docker build " + "$A " * 1_000_000 + "."},
    "doubling-variables": {"x.sh": "".join(f"A=$A$A$A\nB{n}=$A\n" for n in range(20_000)) + "docker build -t $A ."},
    "functions": {"x.sh": "f() { f; docker build .; f; }\n" * 1_000 + "f\n"},
    "yaml-bomb": {
        WORKFLOW: f"a: &a [x]\n{BOMB}{JOB}    strategy: {{matrix: *u}}\n    steps: [{{run: docker build .}}]\n"
    },
    "nested-yaml": {WORKFLOW: JOB + "    steps: " + "[" * 50_000},
    "nested-json": {"docker-bake.json": '{"target":' * 50_000},
    "own-anchor": {WORKFLOW: "a: &a {b: *a, <<: *a}\njobs: *a\non: push\n"},
    "matrix": {
        WORKFLOW: f"{JOB}    strategy: {{matrix: {{a: {MANY}, b: {MANY}, c: {MANY}}}}}\n"
        "    steps:\n" + "    - run: docker build -t ${{ matrix.a }}${{ matrix.b }} .\n" * 50
    },
    "workflow-calls-itself": {WORKFLOW: "on: {push: , workflow_call: }\njobs:\n" + CALLS},
    "action-calls-itself": {
        WORKFLOW: JOB + "    steps: [{uses: actions/checkout@v4}, {uses: ./x}]\n",
        "x/action.yml": "runs:\n  using: composite\n  steps:\n" + "  - uses: ./x\n" * 900,
    },
    "makefile": {"Makefile": "A = $(B)$(B)\nB = $(A)$(A)\na:\n" + "\tdocker build -t $(A) .\n" * 5_000},
    "bake-variables": {
        "docker-bake.hcl": 'variable "A" { default = B }\nvariable "B" { default = A }\ntarget "a" {}\n'
    },
    "bake-inherits": {"docker-bake.hcl": 'target "a" { inherits = ["b"] }\ntarget "b" { inherits = ["a"] }\n'},
    "compose-extends": {
        "compose.yaml": "services: {a: {extends: {file: b.yaml, service: a}, build: .}}\ninclude: [compose.yaml]\n",
        "b.yaml": "services: {a: {extends: {file: compose.yaml, service: a}}}\n",
    },
}


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY, 2 * MEMORY))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does it")
@pytest.mark.parametrize("texts", CASES.values(), ids=CASES)
def test_within_bounds(root: Path, texts: dict[str, str]) -> None:
    plant(root, {"Dockerfile": CLEAN, ".git/config": "", **texts})
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.run(
        [sys.executable, "-P", "-m", "imglint", "check", "--format", "concise"],
        cwd=root, capture_output=True, text=True, timeout=60, check=False, preexec_fn=_limited,
    )  # fmt: skip
    taken = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode in (0, 1, 2), process.stderr
    assert "Traceback" not in process.stderr and "bug" not in process.stdout
    assert taken < SECONDS
    assert after.ru_maxrss <= max(before.ru_maxrss, MEMORY >> 10)
