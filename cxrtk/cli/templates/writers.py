"""The share of the image that is lung, as text."""

from pathlib import Path

from cxrtk import Segmentation, Writer, writers


@writers.register("plugin_name")
class PluginNameWriter(Writer):
    """Writes <stem>_share.txt, a number from 0 to 1 with `digits` decimals."""

    def __init__(self, digits: int = 3) -> None:
        self.digits = digits

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """One file."""
        path = stem.with_name(f"{stem.name}_share.txt")
        path.write_text(f"{segmentation.lungs().mean():.{self.digits}f}\n")
        return [path]
