"""How fast imglint joins whole repositories, and reads workflows into builds beside zizmor, which judges them.

    pip install zizmor
    python bench/builds.py ../shared/corpus/*

Every argument is a repository. Quoted are wall times of whole processes, medians, in turn (ours, theirs, …) after one
run to warm up, and the most memory that a run of ours takes. Set IMGLINT and ZIZMOR to use other programs than those on
the PATH.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import sys
from pathlib import Path

from measure import program, run

RUNS = 3


def read_workflows(paths: list[str]) -> int:
    """Read workflows into builds and what is done with their images; the number of these."""
    gc.disable()
    from imglint.model.workflow.jobrun import Facts
    from imglint.model.workflow.run import run as run_jobs
    from imglint.model.workflow.structure import read
    from imglint.source import Source, decode

    sources = (Source(path, decode(Path(path).read_bytes())) for path in paths)
    found = sum(len(job.events) for source in sources for job in run_jobs(read(source), Facts(), lambda path: None))
    gc.freeze()  # As imglint ends: the interpreter would look for garbage once more.
    return found


def workflows_of(repositories: list[str]) -> list[str]:
    folders = (Path(repository) / ".github" / "workflows" for repository in repositories)
    return sorted(str(path) for folder in folders for pattern in ("*.yml", "*.yaml") for path in folder.glob(pattern))


def main() -> None:
    if sys.argv[1:2] == ["--read"]:
        print(read_workflows(sys.stdin.read().split("\n")))
        return
    repositories = [path for path in sys.argv[1:] if os.path.isdir(path)]
    if not repositories:
        sys.exit(__doc__)
    check = [program("imglint"), "check", "--statistics", *repositories]
    run(check)
    whole = statistics.median(run(check) for _ in range(RUNS))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{len(repositories)} repositories, joined: {whole:.1f} s, at most {memory} MB", flush=True)
    paths = workflows_of(repositories)
    listing = "\n".join(paths).encode()
    ours = [sys.executable, __file__, "--read"]
    theirs = [program("zizmor"), "--offline", "--no-progress", *paths]
    run(ours, given=listing)
    run(theirs)
    measured = [(run(ours, given=listing), run(theirs)) for _ in range(RUNS)]
    mine, other = (statistics.median(column) for column in zip(*measured, strict=True))
    ratio = statistics.median(a / b for a, b in measured)
    print(f"{len(paths)} workflows: imglint reads {mine:.2f} s, zizmor judges {other:.2f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
