"""A small language server that speaks the whole protocol of the clients, for tests of the clients alone.

It knows one directive language (#define, #ifdef, #if NAME, #else, #endif, #include by line) and one mistake (the
word `mistake`), so every feature of a client has an answer that can be worked out by hand. Standard library only;
it is never a model of the real server, whose tests use the real one.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

VARIANTS = {
    "f32_d64": {"axes": {"type": "f32", "dim": "64"}, "defines": {"KV_TYPE": "f32", "HEAD_DIM": "64"}},
    "f16_d64": {
        "axes": {"type": "f16", "dim": "64"},
        "defines": {"KV_TYPE": "f16", "HEAD_DIM": "64", "USE_F16": "1"},
    },
    "f16_d128_sinks": {
        "axes": {"type": "f16", "dim": "128"},
        "defines": {"KV_TYPE": "f16", "HEAD_DIM": "128", "USE_F16": "1", "SINKS": "1"},
    },
}
texts: dict[str, str] = {}
active: dict[str, str] = {}


def send(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    sys.stdout.buffer.flush()


def notify(method: str, params: Any) -> None:
    send({"method": method, "params": params})


def receive() -> dict[str, Any] | None:
    length = 0
    while line := sys.stdin.buffer.readline():
        if line == b"\r\n":
            return json.loads(sys.stdin.buffer.read(length))
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return None


def path_of(uri: str) -> str:
    return unquote(uri.split(":", 1)[1].removeprefix("//"))


def split(uri: str) -> tuple[str, str | None]:
    """The written file's address and, for an expanded document, its variant."""
    if not uri.startswith("wgsl-expanded:"):
        return uri, None
    path, _, query = uri.partition(":")[2].partition("?")
    return f"file://{path}", unquote(query).removeprefix("variant=")


def expanded_uri(uri: str, variant: str) -> str:
    return f"wgsl-expanded:{quote(path_of(uri))}?variant={quote(variant, safe='')}"


def text_of(uri: str) -> str:
    return texts[uri] if uri in texts else Path(path_of(uri)).read_text()


def active_of(uri: str) -> str:
    return active.setdefault(uri, next(iter(VARIANTS)))


def walk(uri: str, variant: str) -> tuple[list[tuple[str, str, int]], list[int], dict[str, tuple[str, int | None]]]:
    """Expanded lines with the file and line they come from, the root's inactive lines, the macros at the end."""
    macros: dict[str, tuple[str, int | None]] = {
        name: (value, None) for name, value in VARIANTS[variant]["defines"].items()
    }
    lines: list[tuple[str, str, int]] = []
    inactive: list[int] = []

    def read(file: str) -> None:
        taken = [True]
        for number, line in enumerate(text_of(file).splitlines()):
            directive = re.match(r"\s*#\s*(\w+)\s*(.*)", line)
            if directive is None:
                if all(taken):
                    for name, (value, _) in macros.items():
                        line = re.sub(rf"\b{name}\b", value, line)
                    lines.append((line, file, number))
                elif file == uri:
                    inactive.append(number)
                continue
            word, rest = directive[1], directive[2].strip()
            if word in ("ifdef", "if"):
                taken.append(macros.get(rest, ("0", None))[0] != "0")
            elif word == "ifndef":
                taken.append(rest not in macros)
            elif word == "else":
                taken[-1] = not taken[-1]
            elif word == "endif":
                taken.pop()
            elif word == "define" and all(taken):
                name, _, value = rest.partition(" ")
                macros.setdefault(name, (value.strip(), number))
            elif word == "include" and all(taken):
                read("file://" + str(Path(path_of(uri)).parent / rest.strip('"')))

    read(uri)
    return lines, inactive, macros


def line_range(line: int, start: int = 0, end: int = 0) -> dict[str, Any]:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def inactive_regions(uri: str) -> list[dict[str, Any]]:
    return [line_range(line, 0, len(text_of(uri).splitlines()[line])) for line in walk(uri, active_of(uri))[1]]


def failing(uri: str, variant: str) -> bool:
    return any("mistake" in line for line, _, _ in walk(uri, variant)[0])


def variants(uri: str) -> dict[str, Any]:
    uri = split(uri)[0]
    entries = []
    for name, variant in VARIANTS.items():
        word = "rejected" if failing(uri, name) else "accepted"
        entries.append(
            {
                "name": name,
                "label": name,
                "root": uri,
                "defines": [f"{key}={value}" for key, value in variant["defines"].items()],
                "origin": "declared",
                "axes": variant["axes"],
                "state": "fail" if word == "rejected" else "pass",
                "verdicts": {"wgpu": word, "dawn": word},
                "problems": int(word == "rejected"),
            }
        )
    fails = sum(entry["problems"] for entry in entries)
    counts = {"total": len(entries), "pass": len(entries) - fails, "fail": fails, "pending": 0, "unjudged": 0}
    summary = f"{len(entries)} variants · {counts['pass']} pass"
    known = {"root": uri, "active": active_of(uri), "edition": 1, "counts": counts, "summary": summary}
    return {**known, "variants": entries}


def verdicts(uri: str) -> dict[str, Any]:
    """All of them, as if each had changed."""
    known = variants(uri)
    told = ("state", "verdicts", "problems")
    changes = [
        {"runs": [row, 1], **{key: entry[key] for key in told}} for row, entry in enumerate(known.pop("variants"))
    ]
    return {**known, "changes": changes}


def diagnostics(uri: str) -> list[dict[str, Any]]:
    source, variant = split(uri)
    lines = [line for line, _, _ in walk(source, variant)[0]] if variant else text_of(uri).splitlines()
    found = [(number, match) for number, line in enumerate(lines) for match in re.finditer("mistake", line)]
    return [
        {
            "range": line_range(number, match.start(), match.end()),
            "severity": 1,
            "code": "unresolved",
            "source": "wgsl-ls",
            "message": "unresolved identifier 'mistake'",
        }
        for number, match in found
    ]


def word_at(uri: str, position: dict[str, int]) -> str:
    line = text_of(uri).splitlines()[position["line"]]
    for match in re.finditer(r"\w+", line):
        if match.start() <= position["character"] <= match.end():
            return match[0]
    return ""


def occurrences(word: str) -> dict[str, list[dict[str, Any]]]:
    return {
        uri: [line_range(n, m.start(), m.end()) for n, line in enumerate(text.splitlines())
              for m in re.finditer(rf"\b{re.escape(word)}\b", line)]
        for uri, text in texts.items() if uri.startswith("file:")
    }  # fmt: skip


def expansion(uri: str, variant: str | None) -> dict[str, Any]:
    source, named = split(uri)
    variant = variant or named or active_of(source)
    lines, _, _ = walk(source, variant)
    text = "\n".join(line for line, _, _ in lines) + "\n"
    return {"uri": expanded_uri(source, variant), "source": source, "variant": variant, "text": text,
            "failed": False, "version": 1, "segments": [], "files": [source]}  # fmt: skip


def map_position(params: dict[str, Any]) -> dict[str, Any]:
    source, named = split(params["textDocument"]["uri"])
    variant = params.get("variant") or named or active_of(source)
    lines, _, _ = walk(source, variant)
    at = params["position"]["line"]
    if params["direction"] == "toExpanded":
        found = [
            (expanded_uri(source, variant), n)
            for n, (_, file, line) in enumerate(lines)
            if (file, line) == (source, at)
        ]
    else:
        found = [(file, line) for _, file, line in lines[at : at + 1]]
    character = params["position"]["character"]
    return {
        "locations": [{"uri": uri, "range": line_range(n, character, character)} for uri, n in found],
        "stack": [],
    }


def define_state(params: dict[str, Any]) -> dict[str, Any]:
    uri = params["textDocument"]["uri"]
    macros = []
    for name, (value, line) in walk(uri, active_of(uri))[2].items():
        if line is not None and line > params["position"]["line"]:
            continue
        state = {"name": name, "value": value, "expanded": value, "origin": "variant" if line is None else "source",
                 "locked": line is None, "through": [], "shadows": []}  # fmt: skip
        if line is not None:
            state["location"] = {"uri": uri, "range": line_range(line)}
        macros.append(state)
    return {"root": uri, "variant": active_of(uri), "line": params["position"]["line"], "macros": macros}


def explain(params: dict[str, Any]) -> dict[str, Any]:
    uri, line = params["textDocument"]["uri"], params["position"]["line"]
    rows = [{"name": name, "active": line not in walk(uri, name)[1], "reason": "by #ifdef"} for name in VARIANTS]
    table = "\n".join(f"| {row['name']} | {'yes' if row['active'] else 'no'} |" for row in rows)
    return {
        "markdown": f"# Line {line + 1}\n\n| variant | active |\n| --- | --- |\n{table}\n",
        "presence": "",
        "variants": rows,
    }


def set_active(params: dict[str, Any]) -> dict[str, Any]:
    uri = split(params["textDocument"]["uri"])[0]
    if params["variant"] not in VARIANTS:
        raise ValueError(f"there is no variant {params['variant']}")
    active[uri] = params["variant"]
    tell(uri)
    return variants(uri)


def rename(params: dict[str, Any]) -> dict[str, Any]:
    word = word_at(params["textDocument"]["uri"], params["position"])
    edits = {
        uri: [{"range": place, "newText": params["newName"]} for place in places]
        for uri, places in occurrences(word).items()
    }
    return {"changes": {uri: places for uri, places in edits.items() if places}}


def code_actions(params: dict[str, Any]) -> list[dict[str, Any]]:
    uri = params["textDocument"]["uri"]
    return [
        {"title": "Change 'mistake' to 'take'", "kind": "quickfix", "diagnostics": [found], "isPreferred": True,
         "edit": {"changes": {uri: [{"range": found["range"], "newText": "take"}]}}}
        for found in diagnostics(uri)
        if found["range"]["start"]["line"] == params["range"]["start"]["line"]
    ]  # fmt: skip


def code_lenses(params: dict[str, Any]) -> list[dict[str, Any]]:
    uri = params["textDocument"]["uri"]
    now = active_of(uri)
    commands = [
        (f"{now}: {variants(uri)['counts']['pass']} of 3 pass", "wgsl.showVariants", [uri]),
        ("show expansion", "wgsl.showExpansion", [uri, now]),
        ("smoke run", "wgsl.smokeRun", [{"uri": uri, "variant": now}]),
    ]
    return [
        {"range": line_range(0), "command": {"title": title, "command": command, "arguments": arguments}}
        for title, command, arguments in commands
    ]


def execute(params: dict[str, Any]) -> Any:
    if params["command"] == "wgsl.statistics":
        return {"idle": True, "revision": 1, "memory": 1 << 20, "engines": {}}
    if params["command"] == "wgsl.doctor":
        return {"markdown": "# Doctor\n\nThe stand-in server is well.\n", "json": {}}
    if params["command"] == "wgsl.smokeRun":
        report = {"adapter": "none", "checks": [{"name": "finite", "passed": True, "count": 0}]}
        result = {"report": report, "summary": "1 of 1 checks passed", "ok": True, "cases": [], "engines": ["wgpu"]}
        notify("wgsl/smokeFinished", result)
        return result
    return None


def hover(params: dict[str, Any]) -> Any:
    uri = params["textDocument"]["uri"]
    word = word_at(uri, params["position"])
    if word not in VARIANTS[active_of(uri)]["defines"]:
        return None
    rows = "\n".join(f"| {name} | {variant['defines'].get(word, '–')} |" for name, variant in VARIANTS.items())
    return {"contents": {"kind": "markdown", "value": f"`{word}`\n\n| variant | value |\n| --- | --- |\n{rows}\n"}}


REQUESTS = {
    "shutdown": lambda params: None,
    "textDocument/hover": hover,
    "textDocument/rename": rename,
    "textDocument/codeAction": code_actions,
    "textDocument/codeLens": code_lenses,
    "textDocument/diagnostic": lambda params: {
        "kind": "full",
        "items": diagnostics(params["textDocument"]["uri"]),
    },
    "workspace/textDocumentContent": lambda params: {"text": expansion(params["uri"], None)["text"]},
    "workspace/executeCommand": execute,
    "wgsl/roots": lambda params: {"roots": []},
    "wgsl/variants": lambda params: variants(params["textDocument"]["uri"]),
    "wgsl/setActiveVariant": set_active,
    "wgsl/contexts": lambda params: {"contexts": [], "active": 0},
    "wgsl/defineState": define_state,
    "wgsl/expansion": lambda params: expansion(params["textDocument"]["uri"], params.get("variant")),
    "wgsl/diffVariants": lambda params: {
        side: expansion(params["textDocument"]["uri"], params[side]) for side in ("left", "right")
    },
    "wgsl/mapPosition": map_position,
    "wgsl/explain": explain,
    "wgsl/inactiveRegions": lambda params: {"regions": inactive_regions(params["textDocument"]["uri"])},
}
CAPABILITIES = {
    "positionEncoding": "utf-16",
    "textDocumentSync": {"openClose": True, "change": 1},
    "diagnosticProvider": {"interFileDependencies": True, "workspaceDiagnostics": False},
    "hoverProvider": True,
    "renameProvider": True,
    "codeActionProvider": {"codeActionKinds": ["quickfix"]},
    "codeLensProvider": {},
    "executeCommandProvider": {"commands": ["wgsl.smokeRun", "wgsl.doctor", "wgsl.checkAll", "wgsl.restartEngines"]},
    "workspace": {"textDocumentContent": {"schemes": ["wgsl-expanded"]}},
}


def tell(uri: str) -> None:
    """Everything that follows from a change of a written file or of its active variant."""
    if not uri.startswith("file:") or not uri.endswith(".wgsl"):
        return
    notify("wgsl/inactiveRegions", {"textDocument": {"uri": uri}, "regions": inactive_regions(uri)})
    notify("wgsl/verdictsChanged", verdicts(uri))
    send({"id": "refresh lenses", "method": "workspace/codeLens/refresh"})
    for name in VARIANTS:
        address = expanded_uri(uri, name)
        send(
            {
                "id": f"refresh {name}",
                "method": "workspace/textDocumentContent/refresh",
                "params": {"uri": address},
            }
        )
        notify("wgsl/expansionChanged", {"uri": address, "source": uri, "variant": name})


def main() -> None:
    while (message := receive()) is not None:
        method, params = message.get("method"), message.get("params") or {}
        if method == "exit":
            return
        if method == "initialize":
            send(
                {
                    "id": message["id"],
                    "result": {"capabilities": CAPABILITIES, "serverInfo": {"name": "stand-in"}},
                }
            )
        elif method in ("textDocument/didOpen", "textDocument/didChange"):
            document = params["textDocument"]
            texts[document["uri"]] = document["text"] if "text" in document else params["contentChanges"][-1]["text"]
            tell(document["uri"])
        elif method == "textDocument/didClose":
            texts.pop(params["textDocument"]["uri"], None)
        elif "id" in message and method is not None:
            try:
                send({"id": message["id"], "result": REQUESTS[method](params)})
            except KeyError:
                send({"id": message["id"], "error": {"code": -32601, "message": f"unknown method {method}"}})
            except (OSError, ValueError) as error:
                send({"id": message["id"], "error": {"code": -32803, "message": str(error)}})


if __name__ == "__main__":
    main()
