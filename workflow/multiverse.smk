"""
Every choice of the analysis as a branch.

In:  the tables of the data package, workflow/multiverse.yaml (and the package's own, if it has one).
Out: results/multiverse.parquet            one row for each specification and component: choices, answer, reason
     results/multiverse/plan/              what will be calculated, which specifications come to the same thing
     results/multiverse/curve.csv          specification curve of each analysis and component, in bins: two lots,
                                           choices (all sites) and subsets (sites left out, everything else primary)
     results/multiverse/options.csv        answers under each option of each choice
     results/multiverse/shares.csv         share of variance of each choice, equivalent choices only
     results/multiverse/flips.csv          what must be believed for each conclusion: fewest choices to alter
     results/multiverse/influence.csv      answers without some of the sites
     results/multiverse/without_source.csv answers as if one source did not exist
     results/multiverse/counts.csv         specifications asked for, alike, different, failed

The chunks can be made in any order and anywhere; the table is the same bytes for any number of them.
A file with `multiverse: {budget: 100000}`, given as --configfile, runs the large multiverse.
"""


rule multiverse_plan:
    """List every specification, and find those that come to the same thing."""
    input:
        tables=tables,
        choices="workflow/multiverse.yaml",
        code=code("multiverse_plan.py"),
    output:
        specifications="<results>/multiverse/plan/specifications.parquet",
        blocks="<results>/multiverse/plan/blocks.json",
        problems="<results>/multiverse/plan/problems.json",
    params:
        data=config["data"],
        settings=chosen("analyses", "precedence", "statements", "sizes", "priors", "seed")
        | {"multiverse": {key: config["multiverse"][key] for key in ("budget", "minor")}},
    log:
        "<results>/logs/multiverse_plan.log",
    resources:
        mem_mb=4000,
        runtime=60,
    script:
        "scripts/multiverse_plan.py"


rule multiverse_chunk:
    """Answer one part of the specifications that differ."""
    input:
        specifications="<results>/multiverse/plan/specifications.parquet",
        blocks="<results>/multiverse/plan/blocks.json",
        problems="<results>/multiverse/plan/problems.json",
        code=code("multiverse_chunk.py"),
    output:
        temp("<results>/multiverse/chunks/{part}.parquet"),
    wildcard_constraints:
        part=r"\d+",
    params:
        parts=config["multiverse"]["chunks"],
        settings=chosen("level", "informative_sites"),
        digits=config["digits"],
    log:
        "<results>/logs/multiverse_chunk_{part}.log",
    resources:
        mem_mb=3000,
        runtime=120,
    script:
        "scripts/multiverse_chunk.py"


rule multiverse:
    """All answers in one table."""
    input:
        chunks=[f"<results>/multiverse/chunks/{part}.parquet" for part in range(config["multiverse"]["chunks"])],
        code=code("multiverse.py"),
    output:
        "<results>/multiverse.parquet",
    log:
        "<results>/logs/multiverse.log",
    script:
        "scripts/multiverse.py"


rule multiverse_summary:
    """Which choice moves the conclusion, what must be believed for another one, and how much each site weighs."""
    input:
        answers="<results>/multiverse.parquet",
        specifications="<results>/multiverse/plan/specifications.parquet",
        problems="<results>/multiverse/plan/problems.json",
        code=code("multiverse_summary.py"),
    output:
        curve="<results>/multiverse/curve.csv",
        options="<results>/multiverse/options.csv",
        shares="<results>/multiverse/shares.csv",
        flips="<results>/multiverse/flips.csv",
        influence="<results>/multiverse/influence.csv",
        without_source="<results>/multiverse/without_source.csv",
        counts="<results>/multiverse/counts.csv",
    params:
        digits=config["digits"],
    log:
        "<results>/logs/multiverse_summary.log",
    resources:
        mem_mb=2000,
        runtime=60,
    script:
        "scripts/multiverse_summary.py"
