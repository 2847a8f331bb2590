"""Quick fixes of a finding: those of its rule, and the declaration of a variant that was only inferred."""

from __future__ import annotations

from collections.abc import Collection

from wgsl_ls.analysis.fix import Edit, Fix, FixRequest
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.project.first_config import ShaderDraft, first_config, shader_entry
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
    """Write one variant of a root into wgsl-ls.toml, because the user chose it."""
    if name not in view.index_by_name:
        return None
    draft = ShaderDraft(_file(view, config_path), ((name, view.variants[view.index_by_name[name]].defines),))
    return _written(f"Declare variant {name} in wgsl-ls.toml", draft, config_text, config_path)


def declare_passing(view: RootView, passing: Collection[str], config_text: str | None, config_path: str) -> Fix | None:
    """Write those variants of a root that nobody declared and that are right (names in `passing`) into wgsl-ls.toml."""
    chosen = tuple((one.name, one.defines) for one in view.variants if one.name in passing)
    if not chosen or view.settings.declared:
        return None
    many = f"the {len(chosen)} variants" if len(chosen) > 1 else "the variant"
    draft = ShaderDraft(_file(view, config_path), chosen)
    passes = "pass" if len(chosen) > 1 else "passes"
    return _written(f"Declare {many} of {draft.file} that {passes} in wgsl-ls.toml", draft, config_text, config_path)


def _file(view: RootView, config_path: str) -> str:
    return view.path.removeprefix(f"{config_path.rpartition('/')[0]}/")


def _written(title: str, draft: ShaderDraft, config_text: str | None, config_path: str) -> Fix:
    """Behind what is there, or as a first configuration."""
    if config_text is None:
        text = first_config([draft], frozenset({draft.file}))
        return Fix(title, (Edit(Location(config_path, Span(0, 0)), text),))
    end = len(config_text)
    gap = "" if not config_text else "\n" if config_text.endswith("\n") else "\n\n"
    return Fix(title, (Edit(Location(config_path, Span(end, end)), gap + shader_entry(draft, with_axes=False)),))
