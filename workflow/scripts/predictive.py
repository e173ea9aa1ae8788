import journal

journal.keep(snakemake.log[0])

from pooling.sensitivity import predictive

p = snakemake.params
predictive.make(snakemake.input.evidence, p.settings, p.seed, p.digits, snakemake.output[0])
