import journal

journal.keep(snakemake.log[0])

from pathlib import Path

from pooling import multiverse

multiverse.merge([Path(chunk) for chunk in snakemake.input.chunks], Path(snakemake.output[0]))
