"""Time of the posteriors in PyMC: all analyses of a run by the default sampler, some of them by each sampler.

Run: ``python tests/bench/bench_model.py results/evidence.json``, after the pipeline. The same models, draws and gate as
in the pipeline; processor time beside wall time. The first fit of a form holds its compilation, of which PyTensor keeps
what it can on disk: measured are a first process, with nothing kept, and a second one.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow"))

from pooling import model
from pooling.answers import gates, sampled
from pooling.ledger import evidence as stored

WORKFLOW = Path(__file__).parents[2] / "workflow"
#: Analyses that each sampler does: the first, with its compilation, and those after it.
COMPARED = 3


def timed(evidence, settings):
    """Wall seconds, processor seconds, and whether the fit passed its gate."""
    wall, processor = time.perf_counter(), time.process_time()
    trace = sampled.draw(evidence, settings, "posterior")
    spent = time.perf_counter() - wall, time.process_time() - processor
    return *spent, gates.gate(trace, settings["gates"])["passed"]


def report(name, fits):
    wall, processor = (sum(fit[k] for fit in fits) for k in (0, 1))
    passed = sum(fit[2] for fit in fits)
    after = [fit[1] for fit in fits[1:]]
    print(
        f"{name}: {len(fits)} analyses, {passed} passed; wall {wall:.0f} s, processor {processor:.0f} s, "
        f"of which the first {fits[0][1]:.1f} s, each other {sum(after) / max(len(after), 1):.1f} s",
        flush=True,
    )


def measure(path, others):
    """The default sampler over everything; where asked, the others over the first analyses."""
    settings = yaml.safe_load((WORKFLOW / "config.yaml").read_text(encoding="utf-8"))
    evidences = stored.read(path)
    default = settings["sampler"]["name"]
    report(f"all, {default}", [timed(one, settings) for one in evidences])
    for name in (one for one in model.SAMPLERS if others and one != default):
        own = settings | {"sampler": settings["sampler"] | {"name": name}}
        report(f"the first {COMPARED}, {name}", [timed(one, own) for one in evidences[:COMPARED]])


def main(path):
    with tempfile.TemporaryDirectory() as kept:
        env = os.environ | {"PYTENSOR_FLAGS": f"base_compiledir={kept}"}
        for name in ("first", "second"):
            print(f"{name} process", flush=True)
            subprocess.run([sys.executable, __file__, "--measure", name, path], env=env, check=True)


if __name__ == "__main__":
    if sys.argv[1] == "--measure":
        measure(sys.argv[3], others=sys.argv[2] == "second")
    else:
        main(sys.argv[1])
