"""Configurations in the manner of well-known images on Docker Hub: what is in them is meant to be there.

The histories are shortened to what looks like a mistake and is none.
"""

from __future__ import annotations

from typing import Any

from .judging import configuration

NOP = "/bin/sh -c #(nop) "
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEBIAN = "# debian.sh --arch 'amd64' out/ 'bookworm' '@1733702400'"


def run(script: str) -> str:
    """A RUN as BuildKit writes it down: in one line, with the blanks that stood there."""
    return f"RUN /bin/sh -c {'     '.join(line.strip() for line in script.strip().splitlines())} # buildkit"


def copy(words: str, keyword: str = "COPY") -> str:
    return f"{keyword} {words} # buildkit"


def image(runtime: dict[str, Any], *steps: str) -> dict[str, Any]:
    """A configuration with that history, and as many layers as it has."""
    made = [entry(step) for step in steps]
    return configuration(runtime, layers=sum("empty_layer" not in each for each in made), history=made)


def entry(step: str) -> dict[str, Any]:
    """An entry of a history; one that makes no files is marked as empty."""
    found: dict[str, Any] = {"created": "2024-12-09T00:00:00Z", "created_by": step}
    if not step.startswith((NOP, "# debian")):
        found["comment"] = "buildkit.dockerfile.v0"
    words = step.removeprefix(NOP).split()[0]
    if words in ("ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL"):
        found["empty_layer"] = True
    return found


OFFICIAL = {
    "alpine": image(
        {"Env": [PATH], "Cmd": ["/bin/sh"], "WorkingDir": "/"},
        copy("alpine-minirootfs-3.20.3-x86_64.tar.gz /", "ADD"),
        'CMD ["/bin/sh"]',
    ),
    "alpine of old": image(
        {"Env": [PATH], "Cmd": ["/bin/sh"]}, f"{NOP} ADD file:{'a' * 64} in / ", f'{NOP} CMD ["/bin/sh"]'
    ),
    "debian": image({"Env": [PATH], "Cmd": ["bash"]}, DEBIAN),
    "python": image(
        {
            "Env": [PATH, "GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305", "PYTHON_VERSION=3.12.8",
                    "PYTHON_SHA256=c909157bb25ec114e5869124cc2a9c4a4d4c1e957ca4ff553f1edc692101154e"],
            "Cmd": ["python3"],
        },
        DEBIAN,
        run("set -eux; apt-get update; apt-get install -y tzdata ; rm -rf /var/lib/apt/lists/*"),
        "ENV GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305",
        run("""
            set -eux; saved="$(apt-mark showmanual)"; apt-get update; apt-get install -y --no-install-recommends gcc ;
            GNUPGHOME="$(mktemp -d)"; export GNUPGHOME; gpg --batch --recv-keys "$GPG_KEY";
            apt-mark auto '.*' > /dev/null; apt-get purge -y -o APT::AutoRemove::RecommendsImportant=false;
            rm -rf /var/lib/apt/lists/*;
        """),
        'CMD ["python3"]',
    ),
    "node": image(
        {"Env": [PATH, "NODE_VERSION=22.12.0"], "Cmd": ["node"], "Entrypoint": ["docker-entrypoint.sh"]},
        DEBIAN,
        run("groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash node"),
        run("""
            ARCH= && case "$(dpkg --print-architecture)" in amd64) ARCH='x64';; *) exit 1 ;; esac
            && for key in C0D6248439F1D5604AAFFB4021D900FFDB233756 ; do gpg --recv-keys "$key" ; done
        """),
        copy("docker-entrypoint.sh /usr/local/bin/"),
        'ENTRYPOINT ["docker-entrypoint.sh"]',
        'CMD ["node"]',
    ),
    "nginx": image(
        {
            "Env": [PATH, "NGINX_VERSION=1.27.3", "PKG_RELEASE=1~bookworm"],
            "Cmd": ["nginx", "-g", "daemon off;"], "Entrypoint": ["/docker-entrypoint.sh"],
            "ExposedPorts": {"80/tcp": {}}, "StopSignal": "SIGQUIT",
            "Labels": {"maintainer": "NGINX Docker Maintainers <docker-maint@nginx.com>"},
        },
        DEBIAN,
        "LABEL maintainer=NGINX Docker Maintainers <docker-maint@nginx.com>",
        run("""
            set -x && apt-get update && apt-get install --no-install-recommends -y gnupg1 &&
            NGINX_GPGKEYS="573BFD6B3D8FBC641079A6ABABF5BD827BD9BF62 8540A6F18833A80E9C1653A42FD21310B49F6B46";
            NGINX_GPGKEY_PATH=/etc/apt/keyrings/nginx-archive-keyring.gpg;
            for NGINX_GPGKEY in $NGINX_GPGKEYS; do gpg1 --recv-keys "$NGINX_GPGKEY" && found=yes && break; done;
            apt-get remove --purge -y gnupg1 && rm -rf /var/lib/apt/lists/* && apt-get update &&
            apt-get install -y nginx=${NGINX_VERSION} && rm -rf /var/lib/apt/lists/* /etc/apt/sources.list.d/nginx.list
        """),
        'ENTRYPOINT ["/docker-entrypoint.sh"]',
        "EXPOSE map[80/tcp:{}]",
    ),
    "nginx on alpine": image(
        {"Env": [PATH], "Cmd": ["nginx", "-g", "daemon off;"], "Entrypoint": ["/docker-entrypoint.sh"]},
        copy("alpine-minirootfs-3.20.3-x86_64.tar.gz /", "ADD"),
        run("""
            set -x && addgroup -g 101 -S nginx && case "$(cat /etc/apk/arch)" in
            x86_64|aarch64) KEY_SHA512="e09fa32f0a0eab2b879ccbbc4d0e4fb9751486eed*stdin"
            && apk add --no-cache --virtual .cert-deps openssl && apk del --no-network .cert-deps ;;
            *) apk --no-cache add --virtual .build-deps gcc ;; esac && apk add --no-cache gettext
        """),
    ),
    "postgres": image(
        {
            "Env": [PATH, "GOSU_VERSION=1.17", "PG_MAJOR=17", "PGDATA=/var/lib/postgresql/data"],
            "Cmd": ["postgres"], "Entrypoint": ["docker-entrypoint.sh"], "ExposedPorts": {"5432/tcp": {}},
            "Volumes": {"/var/lib/postgresql/data": {}}, "StopSignal": "SIGINT",
        },
        DEBIAN,
        "ENV GOSU_VERSION=1.17",
        run("""
            set -eux; apt-get update; apt-get install -y wget; rm -rf /var/lib/apt/lists/*;
            wget -O /usr/local/bin/gosu "https://github.com/tianon/gosu/releases/download/$GOSU_VERSION/gosu-$arch";
        """),
        run("""
            set -ex; key='B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8'; export GNUPGHOME="$(mktemp -d)";
            gpg --batch --recv-keys "$key"
        """),
        run("""
            set -ex; case "$arch" in amd64) echo "deb $repo" > /etc/apt/sources.list.d/pgdg.list; apt-get update; ;;
            *) _update_repo() { dpkg-scanpackages . > Packages; apt-get -o Acquire::GzipIndexes=false update; };
            _update_repo; ;; esac; apt-get install -y postgresql-common; rm -rf /var/lib/apt/lists/*;
            if [ -n "$tempDir" ]; then apt-get purge -y --auto-remove; rm -rf "$tempDir"; fi
        """),
    ),
    "ubuntu": image(
        {
            "Env": [PATH], "Cmd": ["/bin/bash"],
            "Labels": {"org.opencontainers.image.ref.name": "ubuntu", "org.opencontainers.image.version": "24.04"},
        },
        f"{NOP} ARG RELEASE",
        f"{NOP} LABEL org.opencontainers.image.ref.name=ubuntu",
        f"{NOP} ADD file:{'b' * 64} in / ",
        f'{NOP} CMD ["/bin/bash"]',
    ),
    "mysql": image(
        {
            "Env": [PATH, "MYSQL_MAJOR=innovation", "GOSU_VERSION=1.17"], "Cmd": ["mysqld"],
            "Entrypoint": ["docker-entrypoint.sh"], "Volumes": {"/var/lib/mysql": {}},
        },
        copy("oracle-linux-9.tar.xz /", "ADD"),
        run("set -eux; microdnf install -y gzip openssl ; microdnf clean all"),
    ),
    "fedora": image(
        {"Env": ["DISTTAG=f41container", "container=oci"], "Cmd": ["/bin/bash"]},
        copy("fedora-20241103.tar /", "ADD"),
    ),
    "distroless": image({"Env": [PATH, "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"], "User": "65532"}),
    "minio": image(
        {
            "Env": [PATH, "MINIO_ACCESS_KEY_FILE=access_key", "MINIO_SECRET_KEY_FILE=secret_key",
                    "MINIO_ROOT_PASSWORD_FILE=secret_key", "MINIO_KMS_SECRET_KEY_FILE=kms_master_key"],
            "Cmd": ["minio"], "User": "1000",
        },
        copy("rootfs.tar.xz /", "ADD"),
    ),
    "mariadb of bitnami": image(
        {
            "Env": [PATH, "ALLOW_EMPTY_PASSWORD=no", "MARIADB_ROOT_PASSWORD="], "User": "1001",
            "Cmd": ["/opt/bitnami/scripts/mariadb/run.sh"],
        },
        copy("rootfs.tar.gz /", "ADD"),
        run("install_packages ca-certificates curl libaio1"),
        run("apt-get update && apt-get upgrade -y && apt-get clean && rm -rf /var/lib/apt/lists"),
    ),
}  # fmt: skip
"""By name, in the dialects of the builders that made them."""
