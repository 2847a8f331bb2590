"""Quick fixes of a finding: those of its rule, and the declaration of a variant that was only inferred."""

from __future__ import annotations

from wgsl_ls.analysis.fix import Edit, Fix, FixRequest
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span


def fixes_for(snapshot: Snapshot, front_end: FrontEnd, view: RootView, item: MergedDiagnostic) -> list[Fix]:
    """Fixes for one diagnostic of a root, the likeliest first."""
    source = snapshot.read(item.location.path)
    rule = all_rules().get(item.code)
    if not isinstance(source, SourceFile) or rule is None or rule.fixes is None:
        return []
    request = FixRequest(
        snapshot, front_end, view, source, item.location, item.subject, item.variants, item.condition, item.related
    )
    return list({fix.title: fix for fix in rule.fixes(request)}.values())


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
