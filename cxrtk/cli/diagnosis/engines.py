"""Devices of torch, and the backends that compute a network."""

from __future__ import annotations

from collections.abc import Iterator

from cxrtk.cli.diagnosis.finding import BROKEN, MISSING, NOTE, OK, Finding


def examine() -> Iterator[Finding]:
    """Yield each device, and each backend."""
    try:
        import torch

        from cxrtk.models.backends.choice import CONVERTED, TORCH, installed
        from cxrtk.process.device import cpu_has_bf16
    except Exception as error:  # noqa: BLE001 - whatever an installation of torch may raise
        yield Finding(
            BROKEN, "torch", f"cannot be imported: {' '.join(str(error).split())}", "install torch again"
        )
        return
    bf16 = "with" if cpu_has_bf16() else "without"
    yield Finding(OK, "cpu", f"threads: {torch.get_num_threads()}, {bf16} bfloat16 in hardware")
    if not torch.cuda.is_available():
        built = torch.version.cuda
        why = (
            f"torch is built for CUDA {built}, but finds no device"
            if built
            else "torch is built without CUDA"
        )
        yield Finding(NOTE, "cuda", why)
    for number in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(number)
        yield Finding(OK, f"cuda:{number}", f"{about.name}, {about.total_memory / 1e9:.0f} GB")
    for name in (TORCH, *CONVERTED):
        if name in installed():
            yield Finding(OK, f"--backend {name}", "installed")
        else:
            yield Finding(MISSING, f"--backend {name}", "not installed", f"pip install 'cxrtk[{name}]'")
