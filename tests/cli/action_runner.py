"""Runs a composite action as the runner of GitHub does: its steps in order, each with bash in the checked repository,
with the expressions filled in, until one fails; reads the workflow commands in what they say."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_EQUALS = re.compile(r"([\w.-]+) == '([^']*)'")
_COMMAND = re.compile(r"^::([\w-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$", re.MULTILINE)
# https://docs.github.com/actions/reference/workflow-commands, as actions/toolkit escapes them.
_ESCAPES = (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))


@dataclass(frozen=True, slots=True)
class Annotation:
    command: str
    message: str
    file: str = ""
    line: int = 0

    @property
    def level(self) -> str:
        return self.command


@dataclass(slots=True)
class Ran:
    """`cached`: folders that were to be kept for the next run."""

    returncode: int = 0
    stdout: str = ""
    stderr: str = ""
    cached: list[str] = field(default_factory=list)

    @property
    def annotations(self) -> list[Annotation]:
        found = []
        for command, properties, message in _COMMAND.findall(self.stdout):
            given = dict(one.partition("=")[::2] for one in properties.split(",") if one)
            values = {name: _plain(text) for name, text in given.items()}
            line = int(values.get("line", "0"))
            found.append(Annotation(command, _plain(message), values.get("file", ""), line))
        return found


class Runner:
    """`folder`: the checked repository; `temp`: the runner's own."""

    def __init__(self, folder: Path, temp: Path, environment: Mapping[str, str] | None = None) -> None:
        self._folder, self._temp = folder, temp
        self._environment = dict(os.environ) | dict(environment or {})

    def action(self, path: Path, given: Mapping[str, str], without: Collection[str] = ()) -> Ran:
        """`without`: names of steps that are left out."""
        action: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert set(given) <= set(action["inputs"]), "an input that the action has not"
        inputs = {name: entry.get("default", "") for name, entry in action["inputs"].items()} | dict(given)
        values = {f"inputs.{name}": value for name, value in inputs.items()} | {
            "runner.temp": str(self._temp),
            "runner.os": "Linux",
            "github.run_id": "1",
            "github.action_path": str(path.parent),
        }
        ran = Ran()
        self._temp.mkdir(parents=True, exist_ok=True)
        for step in action["runs"]["steps"]:
            if step["name"] in without or not _holds(step.get("if", ""), values):
                continue
            if "uses" in step:
                assert step["uses"].startswith("actions/cache@"), "another action is not known here"
                ran.cached.append(_filled(step["with"]["path"], values))
                continue
            # What a runner writes for `shell: bash`; texts of inputs must come by the environment alone.
            assert not _EXPRESSION.search(step["run"]), "an expression in a script is a door for whoever writes it"
            script = self._temp / "step.sh"
            script.write_text(step["run"], encoding="utf-8")
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
                cwd=self._folder,
                env=self._environment | {name: _filled(text, values) for name, text in step.get("env", {}).items()},
                capture_output=True,
                text=True,
                check=False,
            )
            ran.stdout += done.stdout
            ran.stderr += done.stderr
            ran.returncode = done.returncode
            if done.returncode:
                break
        return ran


def _filled(text: str, values: Mapping[str, str]) -> str:
    filled = _EXPRESSION.sub(lambda match: values[match[1]], text)
    assert "${{" not in filled.replace(values.get("inputs.paths", ""), ""), f"an expression is not known here: {text}"
    return filled


def _holds(condition: str, values: Mapping[str, str]) -> bool:
    if not condition:
        return True
    match = _EQUALS.fullmatch(condition)
    assert match, f"a condition is not known here: {condition}"
    return values[match[1]] == match[2]


def _plain(text: str) -> str:
    for escaped, plain in _ESCAPES:
        text = text.replace(escaped, plain)
    return text
