"""A small project in memory, for tests of the analysis: files with marks, variants, a scripted engine, no IO.

    project = Project.of({"a.wgsl": "#if$0 N > 1\\n#endif\\n"}, variants={"one": ["N=1"], "two": ["N=2"]})
    cursor = project.cursor()                       # at `$0`; `$1` ... `$9` are further marks: project.cursor(1)

A file called wgsl-ls.toml is the configuration (then `variants` is not needed). A comment line with carets points
at the line above it: `//   ^^^ [variants] words`; it is blanked before anyone reads the file (see `Caret`); what is
reported has to be what the carets say, and nothing else (`check_carets`). «word» is a place too: `project.words`. Names
of files are relative to FOLDER. A text alone stands for {"a.wgsl": text}.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wgsl_ls.analysis.features.cursor import Cursor, cursor_at
from wgsl_ls.analysis.features.fixes import fixes_for
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.host import AnalysisHost
from wgsl_ls.analysis.report import Reporter, RootReport
from wgsl_ls.analysis.results import ResultStore
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.engines.scripted import obey
from wgsl_ls.preprocess.dialect import GGML, Dialect
from wgsl_ls.preprocess.expansion import parse_defines
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.project.config import load_config
from wgsl_ls.project.paths import matches
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.variants import Variant, VariantOrigin, variants_for
from wgsl_ls.text.diagnostic import Diagnostic
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished
from wgsl_ls.wire.jobs import Accepted, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected

FOLDER = "/p"
CONFIG = "wgsl-ls.toml"
ENGINES = ("wgpu", "dawn")
"""Asked by a Project, all of them played by its `compile`."""

_MARK = re.compile(r"\$(\d)|([«»])")
_CARETS = re.compile(r"^[ \t]*//[ \t]*(\^+)[ \t]*(?:\[([^\]\n]*)\][ \t]*)?([^\n]*)$", re.MULTILINE)


def absolute(name: str) -> str:
    return posixpath.normpath(posixpath.join(FOLDER, name))


@dataclass(frozen=True, slots=True)
class Caret:
    """What a caret comment says: the characters it points at, the words in brackets, the words behind."""

    location: Location
    variants: str
    message: str


@dataclass
class MemoryWorkspace:
    """Workspace over a dictionary of absolute path -> text. `given`: variants of every root when there is no
    configuration; without any, roots have one variant without defines."""

    texts: dict[str, str]
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dialect: Dialect = GGML
    origin: VariantOrigin = "declared"
    nodes: NodeStore = field(default_factory=NodeStore)
    _sources: dict[str, SourceFile] = field(default_factory=dict)
    _settings: dict[str, tuple[object, RootSettings]] = field(default_factory=dict)

    def frozen(self) -> MemoryWorkspace:
        return replace(self, texts=dict(self.texts))

    def read(self, path: str) -> SourceFile | str:
        text = self.texts.get(path)
        if text is None:
            return f"{path} does not exist"
        known = self._sources.get(path)
        if known is None or known.text != text:
            known = self._sources[path] = SourceFile(path, text)
        return known

    def include(self, name: str, root: str, include_dirs: tuple[str, ...]) -> SourceFile | str:
        for directory in include_dirs or (posixpath.dirname(root),):
            found = self.read(posixpath.normpath(posixpath.join(directory, name)))
            if isinstance(found, SourceFile):
                return found
        return f'cannot find "{name}"'

    def include_names(self, root: str, include_dirs: tuple[str, ...]) -> tuple[str, ...]:
        names: set[str] = set()
        for directory in include_dirs or (posixpath.dirname(root),):
            prefix = directory.rstrip("/") + "/"
            names.update(path.removeprefix(prefix) for path in self.texts if path.startswith(prefix) and path != root)
        return tuple(sorted(names))

    def include_dirs(self, root: str) -> tuple[str, ...]:
        return self.settings(root).include_dirs

    def settings(self, root: str) -> RootSettings:
        key = self.texts.get(absolute(CONFIG))
        known = self._settings.get(root)
        if known is None or known[0] != key:
            known = self._settings[root] = (key, self._read_settings(root, key))
        return known[1]

    def _read_settings(self, root: str, config_text: str | None) -> RootSettings:
        if config_text is None:
            given = tuple(
                Variant(name, root, parse_defines(defines), origin=self.origin) for name, defines in self.given.items()
            )
            return RootSettings(root, given or (Variant("default", root, ()),), self.dialect)
        config, problems = load_config(absolute(CONFIG), config_text, all_rules())
        found, diagnostics = variants_for(config, root)
        names = dict.fromkeys(name for variant in found.variants for name in variant.profiles)
        profiles = tuple(profile for name in names if (profile := config.device_profile(name)) is not None)
        return RootSettings(
            root,
            found.variants,
            found.dialect,
            found.includes,
            found.include_dirs,
            profiles,
            config.path,
            problems + diagnostics,
            config.rule_settings,
            found.complete,
        )

    def roots(self) -> tuple[str, ...]:
        included = {name for text in self.texts.values() for name in re.findall(r'#include "([^"\n]*)"', text)}
        config_text = self.texts.get(absolute(CONFIG))
        named: list[str] = []
        if config_text is not None:
            config, _ = load_config(absolute(CONFIG), config_text)
            named = [pattern.text for entry in config.shaders for pattern in entry.files if "*" not in pattern.text]
        return tuple(
            sorted(
                path
                for path in self.texts
                if (path.endswith(".wgsl") and posixpath.relpath(path, FOLDER) not in included)
                or any(matches(pattern, posixpath.relpath(path, FOLDER)) for pattern in named)
            )
        )

    def config_diagnostics(self) -> tuple[Diagnostic, ...]:
        text = self.texts.get(absolute(CONFIG))
        return load_config(absolute(CONFIG), text, all_rules())[1] if text is not None else ()


def refusing(*words: str, stops: bool = False) -> Callable[[CompileJob], CompileResult]:
    """An engine to which each of these words is an error where it stands. `stops`: at the first one."""

    def compile(job: CompileJob) -> CompileResult:
        places = sorted((match.start(), match[0]) for match in re.finditer("|".join(words), job.text))
        messages = [
            EngineMessage("error", f"{word} is refused", (MessageSpan(start, start + len(word)),))
            for start, word in places
        ]
        return Rejected(tuple(messages[:1] if stops else messages)) if messages else Accepted()

    return compile


class Project:
    """`marks`: number of a mark -> its location; `words`: what stood in «»; `carets`: what caret comments say, in
    order; `jobs`: what the scripted engine was asked since the last look. `origin`: of the given variants."""

    def __init__(
        self,
        files: Mapping[str, str],
        variants: Mapping[str, Sequence[str]] | None = None,
        dialect: Dialect = GGML,
        compile: Callable[[CompileJob], CompileResult] = obey,
        origin: VariantOrigin = "declared",
        exhaustive: bool = False,
    ) -> None:
        self.marks: dict[int, Location] = {}
        self.words: set[Location] = set()
        self.carets: list[Caret] = []
        texts = {absolute(name): self._read_marks(absolute(name), text) for name, text in files.items()}
        self.workspace = MemoryWorkspace(texts, variants or {}, dialect, origin)
        self.host = AnalysisHost(self.workspace)
        self.front_end = FrontEnd()
        self.store = ResultStore()
        self.reporter = Reporter(self.store, self.front_end, ENGINES, exhaustive)
        self.compile = compile
        self.jobs: list[CompileJob] = []

    @classmethod
    def of(
        cls,
        files: Mapping[str, str] | str,
        variants: Mapping[str, Sequence[str]] | None = None,
        dialect: Dialect = GGML,
        compile: Callable[[CompileJob], CompileResult] = obey,
        origin: VariantOrigin = "declared",
        exhaustive: bool = False,
    ) -> Project:
        return cls(
            {"a.wgsl": files} if isinstance(files, str) else files, variants, dialect, compile, origin, exhaustive
        )

    def _read_marks(self, path: str, text: str) -> str:
        plain, last, opened = "", 0, 0
        for mark in _MARK.finditer(text):
            plain += text[last : mark.start()]
            last = mark.end()
            if mark[1]:
                self.marks[int(mark[1])] = Location(path, Span(len(plain), len(plain)))
            elif mark[2] == "«":
                opened = len(plain)
            else:
                self.words.add(Location(path, Span(opened, len(plain))))
        plain += text[last:]
        for match in _CARETS.finditer(plain):
            line_start = plain.rfind("\n", 0, match.start(1)) + 1
            above = self._line_above(plain, line_start)
            start = above + match.start(1) - line_start
            span = Span(start, start + len(match[1]))
            self.carets.append(Caret(Location(path, span), match[2] or "", match[3].strip()))
        return _CARETS.sub(lambda match: " " * len(match[0]), plain)

    @staticmethod
    def _line_above(text: str, line_start: int) -> int:
        """Start of the last line above that is no caret comment."""
        while line_start > 0:
            end = line_start - 1
            line_start = text.rfind("\n", 0, end) + 1
            if not _CARETS.fullmatch(text, line_start, end):
                break
        return line_start

    # Questions

    @property
    def snapshot(self) -> Snapshot:
        return self.host.snapshot()

    def view(self, name: str = "a.wgsl") -> RootView:
        view = self.snapshot.root(absolute(name))
        assert view is not None, f"{name} cannot be read"
        return view

    def text(self, name: str = "a.wgsl") -> str:
        return self.workspace.texts[absolute(name)]

    def cursor(self, mark: int = 0) -> Cursor:
        """The cursor at a mark."""
        location = self.marks[mark]
        return self.cursor_in(posixpath.relpath(location.path, FOLDER), location.span.start)

    def cursor_at(self, written: str, name: str = "a.wgsl", nth: int = 0) -> Cursor:
        """The cursor at the n-th place where `written` begins."""
        offset = -1
        for _ in range(nth + 1):
            offset = self.text(name).index(written, offset + 1)
        return self.cursor_in(name, offset)

    def cursor_in(self, name: str, offset: int) -> Cursor:
        found = cursor_at(self.snapshot, self.front_end, absolute(name), offset)
        assert found is not None, f"{name} cannot be read"
        return found

    def shown(self, location: Location) -> str:
        """`file:line:column 'text'` of a location, to compare with."""
        source = self.workspace.read(location.path)
        assert isinstance(source, SourceFile)
        line, column = source.lines.position(location.span.start)
        words = source.text[location.span.start : location.span.end]
        return f"{posixpath.relpath(location.path, FOLDER)}:{line + 1}:{column + 1} '{words}'"

    # Changes

    def edit(self, name: str, text: str) -> None:
        """Give a file another text (marks and carets in it are read anew)."""
        path = absolute(name)
        self.carets = [caret for caret in self.carets if caret.location.path != path]
        before = self.workspace.texts.get(path, "")
        self.workspace.texts[path] = self._read_marks(path, text)
        self.reporter.edited(path, before, self.workspace.texts[path])
        self.host.changed()

    def choose(self, variant: str, root: str = "a.wgsl") -> None:
        """Make a variant of a root the active one."""
        self.host.set_active_variant(absolute(root), variant)
        self.host.changed()

    def fixed(self, title: str, name: str = "a.wgsl") -> dict[str, str]:
        """The texts that the fix of this title changes, by file, as they are then."""
        report, view = self.check(name), self.view(name)
        fixes = [fix for item in report.diagnostics for fix in fixes_for(self.snapshot, self.front_end, view, item)]
        found = [fix for fix in fixes if fix.title == title]
        assert found, f"there is no fix '{title}', only {[fix.title for fix in fixes]}"
        texts: dict[str, str] = {}
        for edit in sorted(found[0].edits, key=lambda one: one.location.span, reverse=True):
            path, span = edit.location.path, edit.location.span
            text = texts.get(path, self.workspace.texts[path])
            texts[path] = text[: span.start] + edit.text + text[span.end :]
        return {posixpath.relpath(path, FOLDER): text for path, text in texts.items()}

    def titles(self, name: str = "a.wgsl") -> list[str]:
        """Of every fix that is offered for what is reported of a root."""
        report, view = self.check(name), self.view(name)
        return [
            fix.title for item in report.diagnostics for fix in fixes_for(self.snapshot, self.front_end, view, item)
        ]

    def check(self, name: str = "a.wgsl", only: Collection[str] | None = None) -> RootReport:
        """Run every job of a root that has no result yet (`only`: of these variants), and report."""
        view = self.view(name)
        order = None if only is None else [view.index_by_name[variant] for variant in only]
        for _ in self.reporter.structure_steps(view):
            pass
        for _ in range(2):  # the second time for what turned out not to be judged by another variant
            for planned in self.reporter.jobs(view, order):
                if planned is not None:
                    self.jobs.append(planned.job)
                    self.store.put(planned.job, planned.digest, self.compile(planned.job))
        for _ in self.reporter.local_steps(view):
            pass
        return self.reporter.report(self.snapshot, view)

    def check_carets(self, name: str = "a.wgsl", report: RootReport | None = None) -> None:
        """What is reported of a root is what its carets say, no more and no less: place, rule (the first word), some
        words of the message, and where a caret names variants, those."""
        said = [
            (self.shown(item.location), item.code, item.message, ", ".join(item.variants))
            for item in (report or self.check(name)).diagnostics
        ]
        wanted = [
            (self.shown(caret.location), *caret.message.partition(" ")[::2], caret.variants) for caret in self.carets
        ]
        assert sorted(one[:2] for one in said) == sorted(one[:2] for one in wanted), said
        for place, code, words, variants in wanted:
            found = [one for one in said if one[:2] == (place, code) and words in one[2]]
            assert found, f"{place}: nothing about {code} says '{words}': {said}"
            assert not variants or variants in [one[3] for one in found], f"{place} {code}: {found}"

    def report(self, name: str = "a.wgsl") -> RootReport:
        """What is known without running anything."""
        return self.reporter.report(self.snapshot, self.view(name))

    def fast(self, name: str = "a.wgsl") -> RootReport:
        """The report of the fast phase: only the active variant is looked at."""
        view = self.view(name)
        return finished(self.reporter.fast_report_steps(self.snapshot, view, self.host.active_variant(view)))
