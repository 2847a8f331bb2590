"""FileSystem: what the project's files say now. Texts that an editor has open stand over the disk; what the
disk gave is kept until the file's time or size changes. Also: which files exist, which are roots, where an
include is.

A text is kept exactly as it is: byte order mark, CRLF and all, for the engines and the reference preprocessor
see it so. Problems of reading are values, never exceptions. This is the only module here that reads files.
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, Literal
from weakref import ReferenceType, WeakSet, ref

from wgsl_ls.lookup import found_in
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.project.file_kind import FileKind, kind_of, suffixes_of
from wgsl_ls.project.model import ProjectConfig
from wgsl_ls.project.paths import absolute, is_literal, matches, relative
from wgsl_ls.project.reach import Reach, refusal
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.memo import Memo
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span
from wgsl_ls.text.steps import Steps, finished

MAX_BYTES: Final = 8 * 1024 * 1024
"""Larger files are not read: no shader is that long, and a wrong path easily names something that is."""

MOST_LIST_BYTES: Final = 1 << 30
"""Of a list of variants, some three million lines; it is read line by line."""
MOST_LISTED: Final = 300_000
"""Files and folders that are looked at below one folder."""
MOST_FOUND: Final = 20_000
"""Of them, of the kind that was looked for: each is read, and looked at again with every edit."""
DEEPEST_CONDITIONAL: Final = 100
"""Conditionals in each other in one file. Nobody nests a tenth of that; what follows them is recursive."""

SKIPPED_DIRECTORIES: Final = frozenset({"node_modules", "__pycache__"})
_MADE: Final = frozenset({"CACHEDIR.TAG", "pyvenv.cfg"})
"""A folder with one of these is what a build or an environment made (cargo's `target`, a `venv`)."""
_HISTORIES: Final = frozenset({".git", ".hg", ".svn"})
"""What is in these is no file of anybody's, whatever its name."""
_MOST_SKIMMED: Final = 20_000
"""Files in folders that are not looked into, at which we look to say so where there are shaders."""
LEFT_OUT: Final = "folders that are hidden or made by tools are not looked into"
NOT_LOOKED_INTO: Final = f"{LEFT_OUT}: name the files there"

_MOST_FOLDERS: Final = 500
_SETTLED: Final = 2_000_000_000
"""Nanoseconds after a change of a folder before a list of it is kept: clocks of file systems may be that coarse."""
_NO_WAIT: Final[int] = getattr(os, "O_NONBLOCK", 0)

_INCLUDE: Final = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"?([^"\s]+)"?', re.MULTILINE)

_NESTING: Final = re.compile(r"^[ \t\v\f\r]*#[ \t\v\f\r]*(if|endif)", re.MULTILINE)

UNREADABLE: Final = "file/unreadable"
"""The rule of what is there and could not be checked for not being read."""
FAILED: Final = "file/failed"
"""The rule of our own failure with one root."""
NOT_CHECKED: Final = frozenset({UNREADABLE, "file/encoding", FAILED, "config/import", "wgsl/unread"})
"""Rules of what was asked for and was not checked."""

ProblemKind = Literal["missing", "directory", "too-large", "too-deep", "encoding", "outside", "unreadable"]


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a file has no text."""

    path: str
    kind: ProblemKind
    message: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the disk gave, and the (time in ns, size in bytes) it had then."""

    stamp: tuple[int, int]
    content: SourceFile | FileProblem
    diagnostics: tuple[Diagnostic, ...]
    includes: frozenset[str] | None = None


class FileSystem:
    """Mutable: it holds the editor's texts and remembers the disk's. All paths are made absolute first."""

    def __init__(self) -> None:
        self.nodes = NodeStore()
        """The directive trees of its texts, for all who read them."""
        self._overlay: dict[str, SourceFile] = {}
        self._disk: dict[str, _Entry] = {}
        self._unlisted: dict[str, str] = {}
        self._passed_by: dict[str, list[str]] = {}
        """By folder: those below it that were not looked into."""
        self._skimmed: dict[str, bool] = {}
        """Of those: whether shaders were seen there."""
        self._tails: tuple[Sequence[str], dict[str, list[str]]] | None = None
        """The files that were asked about last, by the last part of their names."""
        self._names: Memo[str, tuple[int, tuple[str, ...]]] = Memo(_MOST_FOLDERS)
        """Of folders, with the time of their last change."""
        self.troubles: dict[str, FileProblem] = {}
        """What could not be read once, though it may have been read before and after; until `invalidate`."""
        self._digests: dict[str, tuple[tuple[int, int], str]] = {}
        """Of files that are too large to be kept, with the stamp that they had."""
        self._frozen: WeakSet[FrozenFiles] = WeakSet()
        self._newest: ReferenceType[FrozenFiles] | None = None
        self.reach: Reach | None = None
        """What may be read; None: everything."""

    def frozen(self) -> FrozenFiles:
        """The files as they are now, see FrozenFiles."""
        found = FrozenFiles(self)
        self._frozen.add(found)
        self._newest = ref(found)
        return found

    def open_text(self, path: str, text: str, version: int | None = None) -> SourceFile:
        """The editor shows `text` for this file now; it holds until `close_text`."""
        path = absolute(path)
        source = SourceFile(path, text, version)
        self._overlay[path] = source
        return source

    def close_text(self, path: str) -> None:
        self._overlay.pop(absolute(path), None)

    def is_open(self, path: str) -> bool:
        return absolute(path) in self._overlay

    def invalidate(self, paths: Iterable[str] | None = None) -> None:
        """A watcher saw these files change, appear or vanish; None: any file may have."""
        if paths is None:
            self.troubles.clear()
        for path in list(self._disk) if paths is None else map(absolute, paths):
            self.troubles.pop(path, None)
            self._replaced(path)
            self._disk.pop(path, None)

    def exists(self, path: str) -> bool:
        """Is there a file (no directory) with this name, in the editor or on the disk?"""
        path = absolute(path)
        return path in self._overlay or os.path.isfile(path)  # noqa: PTH113 - a Path raises for names that are too long

    def is_there(self, path: str) -> bool:
        """Does anything but a directory have this name? It may be unreadable, which is not the same as absent."""
        path = absolute(path)
        if path in self._overlay:
            return True
        try:
            mode = os.lstat(path).st_mode
            with suppress(FileNotFoundError):  # a link that leads nowhere
                mode = Path(path).stat().st_mode if stat.S_ISLNK(mode) else mode
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return False
        except OSError as error:  # a disk that fails says nothing of what it has
            if error.errno == errno.ENAMETOOLONG:
                return False
            self._unlistable(path, _unlistable(error))
            return True
        return not stat.S_ISDIR(mode)

    def read(self, path: str) -> SourceFile | FileProblem:
        """The file's text, or why there is none."""
        path = absolute(path)
        found = self._overlay.get(path) or self._from_disk(path).content
        if not isinstance(found, SourceFile) or kind_of(path) is FileKind.HOST:
            return found
        if _NESTS_TOO_DEEP.get_or(found.digest, partial(_nests_too_deep, found.text)):
            message = f"{path} has more than {DEEPEST_CONDITIONAL} conditionals in each other; such files are not read"
            return FileProblem(path, "too-deep", message)
        return found

    def read_named(self, path: str, directory: str) -> SourceFile | FileProblem:
        """The text of a file that a configuration in `directory` names."""
        why = self.refused(path, directory)
        return self.read(path) if why is None else FileProblem(absolute(path), "outside", why)

    def refused(self, path: str, directory: str) -> str | None:
        """Why a file that a configuration in `directory` names is not read, for lying outside."""
        path = absolute(path)
        if self.reach is None or self.is_open(path) or self.reach.allows(path, directory):
            return None
        return refusal(path)

    def text_of(self, path: str) -> str | None:
        found = self.read(path)
        return found.text if isinstance(found, SourceFile) else None

    def is_long_list(self, path: str) -> bool:
        """A list of variants that is too large to be kept as a text, but not to be read line by line."""
        path = absolute(path)
        found = self.read(path)
        is_large = isinstance(found, FileProblem) and found.kind == "too-large"
        return is_large and kind_of(path) is FileKind.LIST and self._from_disk(path).stamp[1] <= MOST_LIST_BYTES

    def lines(self, path: str) -> Iterator[str]:
        """The lines of a file that is too large to be kept, without their ends; bytes that are no UTF-8 are U+FFFD.
        Raises OSError."""
        with opened(path, self.reach) as file:
            last = b"\n"
            for line in file:
                last = line
                yield line.removesuffix(b"\n").decode("utf-8", "replace")
            if last.endswith(b"\n"):
                yield ""

    def digest(self, path: str) -> str:
        """Changes with what a file says, whether or not it can be kept as a text."""
        found = self.read(path)
        if isinstance(found, SourceFile):
            return found.digest
        if not self.is_long_list(path):
            return found.message
        stamp = self._from_disk(path).stamp
        known = self._digests.get(path)
        if known is None or known[0] != stamp:
            digest = hashlib.blake2b(digest_size=16)
            with suppress(OSError), opened(path, self.reach) as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
            known = self._digests[path] = (stamp, digest.hexdigest())
        return known[1]

    def unread(self, path: str) -> Diagnostic | None:
        """Why a file that is there has no text; None when it has one, or is gone."""
        found = self.read(path)
        if isinstance(found, SourceFile) or not self.is_there(path):
            return None
        return Diagnostic(found.path, Span(0, 0), Severity.ERROR, UNREADABLE, found.message)

    def unlisted(self, directory: str) -> tuple[Diagnostic, ...]:
        """The folders at and below `directory` that could not be listed when `shader_files` last looked."""
        directory = absolute(directory)
        found = [(path, why) for path, why in self._unlisted.items() if Path(path).is_relative_to(directory)]
        return tuple(Diagnostic(path, Span(0, 0), Severity.ERROR, UNREADABLE, why) for path, why in sorted(found))

    def passed_by(self, directory: str) -> tuple[str, ...]:
        return finished(self.passed_by_steps(directory))

    def passed_by_steps(self, directory: str) -> Steps[tuple[str, ...]]:
        """The folders below `directory` that `shader_files` did not look into, as far as shaders are seen in them. Each
        is looked at once."""
        passed_by = self._passed_by.get(absolute(directory), [])
        n_left = _MOST_SKIMMED
        for one in passed_by:
            if one not in self._skimmed:
                self._skimmed[one] = False  # whoever asks meanwhile does not begin again
                self._skimmed[one], n_left = yield from _has_shaders(one, n_left)
        return tuple(one for one in passed_by if self._skimmed[one])

    def problems(self, path: str) -> tuple[Diagnostic, ...]:
        """What is wrong with the file as such, as diagnostics in its text: bytes that are no UTF-8, nesting without
        end."""
        path = absolute(path)
        if isinstance(found := self.read(path), FileProblem) and found.kind == "too-deep":
            return (Diagnostic(path, Span(0, 0), Severity.ERROR, UNREADABLE, found.message),)
        return () if path in self._overlay else self._from_disk(path).diagnostics

    def include(self, name: str, include_dirs: Sequence[str], textual: bool = False) -> SourceFile | str:
        """The file that `#include "name"` means with these directories (absolute), or a sentence that says why there
        is none; see wgsl_ls.lookup."""

        def read(path: str) -> SourceFile | str | None:
            if not self._leads_to_a_file(path):
                return None
            found = self.read(path)
            return found if isinstance(found, SourceFile) else found.message

        return found_in(name, include_dirs, textual, read)

    def _leads_to_a_file(self, path: str) -> bool:
        """As the operating system follows a path: each directory before a `..` must exist. A text in the editor counts
        as a file, and so does what is there and cannot be looked at."""
        try:
            if not stat.S_ISDIR(os.stat(path).st_mode):  # noqa: PTH116 - a Path would drop a slash at the end
                return True
        except (FileNotFoundError, NotADirectoryError, ValueError):
            pass
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                return True
        head, _, tail = path.rpartition("/")
        return (
            tail not in ("", ".", "..")
            and absolute(path) in self._overlay
            and (
                ".." not in head.split("/") or os.path.isdir(head)  # noqa: PTH112 - see above
            )
        )

    def include_directories(self, root: str, include_dirs: Sequence[str]) -> tuple[str, ...]:
        """Where the includes of `root` are looked for: `include_dirs`, or its own directory when none are
        set."""
        return tuple(include_dirs) or (str(Path(absolute(root)).parent),)

    def shader_files(self, directory: str) -> tuple[str, ...]:
        """All shader and header files below `directory`, see `files_below`."""
        return self.files_below(directory, FileKind.SHADER, FileKind.HEADER)

    def names_in(self, directory: str) -> tuple[str, ...]:
        """What lies in a folder, sorted, as paths; nothing where it cannot be listed, which is among `troubles`. Kept
        until the folder changes: folders beside the shaders' are asked for with every revision."""
        try:
            status = Path(directory).stat()
            stamp = max(status.st_mtime_ns, status.st_ctime_ns)
            known = self._names.get(directory)
            if known is None or known[0] != stamp:
                known = (stamp, tuple(sorted(map(str, Path(directory).iterdir()))))
                if time.time_ns() - stamp > _SETTLED:
                    self._names.put(directory, known)
            return known[1]
        except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name with a null character
            return ()
        except OSError as error:
            if self.reach is None or self.reach.allows(directory, directory):
                self._unlistable(directory, _unlistable(error))
            return ()

    def _unlistable(self, directory: str, why: str) -> None:
        """Stays among `troubles`, for it was left out once."""
        self.troubles[directory] = FileProblem(directory, "unreadable", why)

    def files_below(self, directory: str, *kinds: FileKind) -> tuple[str, ...]:
        """The files of these kinds (all without one) below `directory`, sorted: on the disk (hidden directories, build
        outputs of package managers and the like left out) and open in the editor."""
        directory = absolute(directory)
        suffixes = suffixes_of(*kinds) if kinds else ("",)
        for known in [path for path in self._unlisted if Path(path).is_relative_to(directory)]:
            del self._unlisted[known]
        unlisted: dict[str, str] = {}
        passed_by = self._passed_by[directory] = []
        walked = _walk(directory, unlisted, passed_by)
        found = set(islice((path for path in walked if path.lower().endswith(suffixes)), MOST_FOUND + 1))
        if len(found) > MOST_FOUND:
            unlisted[directory] = (
                f"the folder {directory} has more than {MOST_FOUND:,} files of one kind below it, and the rest is left "
                "out: open or name the folders that are meant"
            )
        self._unlisted.update(unlisted)
        for path, why in unlisted.items():
            self._unlistable(path, why)
        prefix = directory.rstrip(os.sep) + os.sep
        found.update(path for path in self._overlay if path.startswith(prefix) and path.lower().endswith(suffixes))
        return tuple(sorted(found))

    def roots(self, config: ProjectConfig, files: Sequence[str] | None = None) -> tuple[str, ...]:
        """The files that are shaders of their own: `.wgsl` files that no root includes, and whatever
        the configuration names without a wildcard or that has another suffix there. `files`: as of
        `shader_files`."""
        files = self.shader_files(config.directory) if files is None else files
        included = self._included(files)
        patterns = [pattern.text for entry in config.shaders for pattern in entry.files if is_literal(pattern.text)]
        others: list[str] = []
        found: set[str] = set()
        for path in files:
            name = relative(path, config.directory) if patterns else ""
            if any(matches(pattern, name) for pattern in patterns):
                found.add(path)
            elif kind_of(path) is FileKind.SHADER:
                (others.append if path in included else found.add)(path)
        if others:  # Who includes them may be no root itself, or mean another file of that name.
            by_tail = _by_tail(files)
            directories = [*config.include_dirs, *(one for entry in config.shaders for one in entry.include_dirs or ())]
            reached: dict[str, set[str]] = {}  # by the folder of a root
            for path in (*sorted(found), *others):
                if path in found or not any(path in one for one in reached.values()):
                    found.add(path)
                    self._reach(path, directories, by_tail, reached.setdefault(str(Path(path).parent), set()))
        return tuple(path for path in files if path in found)

    def _reach(
        self, root: str, directories: Sequence[str], by_tail: Mapping[str, list[str]], reached: set[str]
    ) -> None:
        """Add what `root` includes, directly or through others, whether active or not: what stands at that name, else
        whatever the name could mean in directories that nobody told. `reached`: from roots of the same folder."""
        places = (str(Path(root).parent), *directories)
        waiting = [root]
        while waiting:
            for name in self._include_names(waiting.pop()):
                candidates = by_tail.get(_tail(name), ())
                meant = {os.path.normpath(f"{place}/{name}") for place in places} if candidates else frozenset()
                found = [one for one in candidates if one in meant]
                found = found or [one for one in candidates if one.endswith(_ending(name))]
                waiting.extend(one for one in found if one not in reached)
                reached.update(found)

    def includers(self, path: str, files: Sequence[str]) -> tuple[str, ...]:
        """The files among `files` that include `path`, directly or through others, by the names in their
        `#include` lines (whether active or not)."""
        # By the last part of a name: (file, ending of what it names).
        including: dict[str, list[tuple[str, str]]] = {}
        for file in files:
            for name in self._include_names(file):
                including.setdefault(_tail(name), []).append((file, _ending(name)))
        start = absolute(path)
        found: set[str] = set()
        waiting = [start]
        while waiting:
            included = waiting.pop()
            more = {
                file
                for file, ending in including.get(_tail(included), ())
                if included.endswith(ending) and file not in (included, start)
            } - found
            found |= more
            waiting.extend(more)
        return tuple(sorted(found))

    def includes_of(self, path: str, files: Sequence[str]) -> tuple[str, ...]:
        """The files among `files` that `path` includes, directly or through others (whether active or not)."""
        if self._tails is None or self._tails[0] is not files:
            self._tails = (files, _by_tail(files))
        by_tail = self._tails[1]
        found: dict[str, None] = {}
        waiting = [path]
        named: set[str] = set()
        while waiting:
            including = waiting.pop()
            for name in self._include_names(including) - named:
                named.add(name)
                ending = _ending(name)
                candidates = (one for one in by_tail.get(_tail(name), ()) if one != including and one.endswith(ending))
                more = [one for one in candidates if one not in found]
                found.update(dict.fromkeys(more))
                waiting.extend(more)
        return tuple(found)

    def _included(self, files: Sequence[str]) -> set[str]:
        including: dict[str, list[str]] = {}  # by name, two files at most: one that includes itself counts not
        for path in files:
            for name in self._include_names(path):
                known = including.setdefault(name, [])
                if len(known) < 2:
                    known.append(path)
        by_tail = _by_tail(files) if including else {}
        included: set[str] = set()
        for name, paths in including.items():
            ending = _ending(name)
            included.update(one for one in by_tail.get(_tail(name), ()) if one.endswith(ending) and paths != [one])
        return included

    def _include_names(self, path: str) -> frozenset[str]:
        overlay = self._overlay.get(path)
        if overlay is not None:
            return frozenset(_INCLUDE.findall(overlay.text))
        entry = self._from_disk(path)
        if entry.includes is not None:
            return entry.includes
        names: frozenset[str] = frozenset()
        if isinstance(entry.content, SourceFile):
            names = frozenset(_INCLUDE.findall(entry.content.text))
        self._keep(path, _Entry(entry.stamp, entry.content, entry.diagnostics, names))
        return names

    def _from_disk(self, path: str) -> _Entry:
        why = f"there is no file {path}"
        kind: ProblemKind = "missing"
        mode = 0
        try:
            status = os.stat(path)  # noqa: PTH116 - of every file of the workspace, at every keystroke
            stamp = (status.st_mtime_ns, status.st_size)
            mode = status.st_mode
        except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a name with a null character
            stamp = (-1, -1)
        except OSError as error:  # no right to look, a loop of links, a name that is too long
            stamp = (-2, -2)
            kind, why = "unreadable", f"{path} cannot be read: {error.strerror or error}"
        known = self._disk.get(path)
        if known is not None and known.stamp == stamp:
            return known
        if self.reach is not None and self.reach.leads_out(path):
            stamp, kind, why = (-3, -3), "outside", refusal(os.path.realpath(path))
        load = partial(_load, path, stamp[1], mode, self.reach)
        content, diagnostics = load() if stamp[1] >= 0 else (FileProblem(path, kind, why), ())
        if isinstance(content, FileProblem) and content.kind == "unreadable":
            self.troubles[path] = content
            stamp = (-2, -2)  # a bad moment is not kept: the next who asks looks again
        self._replaced(path)
        entry = self._disk[path] = _Entry(stamp, content, diagnostics)
        return entry

    def _keep(self, path: str, entry: _Entry) -> None:
        self._disk[path] = entry

    def _replaced(self, path: str) -> None:
        """The disk has something else at `path`: what was there stays for those who froze it."""
        before = self._disk.get(path)
        if before is not None:
            for one in self._frozen:
                one.kept.setdefault(path, before)


class FrozenFiles(FileSystem):
    """The files of a FileSystem at one moment: what was open, and what the disk had, as far as anybody had read it
    by then. It shares what the disk gave and is handed what gets replaced, so that freezing costs no more than a
    table of the open files. A file that nobody had read is read when it is asked for."""

    def __init__(self, live: FileSystem) -> None:
        super().__init__()
        self._live = live
        self.nodes = live.nodes
        self._overlay = dict(live._overlay)
        self.reach = live.reach
        self._unlisted = live._unlisted
        self._passed_by = live._passed_by
        self.kept: dict[str, _Entry] = {}
        """What this moment's disk had, where it was asked for or is no longer so."""

    def frozen(self) -> FrozenFiles:
        return self

    def exists(self, path: str) -> bool:
        return self._was_there(absolute(path)) or super().exists(path)

    def _leads_to_a_file(self, path: str) -> bool:
        return (path == absolute(path) and self._was_there(path)) or super()._leads_to_a_file(path)

    def _was_there(self, path: str) -> bool:
        entry = self.kept.get(path)
        return entry is not None and isinstance(entry.content, SourceFile)

    def _from_disk(self, path: str) -> _Entry:
        entry = self.kept.get(path)
        if entry is None:
            entry = self._live._from_disk(path)
            newest = self._live._newest
            if newest is None or newest() is not self:
                entry = self.kept.get(path, entry)  # replaced just now, by the line above
            self.kept[path] = entry
        return entry

    def _keep(self, path: str, entry: _Entry) -> None:
        self.kept[path] = entry
        self._live._keep(path, entry)


def _load(
    path: str, size: int, mode: int, reach: Reach | None
) -> tuple[SourceFile | FileProblem, tuple[Diagnostic, ...]]:
    """`size`, `mode`: what the file had when it was looked at; what is opened may be another one."""
    if stat.S_ISDIR(mode):
        return FileProblem(path, "directory", f"{path} is a directory"), ()
    if size > MAX_BYTES:
        message = f"{path} has {size:,} bytes; more than {MAX_BYTES:,} are not read"
        return FileProblem(path, "too-large", message), ()
    if not stat.S_ISREG(mode):
        return FileProblem(path, "unreadable", f"{path} is no regular file"), ()
    try:
        with opened(path, reach) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return FileProblem(path, "unreadable", f"{path} cannot be read: {error.strerror or error}"), ()
    if len(data) > MAX_BYTES:  # it grew, or its size is not told, as in /proc
        return FileProblem(path, "too-large", f"{path} has more than {MAX_BYTES:,} bytes; such files are not read"), ()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return FileProblem(path, "encoding", f"{path} is UTF-16, which is not read; save it as UTF-8"), ()
    return decoded(path, data)


def opened(path: str, reach: Reach | None) -> BinaryIO:
    """A file that was looked at. Raises OSError when something else has its name by now; a pipe is not waited for."""
    file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NO_WAIT))  # noqa: SIM115 - the caller closes it
    try:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EPERM, "it is no regular file", path)
        if reach is not None and reach.leads_out_now(path, file.fileno()):
            raise OSError(errno.EPERM, "a link that leads outside took its place", path)
    except BaseException:
        file.close()
        raise
    return file


def decoded(path: str, data: bytes) -> tuple[SourceFile, tuple[Diagnostic, ...]]:
    """`data` as UTF-8. Bytes that are none become U+FFFD, and the first of them a diagnostic, as is the first NUL: no
    WGSL may have one, and many a program takes it for the end."""
    try:
        text = data.decode("utf-8")
        place = text.find("\0")
        if place < 0:
            return SourceFile(path, text), ()
        message = f"this file is no text: NUL at byte offset {data.index(0)}; if it is UTF-16, save it as UTF-8"
        span = Span(place, place + 1)
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        place = len(data[: error.start].decode("utf-8"))
        n_wrong = text.count("\ufffd") - data.count("\ufffd".encode())
        more = f", and {n_wrong - 1} more after it" if n_wrong > 1 else ""
        wrong = data[error.start]
        message = f"this file is not UTF-8: byte 0x{wrong:02X} at byte offset {error.start}{more}"
        span = Span(place, place + 1)
    return SourceFile(path, text), (Diagnostic(path, span, Severity.ERROR, "file/encoding", message),)


_NESTS_TOO_DEEP: Final[Memo[str, bool]] = Memo(2000)
"""By digest: every reading of a file asks, and texts are not kept for that."""


def _nests_too_deep(text: str) -> bool:
    if text.count("#") <= DEEPEST_CONDITIONAL:
        return False
    depth = 0
    for kind in _NESTING.findall(text):
        depth += 1 if kind == "if" else -1
        if depth > DEEPEST_CONDITIONAL:
            return True
        depth = max(0, depth)
    return False


def _tail(name: str) -> str:
    return name.rpartition("/")[2]


def _ending(name: str) -> str:
    """What the path of a file ends with that an #include may mean by `name`."""
    return "/" + os.path.normpath(name).lstrip("./")


def _by_tail(files: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in files:
        found.setdefault(_tail(path), []).append(path)
    return found


def _unlistable(error: OSError) -> str:
    return f"the folder {error.filename} cannot be listed: {error.strerror or error}"


def _has_shaders(directory: str, n_left: int) -> Steps[tuple[bool, int]]:
    """`n_left`: how many files may still be looked at; how many are left then."""
    waiting = [directory]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if not n_left:
                    return False, 0
                n_left -= 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif kind_of(entry.name) is FileKind.SHADER:
                    return True, n_left
                yield
    return False, n_left


def _walk(directory: str, unlisted: dict[str, str], passed_by: list[str]) -> Iterator[str]:
    """`unlisted`, `passed_by`: where folders go that cannot be listed (and why), and that are not looked into."""

    def keep(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            unlisted[str(error.filename)] = _unlistable(error)

    if directory == os.path.dirname(directory):  # noqa: PTH120 - of the root of a file system
        unlisted[directory] = (
            f"the folder {directory} is a whole file system, which is not searched: open or name the folders that are "
            "meant"
        )
        return
    n_listed = 0
    for parent, directories, names in os.walk(directory, onerror=keep):
        n_listed += len(directories) + len(names)
        if n_listed > MOST_LISTED:
            why = f"there are more than {MOST_LISTED:,} files in {directory}"
            unlisted[parent] = f"the folder {parent} cannot be listed: {why}"
            return
        if parent != directory and not _MADE.isdisjoint(names):
            passed_by.append(parent)
            directories.clear()
            continue
        prefix = parent.rstrip(os.sep) + os.sep
        skipped = {name for name in directories if name.startswith(".") or name in SKIPPED_DIRECTORIES}
        passed_by.extend(prefix + name for name in sorted(skipped - _HISTORIES))
        directories[:] = sorted(set(directories) - skipped)
        for name in names:
            yield prefix + name
