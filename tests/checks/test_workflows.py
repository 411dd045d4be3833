"""The rules on workflows and tokens together: quiet where all is well, one finding for one mistake, never a crash."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.catalog import Catalog
from imglint.cli.projects import ALL_KINDS, projects
from imglint.cli.run import Options, Run
from imglint.config import defaults
from imglint.engine import Engine, Request
from imglint.finding import Finding
from imglint.model.kind import kind_of
from imglint.model.prover import Outcome, prove
from imglint.model.repository import Identity, Repository
from imglint.model.understanding import File
from imglint.model.workflow.pushes import pushes_to
from imglint.project import Assumed, Project
from imglint.read.rules import registry_profile, rule_families, rule_page, token_scopes
from imglint.source import Source

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
FAMILIES = ("tokens", "workflows")
IDENTITY = Identity((Repository("github.com", "acme", "widget"),), "the test")
PUBLISH = ".github/workflows/publish.yml"
CALLED = ".github/workflows/image.yml"
ENGINE = Engine(Catalog(rule_families(), rule_page), token_scopes)


def judge(texts: dict[str, str]) -> list[Finding]:
    """What the two families find in files by their paths; a crash fails the test."""
    sources = {path: Source(path, text) for path, text in texts.items()}
    files = [File(path, kind, source) for path, source in sources.items() if (kind := kind_of(f"/{path}"))]
    project = Project(files, sources.get, lambda: IDENTITY, lambda path: Assumed({}))
    profile = registry_profile("ghcr.io")
    assert profile is not None
    chosen = defaults()._replace(select=FAMILIES)
    requests = {path: Request(source, chosen, profile, lambda: IDENTITY) for path, source in sources.items()}
    judgements = ENGINE.judge(project, requests)
    assert [each.failure for each in judgements.values() if each.failure] == []
    return [finding for each in judgements.values() for finding in each.findings]


LOGINS = {
    "action": "      - uses: docker/login-action@v3\n        with:\n          registry: ghcr.io\n"
    "          username: ${{ github.actor }}\n          password: ${{ secrets.GITHUB_TOKEN }}\n",
    "script": '      - run: echo "${{ github.token }}" | docker login ghcr.io -u me --password-stdin\n',
    "variable": '      - run: echo "$T" | docker login ghcr.io -u "$GITHUB_ACTOR" --password-stdin\n'
    "        env:\n          T: ${{ secrets.GITHUB_TOKEN }}\n",
}
PUSHES = {
    "action": "      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: %s:1\n",
    "script": "      - run: |\n          docker build -t %s:1 .\n          docker push %s:1\n",
    "buildx": "      - run: docker buildx build --push -t %s:1 .\n",
}
NAMES = ("ghcr.io/acme/widget", "ghcr.io/${{ github.repository_owner }}/widget", "ghcr.io/${{ github.repository }}")
TRIGGERS = ("push", "{push: {tags: ['v*']}}", "release", "workflow_dispatch", "schedule")
PERMISSIONS = ("", "    permissions: {contents: read, packages: write}\n")


@pytest.mark.parametrize(("login", "push"), list(product(LOGINS, PUSHES)))
def test_a_job_that_may_push_is_left_alone(login: str, push: str) -> None:
    for name, trigger, own in product(NAMES, TRIGGERS, PERMISSIONS):
        whole = "" if own else "permissions:\n  contents: read\n  packages: write\n"
        steps = "      - uses: actions/checkout@v4\n" + LOGINS[login] + PUSHES[push].replace("%s", name)
        text = f"on: {trigger}\n{whole}jobs:\n  publish:\n    runs-on: ubuntu-latest\n{own}    steps:\n{steps}"
        assert [finding.message for finding in judge({PUBLISH: text})] == []


def test_one_mistake_is_one_finding() -> None:
    """Missing permissions are one matter, whatever else would follow from them."""
    steps = LOGINS["action"] + PUSHES["action"].replace("%s", NAMES[0])
    job = "jobs:\n  publish:\n    runs-on: ubuntu-latest\n    permissions: {contents: read}\n    steps:\n" + steps
    for trigger in ("push", "[push, pull_request]"):
        rules = [finding.rule for finding in judge({PUBLISH: f"on: {trigger}\n{job}"})]
        assert rules == ["missing-packages-write"]


def test_many_jobs_without_permissions_are_one_finding() -> None:
    steps = LOGINS["action"] + PUSHES["action"].replace("%s", NAMES[0])
    jobs = "".join(f"  j{number}:\n    runs-on: ubuntu-latest\n    steps:\n{steps}" for number in range(5))
    (finding,) = judge({PUBLISH: f"on: push\njobs:\n{jobs}"})
    assert "this and 4 more jobs push" in finding.message


def test_a_skipped_caller_skips_what_it_calls() -> None:
    called = "on: workflow_call\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n"
    called += LOGINS["action"] + PUSHES["action"].replace("%s", NAMES[0])
    grants = "    permissions: {contents: read, packages: write}\n"
    caller = f"on: [push, pull_request]\njobs:\n  a:\n%s{grants}    uses: ./{CALLED}\n"
    (finding,) = judge({PUBLISH: caller % "", CALLED: called})
    assert (finding.rule, finding.source.path) == ("push-from-fork-pull-request", CALLED)
    guarded = "    if: github.event_name != 'pull_request'\n"
    assert judge({PUBLISH: caller % guarded, CALLED: called}) == []
    unknown = "    if: vars.PUBLISH == 'yes'\n"
    assert judge({PUBLISH: caller % unknown, CALLED: called}) == []


def test_a_rewrite_of_a_login_is_a_script_that_does_the_same() -> None:
    text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
    text += "      - run: docker login ghcr.io -u me -p ${{ secrets.CR_PAT }}\n"
    (found,) = [each for each in judge({PUBLISH: text}) if each.rule == "password-on-command-line"]
    lines = found.help.split("\n")[1:]
    assert lines == [
        "env:",
        "  CR_PAT: ${{ secrets.CR_PAT }}",
        'run: echo "$CR_PAT" | docker login ghcr.io -u me --password-stdin',
    ]
    step = "      - env: {CR_PAT: '${{ secrets.CR_PAT }}'}\n        " + lines[2] + "\n"
    again = judge({PUBLISH: text.partition("      - run")[0] + step})
    assert "password-on-command-line" not in [each.rule for each in again]


WORDS = st.sampled_from(
    [
        "on", "jobs", "steps", "uses", "run", "with", "permissions", "packages", "write", "write-all",
        "pull_request", "pull_request_target", "workflow_call", "secrets", "inherit", "docker/login-action@v3",
        "registry", "ghcr.io", "password", "username", "${{ secrets.A }}", "${{ github.token }}",
        "docker/build-push-action@v6", "push", "true", "tags", "ghcr.io/acme/x:1", "env", "if", "needs", "runs-on",
        "self-hosted", "logout", "registry-auth", "a", "", "docker login ghcr.io -u a -p b",
        "docker push ghcr.io/acme/x:1", "matrix", "strategy", "echo $A | docker login ghcr.io -p", "id-token",
        "cosign sign x", "actions/attest@v2", "token", "actions/delete-package-versions@v5", f"./{CALLED}",
        "environment", "${{", "}}", "'", "null", "- registry: a\n  password: [b]", "package-name",
        "delete-only-untagged-versions", "ref", "context", "actions/checkout@v4", "${{ github.head_ref }}",
        "defaults",
    ]
)  # fmt: skip
TREES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(WORDS, children, max_size=5),
    max_leaves=25,
)
STEP = st.dictionaries(st.sampled_from(["uses", "run", "with", "env", "if", "id", "shell"]), TREES, max_size=5)
JOB = st.fixed_dictionaries(
    {"steps": st.lists(STEP | TREES, max_size=4)},
    optional={
        "permissions": TREES, "uses": WORDS, "secrets": TREES, "needs": TREES, "runs-on": TREES, "strategy": TREES,
        "environment": TREES, "if": TREES,
    },
)  # fmt: skip
DOCUMENT = st.fixed_dictionaries(
    {"on": TREES, "jobs": st.dictionaries(WORDS, JOB | TREES, max_size=3)},
    optional={"permissions": TREES, "env": TREES, "defaults": TREES},
)


@settings(max_examples=300, deadline=None)
@given(DOCUMENT | TREES, DOCUMENT | TREES)
def test_any_document_is_judged(first: object, second: object) -> None:
    """JSON is YAML, so a tree of words that workflows use is a workflow file, however strange."""
    import json

    judge({PUBLISH: json.dumps(first), CALLED: json.dumps(second)})


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("abc:-{}[]&*!|>'\"#%@ \n\t")), max_size=120))
def test_any_text_is_judged(text: str) -> None:
    judge({PUBLISH: "on: push\njobs:\n  a:\n    steps:\n" + text})


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the measured data is not beside the repository")
def test_pushes_that_are_allowed_have_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """In real workflows nothing is said of a push that the prover allows, except of pull requests."""
    allowed = 0
    for folder in sorted(CORPUS.iterdir()):
        if not (folder / ".github" / "workflows").is_dir():
            continue
        monkeypatch.setenv("IMGLINT_REPOSITORY", folder.name.replace("__", "/", 1))
        run = Run(Options((str(folder / ".github"),)), ALL_KINDS)
        for group in projects(run):
            requests = {
                item.source.path: Request(
                    item.source, item.settings._replace(select=FAMILIES), run.profile(item.settings),
                    run.identity_finder(item),
                )
                for item in group.inputs
            }  # fmt: skip
            said = {
                (finding.source.path, finding.span)
                for judgement in run.engine.judge(group.project, requests).values()
                for finding in judgement.findings
            }
            for use in group.project.workflows:
                for push in (push for each in use.runs for push in pushes_to(each, ("ghcr.io",))):
                    if prove(push, group.project.identity()).outcome is Outcome.ALLOWED:
                        allowed += 1
                        logins = {(login.place.source.path, login.place.span) for login in push.logins}
                        assert not said & {(push.place.source.path, push.place.span), *logins}
    assert allowed > 50


FIXTURES = Path(__file__).parents[2] / "fixtures" / "workflows"


@pytest.mark.parametrize("folder", sorted(FIXTURES.iterdir()), ids=lambda folder: folder.name)
def test_the_mistake_of_a_fixture_is_found_and_no_other(folder: Path) -> None:
    """Every folder is a small repository, named after the one mistake in it."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    found = {finding.rule for finding in judge(texts)}
    expected = set() if folder.name.startswith("good-") else {folder.name}
    # Who pushes with a personal token where another would do makes the package private, too.
    also = {"pat-instead-of-github-token"} if folder.name == "private-by-default" else set()
    assert found == expected | also
