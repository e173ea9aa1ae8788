"""
From results to the pages.

In:  the tables in results/, the data package, the page sources in reports/.
Out: results/report.html (English), results/rapport.html (Dutch), results/manifest.json
     results/summary-{language}.pdf and results/sheets/{language}/: A4 summaries, one page for each site
"""

REPORTED = [
    "summary",
    "estimates",
    "claims",
    "counts",
    "agreement",
    "coding_agreement",
    "concordance",
    "priors",
    "power_scaling",
    "predictive",
    "selection",
    "calibration",
    "calibration_ranks",
]
PAGE_SOURCES = sorted(str(path) for path in Path("reports").iterdir() if path.is_file())

MULTIVERSE = ["curve", "options", "shares", "flips", "influence", "without_source", "counts"]

LIVE = sorted(str(path) for path in Path("workflow/rendering/panel").glob("*.js*"))

TEXTS = sorted(str(path) for path in Path("workflow/reporting").rglob("*.yaml"))


rule manifest:
    """Hashes of what went in and came out, versions, settings and commit."""
    input:
        tables=tables,
        results=[*[f"<results>/{name}.csv" for name in REPORTED], "<results>/multiverse.parquet"],
        code=code("manifest.py"),
    output:
        "<results>/manifest.json",
    params:
        settings=dict(config),
        commit=manifest.commit(workflow.basedir),
    log:
        "<results>/logs/manifest.log",
    script:
        "scripts/manifest.py"


rule content:
    """Values, sentences, tables and figures of one language; nothing on the page is typed by hand."""
    input:
        tables=tables,
        results=[f"<results>/{name}.csv" for name in REPORTED],
        multiverse=[f"<results>/multiverse/{name}.csv" for name in MULTIVERSE],
        evidence="<results>/evidence.json",
        checks="<results>/checks.json",
        manifest="<results>/manifest.json",
        texts=TEXTS,
        code=code("content.py"),
    output:
        directory("<results>/content/{language}"),
    params:
        data=config["data"],
        results=config["results"],
        settings=dict(config),
    log:
        "<results>/logs/content_{language}.log",
    script:
        "scripts/content.py"


rule sheets:
    """A summary of two pages, and one page for each site, as A4 documents to print or mail."""
    input:
        tables=tables,
        results=[f"<results>/{name}.csv" for name in REPORTED],
        multiverse=[f"<results>/multiverse/{name}.csv" for name in MULTIVERSE],
        checks="<results>/checks.json",
        manifest="<results>/manifest.json",
        pages=PAGE_SOURCES,
        filter="workflow/rendering/sheet.lua",
        texts=TEXTS,
        code=code("sheets.py"),
    output:
        summary="<results>/summary-{language}.pdf",
        folder=directory("<results>/sheets/{language}"),
    params:
        data=config["data"],
        results=config["results"],
        settings=dict(config),
    log:
        "<results>/logs/sheets_{language}.log",
    script:
        "scripts/sheets.py"


rule page:
    """One self-contained page, by Quarto where there is one and by the built-in renderer elsewhere."""
    input:
        content=[f"<results>/content/{language}" for language in config["languages"]],
        pages=PAGE_SOURCES,
        filter="workflow/rendering/page.lua",
        live=LIVE,
        code=code("page.py"),
    output:
        "<results>/{page}.html",
    wildcard_constraints:
        page="report|rapport",
    params:
        generated=f"{config['results']}/content",
    log:
        "<results>/logs/{page}.log",
    script:
        "scripts/page.py"
