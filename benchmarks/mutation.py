"""Do the tests see faults? Ten core modules with one small fault at a time, each run by its own tests.

    python benchmarks/mutation.py                                # a sample of each of the ten
    python benchmarks/mutation.py --sample 1000 cxrtk/data/pixels/rle.py

Works in a copy of the tree. A fault is killed if the tests of the module fail or do not end; each one that
survives is printed with its line, to stderr. Ends with 1 where fewer than 80 % of all are killed. `mutmut`
and `cosmic-ray` were looked at: the first chooses tests by a run of the whole suite, the second starts Python
and all libraries anew for each fault; neither takes a sample by a seed.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
TREE = ("cxrtk", "plugins", "bundles", "tests", "setup.cfg", "pyproject.toml")
MODULES = (
    "cxrtk/data/splits.py",
    "cxrtk/data/partial.py",
    "cxrtk/data/pixels/rle.py",
    "cxrtk/data/pixels/steps.py",
    "cxrtk/data/pixels/dicom/luts.py",
    "cxrtk/data/pixels/dicom/spacing.py",
    "cxrtk/training/losses.py",
    "cxrtk/evaluation/bootstrap.py",
    "cxrtk/inference/segmentation/masks.py",
    "cxrtk/inference/segmentation/measures.py",
)
LEAST = 0.8  # share that is killed
HEAVY = ("pytest", "torch", "ignite", "monai", "pydicom", "scipy.ndimage", "skimage", "sklearn.metrics")
PROOF = Mutant(0, "cannot be imported", "raise RuntimeError('this is the mutated copy')\n")


def main() -> int:
    """Print a row a module, and to stderr each survivor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("modules", nargs="*", default=MODULES, help="default: the ten")
    parser.add_argument("--sample", type=int, default=20, help="faults a module; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=180.0, help="seconds for the tests of one fault")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in HEAVY:  # once here, and not for each fault: its process is a fork of this one
        importlib.import_module(name)
    killed, total = 0, 0
    print("| module | faults | tried | killed | seconds |\n" + "| --- " * 5 + "|")
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in TREE:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, tree / name)
        for module in options.modules:
            started = time.perf_counter()
            every = mutants((ROOT / module).read_text(encoding="utf-8"))
            chosen = random.Random(options.seed).sample(every, min(options.sample, len(every)))
            alive = survivors_of(tree, module, sorted(chosen, key=lambda each: each.line), options.timeout)
            killed, total = killed + len(chosen) - len(alive), total + len(chosen)
            share = f"{1 - len(alive) / len(chosen):.0%}"
            seconds = time.perf_counter() - started
            print(f"| {module} | {len(every)} | {len(chosen)} | {share} | {seconds:.0f} |", flush=True)
            for mutant in alive:
                print(f"  survived: {module}:{mutant.line}: {mutant.fault}", file=sys.stderr, flush=True)
    print(f"\n{killed} of {total} were killed: {killed / total:.1%}.")
    return int(killed < LEAST * total)


def survivors_of(tree: Path, module: str, chosen: list[Mutant], timeout: float) -> list[Mutant]:
    """Those of the mutants with which the module's tests pass.

    Args:
        tree: Copy of the project, in which the module is written and put back.
        module: Path from the tree.
        chosen: To be tried.
        timeout: Seconds for the tests of one.

    Raises:
        SystemExit: The tests fail without a fault, or pass though the module cannot be imported.
    """
    path = tree / module
    tests = tree / Path("tests", *Path(module).parts[1:-1], f"test_{path.name}")
    source = path.read_text(encoding="utf-8")
    if not passes(tree, tests, timeout):
        raise SystemExit(f"{tests.relative_to(tree)}: fails without any fault.")
    survived = []
    try:
        for mutant in (PROOF, *chosen):
            path.write_text(mutant.source, encoding="utf-8")
            if passes(tree, tests, timeout):
                survived.append(mutant)
    finally:
        path.write_text(source, encoding="utf-8")
    if PROOF in survived:
        raise SystemExit(f"{tests.relative_to(tree)}: passes though {module} cannot be imported.")
    return survived


def passes(tree: Path, tests: Path, timeout: float) -> bool:
    """Whether pytest passes in a process of its own, in time."""
    process = multiprocessing.get_context("fork").Process(target=_test, args=(tree, tests))
    process.start()
    process.join(timeout)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode == 0


def _test(tree: Path, tests: Path) -> None:
    import pytest
    from hypothesis import Phase, settings

    settings.register_profile("quick", database=None, phases=(Phase.explicit, Phase.generate))
    settings.load_profile("quick")
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    sys.dont_write_bytecode = True  # two faults within one second could have the same size
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    # Nobody reads why a test failed: no time is spent on comparing large arrays, or on smaller examples.
    quick = ["-x", "-q", "--assert=plain", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly"]
    os._exit(pytest.main([*quick, str(tests)]))


if __name__ == "__main__":
    sys.exit(main())
