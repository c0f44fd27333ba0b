"""Whether a run over very many mails needs more memory the longer it goes on: minutes, so it is a measurement by itself.

`python -m tests.benchmarks.memory [MAILS]` lets a process of its own make and deliver 100,000 mails and reads what it holds.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure, table
from tests.benchmarks.service import resident_megabytes
from tests.benchmarks.sink import sink
from tests.benchmarks.sites import environment, town_to_be_mailed
from tests.small_town import SAVE_THE_DATE

MAILS = 100_000
LOOK_SECONDS = 1.0
POOL = "40"


def long_run(folder: Path, mails: int = MAILS) -> Iterator[Figure]:
    """The most that `cycle run --once` ever holds while it makes and delivers its mails, and whether that grows."""
    with sink() as port, town_to_be_mailed(folder, mails, port, ticked=False, CYCLE_SMTP__POOL=POOL):
        begun = time.perf_counter()
        with environment(CYCLE_NOW=SAVE_THE_DATE):
            process = subprocess.Popen(
                [sys.executable, "-m", "cycle", "run", "--once", "--json"],
                env=os.environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        held, most, clerk = [], 0.0, 0.0
        while process.poll() is None:
            held.append(resident_megabytes(process.pid))
            most = max(most, peak_megabytes(process.pid))
            clerk = max([clerk, *map(peak_megabytes, children(process.pid))])
            try:
                process.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                sys.stderr.write(f"{len(held)} s: {held[-1]:.0f} MB\n")
        told, trouble = process.communicate()
        if process.returncode:
            raise RuntimeError(told + trouble)
    taken = time.perf_counter() - begun
    early = max(held[: len(held) // 10 + 1])
    made_of = f"{mails:,} mails in {taken:.0f} s; {early:.0f} MB in the first tenth, {max(held[-5:]):.0f} at the end"
    yield Figure("memory of a long run", most, "MB", 150.0, made_of)
    yield Figure("memory of its clerk", clerk, "MB", 150.0, "the second process, which writes the letters meanwhile")


def children(number: int) -> list[int]:
    """The processes that a process has started, where the system tells."""
    try:
        return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    except OSError:
        return []


def peak_megabytes(number: int) -> float:
    """The most that a process has held in memory so far; where the system does not tell, what it holds now."""
    status = Path(f"/proc/{number}/status")
    if not status.is_file():
        return resident_megabytes(number)
    peak = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM:")), None)
    return int(peak.split()[1]) / 1024 if peak else 0.0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        figures = list(long_run(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else MAILS))
    sys.stdout.write("\n".join(table(figures)) + "\n")
