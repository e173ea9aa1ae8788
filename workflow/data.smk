"""
From the ledger to what can be pooled.

In:  the tables of the data package.
Out: results/claims.csv      every claim: pooled, or set aside with the reason
     results/estimates.csv   every pooled row: number or interval, standard error, how each was obtained
     results/evidence.json   the same rows as the engines read them
     results/counts.csv      sites, categories and sign test for every analysis and component
     results/coding_agreement.csv   how far the two coders agree
     results/coding_sheet.html      an offline form for a third, human coder
"""


def tables(wildcards=None):
    """Every file of the data package."""
    folder = Path(config["data"])
    return sorted(str(path) for path in [*folder.glob("*.csv"), *folder.glob("*.yaml"), *folder.glob("coding/*")])


rule select:
    """Choose which claim speaks for each arm of each site, and put it on the scale of pooling."""
    input:
        tables=tables,
        code=code("select.py"),
    output:
        claims="<results>/claims.csv",
        estimates="<results>/estimates.csv",
        evidence="<results>/evidence.json",
        counts="<results>/counts.csv",
    params:
        data=config["data"],
        digits=config["digits"],
        settings=chosen("analyses", "precedence", "statements", "sizes", "informative_sites"),
    log:
        "<results>/logs/select.log",
    script:
        "scripts/select.py"


rule coding_agreement:
    """Cohen's kappa of the two coders, field by field, over all claims and over the eligible ones."""
    input:
        tables=tables,
        code=code("coding_agreement.py"),
    output:
        "<results>/coding_agreement.csv",
    params:
        data=config["data"],
        digits=config["digits"],
        settings=chosen("level"),
    log:
        "<results>/logs/coding_agreement.log",
    script:
        "scripts/coding_agreement.py"


rule coding_sheet:
    """One HTML file with every claim, so that a person can code the ledger without any program."""
    input:
        tables=tables,
        code=code("coding_sheet.py"),
    output:
        "<results>/coding_sheet.html",
    params:
        data=config["data"],
    log:
        "<results>/logs/coding_sheet.log",
    script:
        "scripts/coding_sheet.py"
