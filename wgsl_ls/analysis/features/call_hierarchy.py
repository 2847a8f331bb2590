"""Call hierarchy of functions, over the covering variants of the roots that read the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.meaning import uses_at
from wgsl_ls.analysis.index import NameIndex, covering_variants
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.preprocess.source_map import SourceMap
from wgsl_ls.text.span import Location
from wgsl_ls.wgsl.symbols import Analysis


@dataclass(frozen=True, slots=True)
class FunctionItem:
    """A function by the written place of its name."""

    name: str
    location: Location
    root: str


@dataclass(frozen=True, slots=True)
class Calls:
    """`item` calls, or is called, at `sites`; for incoming calls the sites are in `item`'s file."""

    item: FunctionItem
    sites: tuple[Location, ...]


def function_at(cursor: Cursor, index: NameIndex) -> FunctionItem | None:
    """The function under the cursor."""
    for use in uses_at(cursor, index):
        if use.kind == "function" and use.target is not None:
            return FunctionItem(use.name, use.target, cursor.view.path)
    return None


def incoming(snapshot: Snapshot, index: NameIndex, item: FunctionItem, roots: Iterable[str]) -> list[Calls]:
    """Who calls `item`."""
    calls = _calls(snapshot, index, roots)
    return _grouped((caller, site) for caller, callee, site in calls if callee.location == item.location)


def outgoing(snapshot: Snapshot, index: NameIndex, item: FunctionItem, roots: Iterable[str]) -> list[Calls]:
    """Whom `item` calls."""
    calls = _calls(snapshot, index, roots)
    return _grouped((callee, site) for caller, callee, site in calls if caller.location == item.location)


def _grouped(calls: Iterable[tuple[FunctionItem, Location]]) -> list[Calls]:
    """A function once, however many roots read its file."""
    items: dict[Location, FunctionItem] = {}
    sites: dict[Location, dict[Location, None]] = {}
    for item, site in calls:
        items.setdefault(item.location, item)
        sites.setdefault(item.location, {})[site] = None
    return [Calls(item, tuple(sites[location])) for location, item in items.items()]


def _calls(
    snapshot: Snapshot, index: NameIndex, roots: Iterable[str]
) -> list[tuple[FunctionItem, FunctionItem, Location]]:
    """(caller, callee, site) of every call between the user's functions."""
    found: dict[tuple[FunctionItem, FunctionItem, Location], None] = {}
    for view in snapshot.views(roots):
        for number in covering_variants(view, 0):
            analysis = index.front_end.analysis(view.expansion(number))
            source_map = view.replay(number).source_map
            for call in analysis.calls:
                if call.symbol is None or call.symbol.kind != "function" or not call.caller:
                    continue
                caller = _item(analysis, source_map, call.caller, view.path)
                callee = _item(analysis, source_map, call.name, view.path)
                site = source_map.written(call.start, call.start + len(call.name))
                if caller is not None and callee is not None and site is not None:
                    found[caller, callee, site.location] = None
    return list(found)


def _item(analysis: Analysis, source_map: SourceMap, name: str, root: str) -> FunctionItem | None:
    symbol = analysis.global_symbol(name)
    if symbol is None or symbol.kind != "function":
        return None
    origin = source_map.written(symbol.start, symbol.end)
    return FunctionItem(name, origin.location, root) if origin is not None else None
