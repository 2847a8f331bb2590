"""What parent and worker both know: jobs and results as plain data. Standard library only.

Offsets here are code points of the *expanded* text. Results never name a written file: mapping back is the
parent's work, so that one result serves every variant with the same text.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal

Matrices = Literal["auto", "native", "emulated"]
"""How a run does what a text asks of subgroup matrices; here, for messages name it and runs are rare."""


@dataclass(frozen=True, slots=True)
class CompileJob:
    """One text for one engine. `overrides`: pipeline override constants (name, value), applied to every entry
    point that has them. `pipelines`: create a pipeline for every entry point, not only the module."""

    engine: str
    text: str
    overrides: tuple[tuple[str, float], ...] = ()
    pipelines: bool = True

    @property
    def digest(self) -> str:
        """Content key without the engine's version, which the store adds."""
        hashed = hashlib.blake2b(digest_size=16)
        for part in (self.engine, repr(self.overrides), str(self.pipelines), self.text):
            hashed.update(part.encode("utf-8", "surrogatepass"))
            hashed.update(b"\0")
        return hashed.hexdigest()


@dataclass(frozen=True, slots=True)
class MessageSpan:
    """A labelled range of the expanded text; the first one of a message is its primary place."""

    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class EngineMessage:
    """One message of a compiler. `spans` may be empty: some messages have no position.
    `stage`: "module" or "pipeline:<entry point>". `kind`: a stable short word for what went wrong
    ("parse", "type", "validation", "limit", "layout", ...), the tail of the rule id. `subject`: the name it is about:
    of kind "name" the one that is declared nowhere, of kind "extension" the one that is not enabled."""

    severity: Literal["error", "warning", "info"]
    text: str
    spans: tuple[MessageSpan, ...] = ()
    notes: tuple[str, ...] = ()
    stage: str = "module"
    kind: str = "validation"
    subject: str = ""


BridgedKind = Literal["enable", "diagnostic-rule", "subgroup-matrix", "f16-bitcast"]


@dataclass(frozen=True, slots=True)
class Bridged:
    """One place where the job's text had to be rewritten for this engine: elsewhere its compiler refuses what
    stands at `start` to `end`. `kind`: the tail of a rule id; `text`: what the engine lacks, a sentence for the
    user."""

    kind: BridgedKind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """`lowered`: what was rewritten before compiling, in words for the report ("subgroup matrices emulated");
    `bridged`: the same at its places. `seconds`: the engine's own time."""

    messages: tuple[EngineMessage, ...] = ()
    lowered: tuple[str, ...] = ()
    seconds: float = 0.0
    bridged: tuple[Bridged, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """`unread`: None when the engine stopped at its first error. Else somebody looked behind the errors: `messages` are
    all there are, but for the places (start, end) that were left out to get behind an error in there."""

    messages: tuple[EngineMessage, ...]
    lowered: tuple[str, ...] = ()
    seconds: float = 0.0
    bridged: tuple[Bridged, ...] = ()
    unread: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The engine cannot judge this text: it lacks `extension`. Never an error in the user's file."""

    extension: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Crashed:
    """The worker died while compiling this text. `signal`: its name ("SIGSEGV") or "exit N". `start`, `end`: the name
    of the function that does it, -1 when that is not known."""

    signal: str
    stderr_tail: str = ""
    start: int = -1
    end: int = -1

    @property
    def last_words(self) -> str:
        """What the process said about its end: the panic's own line if it panicked (Rust prints the place on one line
        and the reason on the next, then advice), else its last line."""
        lines = [line.strip() for line in self.stderr_tail.splitlines() if line.strip()]
        for index, line in enumerate(lines):
            if " panicked at " in line:
                place = line.partition(" panicked at ")[2].rstrip(":")
                reason = lines[index + 1] if index + 1 < len(lines) else ""
                if place.startswith(("'", '"')):  # before Rust 1.73 both stood on one line
                    return place
                return f"{reason} ({_shortened(place)})" if reason else place
        return lines[-1] if lines else ""


def _shortened(place: str) -> str:
    """The file of a panic as the name of its crate and what is below, without the folders of who built it."""
    parts = place.replace("\\", "/").split("/")
    if "src" in parts[:-1]:
        last = max(index for index, part in enumerate(parts[:-1]) if part == "src")
        parts = parts[max(0, last - 1) :]
    return "/".join(parts)


@dataclass(frozen=True, slots=True)
class TimedOut:
    seconds: float


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """The device was lost while it compiled this text, and a new one, too: by the driver's or the machine's fault, or
    because others use it. Nothing is known of the text. Never stored."""

    detail: str = ""


_LOST = re.compile(r"\bdevice\b.*\blost\b|\blost\b.*\bdevice\b|device_?lost", re.IGNORECASE)


def tells_of_lost_device(words: str) -> bool:
    """Do words of an engine or driver say that the device is gone? They are then no verdict on any text."""
    return _LOST.search(words) is not None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The engine cannot run here; `remedy` is the one command that would change it. Never stored."""

    why: str
    remedy: str = ""


CompileResult = Accepted | Rejected | Unsupported | Crashed | TimedOut | DeviceLost | Unavailable

Lasting = Accepted | Rejected | Unsupported
"""What the text alone decides. A worker that died or was too slow may have been the machine's bad moment: that is true
of one run and is not kept for the next."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What a worker says in its hello: who it is and what its device can do."""

    engine: str
    version: str
    protocol: int
    adapter: str = ""
    backend: str = ""
    features: tuple[str, ...] = ()
    limits: tuple[tuple[str, int], ...] = ()
    properties: tuple[tuple[str, str], ...] = field(default=())

    @property
    def is_software(self) -> bool:
        """Does a driver without a GPU do the work?"""
        return ("adapter-type", "CPU") in self.properties
