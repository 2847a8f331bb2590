"""A device that is gone says nothing about the text at hand, wherever it is noticed."""

from __future__ import annotations

from typing import Any

import pytest

from wgsl_ls.engines.dispatch import run_dispatch
from wgsl_ls.engines.wgpu_native import WgpuEngine
from wgsl_ls.wire.dispatch_jobs import DispatchFailed, DispatchJob, JobStage
from wgsl_ls.wire.jobs import CompileJob, DeviceLost, tells_of_lost_device

PLAIN = "@compute @workgroup_size(1)\nfn main() {\n}\n"
# A text for which the engine first asks what this naga can do.
PROBED = f"requires immediate_address_space;\n{PLAIN}"


class Refusal(Exception):
    """As wgpu's classes of errors: one is about texts, the other about everything."""


class Trouble(Exception):
    pass


class Gone:
    """A device of which everything fails, from the module or from the pipeline on."""

    features: tuple[str, ...] = ()
    limits: dict[str, int] = {}  # noqa: RUF012 - of one device, never changed

    def __init__(self, error: Exception, *, keeps_modules: bool = False) -> None:
        self._error = error
        self._keeps_modules = keeps_modules

    def create_shader_module(self, code: str) -> object:
        if self._keeps_modules:
            return object()
        raise self._error

    def __getattr__(self, name: str) -> Any:
        def fails(*arguments: object, **named: object) -> object:
            raise self._error

        return fails


def engine(device: Any) -> WgpuEngine:
    made = WgpuEngine()
    made.device = device
    made._refusal = Refusal
    made._error_class = Exception
    return made


@pytest.mark.parametrize("text", [PLAIN, PROBED])
@pytest.mark.parametrize("kind", [Refusal, Trouble])
@pytest.mark.parametrize("keeps_modules", [False, True])
def test_naga_says_nothing_of_a_text_whose_device_is_lost(
    text: str, kind: type[Exception], keeps_modules: bool
) -> None:
    said = "Validation Error\n\nCaused by:\n  Parent device is lost"
    device = Gone(kind(said), keeps_modules=keeps_modules)
    assert engine(device).compile(CompileJob("wgpu", text)) == DeviceLost(said)


def test_another_trouble_of_the_driver_ends_the_worker() -> None:
    with pytest.raises(Trouble):
        engine(Gone(Trouble("out of memory"))).compile(CompileJob("wgpu", PLAIN))


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        (PLAIN, "Device with '' label is lost", "device-lost"),
        (PROBED, "Device with '' label is lost", "device-lost"),
        (PLAIN, "Subgroup matrix usage found which is not supported by the device.\nM(8), N(8)", "unsupported"),
        (PLAIN, "extension 'f16' is not allowed in the current environment", "unsupported"),
        (PLAIN, "unresolved value 'x'", "rejected"),
    ],
)
def test_what_a_run_ends_with_when_the_device_refuses(text: str, said: str, kind: str) -> None:
    """Only the last one is about the text: the others are the device's own."""
    job = DispatchJob("wgpu", (), (JobStage("a", text, "main", (1, 1, 1), ()),), 0)
    answer = run_dispatch(engine(Gone(Refusal(said))), job)
    assert isinstance(answer, DispatchFailed)
    assert answer.kind == kind


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("Parent device is lost", True),
        ("Device with '' label is lost", True),
        ("[Device] was lost: VK_ERROR", True),
        ("vkQueueSubmit failed with VK_ERROR_DEVICE_LOST", True),
        ("precision is lost in this conversion", False),
        ("no definition in scope for identifier: `device`", False),
        ("the device has no subgroups\nthe value is lost", False),
    ],
)
def test_words_that_tell_of_it(words: str, lost: bool) -> None:
    assert tells_of_lost_device(words) == lost
