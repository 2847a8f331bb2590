"""A second reading makes only those runs again that rest on what changed, and finds what a fresh one finds."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.host.host_fixture import BLUR, DEVICE, EDGE, sets
from tests.host.test_reading import LIBRARY
from wgsl_ls.host import knowledge as knowledge_module
from wgsl_ls.host import reading as reading_module
from wgsl_ls.host.cases import Reasoning
from wgsl_ls.host.interpreter import Interpreter
from wgsl_ls.host.knowledge import Situation
from wgsl_ls.host.library import PLAIN
from wgsl_ls.host.memory import Memory
from wgsl_ls.host.model import HostReading
from wgsl_ls.host.reading import read_host
from wgsl_ls.host.recall import Recall

HOST = replace(PLAIN, opaque={"overlaps": "{0} overlaps {1}"})


class Reads:
    """Readings of one host with one memory; `runs`: the functions that were run in the last one, and how often."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.memory = Memory()
        self.runs: dict[str, int] = {}
        paths = reading_module._Reader._paths

        def counted(reader, function, *rest):  # type: ignore[no-untyped-def]
            self.runs[function.name] = self.runs.get(function.name, 0) + 1
            return paths(reader, function, *rest)

        monkeypatch.setattr(reading_module._Reader, "_paths", counted)

    def read(self, text: str) -> HostReading:
        texts = {"host.cpp": text}
        fresh = read_host(texts, (BLUR, EDGE), HOST, (DEVICE,))
        self.runs.clear()
        found = read_host(texts, (BLUR, EDGE), HOST, (DEVICE,), memory=self.memory)
        assert found == fresh
        return found


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


def edited(old: str, new: str) -> str:
    assert LIBRARY.count(old) == 1
    return LIBRARY.replace(old, new)


def test_the_same_text_is_not_run_again(reads: Reads) -> None:
    reads.read(LIBRARY)
    n_runs = sum(reads.runs.values())
    assert n_runs > 1
    reads.read(LIBRARY)
    assert reads.runs == {}


@pytest.mark.parametrize(
    "text",
    [
        "\n// one more line\n" + LIBRARY,
        edited("class Lib {", "/* the pipelines */\nclass Lib {"),
        edited('d.push_back("SAME");', 'd.push_back("SAME"); // binary\n'),
        edited("        d.push_back(op_names[op->op]);", "\n            d.push_back(op_names[op->op]);  /* first */"),
    ],
    ids=["above all", "between functions", "behind a statement", "within a function"],
)
def test_comments_and_white_space_cost_nothing_and_places_move(reads: Reads, text: str) -> None:
    reads.read(LIBRARY)
    found = reads.read(text)
    assert reads.runs == {}
    spelled = {text[one.location.span.start : one.location.span.end] for v in found.variants for one in v.defines}
    assert spelled == {
        '"SAME"',
        "op_names[op->op]",
        'std::string("T=") + names[op->type]',
        'std::string("FROM=") + names[from]',
    }


@pytest.mark.parametrize(
    ("text", "macro"),
    [
        (edited('d.push_back(std::string("FROM=") + names[from]);', 'd.push_back("X");'), "X"),
        (
            edited(
                "Pipeline cast(Kind from) {", 'Pipeline cast(Kind from) { std::vector<std::string> e = { "Y" };'
            ).replace("src_edge, d", "src_edge, e"),
            "Y",
        ),
    ],
    ids=["a statement", "a list"],
)
def test_an_edit_of_one_function_runs_what_calls_it(reads: Reads, text: str, macro: str) -> None:
    reads.read(LIBRARY)
    before = dict(reads.runs)
    found = reads.read(text)
    assert macro in {define.text for variant in found.variants for define in variant.defines}
    assert set(reads.runs) == {"run"} and 0 < reads.runs["run"] < before["run"]


FORKS = """std::vector<std::string> d;
        if (op->src[0]->type == KIND_A) { return compile(p.preprocess(src_blur, d), "first"); }
        if (op->src[1]->type == KIND_A) { return compile(p.preprocess(src_blur, d), "second"); }
        """


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ('d.push_back(std::string("FROM=") + names[from]);', 'd.push_back("X");', {"cast"}),
        ("int wg = 2;", "int wg = 3;", {"run"}),
    ],
    ids=["what it gives back is what it was: who called goes on as before", "whoever calls"],
)
def test_a_call_is_run_again_only_where_it_would_do_something_else(
    old: str, new: str, again: set[str], reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which functions' statements are run: of the first reading, and after an edit of one of them. What is known behind
    each of two forks is kept while the other one is run."""
    ran: list[str] = []
    called = Interpreter._called

    def counted(interpreter, function, *rest):  # type: ignore[no-untyped-def]
        ran.append(function.name)
        return called(interpreter, function, *rest)

    monkeypatch.setattr(Interpreter, "_called", counted)
    forked = edited("std::vector<std::string> d;\n        d.push_back(op", FORKS + "d.push_back(op")
    read_host({"host.cpp": forked}, (BLUR, EDGE), HOST, (DEVICE,), memory=reads.memory)
    n_first = len(ran)
    assert {"run", "cast", "binary"} <= set(ran)
    ran.clear()
    read_host({"host.cpp": forked.replace(old, new)}, (BLUR, EDGE), HOST, (DEVICE,), memory=reads.memory)
    assert set(ran) == again and len(ran) < n_first


IN_A_CALL = {
    "a shader that is expanded before the call": (
        """
        std::string more() { return "X"; }
        struct Lib {
            pre::Preprocessor p;
            Text pick() {
                std::vector<std::string> d;
                auto other = p.preprocess(src_blur, d);
                d.push_back(more());
                return p.preprocess(src_edge, d);
            }
            Pipeline make() { return compile(pick(), "made"); }
        };
        """,
        ('"X"', '"Y"'),
        {"edge made Y", "blur blur"},
    ),
    "an entry of a map that is made before the call": (
        """
        std::string more() { return "X"; }
        struct Lib {
            pre::Preprocessor p;
            std::map<int, int> seen;
            int first() { if (seen.count(0)) { return 2; } seen[0] = 1; return 1; }
            Pipeline make() {
                int n = first();
                std::vector<std::string> d = { more(), "N=" + std::to_string(n) };
                return compile(p.preprocess(src_blur, d), "made");
            }
        };
        """,
        ('"X"', '"Y"'),
        {"blur made Y N=2", "blur made Y N=1"},
    ),
    "an entry of a map that only the new call looks at": (
        """
        struct Lib {
            pre::Preprocessor p;
            std::map<int, int> seen;
            int second() { return 1; }
            Pipeline make() {
                seen[0] = 1;
                std::vector<std::string> d = { "N=" + std::to_string(second()) };
                return compile(p.preprocess(src_blur, d), "made");
            }
        };
        """,
        ("return 1;", "return seen.count(0) ? 2 : 1;"),
        {"blur made N=2"},
    ),
    "what the new call throws": (
        """
        struct Lib {
            pre::Preprocessor p;
            int wide() { return 1; }
            Pipeline make() {
                std::vector<std::string> d;
                try { d.push_back("N=" + std::to_string(wide())); } catch (int e) { d.push_back("NARROW"); }
                return compile(p.preprocess(src_blur, d), "made");
            }
        };
        """,
        ("return 1;", "throw 1;"),
        {"blur made NARROW"},
    ),
    "a text of which something is made in one call and not in the other": (
        """
        struct Lib {
            pre::Preprocessor p;
            Text part(bool fast) {
                auto text = p.preprocess(src_blur, { fast ? "A" : "B" });
                if (fast) { compile(text, "part"); }
                return text;
            }
            Pipeline make(bool fast) { return compile(part(fast), "made"); }
        };
        """,
        ('"A"', '"C"'),
        {"blur part C", "blur made B"},
    ),
}


@pytest.mark.parametrize(("text", "edit", "variants"), IN_A_CALL.values(), ids=IN_A_CALL.keys())
def test_a_call_that_changed_is_run_where_those_that_call_it_are_repeated(
    text: str, edit: tuple[str, str], variants: set[str], reads: Reads
) -> None:
    """What those did before it has left its traces in this path, and what it does now may be read by them."""
    reads.read(text)
    found = reads.read(text.replace(*edit))
    told = {" ".join((one.shader, one.label, *(each.text for each in one.defines))) for one in found.variants}
    assert told == variants


BOTH = "int one() { return width; } int two() { return width; }"
ELSEWHERE = {
    "a variable that nothing wrote to": ("static int width = 3;" + BOTH, "log(1);", "width = 4;"),
    "one that a constant is made of": (
        "static int from = 3; static const int width = from;" + BOTH, "log(1);", "from = 4;"),
    "a list that nothing changed": (
        "static std::vector<int> widths = { 3 };" + BOTH.replace("width;", "(int) widths.size();"),
        "log(1);", "widths.push_back(4);"),
    "a static variable within the function": (
        "int one() { static int width = 3; return width; } int two() { return one(); }", "log(1);", "width = 5;"),
    "a function that a constant is made with": ("static const int width = wide();" + BOTH, "return 3;", "return 4;"),
    "one that a list is made with": (
        "static const std::vector<int> widths = { wide(), 7 };" + BOTH.replace("width;", "widths[0];"),
        "return 3;", "return 4;"),
    "one that a struct is made with": (
        "struct Size { int x; }; static const Size size = { wide() };" + BOTH.replace("width;", "size.x;"),
        "return 3;", "return 4;"),
}  # fmt: skip  # a table


@pytest.mark.parametrize(("before", "old", "new"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_an_edit_elsewhere_may_change_what_a_function_reads(before: str, old: str, new: str, reads: Reads) -> None:
    text = f"""
    int wide() {{ return 3; }}
    {before}
    void elsewhere() {{ log(1); }}
    struct Lib {{
        pre::Preprocessor p;
        Pipeline make() {{ return compile(p.preprocess(src_blur, {{ "W=" + std::to_string(one() + two()) }}), "m"); }}
    }};
    void run(Lib & lib) {{ lib.make(); }}
    """
    assert sets(reads.read(text)) in ({"W=6"}, {"W=2"})
    reads.read(text.replace(old, new))


def test_what_is_repeated_spends_the_effort_that_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget ends a reading at the same place, and it finds the same, as if every call were run."""
    left: list[int] = []
    end = reading_module._Reader.read

    def told(reader):  # type: ignore[no-untyped-def]
        found = end(reader)
        left.append(reader.effort.left)
        return found

    monkeypatch.setattr(reading_module._Reader, "read", told)
    thrown = CAUGHT.replace("Pipeline cast(Kind from) {", "Pipeline cast(Kind from) { if (from == KIND_A) { throw 1; }")
    for text in (LIBRARY, CACHED, CAUGHT, thrown, HANDED):
        found = read_host({"host.cpp": text}, (BLUR, EDGE), HOST, (DEVICE,))
        with monkeypatch.context() as patch:
            patch.setattr(Recall, "call", lambda *_: None)
            assert read_host({"host.cpp": text}, (BLUR, EDGE), HOST, (DEVICE,)) == found
        assert left[-1] == left[-2]


def test_an_edit_of_the_gate_keeps_what_it_lets_through_as_before(reads: Reads) -> None:
    reads.read(LIBRARY)
    before = dict(reads.runs)
    text = edited(
        "op->type == KIND_C && op->src[0]->type != KIND_C", "op->type == KIND_B && op->src[0]->type != KIND_C"
    )
    reads.read(text)
    assert reads.runs["device_supports_op"] > 0
    assert reads.runs["run"] < before["run"]


@pytest.mark.parametrize(
    "text",
    [
        edited('{ "a", "b", "c" }', '{ "a", "b", "d" }'),
        edited("enum Kind { KIND_A, KIND_B, KIND_C };", "enum Kind { KIND_B, KIND_A, KIND_C };"),
        LIBRARY + "\nstatic bool overlaps_not(Node * a) { return a != nullptr; }\n",
        edited("if (same)", "if (!same)"),
        edited("case OP_ADD: case OP_MUL: log(op);", "case OP_MUL: log(op);"),
        edited(
            "        return compile(p.preprocess(src_blur, d)",
            "        goto x; x: return compile(p.preprocess(src_blur, d)",
        ),
        edited("d.push_back(op_names[op->op]);", "d.push_back(added(op_names[op->op]));")
        + '\nstd::string added(const char * name) { return std::string(name) + "_X"; }\n',
    ],
    ids=["a table", "an enum", "a new function", "a condition", "the dispatch", "a gap", "a helper"],
)
def test_any_edit_and_back_again_finds_what_a_fresh_reading_finds(reads: Reads, text: str) -> None:
    for one in (LIBRARY, text, LIBRARY, text + "\n", LIBRARY):
        reads.read(one)


CACHED = (
    LIBRARY.replace(
        "        std::vector<std::string> d;\n        d.push_back(op_names",
        "        auto it = made.find(op->op); if (it != made.end()) { return it->second; }\n"
        "        if (op->type == KIND_B) { abort(); }\n"
        "        std::vector<std::string> d;\n        d.push_back(op_names",
    )
    .replace(
        'return compile(p.preprocess(src_blur, d), "binary");',
        """made[op->op] = compile(p.preprocess(src_blur, d), "b");
        return made[op->op];""",
    )
    .replace("class Lib {", "class Lib {\n    std::map<int, Pipeline> made;")
)
CAUGHT = LIBRARY.replace(
    "ctx.lib->cast(op->src[0]->type); break;",
    "try { ctx.lib->cast(op->src[0]->type); } catch (int e) { ctx.lib->binary(op, same); } break;",
).replace("Pipeline cast(Kind from) {", "Kind last;\n    Pipeline cast(Kind from) {")


HANDED = LIBRARY.replace(
    'return compile(p.preprocess(src_blur, d), "binary");',
    'auto text = part(d, same); return compile(text, "binary");',
).replace(
    "    Pipeline binary(",
    """    Text part(std::vector<std::string> d, bool same) {
        auto text = p.preprocess(src_blur, d);
        if (same) { compile(text, "part"); }
        return text;
    }
    Pipeline binary(""",
)
"""Who is given a text makes something of it only where that was not done yet."""


@pytest.mark.parametrize(
    "more",
    [
        "if (from == KIND_A) { throw 1; }",
        "last = from;",
        "abort();",
        "int n = 1 / 0;",
        "for (;;) { log(from); }",
        "asm();",
    ],
)
def test_a_call_that_comes_to_another_end_is_run_with_whoever_calls_it(reads: Reads, more: str) -> None:
    reads.read(CAUGHT)
    head = "Pipeline cast(Kind from) {"
    for text in (CAUGHT.replace(head, head + more), CAUGHT, CAUGHT.replace(head, head + "log(from);" + more)):
        reads.read(text)


EDITS = (
    ("d.push_back(", 'd.push_back("MORE"); d.push_back('),
    ("d.push_back(", "; // d.push_back("),
    ("KIND_A", "KIND_C"),
    ("KIND_B", "KIND_A"),
    ("same", "!same"),
    ('"', '"Z'),
    ("return", "log(op); return"),
    ("\n", "\n\n"),
    ("{", "{ /* here */"),
    ("if (", "if (true && "),
    ("case OP_MUL:", ""),
    ("break;", "break; log(op);"),
    ("made", "cache"),
    ("std::string(", "helper("),
)


@pytest.mark.parametrize("seed", range(12))
def test_a_session_of_edits_finds_what_fresh_readings_find(reads: Reads, seed: int) -> None:
    """Some of them are no sensible host any more."""
    random = Random(seed)
    texts = [CACHED]
    reads.read(CACHED)
    for _ in range(8):
        old, new = random.choice(EDITS)
        places = [index for index in range(len(texts[-1])) if texts[-1].startswith(old, index)]
        if not places or random.random() < 0.15:
            texts.append(random.choice(texts))
        else:
            at = random.choice(places)
            texts.append(texts[-1][:at] + new + texts[-1][at + len(old) :])
        reads.read(texts[-1])


def test_the_text_of_the_sessions_has_every_kind_of_finding(reads: Reads) -> None:
    assert {one.kind for one in reads.read(CACHED).findings} >= {"equal-keys", "not-served"}


def test_an_edit_that_is_taken_back_costs_nothing(reads: Reads) -> None:
    reads.read(LIBRARY)
    reads.read(edited("if (same)", "if (!same)"))
    reads.read(LIBRARY)
    assert reads.runs == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('d.push_back("SAME");', 'd.push_back("OTHER");'),
        ('d.push_back("SAME");', 'd.push_back("SAME"); d.push_back("MORE");'),
        ("d.push_back(op_names[op->op]);", 'd.push_back(op_names[op->op]); d.push_back("MORE");'),
    ],
    ids=["under a condition", "one more under it", "always"],
)
def test_other_macros_ask_nothing_new_of_what_is_known(
    old: str, new: str, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows from the conditions was found in the reading before."""
    reads.read(LIBRARY)
    asked: list[str] = []
    for name in ("answers", "partition", "assignments"):
        question = getattr(Reasoning, name)

        def counted(*arguments, name=name, question=question, **options):  # type: ignore[no-untyped-def]
            asked.append(name)
            return question(*arguments, **options)

        monkeypatch.setattr(Reasoning, name, counted)
    texts = {"host.cpp": edited(old, new)}
    found = read_host(texts, (BLUR, EDGE), HOST, (DEVICE,), memory=reads.memory)
    assert asked == []
    assert any(new.split('"')[-2] in one for one in sets(found))
    assert found == read_host(texts, (BLUR, EDGE), HOST, (DEVICE,))
    assert asked != []


def n_decisions(state: Situation) -> int:
    """How many are kept of a state and of those that follow from it."""
    after = [one for decision in state.decisions.values() for one in (decision.yes, decision.no)]
    return len(state.decisions) + sum(n_decisions(one) for one in after if one is not None and one is not state)


def test_what_follows_from_decisions_is_kept_within_bounds(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    for most in (1_000, 2):
        monkeypatch.setattr(knowledge_module, "_MOST_KEPT", most)
        reads.memory = Memory()
        reads.read(LIBRARY)
        reads.read(edited('d.push_back("SAME");', 'd.push_back("OTHER");'))
        states = {id(run.state): run.state for runs in reads.memory._runs.values() for _, run in runs}
        kept.append(max(map(n_decisions, states.values())))
    assert kept[0] > 2 >= kept[1]


def test_the_cases_of_an_operation_are_run_at_once(reads: Reads) -> None:
    """The same is found case by case, where the operation is not known by its name."""
    gate = "op->type == KIND_A || (op->type == KIND_B && op->src[0]->type == KIND_A)"
    text = edited("op->type == KIND_A || op->type == KIND_B", gate)
    by_case = sets(reads.read(text))
    assert reads.runs["run"] == 3
    reads.runs.clear()
    host = replace(HOST, same=(("op", "dst"),))
    assert sets(read_host({"host.cpp": text}, (BLUR, EDGE), host, (DEVICE,))) == by_case
    assert reads.runs["run"] == 2


def test_what_a_long_day_of_edits_leaves_is_bounded(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.host.memory._MOST_CHARACTERS", 40_000)
    sizes = []
    for number in range(30):
        found = reads.read(LIBRARY.replace("class Lib {", f"static int value_{number} = {number};\nclass Lib {{", 1))
        sizes.append(sum(len(text) for _, text in reads.memory.facts))
    assert found.variants
    assert max(sizes) < 40_000 < sum(sizes)


@pytest.mark.parametrize("text", ["/* " + "* / " * 1000, "/* " * 3000])
def test_a_text_that_can_be_read_in_too_many_ways_is_a_gap(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """An ambiguous one costs the parser more than its square, and a comment without an end is looked through by each
    attempt to read on behind its beginning."""
    monkeypatch.setattr("wgsl_ls.host.syntax._MOST_STEPS", 1000 if "* /" in text else 10**9)
    found = read_host({"a.cpp": LIBRARY, "b.cpp": text}, (BLUR, EDGE), HOST, (DEVICE,))
    assert found.variants
    assert [(one.location.path, one.what) for one in found.gaps] == [
        ("b.cpp", "this file is too entangled to be read as C++")
    ]
