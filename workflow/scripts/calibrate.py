import journal

journal.keep(snakemake.log[0])

from pooling.calibration import study

w, p = snakemake.wildcards, snakemake.params
study.make(snakemake.output[0], snakemake.input.evidence, w.family, w.kind, p.numbers, p.settings)
