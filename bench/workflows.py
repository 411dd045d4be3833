"""Which tool sees which mistake in the workflows of fixtures/workflows, and how fast imglint and zizmor are.

    pip install zizmor checkov
    python bench/workflows.py
    python bench/workflows.py --corpus ../shared/corpus

Every folder of fixtures/workflows is a small repository that is named after the one mistake in it, or `good-…`. A tool
sees the mistake when it reports the same matter, whatever it calls it: `SAME` says what counts. Anything else that it
says of the folder is counted behind a plus. Peers that are not installed are left out. Set IMGLINT, ZIZMOR and CHECKOV
to use other programs than those on the PATH. With `--corpus`, all workflows below that folder are judged as well, in
turn: quoted are the medians of whole processes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import program, run

FIXTURES = Path(__file__).parent.parent / "fixtures" / "workflows"
REPOSITORY = "octo-org/station"
RUNS = 5
SINGLE_RUNS = 15
SAME = {
    "excessive-permissions": {"excessive-permissions", "CKV2_GHA_1"},
    "inherited-secrets": {"secrets-inherit"},
    "pull-request-target-publish": {"dangerous-triggers"},
    "password-on-command-line": {"template-injection"},
    "secret-expanded-in-script": {"template-injection"},
    "missing-permissions-block": {"excessive-permissions"},
    "app-token-for-registry": {"github-app"},
    "keep-login-on-self-hosted": {"self-hosted-runner"},
    "pat-instead-of-github-token": {"secrets-outside-env"},
}
"""What of the peers speaks of the same matter as a mistake, in the widest sense."""


def printed(command: list[str]) -> str:
    environment = {**os.environ, "IMGLINT_REPOSITORY": REPOSITORY, "NO_COLOR": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def imglint(folder: Path) -> list[str]:
    families = "workflows,tokens"
    document = json.loads(printed([program("imglint"), "check", "--format", "json", "--select", families, str(folder)]))
    return [finding["rule"] for finding in document["findings"]]


def zizmor(folder: Path) -> list[str]:
    workflows = folder / ".github" / "workflows"
    if not workflows.is_dir():
        return []
    out = printed([program("zizmor"), "--offline", "--no-progress", "--format", "json", str(workflows)])
    return [finding["ident"] for finding in json.loads(out or "[]")]


def checkov(folder: Path) -> list[str]:
    if not (folder / ".github" / "workflows").is_dir():
        return []
    words = [
        "--framework",
        "github_actions",
        "--quiet",
        "--compact",
        "--skip-download",
        "-o",
        "json",
        "-d",
        str(folder),
    ]
    document = json.loads(printed([program("checkov"), *words]) or "{}")
    reports = document if isinstance(document, list) else [document]
    failed = (check for report in reports for check in report.get("results", {}).get("failed_checks", ()))
    return [check["check_id"] for check in failed]


TOOLS: dict[str, Callable[[Path], list[str]]] = {"imglint": imglint, "zizmor": zizmor, "checkov": checkov}


def installed(name: str) -> bool:
    beside = Path(sys.executable).parent / name
    return name == "imglint" or beside.exists() or bool(os.environ.get(name.upper()) or shutil.which(name))


def table() -> None:
    tools = [name for name in TOOLS if installed(name)]
    print("| fixture | " + " | ".join(tools) + " |")
    print("|---" * (len(tools) + 1) + "|")
    seen = dict.fromkeys(tools, 0)
    besides = dict.fromkeys(tools, 0)
    bad = 0
    for folder in sorted(FIXTURES.iterdir()):
        good = folder.name.startswith("good-")
        bad += not good
        cells = []
        for name in tools:
            said = TOOLS[name](folder)
            same = {folder.name} if name == "imglint" else SAME.get(folder.name, set())
            hit = not good and bool(same & set(said))
            rest = sum(1 for each in said if each not in same)
            seen[name] += hit
            besides[name] += rest
            cells.append(("yes" if hit else "" if good else "no") + (f" (+{rest})" if rest else ""))
        print(f"| {folder.name} | " + " | ".join(cells) + " |", flush=True)
    print(f"| seen, of {bad} | " + " | ".join(str(seen[name]) for name in tools) + " |")
    print("| besides | " + " | ".join(str(besides[name]) for name in tools) + " |")


def speed(corpus: Path) -> None:
    """All workflows of a folder, shown and judged with all processors, judged with one, and one workflow by itself."""
    with tempfile.TemporaryDirectory() as name:
        copies = []
        for path in sorted(corpus.glob("*/.github/workflows/*.y*ml")):
            copy = Path(name, path.relative_to(corpus))
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copies.append(copy)
        ours, theirs = [program("imglint"), "check"], ["--offline", "--no-progress", name]
        page = [program("imglint"), "page", name]
        compare(f"{len(copies)} workflows, read into builds and shown as pages", page, theirs, RUNS)
        compare(f"{len(copies)} workflows, judged", [*ours, name], theirs, RUNS)
        compare("the same in one process", [*ours, "--jobs", "1", name], theirs, RUNS)
    with tempfile.TemporaryDirectory() as name:
        # A repository of its own: here, the configuration of this project would be read as well.
        shutil.copytree(FIXTURES / "good-publish", name, dirs_exist_ok=True)
        one = str(Path(name, ".github", "workflows", "publish.yml"))
        compare("one workflow", [*ours, one], ["--offline", "--no-progress", one], SINGLE_RUNS)


def compare(what: str, ours: list[str], theirs: list[str], runs: int) -> None:
    print(f"{what}: ", end="", flush=True)
    run(ours)
    if not installed("zizmor"):
        print(f"imglint {statistics.median(run(ours) for _ in range(runs)):.2f} s")
        return
    other = [program("zizmor"), *theirs]
    run(other)
    pairs = [(run(ours), run(other)) for _ in range(runs)]
    mine, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"imglint {mine:.3f} s, zizmor {peer:.3f} s, ratio {ratio:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--no-table", action="store_true")
    given = parser.parse_args()
    if not given.no_table:
        table()
    if given.corpus is not None:
        speed(given.corpus)


if __name__ == "__main__":
    main()
