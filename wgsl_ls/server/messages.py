"""Every message beyond LSP, as a class: what `wgsl/*` requests, notifications and commands carry.

The only place that knows their form: params are decoded into these classes, answers are encoded from them (codec.py),
PROTOCOL.md's tables and editors/vscode/src/protocol.ts are written from them (protocol_page.py). What the fields mean
stands here. Positions and ranges are LSP's, in the negotiated encoding.
"""

from __future__ import annotations

from typing import Any, Literal

from lsprotocol import types

from wgsl_ls.server.lazy_types import message
from wgsl_ls.wire.jobs import Matrices
from wgsl_ls.wire.verdicts import State, Verdict


@message
class Request:
    """`params`, `result`: message classes; None: nothing. `words`: for PROTOCOL.md."""

    method: str
    params: type | None
    result: type | None
    words: str


@message
class Command:
    """A `workspace/executeCommand`. `argument`: its one argument; `needs_argument`: it cannot be left out."""

    method: str
    argument: type | None
    result: type | None
    words: str
    needs_argument: bool = False


@message
class Notification:
    """From the server. `words`: when it is sent."""

    method: str
    params: type
    words: str


# Requests


@message
class DocumentParams:
    text_document: types.TextDocumentIdentifier


@message
class RootList:
    """`roots`: addresses of every root of the workspace that the server knows."""

    roots: tuple[str, ...]


@message
class VariantCounts:
    """Variants of a root by their state."""

    total: int
    pass_: int
    fail: int
    pending: int
    unjudged: int


@message
class VariantEntry:
    """`state`: what is known of it over all engines and our own checks (profiles, lints): the one word that a client
    shows. `verdicts`: by engine, for details. `problems`: errors in it. `why`: why nobody could judge it, when so.
    `reason`: its first error. `label`: what tells it from the others of the list, unique there; `axes`: the same by
    axis ("" for none of its alternatives), derived from the macros where no axes are declared. `asked`: inputs with
    which the host asks for it. `defines`: NAME or NAME=VALUE."""

    name: str
    root: str
    origin: Literal["declared", "imported", "host", "inferred", "default"]
    label: str
    axes: dict[str, str]
    state: State
    verdicts: dict[str, Verdict]
    problems: int
    defines: tuple[str, ...]
    why: str | None = None
    reason: str | None = None
    asked: str | None = None


@message
class VariantList:
    """`root`: address of the root; `active`: name of its active variant; `edition`: another number when the variants
    themselves are others; `summary`: the counts in words, for a person
    ("3,200 variants · 352 structures · 3,199 pass · 1 fails: …"); `configuration`: address of the wgsl-ls.toml in
    force, left out without one."""

    root: str
    active: str
    edition: int
    variants: tuple[VariantEntry, ...]
    counts: VariantCounts
    summary: str
    configuration: str | None = None


@message
class VerdictChange:
    """What is now known of some variants, as in VariantEntry; `why` and `reason` are gone where they are left out.
    `runs`: which, by their places in the list: so many are passed over, so many meant, so many passed over, and so
    on ([2, 3] are the third, fourth and fifth)."""

    runs: tuple[int, ...]
    state: State
    verdicts: dict[str, Verdict]
    problems: int
    why: str | None = None
    reason: str | None = None


@message
class VerdictsChanged:
    """`changes` are made to the list of `wgsl/variants` with the same `edition`; the rest is as in VariantList."""

    root: str
    active: str
    edition: int
    changes: tuple[VerdictChange, ...]
    counts: VariantCounts
    summary: str
    configuration: str | None = None


@message
class SetActiveVariantParams:
    text_document: types.TextDocumentIdentifier
    variant: str


@message
class Context:
    """An include file seen through one `#include` path. `instance`: which reading of the file in this root and
    variant; `chain`: the `#include` sites from the root to the file."""

    root: str
    variant: str
    instance: int
    label: str
    chain: tuple[types.Location, ...]


@message
class ContextList:
    """`active`: index of the chosen one, -1 without any."""

    contexts: tuple[Context, ...]
    active: int


@message
class SetContextParams:
    text_document: types.TextDocumentIdentifier
    root: str
    instance: int
    variant: str | None = None


@message
class PlaceParams:
    text_document: types.TextDocumentIdentifier
    position: types.Position


@message
class PositionParams:
    """`variant`: instead of the active one."""

    text_document: types.TextDocumentIdentifier
    position: types.Position
    variant: str | None = None


@message
class Shadow:
    """A definition that another one hides; `ignored`: it never took effect, because the variant gives the macro."""

    value: str
    ignored: bool
    location: types.Location | None = None


@message
class MacroState:
    """`value` as written, `expanded` fully (left out when that cannot be done); `locked`: a #define or #undef would not
    change it; `location`: of the name in its #define, or of what gives it in the host's code; `through`: the #include
    sites that led there, innermost first; `given`: "given by FUNCTION, when CONDITION" of the host's code, where that
    is known."""

    name: str
    value: str
    origin: Literal["variant", "source"]
    locked: bool
    through: tuple[types.Location, ...]
    shadows: tuple[Shadow, ...]
    expanded: str | None = None
    location: types.Location | None = None
    given: str | None = None


@message
class DefineState:
    """`line`: from 0, that of the position asked about."""

    root: str
    variant: str
    line: int
    macros: tuple[MacroState, ...]


@message
class ExpansionParams:
    """`text_document`: a written file, or an expanded document; `variant`: instead of the active one."""

    text_document: types.TextDocumentIdentifier
    variant: str | None = None


@message
class ExpandedText:
    """`uri`: of the expanded document; `source`: of its root; `failed`: the preprocessor would have stopped; `version`:
    grows with every change of an input. `segments`: each [expanded start line, column, end line, column, index in
    `files`, written start line, column, end line, column, kind], kind 0 copied, 1 out of a macro."""

    uri: str
    source: str
    variant: str
    text: str
    failed: bool
    version: int
    segments: tuple[tuple[int, ...], ...]
    files: tuple[str, ...]


@message
class MapPositionParams:
    """`text_document`: the document that `position` is in: the written file for `toExpanded`, the expanded document
    for `toSource`."""

    text_document: types.TextDocumentIdentifier
    position: types.Position
    direction: Literal["toExpanded", "toSource"]
    variant: str | None = None


@message
class Site:
    """A macro or an #include on the way from a written to an expanded place."""

    kind: Literal["macro", "include"]
    name: str
    location: types.Location


@message
class MappedPosition:
    """`locations`: empty for what maps to nothing."""

    locations: tuple[types.Location, ...]
    stack: tuple[Site, ...]


@message
class DiffVariantsParams:
    """`left`, `right`: names of variants."""

    text_document: types.TextDocumentIdentifier
    left: str
    right: str


@message
class VariantDiff:
    """`unified`: as `diff -u` writes it."""

    left: ExpandedText
    right: ExpandedText
    unified: str


@message
class VariantPresence:
    """`reason`: why the line is active or not in this variant."""

    name: str
    active: bool
    reason: str


@message
class Explanation:
    """`presence`: the shortest macro condition under which the line is active; "" always, left out when none is
    short."""

    markdown: str
    variants: tuple[VariantPresence, ...]
    presence: str | None = None


@message
class CoveredFile:
    """`lines`: of each line with code [line, variants in which it is active]."""

    uri: str
    lines: tuple[tuple[int, ...], ...]


@message
class CoverageReport:
    """Of every file that some variant of `root` reads; `total`: variants."""

    root: str
    total: int
    files: tuple[CoveredFile, ...]


@message
class RegionList:
    regions: tuple[types.Range, ...]


ROOTS = Request("wgsl/roots", None, RootList, "every root of the workspace that the server knows")
VARIANTS = Request("wgsl/variants", DocumentParams, VariantList, "the variants of a document's root")
SET_ACTIVE_VARIANT = Request(
    "wgsl/setActiveVariant", SetActiveVariantParams, VariantList, "what features look through; remembered for the root"
)
CONTEXTS = Request("wgsl/contexts", DocumentParams, ContextList, "through which roots and includes a file is read")
SET_CONTEXT = Request("wgsl/setContext", SetContextParams, ContextList, "look at a file through one of them")
DEFINE_STATE = Request("wgsl/defineState", PositionParams, DefineState, "the macro table at a position")
EXPANSION = Request("wgsl/expansion", ExpansionParams, ExpandedText, "the WGSL that compilers get")
MAP_POSITION = Request("wgsl/mapPosition", MapPositionParams, MappedPosition, "between written and expanded text")
DIFF_VARIANTS = Request("wgsl/diffVariants", DiffVariantsParams, VariantDiff, "the expansions of two variants")
COVERAGE = Request("wgsl/coverage", DocumentParams, CoverageReport, "how many variants use each line of a root's files")
EXPLAIN = Request("wgsl/explain", PlaceParams, Explanation, "in which variants a line is active, and why")
INACTIVE = Request("wgsl/inactiveRegions", DocumentParams, RegionList, "code that the active variant leaves out")


# Notifications

StatusWord = Literal["starting", "indexing", "reading", "checking", "idle", "stale", "engine-missing"]


@message
class InactiveRegions:
    text_document: types.OptionalVersionedTextDocumentIdentifier
    regions: tuple[types.Range, ...]


@message
class ServerStatus:
    """`done` of `total` variants; `message`: words for a person, perhaps none; `remedy`: the command for a shell that
    brings a missing engine."""

    state: StatusWord
    done: int
    total: int
    message: str
    remedy: str | None = None


@message
class ExpansionChanged:
    """`uri`: of the expanded document; `source`: of its root."""

    uri: str
    source: str
    variant: str


@message
class HostFiles:
    """`files`: addresses of the host program's C++ files that variants are read from, all there are."""

    files: tuple[str, ...]


@message
class SmokeResult:
    """`report`: as `wgsl-ls smoke --format json` writes it; `html`: a page, when matplotlib is there; `ok`: every
    check of every run passed; `cases`, `engines`: what could be run instead."""

    report: Any
    summary: str
    ok: bool
    cases: tuple[str, ...]
    engines: tuple[str, ...]
    html: str | None = None


@message
class ViewsChanged:
    """`uris`: open documents; none: only lists of variants are new."""

    uris: tuple[str, ...]


INACTIVE_REGIONS = Notification(
    "wgsl/inactiveRegions", InactiveRegions, "after open, edit, change of variant or context"
)
VERDICTS_CHANGED = Notification(
    "wgsl/verdictsChanged",
    VerdictsChanged,
    "results arrived (at most 10 a second for one root): what is now known of the variants of which something new is "
    "known. With another `edition` than that of the client's list nothing is said of single variants: a client that "
    "shows the list asks for it",
)
VIEWS_CHANGED = Notification(
    "wgsl/viewsChanged",
    ViewsChanged,
    "what these documents are looked at through is different (variant, context, configuration, an include), without "
    "an edit of theirs: ask again for what is shown of them. Without any: shaders may have other variants, open or not",
)
STATUS = Notification("wgsl/status", ServerStatus, "changes")
EXPANSION_CHANGED = Notification(
    "wgsl/expansionChanged",
    ExpansionChanged,
    "an expanded document's text is new (for clients without textDocumentContent)",
)
HOST_FILES = Notification(
    "wgsl/hostFiles",
    HostFiles,
    "the host's code was read from other files than before: send `didOpen`, `didChange` and `didClose` of these "
    "(clients with dynamic registration of synchronization are asked to)",
)
SMOKE_FINISHED = Notification("wgsl/smokeFinished", SmokeResult, "a smoke run ended")
NOTIFICATIONS = (
    INACTIVE_REGIONS,
    VERDICTS_CHANGED,
    VIEWS_CHANGED,
    STATUS,
    EXPANSION_CHANGED,
    HOST_FILES,
    SMOKE_FINISHED,
)


# Commands


@message
class SmokeRunArgument:
    """`engine`, `adapter`: else the first engine that runs shaders, on the adapter it prefers. `case`: a glob over the
    names of cases; else all small ones. `matrices`: else the device's own subgroup matrices, emulated ones where it has
    none and is fast enough."""

    uri: str
    variant: str | None = None
    engine: str | None = None
    adapter: str | None = None
    case: str | None = None
    matrices: Matrices | None = None


@message
class OpenDocumentArgument:
    uri: str


@message
class AddVariantArgument:
    uri: str
    variant: str


@message
class ActivateArgument:
    """`instance`: as in Context."""

    uri: str
    root: str
    variant: str
    instance: int = 0


@message
class Applied:
    applied: bool


@message
class CheckAllArgument:
    """Without `uri` every root of the workspace."""

    uri: str | None = None


@message
class CheckedCounts:
    counts: VariantCounts


@message
class DoctorReport:
    """`json`: as `wgsl-ls doctor --json` writes it."""

    markdown: str
    json: Any


@message
class EngineStatistics:
    """`version`: left out while the engine has not said it."""

    jobs: int
    starts: int
    deaths: int
    version: str | None = None


@message
class Statistics:
    """`idle`: nothing is left to check; `memory`: bytes that the server's own process holds (where the system does not
    say that, the most it held)."""

    idle: bool
    revision: int
    memory: int
    engines: dict[str, EngineStatistics]


SMOKE_RUN = Command(
    "wgsl.smokeRun",
    SmokeRunArgument,
    SmokeResult,
    "run one variant on a GPU and judge the numbers; progress and cancel through `$/progress`; `$/cancelRequest` "
    "ends the run too. What failed stands at the entry point's name (rules `smoke/…`) until the text of that "
    "variant changes",
    needs_argument=True,
)
DOCTOR = Command("wgsl.doctor", None, DoctorReport, "versions, adapters and features of the server's machine")
CHECK_ALL = Command("wgsl.checkAll", CheckAllArgument, CheckedCounts, "check every variant now, without debounce")
OPEN_DOCUMENT = Command(
    "wgsl.openDocument",
    OpenDocumentArgument,
    None,
    "asks the client to show a document (`window/showDocument`), if it can: what a quick fix has written",
    needs_argument=True,
)
ACTIVATE = Command(
    "wgsl.activate",
    ActivateArgument,
    None,
    "look at a document through a root and variant: what a code action in inactive code offers",
    needs_argument=True,
)
ADD_VARIANT = Command(
    "wgsl.addVariant",
    AddVariantArgument,
    Applied,
    "a `WorkspaceEdit` that declares the variant is applied to `wgsl-ls.toml`",
    needs_argument=True,
)
RESTART_ENGINES = Command("wgsl.restartEngines", None, None, "end the compilers' processes and start new ones")
STATISTICS = Command("wgsl.statistics", None, Statistics, "whether anything is left to check, and what checking cost")
