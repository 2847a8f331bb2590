"""What is written from the keys of wgsl-ls.toml: the tables of CONFIG.md, and the JSON schema as a file.

`python -m wgsl_ls.project.config_page` writes both anew; a test compares them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from wgsl_ls.project.config_schema import config_schema
from wgsl_ls.project.keys import TABLES, TableSpec
from wgsl_ls.project.profiles import SOURCES

PAGE = Path(__file__).with_name("CONFIG.md")
SCHEMA = Path(__file__).with_name("wgsl-ls.schema.json")

_PART = re.compile(r"(<!-- (\w+): written by config_page.py -->\n).*?(<!-- end -->\n)", re.DOTALL)


def page(text: str) -> str:
    """CONFIG.md, its tables as the keys are now."""

    def part(match: re.Match[str]) -> str:
        table = _sources() if match[2] == "sources" else _table(TABLES[match[2]])
        return f"{match[1]}\n{table}\n{match[3]}"

    return _PART.sub(part, text)


def schema_text() -> str:
    return json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"


def _table(spec: TableSpec) -> str:
    with_default = any(key.default for key in spec)
    rows = ["| key | value | default |" if with_default else "| key | value |"]
    rows.append("| --- " * (3 if with_default else 2) + "|")
    for key in spec:
        default = f" {key.default} |" if with_default else ""
        rows.append(f"| `{key.name}` | {key.words} |{default}".replace("|  |", "| |"))
    return "\n".join(rows) + "\n"


def _sources() -> str:
    rows = ["| profile | from | looked up |", "| --- | --- | --- |"]
    rows += [f"| `{name}` | {source} | {date} |" for name, (source, date) in SOURCES.items()]
    return "\n".join(rows) + "\n"


def main() -> None:
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
