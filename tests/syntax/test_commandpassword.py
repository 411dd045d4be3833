"""Passwords on command lines are found where they are written out, and nowhere else."""

from __future__ import annotations

import time

import pytest

from imglint.syntax.commandpassword import passwords

PASSWORD = "hunter2-Kq9"


@pytest.mark.parametrize(
    "line",
    [
        f"docker login ghcr.io -u octo -p {PASSWORD}",
        f"docker login ghcr.io -u octo --password={PASSWORD}",
        f"docker login -u octo --password '{PASSWORD}' ghcr.io",
        f'podman login --password "{PASSWORD}" -u octo ghcr.io',
        f"docker login ghcr.io \\\n    -u octo \\\n    -p \\\n    {PASSWORD}\n",
        f"docker login ghcr.io \\\r\n  -u octo -p {PASSWORD}\r\n",
        f"crane auth login ghcr.io -u octo -p {PASSWORD} && crane push a b",
        f"skopeo copy --dest-creds octo:{PASSWORD} docker://a docker://b",
        f"skopeo copy --src-creds=octo:{PASSWORD} docker://a docker://b",
        f"skopeo copy --dest-username octo --dest-password {PASSWORD} docker://a docker://b",
        f"podman push --creds octo:{PASSWORD} ghcr.io/octo/x",
        f'buildah push --creds "octo:{PASSWORD}" ghcr.io/octo/x',
        f"helm push x.tgz oci://ghcr.io/octo --username octo --password {PASSWORD}",
        f"oras copy --from-password {PASSWORD} a b",
    ],
)
def test_found(line: str) -> None:
    assert [line[start:end] for start, end in passwords(line)][:1] == [PASSWORD]
    assert {line[start:end] for start, end in passwords(line)} == {PASSWORD}


@pytest.mark.parametrize(
    "line",
    [
        'docker login ghcr.io -u octo -p "$PASSWORD"',
        "docker login ghcr.io -u octo -p $PASSWORD",
        "docker login ghcr.io -u octo -p ${{ secrets.PASSWORD }}",
        "docker login ghcr.io -u octo --password-stdin <secret-file.txt",
        "docker login ghcr.io -u octo -p `cat secret-file`",
        "docker login ghcr.io -u octo; docker run -p 8080:8080/tcp image",
        "docker login ghcr.io -u octo\ndocker run -p 127.0.0.1:80 image",
        "skopeo copy --dest-creds octo:$TOKEN docker://a docker://b",
        'skopeo copy --dest-creds "$CREDENTIALS" docker://a docker://b',
        "docker login ghcr.io -u octo -p password",
        "mkdir -p longer/path",
        "see --password-stdin for how to login -p",
    ],
)
def test_not_found(line: str) -> None:
    assert list(passwords(line)) == []


@pytest.mark.parametrize(
    "part", ["login ", "login -p ", "login -p x\\\n", "--creds a:", "--password ", "login " + "x" * 90]
)
def test_time_grows_with_the_text(part: str) -> None:
    text = part * (400_000 // len(part))
    start = time.perf_counter()
    list(passwords(text))
    assert time.perf_counter() - start < 5
