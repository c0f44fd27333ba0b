"""`python -m cycle` and the command `cycle`: answers --version at once, leaves the rest to `cli`."""

import gc
import os
import sys


def main() -> None:
    """Run one command line and exit with its code (0 to 9, see the README)."""
    if sys.argv[1:] == ["--version"]:
        from cycle import __version__

        sys.stdout.write(f"cycle {__version__}\n")
        raise SystemExit(0)
    gc.disable()  # a command ends before a collection would pay; the service turns it on again
    from cycle.cli.main import run

    code = run(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # all is written and closed; taking the interpreter apart would cost more than many a command


if __name__ == "__main__":
    main()
