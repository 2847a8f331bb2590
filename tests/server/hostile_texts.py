"""Texts that somebody made to be dear, by a number: shaders, settings, C++ of hosts and lists of variants. What they
may cost in steps is in the tests, what they take at the largest sizes in tests/bench/hostile.py."""

from __future__ import annotations

from collections.abc import Callable

MAIN = "@compute @workgroup_size(1) fn main() { }\n"


def each(line: str) -> Callable[[int], str]:
    """The line n times, with numbers for `%`, and for `<` and `>` the numbers before and behind."""
    return lambda n: (
        "".join(line.replace("%", str(i)).replace("<", str(i - 1)).replace(">", str(i + 1)) for i in range(1, n)) + MAIN
    )


def inside(before: str, line: str, after: str) -> Callable[[int], str]:
    return lambda n: f"{before}{each(line)(n).removesuffix(MAIN)}{after}{MAIN}"


TEXTS: dict[str, Callable[[int], str]] = {
    "entry points": each("@compute @workgroup_size(1) fn m%() { }\n"),
    "entry points that share": inside(
        "var<private> o: f32;\nfn h() { o = 1.0; }\n", "@compute @workgroup_size(1) fn m%() { h(); }\n", ""),
    "entry points with bindings": each(
        "@group(0) @binding(%) var<uniform> b%: vec4f;\n@compute @workgroup_size(1) fn m%() { _ = b%; }\n"),
    "a chain of calls": inside("fn f0() { }\n", "fn f%() { f<(); }\n", ""),
    "a chain of constants": each("const c% = c> + 1;\n"),
    "a chain of aliases": each("alias a% = a>;\n"),
    "a chain of structs": each("struct S% { a: S> }\n"),
    "a chain of overrides": inside("override o0 = 1.0;\n", "override o% = o< + 1.0;\n", ""),
    "constants that double": inside(
        "const c0 = 1;\n", "const c% = c< + c< - c<;\n", "var<private> a: array<f32, c7>;\n"),
    "calls that double": inside("fn f0() -> u32 { return 1; }\n", "fn f%() -> u32 { return f<() + f<(); }\n", ""),
    "structs that double": inside("struct S0 { a: u32 }\n", "struct S% { a: S<, b: S< }\n", ""),
    "a circle of functions": lambda n: "".join(f"fn f{i}() {{ f{(i + 1) % n}(); }}\n" for i in range(n)) + MAIN,
    "two circles and a way": lambda n: (
        "const a = b;\nconst b = a + c0;\n" + "".join(f"const c{i} = c{i + 1};\n" for i in range(n))
        + f"const c{n} = y;\nconst y = z;\nconst z = y;\n{MAIN}"
    ),
    "uses of one name": inside("const c = 1;\nfn f() {\n", "let x% = c;\n", "}\n"),
    "blocks in blocks": lambda n: "fn f() {\n" + "{ let x = 1;\n" * n + "}" * n + "}\n" + MAIN,
    "an index of an index": lambda n: f"var<private> a: u32;\nfn f() {{ a{'[0]' * n} = 1; }}\n{MAIN}",
    "calls in calls": lambda n: f"fn g(a: u32) -> u32 {{ return a; }}\nconst c = {'g(' * n}1{')' * n};\n{MAIN}",
    "members": lambda n: (
        "struct S {" + ",".join(f"m{i}: u32" for i in range(n)) + "}\nvar<private> s: S;\nfn f() {"
        + "".join(f"s.m{i} = 1;\n" for i in range(n)) + "}\n" + MAIN
    ),
    "wrong members": lambda n: (
        "struct S {" + ",".join(f"member{i}: u32" for i in range(n)) + "}\nvar<private> s: S;\n"
        + "".join(f"fn f{i}() {{ s.memb{i} = 1; }}\n" for i in range(n)) + MAIN
    ),
    "one line": lambda n: "".join(f"const c{i} = {i}; " for i in range(n)) + MAIN,
    "branches": each("#ifdef A\nconst c% = 1;\n#endif\n"),
    "defines": each("#define D% %\nconst c% = D%;\n"),
    "a chain of defines": inside("#define D0 1\n", "#define D% D<\n", "const c = D7;\n"),
    "one macro again and again": each("#undef D\n#define D %\nconst c% = D;\n"),
    "names declared nowhere": each("const c% = nope%;\n"),
    "names behind a piece that only the host knows": lambda n: (
        "fn main() { MORE\n" + each("let x% = nope%;\n")(2 * n) + "}\n"),
    "names declared nowhere beside macros": lambda n: (
        "".join(f"#define D{i} {i}\n" for i in range(10 * n)) + each("const c% = nope%;\n")(n)),
    "uses of a long chain of defines": lambda n: (
        "#define D0 x\n" + "".join(f"#define D{i} D{i - 1}\n" for i in range(1, n)) + MAIN
        + "".join(f"const c{i} = D{n - 1};\n" for i in range(n))
    ),
    "syntax and type errors in one function": inside("fn f() {\n", "let = ;\nlet x%: u32 = 1.5;\n", "}\n"),
    "comments before errors": lambda n: "// " * n + "\n" + "const = 1;" * n + MAIN,
    "no names at all": each("const = %;\n"),
    "errors of the preprocessor": each("#error no\n"),
    "directives that there are not": each("#bogus%\n"),
    "includes that there are not": each('#include "x%.tmpl"\n'),
    "the same again": each("const c = 1;\n"),
    "a function per branch": inside("", "#if A == %\nfn f(a: u32) -> u32 { return %u; }\n#endif\n", ""),
    "comments in comments": lambda n: "/*" * n + "*/" * n + "\n" + MAIN,
    "less than": lambda n: "const c = a" + "<b" * n + ";\n" + MAIN,
    "if and else": lambda n: "fn f(a: u32) { if a == 0 {}" + " else if a == 1 { }\n" * n + " }\n" + MAIN,
    "barriers": lambda n: (
        "var<workgroup> w: array<u32, 4>;\nfn f(i: u32) {" + "w[i] = i; workgroupBarrier();\n" * n + "}\n" + MAIN),
    "lines that are no directives": each("1define D% %\nconst c% = D%;\n"),
    "conditions that are none": each("#if (% +\n#endif\n"),
    "lone number signs": lambda n: "#\n" * n + MAIN,
    "an unclosed comment": lambda n: MAIN + "/* " + "x1 /* */ /* " * n,
    "slashes": lambda n: "/ /* */" * n + "\n" + MAIN,
    "one macro everywhere": inside("#define V (x + y)\n", "const c% = V;\n", ""),
    "macros on one line": lambda n: "#define V x\nconst c = V" + " + V" * n + ";\n" + MAIN,
    "macros of several words": inside("#define A 1\n#define B A + A\n", "const c% = B * B;\n", ""),
    "branches of one conditional": inside("#if A == 0\n", "#elif A == %\nconst c = %;\n", "#endif\n"),
    "a long condition": lambda n: "#if A" + "".join(f" || B{i}" for i in range(n)) + "\n#endif\n" + MAIN,
    "parentheses in a condition": lambda n: f"#if {'(' * n}A{')' * n}\n#endif\n{MAIN}",
    "a macro that each branch defines": each("#ifdef A%\n#define V %\n#endif\n"),
    "macros that name themselves": each("#define A% A% A%\nconst c% = A%;\n"),
    "macros taken away": each("#define D% 1\n#undef D%\n"),
    "conditions on a chain of defines": inside("#define D0 1\n", "#define D% D<\n#if D% == %\n#endif\n", ""),
    "a file that includes itself": lambda n: '#include "a.wgsl"\n' * n + MAIN,
    "continued lines": lambda n: "#define A" + " \\\n x" * n + "\nconst c = A;\n" + MAIN,
    "backslashes": lambda n: "#define A " + "\\" * n + "\n" + MAIN,
    "quotes": lambda n: "#include " + '"' * n + "\n" + '"' * n + MAIN,
    "nothing but line ends": lambda n: "\n" * n + MAIN,
    "carriage returns": lambda n: "const a = 1;\r" * n + MAIN,
    "letters beyond ASCII": lambda n: "// \U0001f600\u0301\n" * n + MAIN,
    "a digit again and again": lambda n: f"const a = 0x{'f' * n};\n" + MAIN,
    "openings": lambda n: "fn f() {" + "({[" * n + "\n" + MAIN,
    "closings": lambda n: "fn f() {" + ")}]" * n + "\n" + MAIN,
    "signs before a number": lambda n: f"const a = {'- ' * n}1;\n" + MAIN,
    "parentheses": lambda n: f"const a = {'(' * n}1{')' * n};\n" + MAIN,
    "a sum": lambda n: "const a = 1" + " + 1" * n + ";\n" + MAIN,
    "a sum of calls": lambda n: "const a = abs(1)" + " + max(1, abs(2))" * n + ";\n" + MAIN,
    "arrays of arrays": lambda n: "var<private> a: " + "array<" * n + "u32" + ", 2>" * n + ";\n" + MAIN,
    "values of many parts": lambda n: "const a = array(" + "1, " * n + ");\nconst b = a[0];\n" + MAIN,
    "attributes": lambda n: "struct S { " + "@align(16) " * n + "a: u32 }\n" + MAIN,
    "parameters": lambda n: (
        "fn f(" + ", ".join(f"a{i}: u32" for i in range(n)) + ") { }\nfn g() { f(" + "1, " * n + "); }\n" + MAIN),
    "cases": inside("fn f(a: u32) { switch a {\n", "case %: { let x = %; }\n", "default: { } } }\n"),
    "equal cases": inside("fn f(a: u32) { switch a {\n", "case 1: { }\n", "default: { } } }\n"),
    "loops in loops": lambda n: "fn f() {\n" + "loop { if true { break; }\n" * n + "}" * n + "}\n" + MAIN,
    "names that hide each other": lambda n: "fn f() { let x = 1;\n" + "{ let x = x + 1;\n" * n + "}" * n + "}\n" + MAIN,
    "pointers to pointers": inside("fn f() { var p0 = 1;\n", "let p% = &p<;\n", "}\n"),
    "a chain of arrays": inside("alias a0 = u32;\n", "alias a% = array<a<, 2>;\n", "var<private> v: a7;\n"),
    "assertions": each("const c% = %;\nconst_assert c% != c<;\n"),
    "extensions": each("enable e%;\nrequires r%;\n"),
    "one declaration again and again": each("fn f() -> u32 { return %; }\n"),
    "members of one name": lambda n: "struct S {" + "a: u32,\n" * n + "}\n" + MAIN,
    "statements that nothing reaches": inside("fn f() { return;\n", "let x% = 1;\n", "}\n"),
    "assignments to what is not there": inside("fn f() {\n", "x%.y = z%;\n", "}\n"),
    "swizzles": lambda n: "fn f(a: vec4f) { let b = a" + ".wzyx" * n + "; }\n" + MAIN,
    "products of matrices": lambda n: "fn f(a: mat4x4f) { let b = a" + " * a" * n + "; }\n" + MAIN,
    "shared memory of one entry point": lambda n: (
        "".join(f"var<workgroup> w{i}: u32;\n" for i in range(n)) + "@compute @workgroup_size(1) fn m() {\n"
        + "".join(f"w{i} = 1;\n" for i in range(n)) + "}\n"),
    "functions that all call twenty before": lambda n: (
        "".join(f"fn f{i}() {{ {''.join(f'f{j}();' for j in range(max(0, i - 20), i))} }}\n" for i in range(n)) + MAIN),
}  # fmt: skip
MANY_AT_ONCE = (
    "names declared nowhere beside macros",
    "names behind a piece that only the host knows",
    "uses of a long chain of defines",
)
"""Texts with several lines for each of n."""


SETTINGS: dict[str, Callable[[int], str]] = {
    "tables": lambda n: "".join(f"[t{i}]\n" for i in range(n)),
    "keys of a deep table": lambda n: "[" + ".".join("abcdefgh") + "]\n" + "".join(f"k{i} = 1\n" for i in range(n)),
    "unknown keys": lambda n: "".join(f"engin{i} = 1\n" for i in range(n)),
    "lists in lists": lambda n: "files = " + "[" * n + "]" * n + "\n",
    "tables in lists": lambda n: "axes = " + "[{a=" * n + "1" + "}]" * n + "\n",
    "a long list": lambda n: "engines = [" + "'wgpu', " * n + "]\n",
    "a long text": lambda n: "import = ['" + "a" * n + "']\n",
    "an unclosed text": lambda n: "import = ''" + "'\n" + "a\n" * n,
    "escapes": lambda n: 'import = ["' + "\\u0041" * n + '"]\n',
    "comments": lambda n: "# [[shader]]\n" * n,
    "line ends": lambda n: "\n" * n,
    "shaders of nothing": lambda n: "[[shader]]\n" * n,
    "shaders": lambda n: "".join(f"[[shader]]\nfiles = ['x{i}.wgsl']\n" for i in range(n)),
    "shaders of one file": lambda n: "[[shader]]\nfiles = ['a.wgsl']\n" * n,
    "names in files": lambda n: "[[shader]]\nfiles = [" + "".join(f"'x{i}.wgsl'," for i in range(n)) + "]\n",
    "patterns": lambda n: "[[shader]]\nfiles = [" + "".join(f"'**/{i}*[a-z]*.wgsl'," for i in range(n)) + "]\n",
    "stars": lambda n: "[[shader]]\nfiles = ['" + "**/" * n + "*.wgsl']\n",
    "choices in a pattern": lambda n: "[[shader]]\nfiles = ['" + "{a,b}" * n + ".wgsl']\n",
    "choices in choices": lambda n: "[[shader]]\nfiles = ['" + "{a," * n + "}" * n + ".wgsl']\n",
    "sets in a pattern": lambda n: "[[shader]]\nfiles = ['" + "[!a-z]" * n + ".wgsl']\n",
    "lists to import": lambda n: "import = [" + "".join(f"'**/v{i}*.jsonl'," for i in range(n)) + "]\n",
    "patterns of hosts": lambda n: "[host]\nfiles = [" + "".join(f"'**/h{i}*.cpp'," for i in range(n)) + "]\n",
    "variants": lambda n: "[[shader]]\nfiles = ['a.wgsl']\n" + "".join(
        f"[[shader.variant]]\nname = 'v{i}'\ndefines = ['A={i}']\n" for i in range(n)),
    "variants of one name": lambda n: "[[shader]]\nfiles = ['a.wgsl']\n"
        + "[[shader.variant]]\nname = 'v'\ndefines = ['A']\n" * n,
    "values of an axis": lambda n: "[[shader]]\nfiles = ['a.wgsl']\naxes = { A = ["
        + ", ".join(f"'A={i}'" for i in range(n)) + "] }\n",
    "axes": lambda n: "[[shader]]\nfiles = ['a.wgsl']\n[shader.axes]\n" + "".join(
        f"A{i} = ['', 'A{i}']\n" for i in range(n)),
    "a condition": lambda n: "[[shader]]\nfiles = ['a.wgsl']\naxes = { A = [1, 2] }\nforbid = '"
        + "(" * n + "A" + ")" * n + "'\n",
    "conditions": lambda n: "[[shader]]\nfiles = ['a.wgsl']\naxes = { A = [1, 2] }\nforbid = ["
        + "".join(f"'A == {i}'," for i in range(n)) + "]\n",
    "profiles": lambda n: "".join(f"[profile.p{i}]\nmax-workgroup-storage = {i}\n" for i in range(n)),
    "severities": lambda n: "[rules]\n" + "".join(f"'wgsl/r{i}' = 'error'\n" for i in range(n)),
    "templates": lambda n: "".join(
        f"[[shader]]\nid = 't{i}'\nextends = 't{i - 1}'\nfiles = ['a.wgsl']\n" for i in range(n)),
    "runs": lambda n: "[[shader]]\nfiles = ['a.wgsl']\n" + "".join(
        f"[[shader.smoke]]\nname = 's{i}'\nsizes = {{ n = '{i}' }}\n" for i in range(n)),
}  # fmt: skip


def host(statements: str, before: str = "") -> str:
    """One function that fills `defs` and asks for the shader."""
    return (
        f"{before}\nstruct Library {{ pre::Preprocessor p; Pipeline make(int n, bool fast) {{\n"
        f"std::vector<std::string> defs;\n{statements}\n"
        'return compile(p.preprocess(wgsl_a, defs), "a"); } };\n'
    )


def counted(what: Callable[[int], str], first: int = 0) -> Callable[[int], str]:
    return lambda n: "".join(what(i) for i in range(first, max(n, first + 1)))


HOSTS: dict[str, Callable[[int], str]] = {
    "conditions": lambda n: host(counted(lambda i: f'if (q{i}()) {{ defs.push_back("Q{i}"); }}\n')(n)),
    "cases": lambda n: host("switch (n) {" + counted(lambda i: f'case {i}: defs.push_back("C{i}"); break;\n')(n) + "}"),
    "cases that fall through": lambda n: host(
        "switch (n) {" + counted(lambda i: f'case {i}: defs.push_back("C{i}");\n')(n) + "}"),
    "calls in calls": lambda n: host(
        f'defs.push_back({"f(" * n}"A"{")" * n});', "std::string f(std::string a) { return a; }"),
    "unknown calls in calls": lambda n: host(f"if ({'g(' * n}n{')' * n}) {{ defs.clear(); }}"),
    "a chain of methods": lambda n: host("auto a = lib" + ".one()" * n + "; if (a) { defs.clear(); }"),
    "templates in templates": lambda n: host(f"{'std::vector<' * n}int{'>' * n} a;"),
    "templates of functions": lambda n: host(
        f"f{n}<int>(n);", "template<class T> int f0(T a) { return a; }\n" + counted(
            lambda i: f"template<class T> int f{i}(T a) {{ return f{i - 1}<T>(a) + f{i - 1}<T>(a); }}\n", 1)(n + 1)),
    "lambdas in lambdas": lambda n: host("auto f = " + "[&]() { return " * n + "1" + "; }" * n + ";"),
    "lambdas that call each other": lambda n: host(
        "auto f0 = [&](int a) { return a; };\n"
        + counted(lambda i: f"auto f{i} = [&](int a) {{ return f{i - 1}(a) + f{i - 1}(a); }};\n", 1)(n + 1)
        + f'if (f{n}(1) > 3) {{ defs.push_back("A"); }}'),
    "loops without end": lambda n: host('while (true) { defs.push_back("A"); }\nfor (;;) { n++; }\n' * n),
    "loops in loops": lambda n: host(
        counted(lambda i: f"for (int i{i} = 0; i{i} < 100; i{i}++) {{\n")(n) + "n++;" + "}" * n),
    "functions in a circle": lambda n: host(
        "if (f0(n)) { defs.clear(); }", counted(lambda i: f"int f{i}(int a) {{ return f{(i + 1) % n}(a + 1); }}\n")(n)),
    "functions that all call twenty": lambda n: host("if (f0(n)) { defs.clear(); }", counted(
        lambda i: f"int f{i}(int a) {{ return {' + '.join(f'f{(i * 7 + j) % n}(a)' for j in range(20))}; }}\n")(n)),
    "functions that call two before": lambda n: host(
        f"if (f{n}(n)) {{ defs.clear(); }}", "int f0(int a) { return a; }\nint f1(int a) { return a; }\n" + counted(
            lambda i: f"int f{i}(int a) {{ if (a > {i}) {{ return f{i - 1}(a); }} return f{i - 2}(a); }}\n", 2)(n + 1)),
    "functions that ask": counted(
        lambda i: f'Pipeline m{i}() {{ std::vector<std::string> d; d.push_back("A{i}"); p.preprocess(wgsl_a, d); }}\n'),
    "macros of many arguments": lambda n: host(
        "int k = M(" + ", ".join(map(str, range(n))) + ");",
        "#define M(" + ", ".join(f"a{i}" for i in range(n)) + ") " + " + ".join(f"a{i}" for i in range(n)) + "\n"),
    "macros that double": lambda n: host(
        f"int k = M{n};", "#define M0 1\n" + counted(lambda i: f"#define M{i} M{i - 1} + M{i - 1}\n", 1)(n + 1)),
    "macros with arguments that double": lambda n: host(
        f"int k = M{n}(n);", "#define M0(a) a\n" + counted(lambda i: f"#define M{i}(a) M{i - 1}(a a)\n", 1)(n + 1)),
    "lists of macros": lambda n: host(
        "", "#define LIST(X) " + " ".join(f"X(A{i})" for i in range(n)) + "\n#define ONE(a) int a;\nLIST(ONE)\n"),
    "texts put together": lambda n: host('std::string s = "a";' + 's += s + "b";\n' * n + "defs.push_back(s);"),
    "a sum of texts": lambda n: host("defs.push_back(std::string()" + ' + "a"' * n + ");"),
    "texts side by side": lambda n: host("defs.push_back(" + '"a" ' * n + ");"),
    "a long text": lambda n: host('defs.push_back("' + "a" * n + '");'),
    "a raw text without its end": lambda n: host('defs.push_back(R"x(' + "a)y\n" * n),
    "a list of values": lambda n: host(
        "for (int a : table) { if (a == n) { defs.clear(); } }", "static const int table[] = {" + "1, " * n + "};"),
    "a list of records": lambda n: host(
        "for (auto & a : table) { if (a.x == n) { defs.push_back(a.y); } }",
        "struct R { int x; const char * y; };\nstatic const R table[] = {"
        + counted(lambda i: f'{{ {i}, "A{i}" }},\n')(n) + "};"),
    "lists in lists": lambda n: host("", f"static const int t = {'{' * n}1{'}' * n};"),
    "a map": lambda n: host(
        "defs.push_back(names.at(n));",
        "static const std::map<int, std::string> names = {" + counted(lambda i: f'{{ {i}, "A{i}" }},')(n) + "};"),
    "enumerators": lambda n: host(
        "if (k == E0) { defs.clear(); }", "enum K {" + counted(lambda i: f"E{i},")(n) + "}; static K k;"),
    "enumerators of each other": lambda n: host(
        "", "enum K { E0" + counted(lambda i: f", E{i} = E{i - 1} + 1", 1)(n) + "};"),
    "constants of each other": lambda n: host(
        f"if (c{n} > n) {{ defs.clear(); }}", "static const int c0 = 1;\n"
        + counted(lambda i: f"static const int c{i} = c{i - 1} + c{i - 1};\n", 1)(n + 1)),
    "records in records": lambda n: host("", "struct R0 { int a; };\n" + counted(
        lambda i: f"struct R{i} {{ R{i - 1} a; R{i - 1} b; }};\n", 1)(n + 1) + f"R{n} r;"),
    "classes of each other": lambda n: host("", "struct B0 { int a; };\n" + counted(
        lambda i: f"struct B{i} : B{i - 1} {{ int b{i}; }};\n", 1)(n)),
    "conditionals": lambda n: host(counted(lambda i: f'#ifdef A{i}\ndefs.push_back("A{i}");\n#endif\n')(n)),
    "conditionals in each other": lambda n: host("#ifdef A\n" * n + "#endif\n" * n),
    "conditionals that cut a statement": lambda n: host(counted(
        lambda i: f"#ifdef A{i}\nif (fast) {{\n#else\n{{\n#endif\n}}\n")(n)),
    "conditionals without an end": lambda n: host(counted(lambda i: f"#if A{i}\n")(n)),
    "blocks": lambda n: host("{" * n + "}" * n),
    "parentheses": lambda n: host(f"n = {'(' * n}n{')' * n};"),
    "choices in choices": lambda n: host("n = " + counted(lambda i: f"n == {i} ? {i} : ")(n) + "0;"),
    "if and else": lambda n: host("if (n == 0) { }" + counted(
        lambda i: f' else if (n == {i}) {{ defs.push_back("A{i}"); }}\n', 1)(n)),
    "tries": lambda n: host("try { " * n + "n++;" + " } catch (...) { }" * n),
    "jumps": lambda n: host(counted(lambda i: f"l{i}: if (q{i}()) goto l{(i + 7) % n};\n")(n)),
    "less than": lambda n: host("bool b = a" + "<b" * n + ";"),
    "less and greater": lambda n: host("a" + "<b>" * n + ";"),
    "stars": lambda n: host("int " + "*" * n + "p;"),
    "openings": lambda n: host("({[" * n),
    "closings": lambda n: host(")}]" * n),
    "quotes": lambda n: host("'\"" * n),
    "comments": lambda n: host("/* " * n),
    "namespaces": lambda n: counted(lambda i: f"namespace n{i} {{\n")(n) + host("") + "}" * n,
    "names from namespaces": lambda n: host("", counted(lambda i: f"using namespace n{i};\n")(n)),
    "aliases": lambda n: host(
        "", "using T0 = int;\n" + counted(lambda i: f"using T{i} = T{i - 1};\n", 1)(n + 1) + f"T{n} t;"),
    "overloads": lambda n: host(
        "if (f(n)) { defs.clear(); }", counted(lambda i: f"int f(T{i} a) {{ return {i}; }}\n")(n)),
    "parameters": lambda n: host(
        "f(" + ", ".join("1" * n) + ");", "int f(" + ", ".join(f"int a{i}" for i in range(n)) + ") { return a0; }"),
}  # fmt: skip

LISTS: dict[str, Callable[[int], str]] = {
    "variants": counted(lambda i: f'{{"shader": "a.wgsl", "defines": ["A={i}"]}}\n'),
    "equal variants": lambda n: '{"shader": "a.wgsl", "defines": ["A"]}\n' * n,
    "variants of others": counted(lambda i: f'{{"shader": "x{i}.wgsl", "defines": ["A"]}}\n'),
    "macros of one variant": lambda n: (
        '{"shader": "a.wgsl", "defines": [' + ", ".join(f'"A{i}"' for i in range(n + 1)) + "]}\n"),
    "mistakes": lambda n: "{\n" * n,
    "lists in lists": lambda n: '{"shader": ' + "[" * n + "\n",
    "a long number": lambda n: '{"shader": "a.wgsl", "defines": [], "more": ' + "9" * n + "}\n",
    "a long name": lambda n: '{"shader": "a.wgsl", "name": "' + "a" * n + '", "defines": []}\n',
    "nothing but line ends": lambda n: "\n" * n,
    "keys": lambda n: '{"shader": "a.wgsl", "defines": []' + counted(lambda i: f', "k{i}": 1')(n) + "}\n",
}  # fmt: skip
