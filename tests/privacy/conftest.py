"""The folder of this folder's helpers."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # canaries, planted and search are imported by name
