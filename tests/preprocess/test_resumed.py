"""A root whose text was edited, expanded from what it came to before: as if it were expanded for the first time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.preprocess.expansion import Expander, Expansion
from wgsl_ls.preprocess.node_store import NodeStore
from wgsl_ls.preprocess.resolution import Resolver
from wgsl_ls.text.source_file import SourceFile

FILES = {
    "one.tmpl": "#define C c_of_one\nconst one = A;\n",
    "two.tmpl": '#ifdef B\n#include "one.tmpl"\n#endif\n#undef A\nB two\n',
}
BLOCKS = (
    "A B C;\n",
    "const x = A;\n",
    "fn f() { C }\n",
    "#define A 1\n",
    "#define A B\n",
    "#define B\n",
    "#define C A\n",
    "#undef A\n",
    "#undef C\n",
    "#ifdef A\nA here\n#else\n#define A 7\n#endif\n",
    "#if defined(B) && !defined(C)\n#define C 3\nB C\n#endif\n",
    "#ifndef C\n#undef B\n#endif\n",
    '#include "one.tmpl"\n',
    '#ifdef C\n#include "two.tmpl"\n#endif\n',
    "#if A > 1\nmore\n#endif\n",
    "#endif\n",
    '#include "nowhere.tmpl"\n',
)
DEFINES = ((), (("A", "2"),), (("B", ""), ("C", "A")), (("A", "C"), ("C", "5")))
texts = st.lists(st.sampled_from(BLOCKS), max_size=7)


def load(name: str) -> SourceFile | str:
    return SourceFile(f"/files/{name}", FILES[name]) if name in FILES else f"there is no {name}"


def expander(store: NodeStore | None = None) -> Expander:
    return Expander(load, store=store)


def everything(expansion: Expansion) -> object:
    return (
        expansion.text,
        expansion.failed,
        expansion.has_problems,
        expansion.diagnostics,
        expansion.taken_branches(),
        expansion.raw.sizes,
        [(one.path, one.name) for one in expansion.source_map.instances],
    )


@given(st.lists(texts, min_size=2, max_size=4))
def test_what_is_expanded_from_before_is_what_it_is_anew(edits: list[list[str]]) -> None:
    store = NodeStore()
    before: dict[object, Expansion] = {}
    for blocks in edits:
        kept = expander(store)
        root = SourceFile("a.wgsl", "".join(blocks))
        for defines in DEFINES:
            now = kept.expand(root, defines, "a.wgsl", before.get(defines))
            assert everything(now) == everything(expander().expand(root, defines, "a.wgsl"))
            before[defines] = now


def test_only_what_was_edited_runs_again() -> None:
    store = NodeStore()
    parts = ["A one\n", "#ifdef B\nB\n#endif\n", "A two\n", '#include "one.tmpl"\n', "#define D 1\n", "C D\n"]
    before = expander(store).expand(SourceFile("a.wgsl", "".join(parts)), (("A", "2"), ("B", "3")), "a.wgsl")
    ran: list[int] = []
    items = Resolver._items

    def counted(self: Resolver, some: object, *others: object, **named: object) -> object:
        ran.append(len(list(some)))  # type: ignore[call-overload]
        return items(self, some, *others, **named)  # type: ignore[arg-type]

    parts[2] = "A three\n"
    Resolver._items = counted  # type: ignore[method-assign, assignment]
    try:
        now = expander(store).expand(SourceFile("a.wgsl", "".join(parts)), (("A", "2"), ("B", "3")), "a.wgsl", before)
    finally:
        Resolver._items = items  # type: ignore[method-assign]
    assert ran == [1] and now.text == before.text.replace("two", "three")
    assert [one.path for one in now.source_map.instances] == ["a.wgsl", "/files/one.tmpl"], "which nobody asked for"
