"""The progress bar of long runs, on standard error and only on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from wgsl_ls.analysis.plan import PlannedJob


@contextmanager
def progress_bar(n_variants: int) -> Iterator[Callable[[PlannedJob], None]]:
    """Yields a function to call per finished job; variants are counted once, whatever the number of engines."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("variants"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("compiling", total=n_variants)
        seen: set[tuple[str, str]] = set()

        def step(planned: PlannedJob) -> None:
            seen.add((planned.root, planned.variant))
            name = planned.root.rsplit("/", 1)[-1]
            progress.update(task, completed=len(seen), description=name)

        yield step
