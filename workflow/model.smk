"""
From pooled rows to posteriors.

In:  results/evidence.json, results/counts.csv, the tables of the data package.
Out: results/summary.csv        every estimand of every analysis, by both engines
     results/agreement.csv      the two engines side by side
     results/checks.json        accuracy of the exact engine, gates of the sampler; no table without it
     results/concordance.csv    the pooled answer beside an earlier synthesis
     results/classical.csv      classical estimates, where there are numbers
     results/replicate.R        the numeric part once more, in R
     results/draws/{stage}.nc   draws of the sampler
"""


rule exact:
    """Answer every analysis with the deterministic engine, prior and posterior."""
    input:
        tables=tables,
        evidence="<results>/evidence.json",
        code=code("exact.py"),
    output:
        summary="<results>/exact/summary.csv",
        checks="<results>/exact/checks.json",
    params:
        data=config["data"],
        digits=config["digits"],
        settings=chosen("priors", "level"),
    log:
        "<results>/logs/exact.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/exact.py"


rule sample:
    """Sample every analysis with NUTS, from the prior or the posterior, all in one process."""
    input:
        evidence="<results>/evidence.json",
        code=code("sample.py"),
    output:
        draws="<results>/draws/{stage}.nc",
        gates="<results>/draws/{stage}.json",
    params:
        settings=chosen("priors", "sampler", "gates", "seed"),
    log:
        "<results>/logs/sample_{stage}.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/sample.py"


rule summary:
    """One tidy table of every estimand; refused if a fit failed its gate or the engines disagree."""
    input:
        tables=tables,
        evidence="<results>/evidence.json",
        counts="<results>/counts.csv",
        exact="<results>/exact/summary.csv",
        exact_checks="<results>/exact/checks.json",
        prior="<results>/draws/prior.nc",
        posterior="<results>/draws/posterior.nc",
        prior_gates="<results>/draws/prior.json",
        posterior_gates="<results>/draws/posterior.json",
        code=code("summary.py"),
    output:
        summary="<results>/summary.csv",
        agreement="<results>/agreement.csv",
        checks="<results>/checks.json",
    params:
        data=config["data"],
        digits=config["digits"],
        settings=chosen("level", "magnitude", "informative_sites", "agreement", "gates"),
    log:
        "<results>/logs/summary.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/summary.py"


rule concordance:
    """What an earlier synthesis of the same sites concluded, beside the pooled answer."""
    input:
        tables=tables,
        evidence="<results>/evidence.json",
        summary="<results>/summary.csv",
        code=code("concordance.py"),
    output:
        "<results>/concordance.csv",
    params:
        data=config["data"],
        digits=config["digits"],
    log:
        "<results>/logs/concordance.log",
    script:
        "scripts/concordance.py"


rule classical:
    """Common effect, DerSimonian-Laird and REML with Knapp-Hartung, where there are numbers to pool."""
    input:
        evidence="<results>/evidence.json",
        code=code("classical.py"),
    output:
        "<results>/classical.csv",
    params:
        digits=config["digits"],
        settings=chosen("level"),
    log:
        "<results>/logs/classical.log",
    script:
        "scripts/classical.py"


rule replicate:
    """An R script, data inside, that repeats the numeric part with metafor."""
    input:
        evidence="<results>/evidence.json",
        code=code("replicate.py"),
    output:
        "<results>/replicate.R",
    log:
        "<results>/logs/replicate.log",
    script:
        "scripts/replicate.py"
