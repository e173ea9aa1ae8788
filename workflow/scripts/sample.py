import journal

journal.keep(snakemake.log[0])

from pooling.answers import sampled

sampled.make(snakemake.input.evidence, snakemake.wildcards.stage, snakemake.params.settings, dict(snakemake.output))
