"""Every overload of the builtin table against Tint: for several choices of its type variables a tiny shader is
made, and Dawn's Null backend must accept it; the properties `enable`, `must_use`, `is_const` and `stages` are
checked by shaders that must be refused. Dawn runs in a child process: it does not share one with wgpu.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from wgsl_ls.wgsl import builtins
from wgsl_ls.wgsl.builtins import BuiltinFunction
from wgsl_ls.wgsl.signatures import Overload, TypePattern, parse_overload, parse_type, with_sizes

pytestmark = pytest.mark.slow

DAWN_CHILD = """
import json, sys
from wgpudawn.backends.dawn import extras
import wgpudawn
extras.set_instance_extras(enable_toggles=["allow_unsafe_apis"])
adapter = wgpudawn.gpu.request_adapter_sync()
device = adapter.request_device_sync(required_features=list(adapter.features))
verdicts = []
for code in json.load(sys.stdin):
    try:
        device.create_shader_module(code=code)
        verdicts.append(None)
    except Exception as error:
        verdicts.append(str(error))
print("VERDICTS" + json.dumps(verdicts))
"""

# Extensions and features that this build of Dawn refuses on its Null backend, so their names cannot be tried.
NOT_OFFERED = {
    "chromium_internal_input_attachments": "internal to Chromium, refused without its own toggle",
    "chromium_experimental_barycentric_coord": "the Null backend has no such feature",
    "view_instancing": "the parser knows the name, no backend offers it yet",
}

FORMATS = {"texel": "rgba8unorm", "texel_f32": "r32float", "texel_i32": "r32sint", "texel_u32": "r32uint"}
WORDS = {
    "type": ("f32", "vec4<u32>"),
    "constructible": ("f32", "vec4<u32>", "array<i32, 3>"),
    "host_shareable": ("u32", "vec4<f32>", "mat2x2<f32>"),
    "access": ("read", "read_write"),
    "count": ("8",),
    "runtime_sized": ("array<u32>", "array<vec4<f32>>"),
}
LITERALS = {"AbstractInt": "1", "AbstractFloat": "{}", "bool": "true"} | {
    "f32": "{}f",
    "f16": "{}h",
    "i32": "1i",
    "u32": "1u",
}
# Float arguments by position, different because smoothstep refuses equal edges; acosh wants at least 1.
FLOATS = ("0.5", "0.625", "0.75", "0.875")
FLOATS_OF_ACOSH = ("1.5",)


# Beginnings of types that have no constant values.
NO_VALUES = ("ptr", "texture", "texel", "sampler", "input_attachment", "subgroup_matrix")


def verdicts(shaders: list[str]) -> list[str | None]:
    """None for each shader that Tint accepts, otherwise its message."""
    environment = os.environ | {"WGPU_BACKEND_TYPE": "Null"}
    child = subprocess.run(
        [sys.executable, "-c", DAWN_CHILD],
        input=json.dumps(shaders),
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    answer = child.stdout[child.stdout.index("VERDICTS") + len("VERDICTS") :]
    result: list[str | None] = json.loads(answer)
    return result


def choices(pattern: TypePattern) -> tuple[TypePattern, ...]:
    word = pattern.name
    if word in FORMATS:
        return (TypePattern(FORMATS[word]),)
    if word in WORDS:
        return tuple(map(parse_type, WORDS[word]))
    return (pattern,)


def substitute(pattern: TypePattern, values: dict[str, TypePattern]) -> TypePattern:
    if pattern.name in values and not pattern.arguments:
        return substitute(values[pattern.name], values)
    return TypePattern(pattern.name, tuple(substitute(argument, values) for argument in pattern.arguments))


def instances(overload: Overload) -> Iterator[dict[str, TypePattern]]:
    """Choices of the variables such that each alternative of each variable occurs once, with sizes in turn."""
    alternatives = [
        (name, tuple(itertools.chain.from_iterable(map(choices, domain)))) for name, domain in overload.domains
    ]
    n_instances = max([len(found) for _, found in alternatives] + [3 if overload.size_letters else 1])
    for index in range(n_instances):
        values = {name: found[(index + shift) % len(found)] for shift, (name, found) in enumerate(alternatives)}
        sizes = {letter: 2 + (index + shift) % 3 for shift, letter in enumerate(overload.size_letters)}
        if any(parameter.type.name == "ptr" for parameter in overload.parameters) and "N" in values:
            values["N"] = TypePattern("512")  # memory large enough for every view and matrix
        yield {name: with_sizes(value, sizes) for name, value in values.items()} | {
            f"#{letter}": TypePattern(str(size)) for letter, size in sizes.items()
        }


def concrete(pattern: TypePattern, values: dict[str, TypePattern]) -> TypePattern:
    sizes = {name[1:]: int(value.name) for name, value in values.items() if name.startswith("#")}
    return with_sizes(substitute(with_sizes(pattern, sizes), values), sizes)


def literal(pattern: TypePattern, number: str) -> str:
    """A const-expression of this type, with `number` for floats."""
    if pattern.name in LITERALS:
        return LITERALS[pattern.name].format(number)
    inner = literal(pattern.arguments[0], number)
    if "Abstract" in str(pattern):
        count = int(pattern.name[3]) if pattern.name.startswith("vec") else int(pattern.name[3]) * int(pattern.name[5])
        return f"{pattern.name}({', '.join([inner] * count)})"
    if pattern.name.startswith("mat"):
        count = int(pattern.name[3]) * int(pattern.name[5])
        return f"{pattern}({', '.join([inner] * count)})"
    if pattern.name == "array":
        return f"{pattern}()"
    return f"{pattern}({inner})"


def written(pattern: TypePattern) -> str:
    """As WGSL spells it: the access mode of a pointer stands for storage only."""
    if pattern.name == "ptr" and pattern.arguments[0].name != "storage":
        return f"ptr<{pattern.arguments[0]}, {pattern.arguments[1]}>"
    return str(pattern)


def is_valid(overload: Overload, values: dict[str, TypePattern]) -> bool:
    """Access modes go with address spaces: uniform is read, workgroup is read_write."""
    for parameter in overload.parameters:
        pattern = concrete(parameter.type, values)
        if pattern.name == "ptr":
            space, access = pattern.arguments[0].name, pattern.arguments[2].name
            if (space, access) in {("uniform", "read_write"), ("workgroup", "read")}:
                return False
            if space != "storage" and str(pattern.arguments[1]) in RUNTIME_SIZED:
                return False
    return True


RUNTIME_SIZED = {f"array<{element}>" for element in ("f32", "f16", "i32", "u32", "vec4<u32>")} | {
    f"array<vec{size}<{element}>>" for size in "234" for element in ("f32", "f16", "i32", "u32")
}


def call(function: BuiltinFunction, overload: Overload, values: dict[str, TypePattern]) -> tuple[str, str, str]:
    """The parameters of a test function, the call with them, and the same call with literals where it can."""
    template = [str(concrete(TypePattern(name), values)) for name in overload.template]
    name = overload.name + (f"<{', '.join(template)}>" if template else "")
    parameters, arguments, constants = [], [], []
    for index, parameter in enumerate(overload.parameters):
        pattern = concrete(parameter.type, values)
        numbers = FLOATS_OF_ACOSH if function.name == "acosh" else FLOATS
        number = numbers[index % len(numbers)]
        for position in range(8 if parameter.is_variadic else 1):
            if not pattern.name.startswith(NO_VALUES):
                constants.append(literal(pattern, number))
            if parameter.is_const or "Abstract" in str(pattern):
                arguments.append(
                    "0" if parameter.is_const and pattern.name in ("i32", "u32") else literal(pattern, number)
                )
            else:
                parameters.append(f"a{index}_{position}: {written(pattern)}")
                arguments.append(f"a{index}_{position}")
    joined = f"{name}({', '.join(constants)})" if len(constants) == len(arguments) else ""
    return ", ".join(parameters), f"{name}({', '.join(arguments)})", joined


def header(function: BuiltinFunction, text: str, *, without: str | None = None) -> str:
    enabled = {function.enable} if function.enable else set()
    if re.search(r"f16|[0-9]h\b", text):
        enabled.add("f16")
    if "subgroup_matrix" in text:
        enabled.add("chromium_experimental_subgroup_matrix")
    return "".join(f"enable {name};\n" for name in sorted(enabled - {without}))


def all_functions() -> list[BuiltinFunction]:
    functions = [*builtins.FUNCTIONS.values(), *builtins.CONSTRUCTORS.values()]
    return [function for function in functions if function.enable not in NOT_OFFERED]


def all_calls() -> Iterator[tuple[BuiltinFunction, Overload, str, str, str]]:
    for function in all_functions():
        for text in function.overloads:
            overload = parse_overload(text)
            tried = False
            for values in instances(overload):
                if is_valid(overload, values):
                    tried = True
                    yield function, overload, *call(function, overload, values)
            assert tried, f"no instance of {text} could be made"


def complain(shaders: list[str], expected_accepted: bool) -> list[str]:
    """The shaders whose verdict is not the expected one, with the message."""
    return [
        f"{shader}\n{message}"
        for shader, message in zip(shaders, verdicts(shaders), strict=True)
        if (message is None) is not expected_accepted
    ]


def test_tint_accepts_every_overload() -> None:
    shaders = []
    for function, overload, parameters, expression, _ in all_calls():
        use = f"let r = {expression};" if overload.result else f"{expression};"
        body = f"fn test({parameters}) {{ {use} }}"
        shaders.append(header(function, body) + body)
    assert len(shaders) > 1000
    wrong = complain(shaders, expected_accepted=True)
    assert not wrong, f"{len(wrong)} of {len(shaders)}\n" + "\n\n".join(wrong[:20])


def test_a_missing_enable_directive_is_refused() -> None:
    shaders = []
    seen = set()
    for function, _, parameters, expression, _ in all_calls():
        if function.enable is None or function.name in seen:
            continue
        seen.add(function.name)
        body = f"fn test({parameters}) {{ _ = {expression}; }}"
        if not function.must_use:
            body = f"fn test({parameters}) {{ {expression}; }}"
        shaders.append(header(function, body, without=function.enable) + body)
    assert shaders
    assert not complain(shaders, expected_accepted=False)


def test_must_use_is_as_in_the_table() -> None:
    must, may = [], []
    seen = set()
    for function, _, parameters, expression, _ in all_calls():
        if function.name in seen:
            continue
        seen.add(function.name)
        body = f"fn test({parameters}) {{ {expression}; }}"
        (must if function.must_use else may).append(header(function, body) + body)
    assert not complain(must, expected_accepted=False)
    assert not complain(may, expected_accepted=True)


def test_const_functions_are_as_in_the_table() -> None:
    const, not_const = [], []
    for function, overload, _, _, constant in all_calls():
        if not constant or overload.result is None:
            continue
        body = f"const c = {constant};"
        (const if function.is_const else not_const).append(header(function, body) + body)
    refused = complain(const, expected_accepted=True)
    assert not refused, f"{len(refused)} of {len(const)}\n" + "\n\n".join(refused[:20])
    assert not_const
    assert not complain(not_const, expected_accepted=False)


STAGES = {
    "vertex": "@vertex fn main() -> @builtin(position) vec4f {{ {0} return vec4f(); }}",
    "fragment": "@fragment fn main() {{ {0} }}",
    "compute": "@compute @workgroup_size(32) fn main() {{ {0} }}",
}
STAGE_CALLS = {
    "dpdx": ("", "_ = dpdx(1.0);"),
    "fwidthFine": ("", "_ = fwidthFine(1.0);"),
    "workgroupBarrier": ("", "workgroupBarrier();"),
    "storageBarrier": ("", "storageBarrier();"),
    "textureBarrier": ("", "textureBarrier();"),
    "workgroupUniformLoad": ("var<workgroup> w: u32;", "_ = workgroupUniformLoad(&w);"),
    "atomicAdd": (
        "@group(0) @binding(0) var<storage, read_write> a: atomic<u32>;",
        "atomicAdd(&a, 1u);",
    ),
    "subgroupAdd": ("", "_ = subgroupAdd(1.0);"),
    "subgroupElect": ("", "_ = subgroupElect();"),
    "quadSwapX": ("", "_ = quadSwapX(1.0);"),
    "textureStore": (
        "@group(0) @binding(0) var t: texture_storage_2d<rgba8unorm, write>;",
        "textureStore(t, vec2u(), vec4f());",
    ),
    "textureSample": (
        "@group(0) @binding(0) var t: texture_2d<f32>; @group(0) @binding(1) var s: sampler;",
        "_ = textureSample(t, s, vec2f());",
    ),
    "textureSampleLevel": (
        "@group(0) @binding(0) var t: texture_2d<f32>; @group(0) @binding(1) var s: sampler;",
        "_ = textureSampleLevel(t, s, vec2f(), 0);",
    ),
    "subgroup_matrix_left": ("", "_ = subgroup_matrix_left<f32, 8, 8>();"),
    "max": ("", "_ = max(1, 2);"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_stages_are_as_in_the_table(stage: str) -> None:
    allowed, forbidden = [], []
    functions = builtins.FUNCTIONS | builtins.CONSTRUCTORS
    for name, (globals_, statement) in STAGE_CALLS.items():
        shader = header(functions[name], statement) + globals_ + "\n" + STAGES[stage].format(statement)
        (allowed if stage in functions[name].stages else forbidden).append(shader)
    assert not complain(allowed, expected_accepted=True)
    assert not complain(forbidden, expected_accepted=False)


def test_tint_knows_every_other_name() -> None:
    shaders = [f"enable {name};" for name in builtins.ENABLE_EXTENSIONS if name not in NOT_OFFERED]
    shaders += [f"requires {name};" for name in builtins.LANGUAGE_FEATURES]
    for alias in builtins.TYPES.values():
        if alias.alias_of is not None:
            enable = f"enable {alias.enable};" if alias.enable else ""
            shaders.append(f"{enable} fn f(a: {alias.name}) -> {alias.alias_of} {{ return a; }}")
    for enumerant in builtins.enumerants_of_kind("texel_format"):
        shaders.append(
            f"@group(0) @binding(0) var t: texture_storage_2d<{enumerant.name}, write>; "
            f"fn f() {{ textureStore(t, vec2u(), vec4<{enumerant.component}>()); }}"
        )
    for severity in builtins.enumerants_of_kind("severity"):
        shaders.append(f"diagnostic({severity.name}, derivative_uniformity);")
    for value in builtins.BUILTIN_VALUES.values():
        if value.enable in NOT_OFFERED:
            continue
        for stage, direction in value.uses:
            shaders.append(builtin_value_shader(value.name, value.type, stage, direction, value.enable))
    wrong = complain(shaders, expected_accepted=True)
    assert not wrong, "\n\n".join(wrong)


def builtin_value_shader(name: str, type_name: str, stage: str, direction: str, enable: str | None) -> str:
    spelled = type_name.replace("N", "4")
    text = f"enable {enable};\n" if enable else ""
    inputs = f"@builtin({name}) value: {spelled}" if direction == "input" else ""
    outputs = f"@builtin({name}) value: {spelled}," if direction == "output" else ""
    if stage == "compute":
        return f"{text}@compute @workgroup_size(32) fn main({inputs}) {{}}"
    if stage == "vertex":
        position = "" if name == "position" else "@builtin(position) position: vec4f,"
        return f"{text}struct Out {{ {position} {outputs} }}\n@vertex fn main({inputs}) -> Out {{ return Out(); }}"
    if direction == "input":
        return f"{text}@fragment fn main({inputs}) {{}}"
    return f"{text}struct Out {{ {outputs} }}\n@fragment fn main() -> Out {{ return Out(); }}"


def test_the_not_offered_are_still_refused() -> None:
    """When a new Dawn offers one of these, this fails and the list above gets shorter."""
    assert not complain([f"enable {name};" for name in NOT_OFFERED], expected_accepted=False)


def test_keywords_and_reserved_words_cannot_be_names() -> None:
    words = sorted(builtins.KEYWORDS | builtins.RESERVED)
    shaders = [f"var<private> {word}: i32;" for word in words]
    assert not complain(shaders, expected_accepted=False)


def test_predeclared_names_can_be_shadowed() -> None:
    shaders = [f"fn {name}() {{}}" for name in sorted(builtins.PREDECLARED)]
    assert not complain(shaders, expected_accepted=True)
