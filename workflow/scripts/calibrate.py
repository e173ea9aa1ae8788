import journal

journal.keep(snakemake.log[0])

from pooling.calibration import study

w, p = snakemake.wildcards, snakemake.params
study.make(snakemake.input, w.family, w.kind, p.numbers, p.settings, snakemake.output[0])
