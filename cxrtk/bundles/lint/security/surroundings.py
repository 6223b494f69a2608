"""Files beside a config that affect its run: the bundle root, and modules that shadow others."""

from __future__ import annotations

from pathlib import Path

from cxrtk.bundles.lint.issue import Issue, Report
from cxrtk.bundles.lint.modules import Modules

METADATA = "metadata.json"
LOGGING = "logging.conf"


def bundle_root(config: Path) -> Path:
    """Return the folder that MONAI adds to ``sys.path``: the config's, or the parent of ``configs/``."""
    folder = config.parent
    return folder.parent if folder.resolve().name == "configs" else folder


def check_shadows(root: Path, report: Report) -> None:
    """Report modules beside the config that shadow installed ones."""
    try:
        beside = sorted(root.iterdir())
    except OSError:
        return
    for path in beside:
        source = path / "__init__.py" if path.is_dir() else path
        if source.suffix != ".py" or not source.is_file() or not path.stem.isidentifier():
            continue
        installed = Modules().find(path.stem)
        if installed is None or (installed.file is not None and installed.file.samefile(source)):
            continue
        if installed.file is None and installed.folders:
            continue  # a namespace folder, which shadows nothing
        what = f"replaces the installed module {path.stem!r}, when the bundle runs"
        cure = "rename it, or read it and add --allow-code"
        report.say(Issue(str(source), None, "", what, cure, "security"))
