"""Write `imglint/syntax/spdx/names.txt`, the full names of the licences in the SPDX list.

The script reads files and writes one; it never goes to the network. Its source is `spdx.json` of the npm package
`spdx-license-list` (CC0). To refresh, unpack the package (`npm pack spdx-license-list`) and run

    python tools/refresh_spdx_names.py package/spdx.json imglint/syntax/spdx/names.txt
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from imglint.syntax.spdx.table import spdx_list

HEADER = """\
# Names of the licences on the SPDX licence list. Written by tools/refresh_spdx_names.py; do not edit.
# A line is an identifier and the licence's full name.
"""


def main(source: str, target: str) -> None:
    """Write the names of the identifiers that we know."""
    known = spdx_list().licenses
    licenses = json.loads(Path(source).read_text(encoding="utf-8"))
    names = {
        known[key.lower()]: " ".join(each["name"].split()) for key, each in licenses.items() if key.lower() in known
    }
    lines = [f"{identifier} {names[identifier]}\n" for identifier in sorted(names, key=str.lower)]
    Path(target).write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
