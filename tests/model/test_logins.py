"""Logins: where they are made, and what they are made with, followed to where that is put in."""

from __future__ import annotations

from textwrap import dedent

import pytest

from imglint.model.credential import CredentialKind
from imglint.model.kind import Kind
from imglint.model.login import Login, Reach, Way
from imglint.model.repository import Identity, Repository
from imglint.model.understanding import File, Understanding
from imglint.project import Assumed, Project
from imglint.source import Source

WORKFLOW = ".github/workflows/ci.yml"
ACTION = "docker/login-action@v3"


def understand(workflow: str, **others: str) -> Understanding:
    """What a workflow comes to; others are files by their paths, `__` for a slash."""
    texts = {WORKFLOW: workflow} | {name.replace("__", "/") + ".yml": text for name, text in others.items()}
    kinds = {path: Kind.ACTION if "action" in path else Kind.WORKFLOW for path in texts}
    sources = {path: Source(path, dedent(text)) for path, text in texts.items()}
    files = [File(path, kinds[path], source) for path, source in sources.items()]
    identity = Identity((Repository("github.com", "acme", "widget"),), "the test")
    return Project(files, sources.get, lambda: identity, lambda path: Assumed({})).understand()


def logins(workflow: str, **others: str) -> list[Login]:
    return [use.login for use in understand(workflow, **others).logins]


def steps(*lines: str, head: str = "on: push", env: str = "{}") -> str:
    body = "".join(f"      - {line}\n" for line in lines)
    return f"{head}\nenv: {env}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{body}"


def action(password: str, registry: str = "ghcr.io") -> str:
    return f"{{uses: {ACTION}, with: {{registry: '{registry}', username: me, password: '{password}'}}}}"


@pytest.mark.parametrize(
    ("password", "kind", "secret"),
    [
        ("${{ secrets.GITHUB_TOKEN }}", CredentialKind.GITHUB_TOKEN, ""),
        ("${{ secrets.github_token }}", CredentialKind.GITHUB_TOKEN, ""),
        ("${{ secrets[''GITHUB_TOKEN''] }}", CredentialKind.GITHUB_TOKEN, ""),
        ("${{ github.token }}", CredentialKind.GITHUB_TOKEN, ""),
        ("${{ secrets.GITHUB_TOKEN || github.token }}", CredentialKind.GITHUB_TOKEN, ""),
        ("${{ secrets.CR_PAT }}", CredentialKind.SECRET, "CR_PAT"),
        ("${{ secrets.CR_PAT || secrets.GITHUB_TOKEN }}", CredentialKind.UNKNOWN, "CR_PAT"),
        ("x${{ secrets.CR_PAT }}", CredentialKind.UNKNOWN, "CR_PAT"),
        ("${{ secrets.MY_FINE_GRAINED_PAT }}", CredentialKind.FINE_GRAINED, "MY_FINE_GRAINED_PAT"),
        ("github_pat_" + "1" * 22, CredentialKind.FINE_GRAINED, ""),
        ("hunter2", CredentialKind.LITERAL, ""),
        ("${{ vars.PASSWORD }}", CredentialKind.UNKNOWN, ""),
        ("${{ steps.other.outputs.token }}", CredentialKind.UNKNOWN, ""),
        ("${{ env.TOKEN }}", CredentialKind.SECRET, "FROM_ENV"),
    ],
)
def test_credentials(password: str, kind: CredentialKind, secret: str) -> None:
    (login,) = logins(steps(action(password), env="{TOKEN: '${{ secrets.FROM_ENV }}'}"))
    assert (login.credential.kind, login.credential.secret) == (kind, secret)


@pytest.mark.parametrize(
    ("registry", "host"),
    [
        ("ghcr.io", "ghcr.io"),
        ("https://ghcr.io/acme", "ghcr.io"),
        ("GHCR.io", "ghcr.io"),
        ("", "docker.io"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("${{ env.WHERE }}", "quay.io"),
        ("${{ vars.WHERE }}", None),
        ("${{ vars.WHERE }}/acme", None),
    ],
)
def test_registries(registry: str, host: str | None) -> None:
    (login,) = logins(steps(action("x", registry), env="{WHERE: quay.io}"))
    assert login.host == host


@pytest.mark.parametrize(
    ("script", "tool", "host", "way"),
    [
        ("docker login ghcr.io -u me -p $T", "docker login", "ghcr.io", Way.ARGUMENT),
        ("sudo docker login --username=me --password=$T ghcr.io", "docker login", "ghcr.io", Way.ARGUMENT),
        ("docker login -u me -p$T", "docker login", "docker.io", Way.ARGUMENT),
        ('echo "$T" | docker login ghcr.io -u me --password-stdin', "docker login", "ghcr.io", Way.STDIN),
        ("printf '%s' \"$T\" | podman login -u me --password-stdin quay.io", "podman login", "quay.io", Way.STDIN),
        ('docker login ghcr.io -u me --password-stdin <<< "$T"', "docker login", "ghcr.io", Way.STDIN),
        ("buildah login -u me -p $T ghcr.io", "buildah login", "ghcr.io", Way.ARGUMENT),
        ("skopeo login -u me -p $T ghcr.io", "skopeo login", "ghcr.io", Way.ARGUMENT),
        ("oras login ghcr.io -u me -p $T", "oras login", "ghcr.io", Way.ARGUMENT),
        ("cosign login ghcr.io -u me -p $T", "cosign login", "ghcr.io", Way.ARGUMENT),
        ("crane auth login ghcr.io -u me -p $T", "crane auth login", "ghcr.io", Way.ARGUMENT),
        ("helm registry login ghcr.io -u me -p $T", "helm registry login", "ghcr.io", Way.ARGUMENT),
        ("regctl registry login ghcr.io -u me -p $T", "regctl registry login", "ghcr.io", Way.ARGUMENT),
        ("ko login ghcr.io -u me -p $T", "ko login", "ghcr.io", Way.ARGUMENT),
    ],
)
def test_commands(script: str, tool: str, host: str, way: Way) -> None:
    (login,) = logins(steps(f"{{run: '{script.replace(chr(39), chr(39) * 2)}', env: {{T: '${{{{ secrets.X }}}}'}}}}"))
    assert (login.tool, login.host, login.way) == (tool, host, way)
    assert (login.credential.kind, login.credential.secret) == (CredentialKind.SECRET, "X")


@pytest.mark.parametrize(
    ("script", "tool", "host", "user", "argument"),
    [
        ("skopeo copy --dest-creds me:$T docker://a docker://ghcr.io/a/b", "skopeo copy", "ghcr.io", "me",
         "--dest-creds me:$T"),
        ('skopeo --debug copy --dest-creds="me:$T" oci:a docker://ghcr.io/a/b:1', "skopeo copy", "ghcr.io", "me",
         '--dest-creds="me:$T"'),
        ("skopeo copy --dest-username me --dest-password $T docker://a docker://b/c", "skopeo copy", "docker.io", "me",
         "--dest-password $T"),
        ("skopeo copy --dest-registry-token $T docker://a docker://ghcr.io/a/b", "skopeo copy", "ghcr.io", None,
         "--dest-registry-token $T"),
        ("skopeo copy --dest-creds $T docker://a docker://ghcr.io/a/b", "skopeo copy", "ghcr.io", "…",
         "--dest-creds $T"),
        ("skopeo copy --dest-creds me:$T docker://a docker://$WHERE/a/b", "skopeo copy", None, "me",
         "--dest-creds me:$T"),
        ("podman push --creds=me:$T a docker://ghcr.io/a/b", "podman push", "ghcr.io", "me", "--creds=me:$T"),
        ("podman manifest push --creds me:$T a docker://ghcr.io/a/b", "podman manifest push", "ghcr.io", "me",
         "--creds me:$T"),
        ("buildah push --creds :$T a ghcr.io/a/b", "buildah push", "ghcr.io", "", "--creds :$T"),
        ("oras push -u me -p $T ghcr.io/a/b:1 file", "oras push", "ghcr.io", "me", "-p $T"),
        ("echo $T | oras attach -u me --password-stdin ghcr.io/a/b:1 file", "oras attach", "ghcr.io", "me", None),
        ("oras cp --to-username me --to-password $T a/b ghcr.io/a/b:1", "oras copy", "ghcr.io", "me",
         "--to-password $T"),
        ("regctl image copy --host reg=ghcr.io,user=me,pass=$T a ghcr.io/a/b:1", "regctl image copy", "ghcr.io", "me",
         "--host reg=ghcr.io,user=me,pass=$T"),
    ],
)  # fmt: skip
def test_credentials_of_one_command(
    script: str, tool: str, host: str | None, user: str | None, argument: str | None
) -> None:
    (login,) = logins(steps(f"{{run: '{script}', env: {{T: '${{{{ secrets.X }}}}'}}}}"))
    assert (login.tool, login.host, login.user and login.user.shown) == (tool, host, user)
    assert (login.argument and login.argument.source.slice(login.argument.span)) == argument
    assert (login.credential.kind, login.credential.secret) == (CredentialKind.SECRET, "X")
    assert login.reach is Reach.PUSH


def test_a_copy_may_log_in_twice() -> None:
    pull, push = logins(steps("run: skopeo copy --src-creds a:b --dest-creds a:b docker://x.io/a docker://x.io/b"))
    assert (pull.reach, push.reach) == (Reach.PULL, Reach.PUSH)


@pytest.mark.parametrize(
    "command",
    ["skopeo copy --dest-creds me:x docker://a oci:b", "podman push --creds me a", "crane push a.tar ghcr.io/a/b",
     "oras push --oci-layout -u me -p x a:1 file", "regctl --host reg=ghcr.io,tls=disabled image copy a b"],
)  # fmt: skip
def test_what_brings_no_credentials(command: str) -> None:
    assert logins(steps(f"run: {command}")) == []


@pytest.mark.parametrize(
    "command", ["docker login --help", "docker logout ghcr.io", "gh auth login", "podman login --get-login"]
)
def test_what_is_no_login(command: str) -> None:
    assert logins(steps(f"run: {command} # docker login")) == []


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("gh auth token | docker login ghcr.io -u me --password-stdin", CredentialKind.GH_CLI),
        ("T=$(gh auth token)\ndocker login ghcr.io -u me -p $T", CredentialKind.GH_CLI),
        ("aws ecr get-login-password | docker login -u AWS --password-stdin 1.dkr.ecr.x.amazonaws.com",
         CredentialKind.EXCHANGED),
        ("cat token.txt | docker login ghcr.io -u me --password-stdin", CredentialKind.UNKNOWN),
        ("docker login ghcr.io -u me --password-stdin < token.txt", CredentialKind.UNKNOWN),
        ('echo "$(cat x | tr a b)" | docker login ghcr.io -u me --password-stdin', CredentialKind.UNKNOWN),
        ("docker login ghcr.io", CredentialKind.UNKNOWN),
    ],
)  # fmt: skip
def test_where_a_script_gets_it_from(script: str, kind: CredentialKind) -> None:
    lines = script.replace("\n", "\n          ")
    (login,) = logins(steps(f"run: |\n          {lines}"))
    assert login.credential.kind is kind


def test_the_tokens_of_an_app_and_of_a_cloud() -> None:
    found = logins(
        steps(
            "{id: app, uses: actions/create-github-app-token@v2}",
            "{id: cloud, uses: google-github-actions/auth@v2}",
            action("${{ steps.app.outputs.token }}"),
            action("${{ steps.cloud.outputs.access_token }}", "gcr.io"),
        )
    )
    assert [login.credential.kind for login in found] == [CredentialKind.APP_TOKEN, CredentialKind.EXCHANGED]


def test_several_at_once() -> None:
    (first, second) = logins(
        steps(
            f"""uses: {ACTION}
        with:
          registry-auth: |
            - registry: ghcr.io
              username: me
              password: ${{{{ github.token }}}}
            - registry: quay.io
              username: me
              password: "${{{{ secrets.QUAY }}}}\""""
        )
    )
    assert (first.host, first.credential.kind) == ("ghcr.io", CredentialKind.GITHUB_TOKEN)
    assert (second.host, second.credential.secret) == ("quay.io", "QUAY")


CALLED = """\
    on: workflow_call
    jobs:
      b:
        runs-on: ubuntu-latest
        steps:
        - uses: docker/login-action@v3
          with: {registry: ghcr.io, username: me, password: "${{ secrets.token }}"}
"""


@pytest.mark.parametrize(
    ("secrets", "kind", "secret"),
    [
        ("{token: '${{ secrets.CR_PAT }}'}", CredentialKind.SECRET, "CR_PAT"),
        ("{TOKEN: '${{ github.token }}'}", CredentialKind.GITHUB_TOKEN, ""),
        ("inherit", CredentialKind.SECRET, "token"),
    ],
)
def test_passed_to_a_called_workflow(secrets: str, kind: CredentialKind, secret: str) -> None:
    caller = f"on: push\njobs:\n  a:\n    uses: ./.github/workflows/image.yml\n    secrets: {secrets}\n"
    understanding = understand(caller, **{".github__workflows__image": CALLED})
    (use,) = understanding.logins
    assert (use.login.credential.kind, use.login.credential.secret) == (kind, secret)
    assert use.run is not None and use.run.started.source.path == WORKFLOW
    assert [job.name for _, job in use.run.callers] == ["a"]


def test_a_workflow_that_somebody_else_calls() -> None:
    (login,) = logins(dedent(CALLED))
    assert (login.credential.kind, login.credential.secret) == (CredentialKind.PASSED, "token")


def test_through_a_local_action() -> None:
    inner = """
        inputs: {token: {default: "${{ github.token }}"}}
        runs:
          using: composite
          steps:
          - run: echo "$T" | docker login ghcr.io -u x --password-stdin
            shell: bash
            env: {T: "${{ inputs.token }}"}
    """
    text = steps("uses: ./sign/in", "{uses: ./sign/in, with: {token: '${{ secrets.CR_PAT }}'}}")
    found = logins(text, sign__in__action=inner)
    assert {login.credential.kind for login in found} == {CredentialKind.GITHUB_TOKEN, CredentialKind.SECRET}


def test_the_rows_of_a_matrix() -> None:
    text = """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            strategy: {matrix: {registry: [ghcr.io, quay.io]}}
            steps:
            - uses: docker/login-action@v3
              with: {registry: "${{ matrix.registry }}", username: a, password: "${{ secrets.P }}"}
    """
    assert [login.host for login in logins(text)] == ["ghcr.io", "quay.io"]


def test_where_it_is_put_in() -> None:
    text = steps("{run: 'docker login ghcr.io -u me -p \"$T\"', env: {T: '${{ secrets.X }}'}}")
    (login,) = logins(text)
    assert login.argument is not None and login.credential.origin is not None
    assert login.argument.source.slice(login.argument.span) == '-p "$T"'
    assert login.place.source.slice(login.place.span) == "docker login"
