"""
Is the method calibrated? Truths drawn from the prior, evidence drawn from the truths, and where each truth lies in
the posterior it gives: uniform places and honest intervals, or not.

In:  results/evidence.json: the analyses' own sites and arms are designs of the study
     workflow/study/: the full study, which comes with the code
Out: results/calibration.csv        coverage and tests of uniformity, by engine, design, kind of evidence and quantity
     results/calibration_ranks.csv  counts of the places, for rank plots
     results/calibration/           replicates of the full study in chunks, and its tables

The full study takes long (the exact engine 25 minutes of processor time) and is therefore kept with the code. Every run
makes its first replicates again and compares.
    snakemake calibration                                          makes it anew, PyMC's part too
    cp results/calibration/{summary,ranks,first}.csv workflow/study/   keeps it
"""

import math

KINDS = ("numbers", "statements", "mixed")
FAMILIES = ("pairwise", "own")
STUDIED = ("priors", "statements", "calibration", "seed", "level")


wildcard_constraints:
    family="|".join(FAMILIES),
    kind="|".join(KINDS),
    chunk="[0-9]+",


def pieces(engine):
    """The chunks of an engine's part of the full study."""
    choices = config["calibration"]
    return [
        f"<results>/calibration/{engine}/{family}_{kind}_{chunk}.csv"
        for family in FAMILIES
        for kind in KINDS
        for chunk in range(math.ceil(choices["full"][engine] / choices["chunk"][engine]))
    ]


def share(engine):
    """Numbers of the replicates in a chunk: the first, and the one after the last."""
    size, last = config["calibration"]["chunk"][engine], config["calibration"]["full"][engine]
    return lambda wildcards: (int(wildcards.chunk) * size, min((int(wildcards.chunk) + 1) * size, last))


rule calibration_run:
    """The first replicates once more, and the stored study of the same designs beside them."""
    input:
        evidence="<results>/evidence.json",
        summary="workflow/study/summary.csv",
        ranks="workflow/study/ranks.csv",
        first="workflow/study/first.csv",
        code=code("calibration_run.py"),
    output:
        summary="<results>/calibration.csv",
        ranks="<results>/calibration_ranks.csv",
    params:
        settings=chosen(*STUDIED),
        digits=config["digits"],
    log:
        "<results>/logs/calibration_run.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/calibration_run.py"


rule calibrate:
    """Some replicates of the exact engine, for every design of a family and one kind of evidence."""
    input:
        evidence="<results>/evidence.json",
        code=code("calibrate.py"),
    output:
        "<results>/calibration/exact/{family}_{kind}_{chunk}.csv",
    params:
        numbers=share("exact"),
        settings=chosen(*STUDIED),
    log:
        "<results>/logs/calibration_exact_{family}_{kind}_{chunk}.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/calibrate.py"


rule calibrate_sampler:
    """The same for PyMC."""
    input:
        evidence="<results>/evidence.json",
        code=code("calibrate_sampler.py"),
    output:
        "<results>/calibration/pymc/{family}_{kind}_{chunk}.csv",
    params:
        numbers=share("pymc"),
        settings=chosen(*STUDIED, "sampler"),
    log:
        "<results>/logs/calibration_pymc_{family}_{kind}_{chunk}.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/calibrate_sampler.py"


rule calibration:
    """The full study of both engines, to be kept with the code."""
    input:
        exact=pieces("exact"),
        pymc=pieces("pymc"),
        code=code("calibration.py"),
    output:
        summary="<results>/calibration/summary.csv",
        ranks="<results>/calibration/ranks.csv",
        first="<results>/calibration/first.csv",
    params:
        digits=config["digits"],
        first=min(config["calibration"]["replicates"].values()),
    log:
        "<results>/logs/calibration.log",
    script:
        "scripts/calibration.py"
