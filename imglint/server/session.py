"""What is open in an editor, judged: the findings of every text, joined with the files and texts around it.

What an open text comes to is what `imglint check` says of the open files of its project when they hold these texts.
A project is judged when somebody asks for one of its texts, and again only when something that it was judged by has
changed: a text below its root, or what was looked at on the disk.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping
from typing import Final

from imglint.config import ConfigError
from imglint.engine import READING, Judgement, Request, RuleCrashError
from imglint.finding import Finding
from imglint.fix import MAX_ROUNDS, mend
from imglint.model import about
from imglint.model.evaluate import Evaluation
from imglint.model.kind import Kind
from imglint.model.understanding import Understanding
from imglint.project import Project
from imglint.read import configfile
from imglint.read.configfile import candidates
from imglint.read.file import is_within
from imglint.read.git import git_folder, worktree_root
from imglint.read.remembered import Remembered, Signature, signature, unchanged
from imglint.record import NamedTuple
from imglint.server.documents import Change, Document, Documents
from imglint.server.positions import Encoding
from imglint.source import Source
from imglint.workspace import Input, Workspace

_TELLING: Final = tuple(dict.fromkeys((*configfile.NAMES, *about.NAMES, ".github", ".git/HEAD")))
"""Names of files that tell how a text is judged, what may be written in it, or where its project begins."""


class View(NamedTuple):
    """One open text, and all that is known of it. `project` is the path from its root to the text."""

    document: Document
    request: Request
    judgement: Judgement
    project: Project
    understanding: Understanding
    path: str

    @property
    def source(self) -> Source:
        """The text."""
        return self.document.source

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong in it."""
        return self.judgement.findings

    @property
    def evaluation(self) -> Evaluation | None:
        """What it comes to when it is a Dockerfile that nobody is seen to build."""
        return self.understanding.evaluations.get(self.path)


class Judged(NamedTuple):
    """A project as it was judged: by these texts, and by what was on the disk; with slow fixes, or without."""

    texts: tuple[Source, ...]
    disk: Mapping[str, Signature | None]
    mends: bool
    views: Mapping[str, View]


class Session:
    """The open texts of one editor. `tell` is given what a person should know once: broken settings, our mistakes."""

    def __init__(self, encoding: Encoding, tell: Callable[[str], None], folder: str = os.curdir) -> None:
        self.documents = Documents(encoding)
        self._tell = tell
        self._folder = os.path.abspath(folder)
        self._told: set[str] = set()
        self._look = Remembered()
        self._workspace: Workspace | None = None
        self._signatures: dict[str, Signature | None] = {}
        self._documents: dict[str, Document] = {}
        self._inputs: dict[str, list[Input]] = {}
        self._roots: dict[str, str] = {}
        self._judged: dict[str, Judged] = {}
        self._stale = True

    @property
    def workspace(self) -> Workspace:
        """The settings and projects as they are now."""
        if self._workspace is None:
            self._workspace = Workspace(look=self._look, opened=self._opened)
            self._signatures = {}
        return self._workspace

    def touch(self) -> None:
        """Something may have changed: whoever asks next is told anew."""
        self._stale = True

    def forget(self) -> None:
        """Read the configuration and the surroundings anew."""
        self._workspace = None
        self._judged.clear()
        self._told.clear()
        self.touch()

    def view(self, uri: str, mends: bool = False) -> View | None:
        """What is known of an open text; None when nothing can be said about it.

        With `mends` all findings that can be mended have their fix: some take too long to be made at every keystroke.
        """
        if self._stale:
            self._renew()
        root = self._roots.get(uri)
        if root is None:
            return None
        judged = self._judged.get(root)
        if judged is None or (mends and not judged.mends):
            judged = self._judged[root] = self._judge(root, mends)
        return judged.views.get(uri)

    def mended(self, uri: str) -> str | None:
        """An open text after all safe fixes that change nothing else; None when there is no such fix."""
        before = self.documents.get(uri)
        if before is None or self.view(uri) is None:
            return None
        try:
            for _ in range(MAX_ROUNDS):
                view = self.view(uri, mends=True)
                texts = mend(view.findings, among=(view.source,)).texts if view else {}
                if view is None or view.source not in texts:
                    break
                self.documents.change(uri, before.version, [Change(texts[view.source])])
                self.touch()
            after = self.documents.get(uri)
            return after.source.text if after and after.source.text != before.source.text else None
        finally:
            self.documents.put(before)
            self.touch()

    def _opened(self, path: str) -> Source | None:
        document = self.documents.at(path)
        return document.source if document else None

    def _renew(self) -> None:
        """Find out which texts belong to which project, and let go what was judged by something that has changed."""
        self._stale = False
        self._documents = {each.source.path: each for each in self.documents if each.judged}
        self._renew_settings()
        inputs = [item for document in self._documents.values() if (item := self._input(document))]
        self._inputs = self.workspace.gathered(inputs)
        self._roots = {
            self._documents[item.source.path].uri: root for root, items in self._inputs.items() for item in items
        }
        self._judged = {root: judged for root, judged in self._judged.items() if self._holds(root, judged)}
        gc.collect(0)  # What was let go refers to itself; it is freed at little cost before anything new is made.

    def _holds(self, root: str, judged: Judged) -> bool:
        return root in self._inputs and judged.texts == self._texts(root) and unchanged(judged.disk)

    def _judge(self, root: str, mends: bool) -> Judged:
        texts, disk = self._texts(root), self._look.note()
        try:
            views = self._views(root, mends)
        except Exception as error:  # A mistake of ours must not take the editor's server with it.
            self.report(error)
            views = {}
        return Judged(texts, disk, mends, views)

    def _views(self, root: str, mends: bool) -> dict[str, View]:
        documents = self._documents
        group = self.workspace.group(root, self._inputs[root])
        requests = {item.source.path: self.workspace.request(item)._replace(mends=mends) for item in group.inputs}
        understanding = group.project.understand()
        judgements = self.workspace.engine.judge(group.project, requests, understanding)
        paths = {file.source.path: file.path for file in group.project.files}
        for path, judgement in judgements.items():
            if judgement.failure:
                self.tell(f"{path}: {judgement.failure}")
        return {
            documents[path].uri: View(
                documents[path], requests[path], judgement, group.project, understanding, paths[path]
            )
            for path, judgement in judgements.items()
            if path in documents
        }

    def _texts(self, root: str) -> tuple[Source, ...]:
        """The open texts below a root: they stand in for their files, whether they are judged or not."""
        return tuple(each.source for each in self.documents if is_within(self._place(each), root))

    def _place(self, document: Document) -> str:
        """Where a text is, or would be when it is saved."""
        return document.path or os.path.join(self._folder, os.path.basename(document.uri))

    def _input(self, document: Document) -> Input | None:
        """A text as the command line has the file that was named; None when its settings cannot be used."""
        directory = os.path.dirname(document.path) or self._folder
        try:
            settings = self.workspace.settings(directory)
        except ConfigError as error:
            self.tell(str(error))
            return None
        kind, path = document.kind or Kind.DOCKERFILE, self._place(document)
        return Input(document.source, directory, settings, kind, path, True, directory)

    def _renew_settings(self) -> None:
        """Read the settings anew when a file that tells of them has changed."""
        if not unchanged(self._signatures):
            self.forget()
            self._stale = False
        workspace = self.workspace
        for directory in {os.path.dirname(each.path) or self._folder for each in self._documents.values()}:
            root = workspace.root(directory)
            folder = git_folder(root) if root and worktree_root(root) == os.path.realpath(root) else None
            paths = [*candidates(directory, _TELLING), *([os.path.join(folder, "config")] if folder else [])]
            self._signatures.update((path, signature(path)) for path in paths if path not in self._signatures)

    def report(self, error: Exception) -> None:
        """Tell of a mistake of ours."""
        self.tell(str(error if isinstance(error, RuleCrashError) else RuleCrashError(READING, error)))

    def tell(self, message: str) -> None:
        """Tell a person, once."""
        if message not in self._told:
            self._told.add(message)
            self._tell(message)
