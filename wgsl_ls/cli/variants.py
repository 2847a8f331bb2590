"""`wgsl-ls variants`: which variants a shader has, and where they come from."""

from __future__ import annotations

import argparse
import json

from wgsl_ls.cli.composition import UserError, chosen_roots, open_session
from wgsl_ls.cli.shown_path import relative_path, shown_path
from wgsl_ls.cli.speech import remark, say
from wgsl_ls.project.variants import plan_for
from wgsl_ls.text.harmless import one_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="FILE")
    parser.add_argument("--variant", metavar="GLOB", help="only those whose name matches")
    parser.add_argument("--count", action="store_true", help="only how many there are, and how many the axes allow")
    parser.add_argument("--json", action="store_true", help="one JSON object per line, as `import` reads it")


def run(arguments: argparse.Namespace) -> int:
    try:
        session = open_session(arguments.paths, variant_glob=arguments.variant)
        roots = chosen_roots(session, arguments.paths)
    except UserError as problem:
        remark(str(problem))
        return 2
    total = 0
    for root in roots:
        settings = session.workspace.settings(root)
        total += len(settings.variants)
        if arguments.count:
            plans = plan_for(session.workspace.configuration(root)[0], root)
            allowed = sum(plan.count.value for plan in plans)
            more = f" (of {allowed} that the axes allow)" if allowed > len(settings.variants) else ""
            say(f"{shown_path(root)}: {len(settings.variants)} variants{more}")
            continue
        if not arguments.json:
            say(f"{shown_path(root)}: {len(settings.variants)} variants")
        for variant in settings.variants:
            if arguments.json:
                entry = {"shader": relative_path(root), "name": variant.name, "defines": list(variant.define_list)}
                print(json.dumps(entry))
            else:
                defines = " ".join(f"-D{define}" for define in variant.define_list)
                origin = f" ({variant.origin})" if variant.origin != "declared" else ""
                say(f"  {one_line(variant.name)}{origin}\n    {one_line(defines)}")
    if not total:
        remark("no variants")
        return 1
    return 0
