"""Names of files that hold credentials, or that do not belong into an image."""

from __future__ import annotations

import re
from typing import Final

_CREDENTIAL_NAMES: Final = frozenset((
    ".env", ".npmrc", ".pypirc", ".netrc", "_netrc", ".git-credentials", ".htpasswd", ".pgpass", ".my.cnf",
    ".dockercfg", ".s3cfg", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials.json",
    "client_secret.json", "credential.json", "credentials.xml", "secrets.yml", "secrets.yaml", "database.yml",
    "settings.py", "local_settings.py", "wp-config.php", "secret_token.rb", "carrierwave.rb", "knife.rb",
    "omniauth.rb", "recentservers.xml", "filezilla.xml", "terraform.tfstate",
    "jenkins.plugins.publish_over_ssh.BapSshPublisherPlugin.xml", "kubeconfig",
))  # fmt: skip
_CREDENTIAL_PATHS: Final = r"/\.aws/credentials\Z|/\.docker/config\.json\Z|/\.kube/config\Z|/\.config/gcloud/.*\.json\Z"
_CREDENTIAL_ENDINGS: Final = (
    ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".kwallet", ".ovpn", ".tblk", ".psafe3", ".agilekeychain",
    ".keychain", ".bek", ".tpm", ".fve", ".rdp", ".cscfg", ".pcap", ".ppk",
)  # fmt: skip
_SYSTEM: Final = (
    r"/(?:usr/(?:share|lib|lib64|include|local/lib|local/share)|lib|opt/[^/]+/lib|proc|sys)/"
    r"|/(?:node_modules|site-packages|dist-packages|vendor|testdata|gems)/"
)
"""Where packages keep examples and test data of such names."""
_NAMES_FOR_ANYTHING: Final = frozenset(("settings.py", "database.yml", "credentials.json"))

_UNNEEDED_NAMES: Final = frozenset(
    ("Dockerfile", "docker-compose.yml", "docker-compose.yaml", "compose.yaml", ".dockerignore", ".vimrc", ".DS_Store")
)
_UNNEEDED_FOLDERS: Final = frozenset(
    (".aws", ".azure", ".gcp", ".git", ".vscode", ".idea", ".npm", ".cache", ".terraform")
)
_OF_OTHERS: Final = frozenset(("node_modules", "vendor", "site-packages", "dist-packages", "go"))


def holds_credentials(path: str) -> bool:
    """Whether a file of that absolute path is known to hold passwords or private keys."""
    if re.search(_CREDENTIAL_PATHS, path):
        return True
    if re.search(_SYSTEM, path):
        return False
    name = path.rpartition("/")[2]
    return name in _CREDENTIAL_NAMES or (name.lower().endswith(_CREDENTIAL_ENDINGS) and not name.startswith("."))


def may_be_anything(path: str) -> bool:
    """Whether the name alone says little: frameworks keep settings without secrets in files of that name, too."""
    return path.rpartition("/")[2] in _NAMES_FOR_ANYTHING


def unneeded_part(path: str) -> str:
    """The part of an absolute path that has no place in an image; empty when there is none."""
    *folders, name = path.strip("/").split("/")
    if any(folder in _OF_OTHERS for folder in folders):
        return ""
    for number, folder in enumerate(folders):
        if folder in _UNNEEDED_FOLDERS:
            return "/" + "/".join(folders[: number + 1])
    return path if name in _UNNEEDED_NAMES else ""
