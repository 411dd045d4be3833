r"""Write `imglint/syntax/spdx/data.txt`, the SPDX licence list as imglint ships it.

The script reads files and writes one; it never goes to the network. Its sources:

- `index.json` and `deprecated.json` of the npm package `spdx-license-ids` (CC0): the licence identifiers;
- `index.json` and `deprecated.json` of the npm package `spdx-exceptions`, and the table inside the Python
  package `packaging` (import it from the test dependencies): the exceptions. Neither is complete, so the
  union is taken, with the names in `NEWER_EXCEPTIONS`.

To refresh, unpack both npm packages (`npm pack NAME`) and run

    python tools/refresh_spdx.py --version 3.29.0 --ids spdx-license-ids/package \
        --exceptions spdx-exceptions/package --output imglint/syntax/spdx/data.txt

The npm packages do not record the version of the list; take it from the list's release notes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from packaging.licenses import _spdx

# On list 3.28 or 3.29, and in neither source of exceptions yet (`packaging` carries list 3.27).
NEWER_EXCEPTIONS = (
    "Classpath-exception-2.0-short",
    "Google-Patent-WebM",
    "Simple-Library-Usage-exception",
    "Spelling-Provider-LGPL-exception",
    "kvirc-openssl-exception",
    "rsync-linking-exception",
    "sqlitestudio-OpenSSL-exception",
)

# `X` became `X-only` and `X+` became `X-or-later` (lists 2.0 and 3.0).
GNU_VERSIONS = (
    ("AGPL", ("1.0", "3.0")),
    ("GFDL", ("1.1", "1.2", "1.3")),
    ("GPL", ("1.0", "2.0", "3.0")),
    ("LGPL", ("2.0", "2.1", "3.0")),
)

# `X-with-Y` became `X-only WITH Z` and `X-with-Y+` became `X-or-later WITH Z` (list 2.0).
GNU_EXCEPTIONS = (
    ("GPL-2.0", "GCC-exception", "GCC-exception-2.0"),
    ("GPL-2.0", "autoconf-exception", "Autoconf-exception-2.0"),
    ("GPL-2.0", "bison-exception", "Bison-exception-2.2"),
    ("GPL-2.0", "classpath-exception", "Classpath-exception-2.0"),
    ("GPL-2.0", "font-exception", "Font-exception-2.0"),
    ("GPL-3.0", "GCC-exception", "GCC-exception-3.1"),
    ("GPL-3.0", "autoconf-exception", "Autoconf-exception-3.0"),
)

# What the list itself names (`obsoletedBy`, or the notes for bzip2). It names no single replacement for
# BSD-2-Clause-FreeBSD and Net-SNMP.
OTHER_REPLACEMENTS = {
    "BSD-2-Clause-NetBSD": "BSD-2-Clause",
    "Nokia-Qt-exception-1.1": "Qt-LGPL-exception-1.1",
    "Nunit": "zlib-acknowledgement",
    "StandardML-NJ": "SMLNJ",
    "bzip2-1.0.5": "bzip2-1.0.6",
    "eCos-2.0": "GPL-2.0-or-later WITH eCos-exception-2.0",
    "wxWindows": "GPL-2.0-or-later WITH WxWindows-exception-3.1",
}

HEADER = """\
# SPDX licence list {version}: identifiers only. Written by tools/refresh_spdx.py; do not edit.
# A line is an identifier; a deprecated one is followed by what replaces it, where SPDX names that.
version {version}
"""


def replacements() -> dict[str, str]:
    """What SPDX names in place of each deprecated identifier, and of its `+` form where that differs."""
    table = dict(OTHER_REPLACEMENTS)
    for family, versions in GNU_VERSIONS:
        for version in versions:
            name = f"{family}-{version}"
            table[name] = f"{name}-only"
            table[f"{name}+"] = f"{name}-or-later"
    for name, exception, current in GNU_EXCEPTIONS:
        table[f"{name}-with-{exception}"] = f"{name}-only WITH {current}"
        table[f"{name}-with-{exception}+"] = f"{name}-or-later WITH {current}"
    return table


def read_names(path: Path) -> set[str]:
    """The identifiers in a JSON file that holds one array of strings."""
    return set(json.loads(path.read_text(encoding="utf-8")))


def section(title: str, names: set[str], table: dict[str, str]) -> str:
    """A section of the file: its title in brackets, then each name with what replaces it, sorted."""
    lines = [f"{name} {table.get(name, '')}".rstrip() for name in names]
    return "\n".join([f"[{title}]", *sorted(lines, key=lambda line: (line.lower(), line))]) + "\n"


def render(version: str, ids: Path, exceptions: Path) -> str:
    """The text of the data file, from the two folders the npm packages were unpacked to."""
    table = replacements()
    licenses, old_licenses = read_names(ids / "index.json"), read_names(ids / "deprecated.json")
    old_licenses |= {name for name in table if name.endswith("+")}
    packaged = _spdx.EXCEPTIONS.values()
    old_exceptions = read_names(exceptions / "deprecated.json")
    old_exceptions |= {entry["id"] for entry in packaged if entry["deprecated"]}
    all_exceptions = read_names(exceptions / "index.json") | set(NEWER_EXCEPTIONS)
    all_exceptions |= {entry["id"] for entry in packaged}
    unused = table.keys() - old_licenses - old_exceptions
    if unused:
        raise SystemExit(f"error: replacements for identifiers that are not deprecated: {sorted(unused)}")
    sections = (
        section("licenses", licenses, {}),
        section("deprecated-licenses", old_licenses, table),
        section("exceptions", all_exceptions - old_exceptions, {}),
        section("deprecated-exceptions", old_exceptions, table),
    )
    return HEADER.format(version=version) + "".join(sections)


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description="Write the SPDX licence list that imglint ships.")
    parser.add_argument("--version", required=True, help="the version of the SPDX licence list")
    parser.add_argument("--ids", required=True, type=Path, help="the folder of spdx-license-ids")
    parser.add_argument("--exceptions", required=True, type=Path, help="the folder of spdx-exceptions")
    parser.add_argument("--output", required=True, type=Path, help="the file to write")
    arguments = parser.parse_args()
    text = render(arguments.version, arguments.ids, arguments.exceptions)
    arguments.output.write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
