"""`imglint layers`: bars for the terminal, JSON, and a page that a browser looks at."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from read.image.making import (
    LAYER,
    Saved,
    artifact,
    attestation,
    configuration,
    dumped,
    gzipped,
    hole,
    image,
    index,
    make_layout,
    named,
    put,
    tar_of,
)

from .conftest import Imglint, plant
from .test_bad_input import HOSTILE, harmless

SCHEMA: Any = json.loads((Path(__file__).parents[2] / "rules" / "schema" / "layers.json").read_text())
GB = 10**9
STEPS = [
    {"created_by": "/bin/sh -c #(nop) ADD file:" + "b" * 64 + " in / "},
    {"created_by": "CMD [\"sh\"]", "empty_layer": True},
    {"created_by": "RUN /bin/sh -c apt-get update; apt-get install -y python3 python3-pip; rm -rf /var/lib/apt/lists/*"
                   " # buildkit", "comment": "buildkit.dockerfile.v0"},
    {"created_by": "COPY model.bin /srv/ # buildkit", "comment": "buildkit.dockerfile.v0"},
]  # fmt: skip
TEXT = """\
layout, an OCI image layout

linux/amd64: 3 layers, 16.0 GB compressed
  1  ▏                        │      30.0 MB    0.2 %  ADD … /
  2  ██████████               │      4.00 GB   25.0 %  RUN apt-get update; apt-get install -y pytho…
  3  ██████████████████████████████  12.0 GB   74.9 %  COPY model.bin /srv/

linux/arm64: 3 layers, 8.03 GB compressed
  1  ▏                        │      30.0 MB    0.4 %  ADD … /
  2  ████████▊                │      3.50 GB   43.6 %  RUN apt-get update; apt-get install -y pytho…
  3  ███████████▎             │      4.50 GB   56.0 %  COPY model.bin /srv/

A full bar is 12.0 GB. The mark is at 10.0 GB, the most that the GitHub Container registry takes in one layer.
"""


def digests(first: str) -> tuple[str, ...]:
    return tuple(f"sha256:{first}{number}{'0' * 62}" for number in (1, 2, 3))


@pytest.fixture
def layout(root: Path) -> Path:
    """An index of two platforms with layers that are near the limit and over it."""
    folder = root / "layout"
    entries = []
    for platform, first, sizes in (
        ("linux/amd64", "a", (30_000_000, 4 * GB, 12 * GB)),
        ("linux/arm64", "b", (30_000_000, 3_500_000_000, 4_500_000_000)),
    ):
        layers = [hole(folder, size, name) for size, name in zip(sizes, digests(first), strict=True)]
        rootfs = {"type": "layers", "diff_ids": ["sha256:" + "c" * 64] * 3}
        config = {"rootfs": rootfs, "history": STEPS}
        entries.append(image(folder, (), platform, config=config, manifest={"layers": layers}))
    top = index(folder, *entries, *(attestation(folder, each) for each in entries))
    return make_layout(folder, named(top, "1", "ghcr.io/octocat/hello:1"))


@pytest.fixture
def wasteful(root: Path) -> Path:
    """An image whose second layer replaces a file of the first."""
    folder = root / "wasteful"
    contents = (tar_of({"a": bytes(3_000_000), "b": bytes(1_000_000)}), tar_of({"a": bytes(2_000_000)}))
    layers = [put(folder, gzipped(each), f"{LAYER}+gzip") for each in contents]
    history = [{"created_by": "COPY a b /"}, {"created_by": "RUN /bin/sh -c make a"}]
    return make_layout(folder, image(folder, contents, config={"history": history}, manifest={"layers": layers}))


@pytest.mark.usefixtures("layout")
class TestText:
    def test_bars(self, imglint: Imglint) -> None:
        assert imglint("layers", "layout") == (0, TEXT, "")

    def test_the_documentation_shows_such_bars(self) -> None:
        _, amd64, _, words = TEXT.split("\n\n")
        shown = (Path(__file__).parents[2] / "docs" / "images.md").read_text(encoding="utf-8")
        assert f"{amd64}\n\n{words}" in shown

    def test_colours(self, imglint: Imglint) -> None:
        outcome = imglint("layers", "layout", FORCE_COLOR="1")
        assert re.sub(r"\x1b\[[0-9;]*m", "", outcome.out) == TEXT
        red = next(line for line in outcome.out.splitlines() if line.startswith("  3  "))
        assert red.startswith("  3  \x1b[1;31m███")

    def test_one_platform(self, imglint: Imglint) -> None:
        outcome = imglint("layers", "layout", "--platform", "linux/arm64")
        assert "linux/arm64: 3 layers" in outcome.out
        assert "linux/amd64" not in outcome.out
        assert outcome.out.endswith(
            "A full bar is 10.0 GB, the most that the GitHub Container registry takes in one layer.\n"
        )


def test_small_layers_are_drawn_beside_each_other(imglint: Imglint, wasteful: Path) -> None:
    _, out, _ = imglint("layers", "wasteful")
    assert "of the 10.0 GB that the GitHub Container registry takes in one layer." in out
    assert "  1  ██████████████████████████████  " in out


def test_what_is_wasted_is_shown_when_layers_are_read(imglint: Imglint, wasteful: Path) -> None:
    code, out, err = imglint("layers", "--layers", "wasteful")
    assert (code, err) == (0, "")
    assert "compressed; 3.00 MB of 6.00 MB unpacked are wasted\n" in out
    assert re.search(r"\n  1  █{7,8}▒{22,23}  .* 3\.00 MB wasted  COPY a b /\n  2  █+.*  RUN make a\n", out)


def test_sizes_of_an_archive_are_uncompressed(imglint: Imglint, root: Path) -> None:
    saved = Saved()
    saved.old(["octocat/hello:1"], (bytes(3_000_000),))
    (root / "saved.tar").write_bytes(saved.data())
    _, out, _ = imglint("layers", "saved.tar")
    assert out.startswith("saved.tar, an archive of docker save\n\nlinux/amd64: 1 layer, 3.00 MB uncompressed\n")


def test_a_configuration_tells_instructions_and_no_sizes(imglint: Imglint) -> None:
    text = dumped(configuration((b"a", b"b")))
    expected = (
        "<stdin>, the configuration of an image\n\nlinux/amd64: 2 layers, sizes not known\n"
        "  1  COPY 0 /\n  2  COPY 1 /\n"
    )
    assert imglint("layers", "-", stdin=text) == (0, expected, "")


def test_a_layer_of_several_instructions(imglint: Imglint, root: Path) -> None:
    config = configuration((b"a",))
    steps = ["COPY a /a", "RUN /bin/sh -c make", "LABEL a=b"]
    config["history"] = [{"created_by": each, "empty_layer": each != "LABEL a=b"} for each in steps]
    _, out, _ = imglint("layers", "-", stdin=dumped(config))
    assert out.endswith("\n  1  all up to LABEL a=b\n")


def test_what_is_no_container_image(imglint: Imglint, root: Path) -> None:
    chart = "application/vnd.cncf.helm.config.v1+json"
    make_layout(root / "layout", named(artifact(root / "layout", chart), "1"))
    error = f"error: layout: is not an image, but an artifact of the type {chart}\n"
    assert imglint("layers", "layout") == (2, "", error)


@pytest.mark.usefixtures("layout")
def test_a_broken_image_hides_no_other(imglint: Imglint, root: Path) -> None:
    plant(root, {"broken.json": "{"})
    outcome = imglint("layers", "broken.json", "layout")
    assert (outcome.code, outcome.out) == (2, TEXT)
    assert outcome.err.startswith("error: broken.json: is not valid JSON")


class TestJson:
    def test_a_document(self, imglint: Imglint, layout: Path) -> None:
        outcome = imglint("layers", "--format", "json", "layout")
        assert outcome.code == 0
        Draft202012Validator.check_schema(SCHEMA)
        Draft202012Validator(SCHEMA).validate(outcome.json)
        (found,) = outcome.json["images"]
        assert (found["name"], found["form"], found["limit"]) == ("layout", "an OCI image layout", 10 * GB)
        amd64, arm64 = found["platforms"]
        assert {key: value for key, value in amd64.items() if key != "layers"} == {
            "platform": "linux/amd64", "total": 16_030_000_000, "basis": "compressed", "efficiency": None,
            "reason": None,
        }  # fmt: skip
        assert amd64["layers"][2] == {
            "number": 3, "digest": digests("a")[2], "size": 12 * GB, "share": 12_000 / 16_030,
            "instruction": "COPY model.bin /srv/", "ends_at": False, "unpacked": None, "wasted": None,
            "elsewhere": False,
        }  # fmt: skip
        assert arm64["platform"] == "linux/arm64"

    def test_with_the_contents_of_layers(self, imglint: Imglint, wasteful: Path) -> None:
        outcome = imglint("layers", "--format", "json", "--layers", "wasteful")
        Draft202012Validator(SCHEMA).validate(outcome.json)
        (platform,) = outcome.json["images"][0]["platforms"]
        assert [(each["unpacked"], each["wasted"]) for each in platform["layers"]] == [
            (4_000_000, 3_000_000), (2_000_000, 0),
        ]  # fmt: skip
        assert platform["efficiency"] == 0.5  # 2 + 1 MB of 3 + 1 + 2

    def test_of_several_forms(self, imglint: Imglint, layout: Path) -> None:
        metadata = dumped({"containerimage.digest": "sha256:" + "a" * 64})
        outcome = imglint("layers", "--format", "json", "layout", "-", stdin=metadata)
        Draft202012Validator(SCHEMA).validate(outcome.json)
        first, second = outcome.json["images"]
        assert len(first["platforms"]) == 2
        assert [each["reason"] for each in second["platforms"]] == [
            "a file that buildx --metadata-file wrote does not tell"
        ]


class TestPage:
    def test_it_needs_nothing_from_elsewhere(self, imglint: Imglint, layout: Path) -> None:
        code, page, err = imglint("layers", "--format", "html", "layout")
        assert (code, err) == (0, "")
        assert not re.search(r"https?:|src=|href=|url\(|@import|<script|<link|<img", page)
        assert "default-src 'none'" in page

    def test_a_file(self, imglint: Imglint, root: Path, layout: Path) -> None:
        assert imglint("layers", "--format", "html", "layout", "-o", "layers.html") == (0, "", "")
        assert (root / "layers.html").read_text().startswith("<!doctype html>\n")

    def test_what_comes_from_outside_is_text(self, imglint: Imglint) -> None:
        config = configuration((b"a",))
        config["history"] = [{"created_by": f"RUN /bin/sh -c <script>alert(1)</script> \"'& {HOSTILE}"}]
        for form in ("html", "text", "json"):
            _, out, _ = imglint("layers", "--format", form, "-", stdin=dumped(config))
            assert harmless(out) and "[31m" in out
            assert form != "html" or "<script>" not in out


LOOKING = """\
<!doctype html>
<iframe src="layers.html" width="{width}" height="1500" onload="look(this)"></iframe>
<pre></pre>
<script>
const look = frame => {{
  const page = frame.contentDocument, view = frame.contentWindow;
  const of = (selector, tell) => [...page.querySelectorAll(selector)].map(tell);
  const style = selector => view.getComputedStyle(page.querySelector(selector)).backgroundColor;
  document.querySelector("pre").textContent = JSON.stringify({{
    bars: of(".bar", bar => bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width),
    marks: of(".track b", mark => (mark.getBoundingClientRect().left
      - mark.parentElement.getBoundingClientRect().left) / mark.parentElement.getBoundingClientRect().width),
    over: of(".over", bar => view.getComputedStyle(bar).backgroundColor),
    tracks: [...new Set(of(".track", track => Math.round(track.getBoundingClientRect().width)))],
    waste: of(".bar i", part => part.getBoundingClientRect().width / part.parentElement.getBoundingClientRect().width),
    page: style("body"), ink: view.getComputedStyle(page.body).color, card: style(".card"),
    beyond: page.documentElement.scrollWidth - page.documentElement.clientWidth,
    cut: of("td", cell => cell.scrollWidth - cell.clientWidth).filter(each => each > 0).length,
    fetched: view.performance.getEntriesByType("resource").length,
    text: page.body.innerText,
  }});
}};
</script>
"""


@pytest.mark.tools
class TestInABrowser:
    @pytest.fixture
    def seen(
        self, imglint: Imglint, root: Path, tmp_path: Path, tool: Callable[[str], str]
    ) -> Callable[..., dict[str, Any]]:
        """What a browser shows of the page of images."""

        def look(*arguments: str, width: int = 1200, dark: bool = False) -> dict[str, Any]:
            assert imglint("layers", "--format", "html", "-o", "layers.html", *arguments).code == 0
            (root / "look.html").write_text(LOOKING.format(width=width))
            shown = subprocess.run(
                [
                    tool("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path / 'browser'}",
                    "--allow-file-access-from-files", "--window-size=1600,1600", "--virtual-time-budget=10000",
                    f"--blink-settings=preferredColorScheme={0 if dark else 1}", "--dump-dom",
                    (root / "look.html").as_uri(),
                ],
                check=True, capture_output=True, text=True, timeout=120,
            ).stdout  # fmt: skip
            found = re.search("<pre>(.*)</pre>", shown, re.DOTALL)
            assert found
            from html import unescape

            told = json.loads(unescape(found[1]))
            assert isinstance(told, dict)
            return told

        return look

    def test_bars_are_to_scale(self, seen: Callable[..., dict[str, Any]], layout: Path) -> None:
        found = seen("layout")
        sizes = (4 * GB, 12 * GB, 3.5 * GB, 4.5 * GB)
        bars = [bar for bar in found["bars"] if bar > 0.05]  # The smallest layers show as a line.
        assert bars == pytest.approx([size / (12 * GB) for size in sizes], abs=0.005)
        assert len(found["bars"]) == 6
        assert found["marks"] == pytest.approx([10 / 12] * 6, abs=0.005)
        assert found["over"] == ["rgb(207, 34, 46)"]
        assert len(found["tracks"]) == 1

    def test_light_and_dark(self, seen: Callable[..., dict[str, Any]], layout: Path) -> None:
        light, dark = seen("layout"), seen("layout", dark=True)
        assert (light["page"], light["ink"]) == ("rgb(255, 255, 255)", "rgb(31, 35, 40)")
        assert (dark["page"], dark["ink"]) == ("rgb(13, 17, 23)", "rgb(230, 237, 243)")
        assert dark["card"] != light["card"]

    @pytest.mark.parametrize("width", [1200, 700, 360])
    def test_it_fits_wherever_it_is_shown(
        self, seen: Callable[..., dict[str, Any]], layout: Path, wasteful: Path, width: int
    ) -> None:
        found = seen("--layers", "layout", "wasteful", width=width)
        assert (found["beyond"], found["cut"], found["fetched"]) == (0, 0, 0)
        assert len(found["tracks"]) <= 2  # The card with wasted bytes has a column more.
        assert found["waste"] == pytest.approx([0.75], abs=0.01)
        for words in ("layout", "linux/arm64", "12.0 GB", "COPY model.bin /srv/", "A full bar is", "RUN make a"):
            assert words in found["text"]
