"""
Is the method calibrated? Truths drawn from the prior, evidence drawn from the truths, and where each truth lies in
the posterior it gives: uniform places and honest intervals, or not.

In:  results/evidence.json: the analyses' own sites and arms are designs of the study
     workflow/study/           the full study that comes with the code
Out: results/calibration.csv        coverage and tests of uniformity, by engine, design, kind of evidence and quantity
     results/calibration_ranks.csv  counts of the places, for rank plots
     results/calibration/{study}/   the replicates, in chunks: `run` for a small study in every run, `full`

The full study takes an hour of processor time, so it comes with the code and every run repeats its first replicates:
    snakemake calibration                                          makes it, here or on a cluster, with PyMC too
    cp results/calibration/full/{summary,ranks,first}.csv workflow/study/   keeps it
"""

import math

KINDS = ("numbers", "statements", "mixed")
FAMILIES = ("pairwise", "own")
STUDIED = ("priors", "statements", "calibration", "seed", "level")


wildcard_constraints:
    study="run|full",
    family="|".join(FAMILIES),
    kind="|".join(KINDS),
    chunk=r"[0-9]+",


def replicates(study, engine, kind):
    """How many replicates of one kind a study has for each design."""
    return config["calibration"]["replicates"][kind] if study == "run" else config["calibration"]["full"][engine]


def pieces(study, *engines):
    """The chunks of a study by some engines; every job must know how many there are without looking."""
    return [
        f"<results>/calibration/{study}/{engine}/{family}_{kind}_{chunk}.csv"
        for engine in engines
        for family in FAMILIES
        for kind in KINDS
        for chunk in range(math.ceil(replicates(study, engine, kind) / config["calibration"]["chunk"][engine]))
    ]


def share(engine):
    """Numbers of the replicates in a chunk: first and one after the last."""

    def numbers(wildcards):
        first = int(wildcards.chunk) * config["calibration"]["chunk"][engine]
        last = first + config["calibration"]["chunk"][engine]
        return first, min(last, replicates(wildcards.study, engine, wildcards.kind))

    return numbers


rule calibrate:
    """Some replicates of the exact engine, for every design of a family and one kind of evidence."""
    input:
        evidence="<results>/evidence.json",
        code=code("calibrate.py"),
    output:
        "<results>/calibration/{study}/exact/{family}_{kind}_{chunk}.csv",
    params:
        numbers=share("exact"),
        settings=chosen(*STUDIED),
    log:
        "<results>/logs/calibration_{study}_exact_{family}_{kind}_{chunk}.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/calibrate.py"


rule calibrate_sampler:
    """The same for PyMC; only `snakemake calibration` asks for it."""
    input:
        evidence="<results>/evidence.json",
        code=code("calibrate_sampler.py"),
    output:
        "<results>/calibration/{study}/pymc/{family}_{kind}_{chunk}.csv",
    params:
        numbers=share("pymc"),
        settings=chosen(*STUDIED, "sampler"),
    log:
        "<results>/logs/calibration_{study}_pymc_{family}_{kind}_{chunk}.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/calibrate_sampler.py"


rule calibration:
    """The full study of both engines, to be kept with the code."""
    input:
        chunks=pieces("full", "exact", "pymc"),
        code=code("calibration_full.py"),
    output:
        summary="<results>/calibration/full/summary.csv",
        ranks="<results>/calibration/full/ranks.csv",
        first="<results>/calibration/full/first.csv",
    params:
        digits=config["digits"],
        first=min(config["calibration"]["replicates"].values()),
    log:
        "<results>/logs/calibration_full.log",
    script:
        "scripts/calibration_full.py"


rule calibration_run:
    """What this run found, and the stored study of the same designs beside it."""
    input:
        chunks=pieces("run", "exact"),
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
    script:
        "scripts/calibration_run.py"
