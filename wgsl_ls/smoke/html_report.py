"""The HTML page of a smoke report: one file without a server, scripts or foreign addresses.

Drawn with matplotlib from the JSON of report.py: a heat map of the error over the output and its histogram for
every run with a reference (the worst ones when there are many), bars of GPU time over all runs.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

from wgsl_ls.smoke.fixed_drawing import fixed_drawing
from wgsl_ls.smoke.report import watched_said

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1b1f24;
  background: #fff }
table { border-collapse: collapse; width: 100%; font-size: 14px }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee4; vertical-align: top }
td.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
td.name { overflow-wrap: anywhere }
.pass { color: #116329 } .fail, .error { color: #b31d28; font-weight: 600 } .skipped { color: #6e7781 }
.unjudged { color: #9a6700 }
.shared { width: auto } .shared th, .shared td { border: 0 }
details { border-bottom: 1px solid #d8dee4; padding: .4rem 0 } img { max-width: 100% }
code { background: #f3f4f6; padding: 0 .25rem } .table { overflow-x: auto }
"""

_SHARED = ("Engine", "File", "Variant")


def html_report(report: Mapping[str, Any]) -> str:
    """The page for a report's JSON; raises ImportError where matplotlib is missing."""
    with fixed_drawing():
        return _page(report)


def _page(report: Mapping[str, Any]) -> str:
    runs: Sequence[Mapping[str, Any]] = report["runs"]
    verdict = "passed" if report["passed"] else "failed"
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>Smoke run: {verdict}</title><style>{_STYLE}</style>",
        f"<h1>Smoke run: <span class={'pass' if report['passed'] else 'fail'}>{verdict}</span></h1>",
        _devices(report["devices"]),
        _summary(runs),
        _changes(report["changes"]),
        _agreements(report["agreements"]),
        _table(runs),
        _guesses(runs),
        _timing(runs),
        _details(runs),
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _text(value: object) -> str:
    return html.escape(str(value))


def _devices(devices: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{_text(item['engine'])}<td>{_text(item['adapter'])}<td>{_text(item['backend'])}"
        f"<td>{_text(item['version'])}<td>{_text(item['driver'])}"
        for item in devices
    )
    head = "<tr><th>Engine<th>Adapter<th>Backend<th>Version<th>Driver"
    return f"<h2>Devices</h2><div class=table><table>{head}{rows}</table></div>"


def _summary(runs: Sequence[Mapping[str, Any]]) -> str:
    counts = {
        word: sum(run["verdict"] == word for run in runs) for word in ("pass", "fail", "error", "unjudged", "skipped")
    }
    return "<p>" + ", ".join(f"<span class={word}>{n} {word}</span>" for word, n in counts.items() if n) + "</p>"


def _changes(changes: Sequence[Mapping[str, Any]]) -> str:
    if not changes:
        return ""
    items = "".join(
        f"<li class={'fail' if item['worse'] else 'skipped'}>{_text(item['run'])}: {_text(item['message'])}"
        for item in changes
    )
    return f"<h2>Against the baseline</h2><ul>{items}</ul>"


def _agreements(agreements: Sequence[Mapping[str, Any]]) -> str:
    if not agreements:
        return ""
    rows = "".join(
        f"<tr><td>{_text(item['group'])}<td>{_text(item['left'])}<td>{_text(item['right'])}"
        f"<td class=figure>{_figure(item['nmse'])}<td class=figure>{_figure(item['max_absolute'])}"
        f"<td class={'pass' if item['passed'] else 'fail'}>{_text(item['message'] or 'agree')}"
        for item in agreements
    )
    head = "<tr><th>Group<th>Run<th>Run<th>NMSE<th>Largest difference<th>"
    return f"<h2>Runs that must agree</h2><div class=table><table>{head}{rows}</table></div>"


def _table(runs: Sequence[Mapping[str, Any]]) -> str:
    """A row for each run; what is the same of all is said once above, and a column without anything is left out."""
    columns = {
        "Verdict": [f"<td class={run['verdict']}>{run['verdict']}" for run in runs],
        "NMSE": [f"<td class=figure>{_figure(_worst_nmse(run))}" for run in runs],
        "GPU time": [f"<td class=figure>{_milliseconds(run)}" for run in runs],
        "Engine": [f"<td>{_text(run['engine'])}" for run in runs],
        "Case": [f"<td>{_text(run['case'])}" for run in runs],
        "File": [f"<td class=name>{_text(run['file'])}" for run in runs],
        "Variant": [f"<td class=name>{_text(run['variant'])}" for run in runs],
        "Findings": [f"<td>{_text(_said(run))}" for run in runs],
        "Watched": [f"<td>{'<br>'.join(map(_text, _watched(run)))}" for run in runs],
    }
    filled = {head: cells for head, cells in columns.items() if not all(cell.endswith(">") for cell in cells)}
    shared = {head: cells[0] for head, cells in filled.items() if head in _SHARED and len(set(cells)) == 1}
    above = "".join(f"<tr><th>{head}{cell}" for head, cell in shared.items())
    kept = {head: cells for head, cells in filled.items() if head not in shared}
    rows = "".join(f"<tr>{''.join(cells)}" for cells in zip(*kept.values(), strict=True))
    head = "<tr>" + "".join(f"<th>{head}" for head in kept)
    return (
        "<h2>Runs</h2>"
        + (f"<table class=shared>{above}</table>" if above else "")
        + f"<div class=table><table>{head}{rows}</table></div>"
    )


def _said(run: Mapping[str, Any]) -> str:
    said = "; ".join(f"{c['name']} {c['buffer']}: {c['message']}" for c in run["failed_checks"])
    return said or ", ".join(run["lowered"])


def _watched(run: Mapping[str, Any]) -> list[str]:
    told = run.get("sanitizers", {}).items()  # reports of former versions have none
    said = (watched_said(name, float(one["cost"]), one["remarks"]) for name, one in told)
    return [words for words in said if words]


def _guesses(runs: Sequence[Mapping[str, Any]]) -> str:
    """What nobody said and so was guessed, with the runs that rest on it; what has no reference is not judged."""
    by_guesses: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for run in runs:
        if run["guessed"]:
            by_guesses.setdefault(tuple(run["guessed"]), []).append(run)
    parts = []
    for guesses, resting in by_guesses.items():
        items = "".join(f"<li>{_text(one)}" for one in guesses)
        whose = _text(_title(resting[0])) + (f" and {len(resting) - 1} more" if len(resting) > 1 else "")
        judged = "" if any(run["figures"] for run in resting) else ": without a reference the numbers are not judged"
        parts.append(f"<p>{whose}{judged}</p><ul>{items}</ul>")
    return f"<h2>Guessed, because [smoke] does not say it</h2>{''.join(parts)}" if parts else ""


def _worst_nmse(run: Mapping[str, Any]) -> float | None:
    values = [float(figures["nmse"]) for figures in run["figures"].values()]
    return max(values) if values else None


def _figure(value: float | str | None) -> str:
    return "" if value is None else f"{float(value):.3g}"


def _milliseconds(run: Mapping[str, Any]) -> str:
    total = sum(run["gpu_seconds"].values())
    return f"{total * 1e3:.3g} ms" if total else ""


def _timing(runs: Sequence[Mapping[str, Any]]) -> str:
    timed = [run for run in runs if sum(run["gpu_seconds"].values()) > 0]
    if not timed:
        return ""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator

    timed = sorted(timed, key=lambda run: -sum(run["gpu_seconds"].values()))[:80]
    # No wider than a page beside the source shows without shrinking its words.
    figure = Figure(figsize=(7.5, 1.2 + 0.26 * len(timed)), layout="constrained")
    axes = figure.subplots()
    engines = sorted({run["engine"] for run in timed})
    labels = [f"{_shortened(title)} [{_how(run)}]" for title, run in zip(_differences(timed), timed, strict=True)]
    axes.barh(
        range(len(timed)),
        [sum(run["gpu_seconds"].values()) * 1e3 for run in timed],
        color=[f"C{engines.index(run['engine'])}" for run in timed],
    )
    # Names are the workspace's: a dollar sign in them starts no formula.
    axes.set_yticks(range(len(timed)), labels, fontsize=8, parse_math=False)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("GPU time of one run in ms, median")
    return f"<h2>GPU time</h2>{_image(figure, 'bars of GPU time')}"


def _title(run: Mapping[str, Any]) -> str:
    return " ".join(filter(None, _words(run)))


def _words(run: Mapping[str, Any]) -> tuple[str, str, str]:
    return run["file"].rpartition("/")[2].rpartition(".")[0], run["variant"], run["case"]


def _differences(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Titles without the words that all of them share; the whole title of a single run."""
    columns = [column for column in zip(*map(_words, runs), strict=True) if len(set(column)) > 1]
    return [" ".join(filter(None, row)) for row in zip(*columns, strict=True)] or [_title(run) for run in runs]


def _shortened(text: str) -> str:
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return text if len(text) <= 70 else f"{text[:45]}…{text[-24:]}"


def _how(run: Mapping[str, Any]) -> str:
    emulated = any("emulated" in words for words in run["lowered"])
    return f"{run['engine']}, emulated" if emulated else str(run["engine"])


def _details(runs: Sequence[Mapping[str, Any]]) -> str:
    judged = [run for run in runs if run["figures"]]
    drawn = [run for run in judged if any(figures["error_map"] for figures in run["figures"].values())]
    if not drawn:
        return ""
    drawn.sort(key=lambda run: (run["verdict"] == "pass", -(_worst_nmse(run) or 0.0)))
    note = "" if len(drawn) == len(judged) else f"<p>The {len(drawn)} worst of {len(judged)} runs.</p>"
    return f"<h2>Error maps</h2>{note}" + "".join(_detail(run) for run in drawn)


def _detail(run: Mapping[str, Any]) -> str:
    title = f"{_title(run)} on {_how(run)}"
    parts = []
    for name, figures in run["figures"].items():
        parts.append(
            f"<p><code>{_text(name)}</code>: NMSE {_figure(figures['nmse'])}, largest error "
            f"{_figure(figures['max_absolute'])} at {figures['max_absolute_at']} (got "
            f"{_figure(figures['max_absolute_got'])}, expected {_figure(figures['max_absolute_expected'])}), "
            f"largest relative error {_figure(figures['max_relative'])} at {figures['max_relative_at']}</p>"
            + _image(_error_figure(figures), f"error of {_text(name)}")
        )
    opened = "" if run["verdict"] == "pass" else " open"
    summary = f"<summary>{_text(title)}: <span class={run['verdict']}>{run['verdict']}</span></summary>"
    return f"<details{opened}>{summary}{''.join(parts)}</details>"


def _error_figure(figures: Mapping[str, Any]) -> Any:
    import numpy as np
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    cells = np.array([row.split() for row in figures["error_map"]], float)
    shown = np.ma.masked_where(cells < 0, np.maximum(cells, 1e-12))
    top = max(float(shown.max()) if shown.count() else 1e-9, 1e-11)
    image = left.imshow(shown, aspect="auto", norm=LogNorm(max(top * 1e-6, 1e-12), top), cmap="viridis")
    left.set_facecolor("crimson")
    left.set_xlabel("last dimension, in cells")
    left.set_ylabel("rows, in cells")
    left.set_title("largest error per cell (red: no number)", fontsize=9)
    figure.colorbar(image, ax=left)
    decades, counts = figures["histogram"]["decades"], figures["histogram"]["counts"]
    names = [*(f"<1e{decade}" for decade in decades), "more", "no number"]
    right.bar(range(len(counts)), counts, color=["C0"] * (len(counts) - 1) + ["crimson"])
    right.set_xticks(range(len(counts)), names, rotation=90, fontsize=7)
    right.set_yscale("symlog", linthresh=1)
    right.set_title("elements by absolute error", fontsize=9)
    return figure


def _image(figure: Any, description: str) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=80)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<img alt="{description}" src="data:image/png;base64,{data}">'
