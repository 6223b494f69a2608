"""What one core can do at best: products of matrices in bfloat16 and in 32 bits, and copies of memory."""

from __future__ import annotations

from timing import milliseconds, report

import torch  # isort: skip  # after the number of threads is set

SIDE = 2048
COPIED = 1 << 28  # bytes


def main() -> None:
    """Print billions of operations a second, and billions of bytes read and written a second."""
    torch.set_num_threads(1)
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        one, other = (torch.randn(SIDE, SIDE, dtype=dtype) for _ in range(2))
        spent = milliseconds(lambda a=one, b=other: a @ b, 1, 8)
        report(f"product of matrices, {name}", gflops_a_second=round(2 * SIDE**3 / spent / 1e6, 1))
    source, target = torch.ones(COPIED, dtype=torch.uint8), torch.empty(COPIED, dtype=torch.uint8)
    spent = milliseconds(lambda: target.copy_(source), 1, 8)
    report("copy of memory", gbytes_a_second=round(2 * COPIED / spent / 1e6, 1))


if __name__ == "__main__":
    main()
