"""What things cost, as ratios measured in one run: `python -m tests.benchmarks`. Nothing here passes or fails."""

import sys
from pathlib import Path

# What the tests lend (small_town) finds its neighbours as pytest lets it.
sys.path.append(str(Path(__file__).parent.parent))
