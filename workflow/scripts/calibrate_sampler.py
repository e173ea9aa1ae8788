import journal

journal.keep(snakemake.log[0])

from pooling.calibration import by_sampling, study

w, p = snakemake.wildcards, snakemake.params
fit = by_sampling.fit_with(p.settings)
study.make(snakemake.output[0], snakemake.input.evidence, w.family, w.kind, p.numbers, p.settings, "pymc", fit)
