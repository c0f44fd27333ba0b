"""`python -m cycle` and the command `cycle`: answers --version at once, leaves the rest to `cli`."""

import gc
import os
import sys


def main() -> None:
    """Run one command line and exit with its code (0 to 9, see the README)."""
    # Python has None for a stream that the caller closed; what is said there is lost, and that is all.
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    if sys.argv[1:] == ["--version"]:
        from cycle import __version__

        sys.stdout.write(f"cycle {__version__}\n")
        return
    gc.disable()  # a command ends before a collection would pay; the service turns it on again
    from cycle.cli.main import run

    code = run(sys.argv[1:])
    os._exit(code)  # all is written and closed; taking the interpreter apart would cost more than many a command


if __name__ == "__main__":
    main()
