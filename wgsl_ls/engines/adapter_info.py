"""What an adapter's information says: its names, and what runtimes spell differently, subgroup sizes and the vendor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

_VENDORS: Final = {
    0x1002: "amd", 0x106B: "apple", 0x13B5: "arm", 0x14E4: "broadcom", 0x1AE0: "google", 0x1010: "img-tec",
    0x8086: "intel", 0x10005: "mesa", 0x1414: "microsoft", 0x10DE: "nvidia", 0x5143: "qualcomm",
    0x4D4F4351: "qualcomm", 0x144D: "samsung", 0x19E5: "huawei", 0x10002: "verisilicon",
}  # fmt: skip  # a table
"""By PCI and Khronos ids, as browsers name them (Dawn's src/dawn/gpu_info.json)."""


def called(wanted: str, adapters: Iterable[Any]) -> Any:
    """The first adapter whose name, description or backend contains `wanted`; None when there is none."""
    for adapter in adapters:
        names = f"{adapter.info['device']} {adapter.info['description']} {adapter.info['backend_type']}"
        if wanted.lower() in names.lower():
            return adapter
    return None


def subgroup_sizes(info: Mapping[str, Any]) -> str:
    """ "MIN MAX", "" where the adapter does not say. (wgpu 0.32 spells the keys "stackgroup_min_size".)"""
    found = []
    for ending in ("group_min_size", "group_max_size"):
        value = next((value for key, value in info.items() if key.endswith(ending)), 0)
        found.append(int(value or 0))
    return " ".join(map(str, found)) if all(found) else ""


def vendor(info: Mapping[str, Any]) -> str:
    """GPUAdapterInfo.vendor (https://www.w3.org/TR/webgpu/#dom-gpuadapterinfo-vendor), which a host may choose its
    kernels by. wgpu-native gives the name of the Vulkan driver instead."""
    return _VENDORS.get(int(info.get("vendor_id") or 0), str(info.get("vendor", "")).lower())
