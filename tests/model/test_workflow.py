"""Workflows run in the head: what their jobs build and push, and what of it is known."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from imglint.model.build import Build, Copying, Event, MakeCall, Merge
from imglint.model.repository import Repository
from imglint.model.workflow.jobrun import Facts, JobRun
from imglint.model.workflow.run import run
from imglint.model.workflow.structure import read
from imglint.source import Source
from imglint.syntax.text import Text

FACTS = Facts(Repository("github.com", "Acme", "Widget"), "")
PATH = ".github/workflows/ci.yml"


def follow(text: str, **others: str) -> list[JobRun]:
    """Run a workflow; others are files by their paths, `__` for a slash."""
    found = {f"./{name}".replace("__", "/")[2:]: dedent(content) for name, content in others.items()}
    files = {path: read(Source(path, content)) for path, content in found.items()}

    def find(path: str) -> object:
        return files.get(path.removesuffix(".yml").removesuffix(".yaml").replace(".github/", "github/"))

    return list(run(read(Source(PATH, dedent(text))), FACTS, find))  # type: ignore[arg-type]


def builds(text: str, **others: str) -> list[Build]:
    events: list[Event] = [event for job in follow(text, **others) for event in job.events]
    return [event for event in events if isinstance(event, Build)]


def shown(text: Text | None) -> str | None:
    return text.shown if text is not None else None


def tags(text: str, **others: str) -> list[str]:
    return [tag.shown for build in builds(text, **others) for tag in build.tags]


def steps(*lines: str, env: str = "{}", head: str = "on: push") -> str:
    body = "".join(f"      - {line}\n" for line in lines)
    return f"{head}\nenv: {env}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{body}"


BUILD = "{uses: docker/build-push-action@v6, with: {tags: '%s'}}"


class TestEnvironment:
    def test_three_levels(self) -> None:
        text = """
            on: push
            env: {A: workflow, B: workflow, C: workflow}
            jobs:
              a:
                env: {B: job, C: job}
                steps:
                - uses: docker/build-push-action@v6
                  env: {C: step}
                  with: {tags: "${{ env.A }},${{ env.B }},${{ env.C }},w:${{ env.D }}"}
                - run: docker build -t $A -t $B -t $C -t ${D:-default} .
        """
        assert tags(text) == ["workflow", "job", "step", "w:…", "workflow", "job", "job", "default"]

    def test_no_step_has_a_say_in_the_variables_of_its_job(self) -> None:
        text = """
            on: push
            jobs:
              a:
                env: {IMAGE: "w:${{ env.NAME }}"}
                steps:
                - {run: "docker build -t $IMAGE .", env: {NAME: one}}
                - {run: "docker build -t $IMAGE .", env: {NAME: two}}
        """
        assert tags(text) == ["w:…", "w:…"]

    def test_what_is_set_beats_the_default_in_a_script(self) -> None:
        assert tags(steps("run: docker build -t ${TAG:-dev} .", env="{TAG: v1}")) == ["v1"]

    def test_variables_of_the_runner_are_set(self) -> None:
        assert tags(steps("run: docker build -t ${GITHUB_REF_NAME:-main} -t w:$GITHUB_REPOSITORY .")) == [
            "…",
            "w:Acme/Widget",
        ]

    @pytest.mark.parametrize(
        ("step", "expected"),
        [
            ("run: echo TAG=v2 >> $GITHUB_ENV", "v2"),
            ("{run: 'echo TAG=v2 >> $GITHUB_ENV', if: github.ref == 'x'}", "…"),
            ("{run: 'echo TAG=v2 >> $GITHUB_ENV', if: success()}", "v2"),
            ("{run: 'echo TAG=v2 >> $GITHUB_ENV', if: false}", "v1"),
            ("run: printf 'TAG=v2' >> $GITHUB_ENV", "…"),
            ("run: export TAG=v2", "v1"),
        ],
    )
    def test_written_by_a_step(self, step: str, expected: str) -> None:
        assert tags(steps(step, BUILD % "w:${{ env.TAG }}", env="{TAG: v1}")) == [f"w:{expected}"]

    def test_one_that_names_itself(self) -> None:
        text = steps(BUILD % "${{ env.TAG }}", env="{TAG: '${{ env.TAG }}-x', A: '${{ env.B }}', B: '${{ env.A }}'}")
        assert tags(text) == ["…-x"]


class TestMatrix:
    @staticmethod
    def tags(matrix: str, tag: str = "${{ matrix.a }}-${{ matrix.b }}") -> list[str]:
        text = f"""
            on: push
            jobs:
              a:
                strategy: {{matrix: {matrix}}}
                steps:
                - {{uses: docker/build-push-action@v6, with: {{tags: "{tag}"}}}}
        """
        return tags(text)

    @pytest.mark.parametrize(
        ("matrix", "expected"),
        [
            ("{a: [1, 2], b: [x]}", ["1-x", "2-x"]),
            ("{a: [1, 2], b: [x, y], exclude: [{a: 1, b: y}]}", ["1-x", "2-x", "2-y"]),
            ("{a: [1, 2], include: [{a: 2, b: z}]}", ["1-", "2-z"]),
            ("{a: [1], include: [{b: z}, {a: 3, b: w}]}", ["1-z", "3-w"]),
            ("{include: [{a: 1, b: x}, {a: 2, b: y}]}", ["1-x", "2-y"]),
            ("{a: '${{ fromJSON(''[1, 2]'') }}', b: [x]}", ["1-x", "2-x"]),
            ("{a: '${{ fromJSON(needs.x.outputs.y) }}', b: [x]}", ["…-x"]),
            ("'${{ fromJSON(needs.x.outputs.y) }}'", ["…-…"]),
            ("{include: '${{ fromJSON(needs.x.outputs.y) }}'}", ["…-…"]),
            ("{a: '${{ fromJSON(vars.A) }}', include: [{a: 1, b: x}]}", ["…-…"]),
        ],
    )
    def test_combinations(self, matrix: str, expected: list[str]) -> None:
        assert self.tags(matrix) == expected

    def test_a_billion_of_them(self) -> None:
        start = time.process_time()
        many = f"[{', '.join(map(str, range(1000)))}]"
        assert len(self.tags(f"{{a: {many}, b: {many}, c: {many}}}")) == 64
        assert time.process_time() - start < 2


class TestInputs:
    TEXT = """
        on:
          {event}:
            inputs: {{tag: {{default: edge}}, push: {{type: boolean, default: false}}}}
        jobs:
          a:
            steps:
            - uses: docker/build-push-action@v6
              with: {{tags: "w:${{{{ inputs.tag }}}}", push: "${{{{ inputs.push }}}}"}}
    """

    @pytest.mark.parametrize("event", ["workflow_dispatch", "workflow_call"])
    def test_a_default_counts_but_a_switch_may_be_turned(self, event: str) -> None:
        (build,) = builds(self.TEXT.format(event=event))
        assert ([tag.shown for tag in build.tags], build.push) == (["w:edge"], None)

    def test_other_events_have_none(self) -> None:
        assert tags(self.TEXT.format(event="push:\n          workflow_dispatch")) == ["w:…"]

    def test_of_a_called_workflow(self) -> None:
        text = """
            on: push
            jobs:
              a:
                strategy: {matrix: {image: [web, api]}}
                uses: ./github/called.yml
                with: {tag: "${{ matrix.image }}"}
              b: {uses: ./github/called.yml, with: {push: true}}
              c: {uses: ./github/gone.yml}
              d: {uses: other/repository/.github/workflows/x.yml@v1}
        """
        called = self.TEXT.format(event="workflow_call")
        found = builds(text, github__called=called)
        assert [(build.tags[0].shown, build.push) for build in found] == [
            ("w:web", False), ("w:api", False), ("w:edge", True)
        ]  # fmt: skip


class TestOutputs:
    def test_from_job_to_job(self) -> None:
        text = """
            on: push
            jobs:
              b:
                needs: a
                steps:
                - {uses: docker/build-push-action@v6, with: {tags: "w:${{ needs.a.outputs.tag }}"}}
              a:
                outputs: {tag: "${{ steps.s.outputs.tag }}"}
                steps:
                - {id: s, run: 'echo "tag=v1" >> $GITHUB_OUTPUT'}
        """
        assert tags(text) == ["w:v1"]

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [("github.ref == 'x'", "…"), ("false", "…"), ("always()", "v1"), ("success()", "v1")],
    )
    def test_of_a_step_that_may_not_run(self, condition: str, expected: str) -> None:
        step = f"{{id: s, if: \"{condition}\", run: 'echo tag=v1 >> $GITHUB_OUTPUT'}}"
        assert tags(steps(step, BUILD % "w:${{ steps.s.outputs.tag || ''dev'' }}")) == [f"w:{expected}"]

    def test_under_the_same_condition(self) -> None:
        first = "{id: s, if: github.ref == 'x', run: 'echo tag=v1 >> $GITHUB_OUTPUT'}"
        second = "{if: \"${{ github.ref == 'x' }}\", uses: docker/build-push-action@v6, with: {tags: '%s'}}"
        assert tags(steps(first, second % "${{ steps.s.outputs.tag }}")) == ["v1"]

    def test_of_unknown_actions(self) -> None:
        assert tags(steps("{id: s, uses: a/b@v1}", BUILD % "w:${{ steps.s.outputs.tag }}")) == ["w:…"]


class TestMetadataAction:
    @staticmethod
    def made(inputs: str, env: str = "{}") -> Build:
        meta = f"{{id: m, uses: docker/metadata-action@v5, with: {{images: ghcr.io/Acme/W, {inputs}}}}}"
        use = ", ".join(f"{name}: '${{{{ steps.m.outputs.{name} }}}}'" for name in ("tags", "labels", "annotations"))
        step = f"{{uses: docker/build-push-action@v6, with: {{{use}}}}}"
        (build,) = builds(steps(meta, step, env=env))
        return build

    def tags(self, inputs: str) -> list[str]:
        return [tag.shown.removeprefix("ghcr.io/acme/w:") for tag in self.made(inputs).tags]

    @pytest.mark.parametrize(
        ("inputs", "expected"),
        [
            ("tags: 'type=raw,value=v1'", ["v1"]),
            ("tags: v1", ["v1"]),
            ("tags: 'type=sha'", ["…"]),
            ("tags: 'type=ref,event=branch'", ["…"]),
            ("tags: 'type=semver,pattern={{version}}'", ["…", "latest"]),
            ("tags: 'type=ref,event=tag'", ["…", "latest"]),
            ("tags: 'type=raw,value=v1,enable=false'", []),
            ("tags: 'type=raw,value={{branch}}'", ["…"]),
            ("tags: v1, flavor: latest=true", ["v1", "latest"]),
            ("tags: v1, flavor: suffix=-slim", ["v1-slim"]),
            ("tags: 'type=raw,value=v1,suffix=', flavor: suffix=-slim", ["v1"]),
            ('tags: v1, flavor: "latest=true\\nsuffix=-slim,onlatest=true"', ["v1-slim", "latest-slim"]),
            ('tags: v1, flavor: "latest=true\\nsuffix=-slim"', ["v1-slim", "latest"]),
            ("tags: 'type=semver,pattern={{version}}', flavor: latest=false", ["…"]),
        ],
    )
    def test_tags(self, inputs: str, expected: list[str]) -> None:
        assert self.tags(inputs) == expected

    def test_labels(self) -> None:
        labels = 'labels: "org.opencontainers.image.title=Own\\nx={{date YYYY}}\\n# note\\n"'
        found = {pair.key.text: shown(pair.value) for pair in self.made(labels).labels}
        prefix = "org.opencontainers.image."
        assert found[f"{prefix}title"] == "Own"
        assert found[f"{prefix}source"] == "https://github.com/Acme/Widget"
        assert found[f"{prefix}licenses"] == ""
        assert (found[f"{prefix}description"], found["x"]) == ("…", "…")
        assert len(found) == 9

    def test_separators(self) -> None:
        build = self.made('tags: "v1\\nv2", sep-tags: ",", sep-labels: "|"')
        assert [tag.text for tag in build.tags] == ["ghcr.io/acme/w:v1", "ghcr.io/acme/w:v2"]
        assert len(build.labels) == 1

    def test_tags_out_of_its_json(self) -> None:
        meta = "{id: m, uses: docker/metadata-action@v5, with: {images: ghcr.io/Acme/W, tags: canary}}"
        program = """jq -cr '.tags | map("-t " + .) | join(" ")' <<< "$DOCKER_METADATA_OUTPUT_JSON\""""
        merge = f"docker buildx imagetools create $({program}) $(printf 'ghcr.io/acme/w@sha256:%s ' *)"
        (job,) = follow(steps(meta, f"run: |\n          {merge}"))
        (event,) = job.events
        assert isinstance(event, Merge)
        assert [tag.text for tag in event.tags] == ["ghcr.io/acme/w:canary"]
        assert [source.shown for source in event.sources] == ["ghcr.io/acme/w@sha256:…"]
        assert not event.open

    @pytest.mark.parametrize("between", [(), ("run: docker buildx bake --push",)])
    def test_a_script_before_the_next_one_reads_the_first(self, between: tuple[str, ...]) -> None:
        meta = "{uses: docker/metadata-action@v5, with: {images: ghcr.io/a/%s, tags: v1}}"
        script = '{id: x, run: "echo t=$DOCKER_METADATA_OUTPUT_TAGS >> $GITHUB_OUTPUT"}'
        use = BUILD % "${{ steps.x.outputs.t }}"
        assert tags(steps(meta % "one", script, *between, meta % "two", use)) == ["ghcr.io/a/one:v1"]

    def test_levels(self) -> None:
        build = self.made("labels: a=b", "{DOCKER_METADATA_ANNOTATIONS_LEVELS: 'manifest,index'}")
        assert all(each.is_at("index") and each.is_at("manifest") for each in build.annotations)
        assert not any(each.is_at("index") for each in self.made("labels: a=b").annotations)

    def test_default_values_are_told_from_own_ones(self) -> None:
        pairs = self.made("labels: a=b").labels
        assert {bool(pair.default) for pair in pairs if pair.key.text == "a"} == {False}
        assert {bool(pair.default) for pair in pairs if pair.key.text != "a"} == {True}


class TestActions:
    def test_tag_push_action_copies(self) -> None:
        inputs = "{src: 'a:1', dst: \"ghcr.io/a:1\\nquay.io/a:1\"}"
        (job,) = follow(steps(f"{{uses: akhilerm/tag-push-action@v2, with: {inputs}}}"))
        found = [(event.source.text, event.name.text) for event in job.events if isinstance(event, Copying)]
        assert found == [("a:1", "ghcr.io/a:1"), ("a:1", "quay.io/a:1")]

    def test_an_action_of_its_own_repository_joins_images(self) -> None:
        (job,) = follow(steps("{uses: ./, with: {tags: 'a:1', sources: 'a:x,a:y', index-annotations: 'k=v'}}"))
        (merge,) = job.events
        assert isinstance(merge, Merge)
        assert ([tag.text for tag in merge.tags], len(merge.sources)) == (["a:1"], 2)
        assert follow(steps("{uses: ./, with: {tags: 'a:1'}}"))[0].events == ()

    def test_make_has_the_environment(self) -> None:
        (job,) = follow(steps("{run: 'make push A=1', env: {B: '2'}}", env="{C: '${{ github.repository_owner }}'}"))
        (call,) = job.events
        assert isinstance(call, MakeCall)
        assert [goal.text for goal in call.goals] == ["push"]
        assert {name: value.text for name, value in call.variables} == {"B": "2", "C": "Acme"}

    def test_a_composite_action(self) -> None:
        action = """
            inputs: {tag: {default: edge}, image: {required: true}}
            outputs: {name: {value: "${{ steps.s.outputs.name }}"}}
            runs:
              using: composite
              steps:
              - {id: s, run: 'echo "name=${{ inputs.image }}" >> $GITHUB_OUTPUT', shell: bash}
              - uses: docker/build-push-action@v6
                with: {tags: "${{ steps.s.outputs.name }}:${{ inputs.tag }}"}
        """
        text = steps("{id: c, uses: ./build, with: {image: w}}", BUILD % "${{ steps.c.outputs.name }}:2")
        assert tags(text, build__action=action) == ["w:edge", "w:2"]

    def test_calling_itself(self) -> None:
        action = "runs:\n  using: composite\n  steps:\n" + "  - uses: ./x\n" * 100
        start = time.process_time()
        assert builds(steps("uses: ./x"), x__action=action) == []
        assert time.process_time() - start < 5

    def test_a_workflow_calling_itself(self) -> None:
        called = "on: workflow_call\njobs:\n" + "".join(f"  a{n}: {{uses: ./github/w.yml}}\n" for n in range(100))
        start = time.process_time()
        assert follow("on: push\njobs: {a: {uses: ./github/w.yml}}", github__w=called) == []
        assert time.process_time() - start < 5

    @pytest.mark.parametrize(
        ("checkout", "mounts"),
        [
            ("{uses: actions/checkout@v4}", (("", ""),)),
            ("{uses: actions/checkout@v4, with: {path: src}}", (("src", ""),)),
            ("{uses: actions/checkout@v4, with: {repository: a/b}}", (("", None),)),
            ("{uses: actions/checkout@v4, with: {repository: acme/widget}}", (("", ""),)),
            ("{uses: actions/setup-node@v4}", ()),
            ("{uses: actions/checkout@v4, if: false}", ()),
        ],
    )
    def test_checkout(self, checkout: str, mounts: tuple[tuple[str, str | None], ...]) -> None:
        (build,) = builds(steps(checkout, "run: docker build ."))
        assert build.mounts == mounts

    @pytest.mark.parametrize(
        ("step", "driver"),
        [
            ("uses: docker/setup-buildx-action@v3", "docker-container"),
            ("{uses: docker/setup-buildx-action@v3, with: {driver: docker}}", "docker"),
            ("{uses: docker/setup-buildx-action@v3, with: {driver: '${{ vars.D }}'}}", ""),
            ("run: docker buildx create --use --driver kubernetes", "kubernetes"),
            ("uses: a/b@v1", ""),
        ],
    )
    def test_driver(self, step: str, driver: str) -> None:
        (build,) = builds(steps(step, BUILD % "w"))
        assert build.driver == driver

    def test_no_attestations_by_a_variable(self) -> None:
        (build,) = builds(steps(BUILD % "w", env="{BUILDX_NO_DEFAULT_ATTESTATIONS: 1}"))
        assert build.provenance is not None and build.provenance.text == ""
        (build,) = builds(steps(BUILD % "w", env="{BUILDX_NO_DEFAULT_ATTESTATIONS: '${{ vars.X }}'}"))
        assert build.provenance is None


@pytest.mark.parametrize("condition", ["false", "${{ false }}", "github.repository == 'other/one'", "'a' == 'b'"])
def test_what_is_never_run(condition: str) -> None:
    assert builds(steps(f'{{if: "{condition}", run: docker build .}}')) == []
    job = f'on: push\njobs:\n  a:\n    if: "{condition}"\n    steps: [{{run: docker build .}}]\n'
    assert builds(job) == []


@pytest.mark.parametrize(
    ("job", "step", "expected"),
    [
        ("runs-on: x", "run: docker build .", [("",)]),
        ("defaults: {run: {working-directory: sub}}", "run: docker build .", [("sub",)]),
        ("defaults: {run: {working-directory: sub}}", "{run: docker build ., working-directory: ./b/}", [("b",)]),
        ("runs-on: x", "{run: docker build ., working-directory: '${{ vars.X }}'}", [()]),
        ("runs-on: x", "{run: docker build ., shell: pwsh}", []),
        ("defaults: {run: {shell: python}}", "run: docker build .", []),
        ("runs-on: windows-2022", "run: docker build .", []),
        ("runs-on: windows-2022", "{run: docker build ., shell: bash}", [("",)]),
    ],
)
def test_directory_and_shell(job: str, step: str, expected: list[tuple[str, ...]]) -> None:
    text = f"on: push\njobs:\n  a:\n    {job}\n    steps:\n    - {step}\n"
    assert [build.directories for build in builds(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]\njobs: *a",
        "jobs: &j {a: *j}",
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9))
        + "jobs: {a: {strategy: {matrix: *i}, steps: [{run: docker build .}]}}",
        "jobs: {a: {strategy: {matrix: " + "[" * 50_000,
        "jobs:\n" + "".join(f"  j{n}: {{needs: [j{n + 1}], steps: [{{run: docker build .}}]}}\n" for n in range(3_000)),
        "jobs: {a: {needs: [a], steps: [{run: docker build .}]}}",
    ],
    ids=["anchor", "mapping", "bomb", "nested", "needs", "itself"],
)
def test_hostile(text: str) -> None:
    start = time.process_time()
    follow("on: push\n" + text)
    assert time.process_time() - start < 6
