"""A child process that asks Dawn (Null backend) about WGSL: one JSON line in, one out. Run by test_against_dawn.py;
a process of its own, because the backend is chosen by the environment, once.

in:  {"code": text, "entry": name of a compute entry point or null}
out: {"accepted": bool, "errors": [text], "pipeline": error text or "", "groups": {number: text of the layout}}
"""

from __future__ import annotations

import json
import os
import re
import sys

os.environ["WGPU_BACKEND_TYPE"] = "Null"


def main() -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the library prints to descriptor 1
    import wgpudawn
    from wgpudawn.backends.dawn.extras import set_instance_extras

    set_instance_extras(enable_toggles=["allow_unsafe_apis", "disable_symbol_renaming"])
    adapter = wgpudawn.gpu.request_adapter_sync()
    device = adapter.request_device_sync(required_features=list(adapter.features))
    print("ready", file=out, flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        answer: dict[str, object] = {"accepted": True, "errors": [], "pipeline": "", "groups": {}}
        try:
            module = device.create_shader_module(code=job["code"])
        except Exception as error:  # noqa: BLE001 - any failure of the library is the answer
            answer["accepted"] = False
            answer["errors"] = [str(error)]
            module = None
        if module is not None and job["entry"]:
            try:
                stage = {"module": module, "entry_point": job["entry"]}
                pipeline = device.create_compute_pipeline(layout="auto", compute=stage)
                answer["groups"] = {str(group): layout_text(device, pipeline, group) for group in range(4)}
            except Exception as error:  # noqa: BLE001
                answer["pipeline"] = str(error)
        print(json.dumps(answer), file=out, flush=True)


def layout_text(device: object, pipeline: object, group: int) -> str:
    """Dawn has no reflection; a bind group without entries fails with the whole layout in its message."""
    try:
        device.create_bind_group(layout=pipeline.get_bind_group_layout(group), entries=[])  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001
        return re.sub(r"\s+", " ", str(error))
    return ""


if __name__ == "__main__":
    main()
