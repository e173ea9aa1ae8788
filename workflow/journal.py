"""Send everything a job prints into its log file."""

import os
import sys


def keep(path: str) -> None:
    """Redirect standard output and standard error of this process, C libraries included, to a file.

    Snakemake does not do this for scripts by itself; it shows the file when the job fails.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
