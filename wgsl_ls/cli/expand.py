"""`wgsl-ls expand`: the WGSL that an engine gets for one variant."""

from __future__ import annotations

import argparse
import json

from wgsl_ls.cli.composition import UserError, one_root, one_variant, open_session
from wgsl_ls.cli.speech import pass_on, remark, say
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.source_file import SourceFile

EXAMPLES = """\
wgsl-ls expand flash_attn.wgsl                     # the first variant
wgsl-ls expand flash_attn.wgsl k_q8_0              # the one that has these words
wgsl-ls expand flash_attn.wgsl --map               # with the written place of each line
wgsl-ls expand flash_attn.wgsl -D WG_SIZE=128      # with another macro"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a shader")
    parser.add_argument("words", nargs="*", metavar="WORD", help="words of the variant's name and macros, in any order")
    parser.add_argument("--variant", metavar="V", help="its name, a glob for it, or its words (default: the first)")
    parser.add_argument("--define", "-D", action="append", default=[], metavar="NAME[=VALUE]", help="more macros")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--map", action="store_true", help="put the written place before every line")
    shape.add_argument("--json", action="store_true", help="text, failure and segments as JSON")


def run(arguments: argparse.Namespace) -> int:
    try:
        session = open_session([arguments.file])
        view = one_root(session, arguments.file)
        if arguments.words and arguments.variant:
            raise UserError("give the words of a variant or --variant, not both")
        index = one_variant(view, arguments.variant or " ".join(arguments.words) or None)
    except UserError as problem:
        remark(str(problem))
        return 2
    expansion = view.expansion_with(index, arguments.define) if arguments.define else view.expansion(index)
    for diagnostic in expansion.diagnostics:
        word = "error" if diagnostic.severity == Severity.ERROR else "warning"
        where = session.shown_place(diagnostic.location)
        say(f"{where}: {word}: {diagnostic.message} [{diagnostic.code}]", aside=True)
    if arguments.json:
        print(json.dumps(_as_json(expansion), indent=1))
    elif arguments.map:
        pass_on(_with_places(session.snapshot.read, expansion))
    else:
        pass_on(expansion.text)
    return session.ended(1 if expansion.failed else 0)


def _with_places(read: object, expansion: Expansion) -> str:
    lines = LineIndex(expansion.text, only_lf=True)
    indices: dict[str, LineIndex] = {}
    rows: list[tuple[str, str]] = []
    for line in range(lines.n_lines):
        start, end = lines.line_start(line), lines.line_end(line)
        if start == len(expansion.text) and line:
            break
        origin = expansion.origin(start)
        where = ""
        if origin is not None:
            path = origin.location.path
            if path not in indices:
                source = read(path)  # type: ignore[operator]
                indices[path] = source.lines if isinstance(source, SourceFile) else LineIndex("")
            where = f"{path.rsplit('/', 1)[-1]}:{indices[path].line_of(origin.location.span.start) + 1}"
        rows.append((where, expansion.text[start:end]))
    width = max(len(where) for where, _ in rows)
    return "".join(f"{where:<{width}} | {text}\n" for where, text in rows)


def _as_json(expansion: Expansion) -> dict[str, object]:
    """Segments: [start, end, file index, written start, written end, macro or ""], in code points."""
    source_map = expansion.source_map
    files: dict[str, int] = {}
    segments = []
    for segment in source_map.segments:
        path = source_map.instances[segment.instance].path
        index = files.setdefault(path, len(files))
        segments.append([segment.start, segment.end, index, segment.source_start, segment.source_end, segment.macro])
    return {"text": expansion.text, "failed": expansion.failed, "files": list(files), "segments": segments}
