"""What a registry enforces, and what it shows on the page of a package."""

from __future__ import annotations

from imglint.record import NamedTuple


class RegistryProfile(NamedTuple):
    """The facts of one registry, from `rules/registries/*.json`. Lengths are in characters (code points).

    `layer_bytes` is the most that one layer may have, compressed; `upload_minutes` how long its upload may take;
    `manifest_bytes` the most that a manifest may have.
    """

    name: str
    hosts: tuple[str, ...]
    description_characters: int
    licenses_characters: int
    source_label: str
    description_label: str
    licenses_label: str
    layer_bytes: int
    upload_minutes: int
    manifest_bytes: int

    @property
    def required_labels(self) -> tuple[str, str, str]:
        """The labels that the page cannot do without."""
        return (self.source_label, self.description_label, self.licenses_label)


def from_document(document: dict[str, object]) -> RegistryProfile:
    """A profile from its document, without what is there for people. Raises `TypeError` when a fact is missing."""
    facts = {key: value for key, value in document.items() if key not in ("$comment", "sources")}
    fields: dict[str, object] = {key.replace("-", "_"): value for key, value in facts.items()}
    hosts = fields.get("hosts")
    fields["hosts"] = tuple(str(host) for host in hosts) if isinstance(hosts, list) else ()
    return RegistryProfile(**fields)  # type: ignore[arg-type]
