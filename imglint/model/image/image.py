"""An image as it was built: what one name stands for, whatever form it was read from."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, BinaryIO

from imglint.model.image.document import Document, Pointer
from imglint.model.image.form import Form
from imglint.model.image.platform import Platform
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.strictjson import Key

if TYPE_CHECKING:
    from imglint.model.image.contents import Contents


class Basis(Enum):
    """What the size of a layer counts: what is pushed, or what lies unpacked in an archive or a store."""

    COMPRESSED = "compressed"
    UNCOMPRESSED = "uncompressed"


class At(NamedTuple):
    """A value of a document, by its place."""

    document: Document
    pointer: Pointer

    @property
    def value(self) -> Any:
        """What stands there."""
        return self.document.get(*self.pointer)

    @property
    def span(self) -> Span:
        """Where it stands in the document's source."""
        return self.document.span(*self.pointer)

    def __truediv__(self, step: Key) -> At:
        """The value one step further."""
        return At(self.document, (*self.pointer, step))


class Layer(NamedTuple):
    """One layer, the lowest first.

    `number` counts from 0. `digest` is that of the blob which is pushed, `diff_id` that of its content; both empty
    when unknown. `size` is in bytes, None when the form does not tell it, and counts what `basis` says. `at` is what
    declares the layer: a descriptor, or the name in a docker-archive. `urls` tells that its bytes lie elsewhere.
    `opened` gives its bytes, or says why they are not at hand, worded to follow "because"; None where nobody has them.
    """

    number: int
    at: At
    digest: str = ""
    diff_id: str = ""
    size: int | None = None
    basis: Basis = Basis.COMPRESSED
    media_type: str = ""
    urls: tuple[str, ...] = ()
    opened: Callable[[], BinaryIO | str] | None = None


class Step(NamedTuple):
    """One entry of the history (OCI image specification, config.md): an instruction, as the builder wrote it down."""

    number: int
    at: At
    created: str = ""
    created_by: str = ""
    comment: str = ""
    empty_layer: bool = False


class Config(NamedTuple):
    """The configuration of a variant, wherever a form keeps it.

    `outer` is where architecture, os and created are, `runtime` where User, Env and Labels are (relative to the
    document). Tools name some members otherwise: `names` translates the specification's names to theirs.
    `complete` is False when the form does not carry all of it: what is not there is then not absent.
    """

    document: Document
    outer: Pointer = ()
    runtime: Pointer = ("config",)
    names: tuple[tuple[str, str], ...] = ()
    complete: bool = True

    def of(self, name: str) -> At:
        """A member of the runtime part: `User`, `Env`, `Labels`. Its value is None when it is absent or null."""
        return At(self.document, (*self.runtime, dict(self.names).get(name, name)))

    def about(self, name: str) -> At:
        """A member beside the runtime part: `architecture`, `os`, `variant`, `created`, `author`."""
        return At(self.document, (*self.outer, dict(self.names).get(name, name)))

    @property
    def labels(self) -> dict[str, str]:
        """The labels whose values are strings."""
        return dict(self.document.strings(*self.of("Labels").pointer))

    def words(self, name: str) -> tuple[str, ...]:
        """The strings of a list such as `Entrypoint`."""
        return tuple(each for each in self.document.items(*self.of(name).pointer) if isinstance(each, str))


class Variant(NamedTuple):
    """The image for one platform.

    `descriptor` is where the index names it, None without an index. `manifest`, `config`, `layers` and `history` are
    None when the form does not carry them or the blob is not at hand; `reason` then says why, worded to follow
    "because". `contents` is what the layers hold, when they were read.
    """

    platform: Platform | None
    descriptor: At | None = None
    manifest: Document | None = None
    config: Config | None = None
    layers: tuple[Layer, ...] | None = None
    history: tuple[Step, ...] | None = None
    reason: str = ""
    contents: Contents | None = None


class Attestation(NamedTuple):
    """A manifest that vouches for an image: what its descriptor says, and the types of its statements.

    `subject` is the digest of the image that it speaks of. `predicates` are None when its manifest is not at hand.
    https://docs.docker.com/build/metadata/attestations/attestation-storage/
    """

    descriptor: At
    subject: str
    predicates: tuple[str, ...] | None = None


class Artifact(NamedTuple):
    """Something that is stored beside images and is none: a signature, a chart. `type` is its media type."""

    at: At
    type: str


class Flaw(NamedTuple):
    """What reading met and rules speak of: `kind` is one of the constants below; `message` is a whole sentence."""

    kind: str
    at: At
    message: str


DIGEST_MISMATCH = "digest-mismatch"
SIZE_MISMATCH = "size-mismatch"
ABSENT_BLOB = "absent-blob"
INCONSISTENT = "inconsistent"
UNREADABLE = "unreadable"
UNVERIFIED = "unverified"
UNFETCHED = "unfetched"
"""Says nothing of the image: whoever has the blob did not give it away this time."""


class Image(NamedTuple):
    """What one name stands for.

    `name` is what the user typed, in messages; `references` are the names that it is known to have or to get, as
    far as the form tells them; `digest` that of the root as a registry would give it, empty when unknown. `root` is
    the outermost document; `indexes` are the root, when it is an index, and those nested in it. The entries of an
    index are sorted into `variants`, `attestations` and `artifacts`.
    """

    name: str
    form: Form
    root: Document
    references: tuple[str, ...] = ()
    digest: str = ""
    indexes: tuple[Document, ...] = ()
    variants: tuple[Variant, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    flaws: tuple[Flaw, ...] = ()

    @property
    def top(self) -> Document | None:
        """The index whose annotations the registry's page reads; None for a single image, or when unknown."""
        return self.indexes[0] if self.indexes else None
