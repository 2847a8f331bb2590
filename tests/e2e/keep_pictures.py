"""Takes the pictures of the last story in the workbench into the READMEs: `python tests/e2e/keep_pictures.py`.
They are reduced to a palette, which screens of text do not show and which makes them a third of the size. A smaller
one would drop colours of few words, such as a green "pass"."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
STORY = PROJECT / "build/e2e/test_the_story_in_the_workbench"
KEPT = {
    "problems": "a-misspelt-name-is-marked-at-its-line-and-in-Problems",
    "quick-fix": "quick-fix-offered",
    "hover": "a-hover-shows-the-macro-in-every-variant",
    "picker": "picker-offered",
    "expansion": "the-expansion-changes-as-one-types",
    "diff": "two-variants-are-compared",
    "explain": "a-line-is-explained",
    "smoke": "a-smoke-run-ends-in-its-report",
}
"""Picture -> the step of the story, whatever its number."""


def main() -> None:
    from PIL import Image

    target = PROJECT / "editors/vscode/media/screenshots"
    target.mkdir(exist_ok=True)
    for name, step in KEPT.items():
        (taken,) = (path for path in STORY.glob("*.png") if path.stem.lstrip("0123456789-") == step)
        with Image.open(taken) as picture:
            picture.convert("RGB").quantize(224).save(target / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
