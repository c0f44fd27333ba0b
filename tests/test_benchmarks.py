"""The benchmarks are no tests, but they must run: what they measure with is all there."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_module_of_the_benchmarks_can_be_loaded_outside_of_the_tests() -> None:
    names = sorted(f"tests.benchmarks.{file.stem}" for file in (ROOT / "tests" / "benchmarks").glob("[a-z]*.py"))
    code = f"import {', '.join([*names, 'tests.benchmarks.__main__'])}"

    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert (len(names) > 10, loaded.returncode, loaded.stderr) == (True, 0, "")
