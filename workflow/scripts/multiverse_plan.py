import journal

journal.keep(snakemake.log[0])

from pathlib import Path

from pooling import multiverse
from pooling.ledger import package

p, folder = snakemake.params, Path(snakemake.output.problems).parent
multiverse.prepare(package.read(p.data), p.settings, multiverse.read(snakemake.input.choices, p.data), folder)
