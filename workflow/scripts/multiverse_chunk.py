import journal

journal.keep(snakemake.log[0])

from pathlib import Path

from pooling import multiverse

p, plan, part = snakemake.params, Path(snakemake.input.problems).parent, int(snakemake.wildcards.part)
multiverse.run(plan, part, p.parts, p.settings, p.digits, Path(snakemake.output[0]))
