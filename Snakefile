"""
Pool the evidence of several sites and report it.

    snakemake                                          the evidence in data/, the report in results/
    snakemake --config data=DIR results=DIR            the same for another data package

In:  a data package (tables, datapackage.yaml, optionally config.yaml), workflow/config.yaml.
Out: results/report.html and results/rapport.html, and every table they are made from.
"""

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.19")
sys.path.insert(0, str(Path(workflow.basedir) / "workflow"))

import closure
from pooling.running import entrance, manifest, room
from pooling.running.lock import hold

# every fault is told before any job starts, so that no earlier result is touched
try:
    layers = entrance.enter(config, whole=workflow.is_main_process)
except entrance.Refused as error:
    raise WorkflowError(str(error)) from None
config.clear()
config.update(layers)


onstart:
    hold(config["results"])


onerror:
    # a job that the disk had no room for may not have been able to say so: its log lies on the same disk
    try:
        room.check(config["results"])
    except room.NoRoom as error:
        print(f"{error}; what was finished stays, the same command finishes the rest", file=sys.stderr)


pathvars:
    data=config["data"],
    results=config["results"],


wildcard_constraints:
    stage="prior|posterior",
    language="en|nl",


# these take seconds and run where Snakemake runs; only the fits are sent to a cluster
localrules:
    all,
    select,
    coding_agreement,
    coding_sheet,
    concordance,
    multiverse,
    classical,
    replicate,
    predictive,
    calibration,
    manifest,
    content,
    sheets,
    page,


PAGES = {"en": "report", "nl": "rapport"}


def code(script):
    """Project modules that a rule's script imports; a change of any of them runs the rule again."""
    return closure.modules(Path(workflow.basedir) / "workflow" / "scripts" / script)


def chosen(*keys):
    """The part of the configuration that a rule depends on."""
    return {key: config[key] for key in keys if key in config}


rule all:
    """Everything: the pages and the list of what they were made from."""
    default_target: True
    input:
        [f"<results>/{PAGES[language]}.html" for language in config["languages"]],
        [f"<results>/summary-{language}.pdf" for language in config["languages"]],
        "<results>/manifest.json",
        "<results>/classical.csv",
        "<results>/replicate.R",
        "<results>/calibration.csv",
        "<results>/multiverse.parquet",
        # a form for a human coder, where the package has a rule book
        ["<results>/coding_sheet.html"] if (Path(config["data"]) / "coding" / "rules.md").is_file() else [],


include: "workflow/data.smk"
include: "workflow/model.smk"
include: "workflow/sensitivity.smk"
include: "workflow/multiverse.smk"
include: "workflow/calibration.smk"
include: "workflow/report.smk"
