"""Quick fixes: edits that remove a finding. Each answers one rule; the edit is in written text, so it holds for every
variant that reads the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.snapshot import RootView, Snapshot
from wgsl_ls.preprocess.directives import Directive
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span

_DID_YOU_MEAN = re.compile(r"did you mean [`']?(\w+)[`']?\??")
_EXTENSION = re.compile(
    r"without (?:extension )?'(\w+)'(?: extension)?(?: enabled)?|enabling extension '(\w+)'"
    r"|the `(\w+)` enable extension"
)
_UNRESOLVED = re.compile(
    r"unresolved (?:value|call target|type|identifier|name) [`'](\w+)[`']"
    r"|no definition in scope for identifier: `(\w+)`"
)
_OTHER_LANGUAGES = {"elseif": "elif", "elsif": "elif", "elseifdef": "elif", "fi": "endif", "end": "endif"}
_COMMENTS = re.compile(r"(?:\s*(?://[^\n]*(?:\n|$)|/\*.*?\*/))*\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at `location` (an empty span inserts)."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """`preferred`: it is surely what was meant."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


def fixes_for(snapshot: Snapshot, front_end: FrontEnd, view: RootView, item: MergedDiagnostic) -> list[Fix]:
    """Fixes for one diagnostic of a root, the likeliest first."""
    source = snapshot.read(item.location.path)
    if not isinstance(source, SourceFile):
        return []
    found: list[Fix] = []
    if item.code.startswith("preprocess/"):
        found.extend(_preprocess(snapshot, view, source, item))
    elif item.code.startswith("lint/"):
        found.extend(_lints(snapshot, source, item))
    else:
        found.extend(_extension(view, item))
        found.extend(_misspelt(snapshot, front_end, view, source, item))
    return list({fix.title: fix for fix in found}.values())


def _directive_at(snapshot: Snapshot, source: SourceFile, offset: int) -> tuple[int, Directive] | None:
    tree = snapshot.tree(source.path)
    for start, directive in tree.directives() if tree is not None else ():
        if start <= offset < start + directive.length:
            return start, directive
    return None


def _preprocess(snapshot: Snapshot, view: RootView, source: SourceFile, item: MergedDiagnostic) -> Iterator[Fix]:
    found = _directive_at(snapshot, source, item.location.span.start)
    if found is None:
        return
    start, directive = found
    whole = Location(source.path, Span(start, start + directive.length))
    match item.code.removeprefix("preprocess/"):
        case "unclosed-conditional":
            subject = directive.condition.text if directive.condition else directive.name
            end = len(source.text)
            newline = "" if source.text.endswith("\n") or not source.text else "\n"
            edit = Edit(Location(source.path, Span(end, end)), f"{newline}#endif // {subject}\n")
            yield Fix("Add #endif at the end of the file", (edit,), preferred=True)
        case "endif-without-if" | "else-without-if" | "elif-without-if":
            yield Fix(f"Remove this #{directive.keyword}", (Edit(whole, ""),))
        case "unknown-directive":
            word = directive.keyword.split("(")[0]
            place = Location(source.path, directive.keyword_span.shifted(start))
            if directive.keyword.startswith("if("):
                hash_end = directive.keyword_span.start + start + source.text[place.span.start :].index("if") + 2
                spot = Location(source.path, Span(hash_end, hash_end))
                yield Fix("Put a space behind #if", (Edit(spot, " "),), preferred=True)
                return
            known = sorted(snapshot_directives(snapshot, source.path))
            meant = _OTHER_LANGUAGES.get(word)
            for near in [meant] if meant in known else get_close_matches(word, known, 2, 0.6):
                text = source.text[place.span.start : place.span.end]
                yield Fix(f"Change to #{near}", (Edit(place, text.replace(directive.keyword, near)),), preferred=True)
        case "include-not-found":
            place = Location(source.path, directive.name_span.shifted(start))
            names = snapshot.include_names(view.path)
            tail = directive.name.rsplit("/", 1)[-1]
            near_names = [name for name in names if name.rsplit("/", 1)[-1] == tail]
            near_names += get_close_matches(directive.name, names, 3, 0.75)
            for near in dict.fromkeys(near_names):
                yield Fix(f'Include "{near}" instead', (Edit(place, near),), preferred=near == near_names[0])
            yield Fix("Remove this #include", (Edit(whole, ""),))


def snapshot_directives(snapshot: Snapshot, path: str) -> frozenset[str]:
    """The directives that exist in the dialect of a file."""
    tree = snapshot.tree(path)
    return tree.dialect.directives if tree is not None else frozenset()


def _lints(snapshot: Snapshot, source: SourceFile, item: MergedDiagnostic) -> Iterator[Fix]:
    found = _directive_at(snapshot, source, item.location.span.start)
    if found is None:
        return
    start, directive = found
    match item.code.removeprefix("lint/"):
        case "unknown-macro":
            near = _DID_YOU_MEAN.search(item.message)
            if near is not None:
                yield Fix(f"Change to {near[1]}", (Edit(item.location, near[1]),), preferred=True)
        case "unused-macro":
            whole = Location(source.path, Span(start, start + directive.length))
            yield Fix(f"Remove the unused #define {directive.name}", (Edit(whole, ""),))
        case "comment-in-value":
            comment = source.text[item.location.span.start : item.location.span.end]
            before = source.text[start : item.location.span.start]
            kept = before.rstrip()
            cut = Location(source.path, Span(start + len(kept), item.location.span.end))
            indent = before[: len(before) - len(before.lstrip())]
            line = Location(source.path, Span(start, start))
            edits = (Edit(line, f"{indent}{comment}\n"), Edit(cut, ""))
            yield Fix("Move the comment to its own line", edits, preferred=True)
        case "condition-rest":
            yield Fix("Remove what the preprocessor does not read", (Edit(item.location, ""),))


def _extension(view: RootView, item: MergedDiagnostic) -> Iterator[Fix]:
    """`enable X;` at the top of the root: behind leading comments and earlier enables."""
    match = _EXTENSION.search(item.message)
    if match is None:
        return
    name = next(group for group in match.groups() if group)
    text = view.source.text
    at = _behind_enables(text)
    if re.search(rf"\benable\b[^;]*\b{name}\b", text[: at + 200]) and not item.condition:
        return
    place = Location(view.path, Span(at, at))
    yield Fix(f"Add 'enable {name};'", (Edit(place, f"enable {name};\n"),), preferred=True)
    if item.condition:
        guarded = f"#if {item.condition}\nenable {name};\n#endif\n"
        yield Fix(f"Add 'enable {name};' where {item.condition}", (Edit(place, guarded),))


def _behind_enables(text: str) -> int:
    comments = _COMMENTS.match(text)
    at = comments.end() if comments is not None else 0
    at = text.rfind("\n", 0, at) + 1
    for match in re.finditer(r"^[ \t]*(?:enable|requires|diagnostic)\b[^;\n]*;[ \t]*\n", text, re.MULTILINE):
        if "#" in text[at : match.start()]:
            break
        at = match.end()
    return at


def _misspelt(
    snapshot: Snapshot, front_end: FrontEnd, view: RootView, source: SourceFile, item: MergedDiagnostic
) -> Iterator[Fix]:
    match = _UNRESOLVED.search(item.message)
    if match is None or not item.variants:
        return
    name = match[1] or match[2]
    span = item.location.span
    written = source.text[span.start : span.end]
    index = view.index_by_name.get(item.variants[0], 0)
    expansion = view.expansion(index)
    offsets = [one.start for one in expansion.source_map.expanded(source.path, span)]
    analysis = front_end.analysis(expansion)
    candidates: list[str] = []
    for unresolved in analysis.unresolved:
        if unresolved.name == name and (not offsets or any(abs(unresolved.start - at) < 200 for at in offsets)):
            candidates.extend(unresolved.candidates)
    macros = [macro for macro in expansion.replay.table_at_end() if macro]
    candidates.extend(get_close_matches(name, macros, 2, 0.75))
    if written != name:
        location = next((one.location for one in item.related if f"is defined here as '{name}'" in one.message), None)
        if location is not None:
            definition = _directive_at(snapshot, source, location.span.start) if location.path == source.path else None
            if definition is not None and definition[1].value == name:
                place = Location(source.path, definition[1].value_span.shifted(definition[0]))
                for candidate in dict.fromkeys(candidates):
                    yield Fix(f"Change the value of {written} to {candidate}", (Edit(place, candidate),))
        return
    for position, candidate in enumerate(dict.fromkeys(candidates)):
        yield Fix(f"Change to {candidate}", (Edit(item.location, candidate),), preferred=position == 0)


def declare_variant(view: RootView, name: str, config_text: str | None, config_path: str) -> Fix | None:
    """Write a variant of a root (an inferred one, say) into wgsl-ls.toml, so that it is checked from now on."""
    if name not in view.index_by_name:
        return None
    variant = view.variants[view.index_by_name[name]]
    directory = config_path.rsplit("/", 1)[0]
    file = view.path.removeprefix(f"{directory}/")
    defines = ", ".join(f'"{define}"' for define in variant.define_list)
    entry = f'[[shader]]\nfiles = ["{file}"]\n\n[[shader.variant]]\nname = "{name}"\ndefines = [{defines}]\n'
    end = len(config_text or "")
    gap = "" if not config_text else "\n" if config_text.endswith("\n") else "\n\n"
    place = Location(config_path, Span(end, end))
    return Fix(f"Declare variant {name} in wgsl-ls.toml", (Edit(place, gap + entry),))
