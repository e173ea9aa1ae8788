"""
How far the answer leans on choices, expectations and silence.

In:  results/evidence.json, workflow/multiverse.yaml, the tables of the data package.
Out: results/priors.csv          every average under every pair of priors
     results/power_scaling.csv   how sensitive every answer is to prior and likelihood
     results/predictive.csv      signs and significance: observed beside what the model expects, before and after
     results/selection.csv       the main answers if results had been kept back
"""


rule prior_grid:
    """Answer every analysis under every pair of priors, and power-scale prior and likelihood."""
    input:
        tables=tables,
        evidence="<results>/evidence.json",
        choices="workflow/multiverse.yaml",
        code=code("prior_grid.py"),
    output:
        priors="<results>/priors.csv",
        power="<results>/power_scaling.csv",
    params:
        data=config["data"],
        digits=config["digits"],
        settings=chosen("priors", "level"),
    log:
        "<results>/logs/prior_grid.log",
    resources:
        mem_mb=3000,
        runtime=60,
    script:
        "scripts/prior_grid.py"


rule predictive:
    """Draw the findings anew from prior and posterior, and count what their words settle."""
    input:
        evidence="<results>/evidence.json",
        code=code("predictive.py"),
    output:
        "<results>/predictive.csv",
    params:
        seed=config["seed"],
        digits=config["digits"],
        settings=chosen("priors", "level"),
    log:
        "<results>/logs/predictive.log",
    script:
        "scripts/predictive.py"


rule selection_bound:
    """Bound what results that were never told can do to the main answers."""
    input:
        tables=tables,
        code=code("selection_bound.py"),
    output:
        "<results>/selection.csv",
    params:
        data=config["data"],
        digits=config["digits"],
        settings=chosen("analyses", "precedence", "statements", "sizes", "priors", "level"),
    log:
        "<results>/logs/selection_bound.log",
    resources:
        mem_mb=3000,
        runtime=60,
    script:
        "scripts/selection_bound.py"
