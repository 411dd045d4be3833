"""Whether a push will be allowed, and why."""

from __future__ import annotations

import pytest

from imglint.model.link import Link
from imglint.model.prover import Cause, Outcome, Verdict, prove
from imglint.model.repository import Identity, Repository
from imglint.model.understanding import Understanding
from imglint.model.workflow.occasion import ANY, FORK, OWN_REQUEST, Occasion
from imglint.model.workflow.pushes import pushes_to
from imglint.source import Source, Span
from imglint.syntax.text import Place

from .test_logins import understand

HOSTS = ("ghcr.io",)
IDENTITY = Identity((Repository("github.com", "acme", "widget"),), "the test")
LOGIN = """\
      - uses: docker/login-action@v3
        with: {registry: ghcr.io, username: me, password: "%s"}
"""
OWN = LOGIN % "${{ secrets.GITHUB_TOKEN }}"
PUSH = """\
      - uses: docker/build-push-action@v6
        with: {push: true, tags: "%s"}
"""
OURS = PUSH % "ghcr.io/${{ github.repository_owner }}/widget:1"
CREDS = "      - run: skopeo copy --dest-creds 'me:%s' docker://a docker://ghcr.io/acme/widget:1\n"
OWN_CREDS = CREDS % "${{ github.token }}"
PUSH_TO = """\
      - uses: redhat-actions/push-to-registry@v2
        with: {image: widget, tags: 1, registry: ghcr.io/acme, username: me, password: "%s"}
"""
ATTEST = """\
      - uses: actions/attest@v2
        with: {subject-name: ghcr.io/acme/widget, subject-digest: "sha256:0", push-to-registry: %s}
"""
RELEASE = """\
      - uses: actions/checkout@v4
      - uses: goreleaser/goreleaser-action@v6
        with: {args: release --clean}
"""
RELEASED = """\
    docker_manifests:
      - name_template: "ghcr.io/{{ .Env.GITHUB_REPOSITORY_OWNER }}/widget:{{ .Version }}"
"""
SETUP_KO = "      - uses: ko-build/setup-ko@v0.9\n"
KO = "      - run: ko build --bare\n"
BARE = "      - run: skopeo copy docker://a docker://ghcr.io/acme/widget:2\n"
WRITE = "    permissions: {contents: read, packages: write}\n"
READ = "    permissions: {contents: read}\n"


def workflow(steps: str, permissions: str = WRITE, head: str = "on: push") -> str:
    return f"{head}\njobs:\n  a:\n    runs-on: ubuntu-latest\n{permissions}    steps:\n{steps}"


def verdicts(understanding: Understanding, occasion: Occasion = ANY) -> list[Verdict]:
    uses = understanding.workflows
    runs = [run for use in uses for run in (use.runs if occasion is ANY else use.again(occasion))]
    return [prove(push, IDENTITY, occasion) for run in runs for push in pushes_to(run, HOSTS)]


def verdict(text: str, occasion: Occasion = ANY, **others: str) -> Verdict:
    (found,) = verdicts(understand(text, **others), occasion)
    return found


@pytest.mark.parametrize(
    ("steps", "permissions", "outcome", "cause"),
    [
        (OWN + OURS, WRITE, Outcome.ALLOWED, Cause.NOTHING),
        (OWN + PUSH % "ghcr.io/Acme/widget", WRITE, Outcome.ALLOWED, Cause.NOTHING),
        (OWN + OURS, "    permissions: write-all\n", Outcome.ALLOWED, Cause.NOTHING),
        (OWN + OURS, READ, Outcome.DENIED, Cause.PERMISSION),
        (OWN + OURS, "    permissions: read-all\n", Outcome.DENIED, Cause.PERMISSION),
        (OWN + OURS, "    permissions: {}\n", Outcome.DENIED, Cause.PERMISSION),
        (OWN + OURS, "", Outcome.DEPENDS, Cause.DEFAULT),
        (OWN + PUSH % "ghcr.io/octo/widget", WRITE, Outcome.DENIED, Cause.OWNER),
        (OWN + PUSH % "ghcr.io/${{ vars.OWNER }}/widget", WRITE, Outcome.DEPENDS, Cause.OWNER),
        (OWN.replace("username: me, ", "") + OURS, WRITE, Outcome.DENIED, Cause.USER),
        (OWN.replace("username: me, ", "") + OURS, READ, Outcome.DENIED, Cause.PERMISSION),
        ((LOGIN % "${{ secrets.CR_PAT }}").replace("me", '""') + OURS, READ, Outcome.DENIED, Cause.USER),
        (OURS, WRITE, Outcome.DENIED, Cause.LOGIN),
        (OURS + OWN, WRITE, Outcome.DENIED, Cause.LOGIN),
        ("      - run: make login\n" + OURS, WRITE, Outcome.DEPENDS, Cause.LOGIN),
        ("      - uses: octo/sign-in@v1\n        with: {token: x}\n" + OURS, WRITE, Outcome.DEPENDS, Cause.LOGIN),
        (LOGIN % "${{ secrets.CR_PAT }}" + OURS, READ, Outcome.DEPENDS, Cause.CREDENTIAL),
        (LOGIN % "github_pat_11AAAA" + OURS, WRITE, Outcome.DENIED, Cause.CREDENTIAL),
        (LOGIN % "${{ secrets.CR_PAT }}" + OWN + OURS, READ, Outcome.DENIED, Cause.PERMISSION),
        (OWN_CREDS, WRITE, Outcome.ALLOWED, Cause.NOTHING),
        (OWN_CREDS, READ, Outcome.DENIED, Cause.PERMISSION),
        (LOGIN % "${{ secrets.CR_PAT }}" + OWN_CREDS, READ, Outcome.DENIED, Cause.PERMISSION),
        (OWN + CREDS % "${{ secrets.CR_PAT }}", WRITE, Outcome.DEPENDS, Cause.CREDENTIAL),
        (PUSH_TO % "${{ github.token }}", READ, Outcome.DENIED, Cause.PERMISSION),
        (OWN + PUSH_TO % "${{ secrets.CR_PAT }}", WRITE, Outcome.DEPENDS, Cause.CREDENTIAL),
        (OWN + ATTEST % "true", READ, Outcome.DENIED, Cause.PERMISSION),
        (ATTEST % "true", WRITE, Outcome.DENIED, Cause.LOGIN),
        (SETUP_KO + KO, WRITE, Outcome.ALLOWED, Cause.NOTHING),
        (SETUP_KO + KO, READ, Outcome.DENIED, Cause.PERMISSION),
        (OWN_CREDS.replace("dest", "src"), WRITE, Outcome.DENIED, Cause.LOGIN),
    ],
)
def test_one_job(steps: str, permissions: str, outcome: Outcome, cause: Cause) -> None:
    found = verdict(workflow(steps, permissions))
    assert (found.outcome, found.cause) == (outcome, cause)
    assert found.reason


def test_credentials_of_one_command_hold_for_no_other() -> None:
    found = verdicts(understand(workflow(BARE + OWN_CREDS + BARE)))
    assert [each.cause for each in found] == [Cause.LOGIN, Cause.NOTHING, Cause.LOGIN]
    assert not any(each.trail for each in found if each.cause is Cause.LOGIN)


@pytest.mark.parametrize(("permissions", "outcome"), [(WRITE, Outcome.ALLOWED), (READ, Outcome.DENIED)])
def test_a_release(permissions: str, outcome: Outcome) -> None:
    assert verdict(workflow(OWN + RELEASE, permissions), **{".goreleaser": RELEASED}).outcome is outcome


@pytest.mark.parametrize("steps", [KO, ATTEST % "false", ATTEST % "${{ vars.X }}"])
def test_what_is_not_known_to_push(steps: str) -> None:
    assert verdicts(understand(workflow(steps))) == []


def test_the_action_of_ko_logs_in_only_where_nobody_says_where_to_push() -> None:
    known = "    env: {KO_DOCKER_REPO: ghcr.io/acme}\n"
    assert verdict(workflow(SETUP_KO + KO, WRITE + known)).cause is Cause.LOGIN


def test_the_steps_of_the_reasoning_have_their_places() -> None:
    trail = verdict(workflow(OWN + OURS, READ)).trail
    assert [ground.words for ground in trail] == ["logs in with GITHUB_TOKEN", "the token has `packages: none`"]
    places = [ground.place for ground in trail]
    assert [place and place.source.slice(place.span) for place in places] == ["docker/login-action@v3", "permissions"]


def test_a_login_on_a_condition_leaves_two_ways() -> None:
    maybe = (LOGIN % "${{ secrets.CR_PAT }}").replace("- uses", "- if: ${{ vars.X }}\n        uses")
    assert verdict(workflow(OWN + maybe + OURS)).outcome is Outcome.DEPENDS


LABEL = Place(Source("Dockerfile", "LABEL"), Span(0, 5))
MINE = Link(True, "acme/widget", LABEL)


@pytest.mark.parametrize(
    ("link", "outcome", "words"),
    [
        (MINE, Outcome.ALLOWED, "GITHUB_TOKEN has `packages: write`"),
        (Link(False, "octo/base", LABEL), Outcome.DEPENDS, "names octo/base, so the package has to let this"),
        (
            Link(False),
            Outcome.DEPENDS,
            "no label links the package to this repository, which may write if it pushed it",
        ),
        (Link(None), Outcome.DEPENDS, "whether the package is linked to this repository is not known"),
    ],
    ids=["this", "another", "none", "unknown"],
)
def test_the_link_of_the_package(link: Link, outcome: Outcome, words: str) -> None:
    """It is never a reason to say that a push will be denied: how a package is set up, no file tells."""
    (run,) = understand(workflow(OWN + OURS)).workflows[0].runs
    (push,) = pushes_to(run, HOSTS)
    found = prove(push, IDENTITY, link=link)
    assert found.outcome is outcome
    assert found.cause is (Cause.NOTHING if outcome is Outcome.ALLOWED else Cause.LINK)
    assert words in found.reason
    assert found.trail[-1].place is link.place


@pytest.mark.parametrize(
    ("steps", "permissions", "cause"),
    [
        (OWN + OURS, READ, Cause.PERMISSION),
        (OWN + OURS, "", Cause.DEFAULT),
        (OWN + PUSH % "ghcr.io/octo/widget", WRITE, Cause.OWNER),
        (LOGIN % "${{ secrets.CR_PAT }}" + OURS, WRITE, Cause.CREDENTIAL),
        (OURS, WRITE, Cause.LOGIN),
    ],
)
def test_the_link_comes_last(steps: str, permissions: str, cause: Cause) -> None:
    (run,) = understand(workflow(steps, permissions)).workflows[0].runs
    (push,) = pushes_to(run, HOSTS)
    assert prove(push, IDENTITY, link=Link(False)).cause is cause


@pytest.mark.parametrize(
    ("guard", "outcomes"),
    [
        ("", [Outcome.DENIED]),
        ("    if: github.event_name != 'pull_request'\n", []),
        ("    if: ${{ !github.event.pull_request.head.repo.fork }}\n", []),
        ("    if: github.event.pull_request.head.repo.full_name == github.repository\n", []),
        ("    if: startsWith(github.ref, 'refs/tags/')\n", []),
        ("    if: github.ref == 'refs/heads/main'\n", []),
        ("    if: contains(github.event.pull_request.labels.*.name, 'push')\n", [Outcome.DENIED]),
    ],
)
def test_a_pull_request_from_a_fork(guard: str, outcomes: list[Outcome]) -> None:
    text = workflow(OWN + OURS, guard + WRITE, "on: [push, pull_request]")
    assert [each.outcome for each in verdicts(understand(text), FORK)] == outcomes
    if guard.count("labels"):
        (run,) = understand(text).workflows[0].again(FORK)
        assert not run.certain


def test_a_variable_of_the_runner_tells_the_event_too() -> None:
    step = "      - run: docker build --push -t ghcr.io/acme/$GITHUB_EVENT_NAME .\n"
    (run,) = understand(workflow(OWN + step)).workflows[0].again(OWN_REQUEST)
    assert [push.name.text for push in pushes_to(run, HOSTS)] == ["ghcr.io/acme/pull_request"]


def test_an_output_that_only_the_event_tells() -> None:
    outputs = "${{ github.event_name == 'pull_request' && 'type=image,name=ghcr.io/acme/widget,push=true' || '' }}"
    step = f'      - uses: docker/build-push-action@v6\n        with: {{outputs: "{outputs}"}}\n'
    (use,) = understand(workflow(OWN + step)).workflows
    assert not [push for run in use.runs for push in pushes_to(run, HOSTS)]
    (run,) = use.again(OWN_REQUEST)
    assert [push.name.text for push in pushes_to(run, HOSTS)] == ["ghcr.io/acme/widget"]


CALLED = workflow(OWN + OURS, WRITE, "on: workflow_call")
WITHOUT = workflow(OWN + OURS, "", "on: workflow_call")


@pytest.mark.parametrize("permissions", [WRITE, ""])
def test_a_workflow_that_only_others_call(permissions: str) -> None:
    found = verdict(workflow(OWN + OURS, permissions, "on: workflow_call"))
    assert (found.outcome, found.cause) == (Outcome.DEPENDS, Cause.CALLER)


@pytest.mark.parametrize(
    ("own", "called", "outcome", "cause"),
    [
        (WRITE, CALLED, Outcome.ALLOWED, Cause.NOTHING),
        (READ, CALLED, Outcome.DENIED, Cause.CALLER),
        ("", CALLED, Outcome.DEPENDS, Cause.CALLER),
        (WRITE, WITHOUT, Outcome.ALLOWED, Cause.NOTHING),
        (READ, WITHOUT, Outcome.DENIED, Cause.PERMISSION),
        ("", WITHOUT, Outcome.DEPENDS, Cause.DEFAULT),
    ],
)
def test_a_called_workflow(own: str, called: str, outcome: Outcome, cause: Cause) -> None:
    caller = f"on: push\njobs:\n  a:\n{own}    uses: ./.github/workflows/image.yml\n"
    found = verdict(caller, **{".github__workflows__image": called})
    assert (found.outcome, found.cause) == (outcome, cause)
