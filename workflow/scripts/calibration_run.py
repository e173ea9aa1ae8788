import journal

journal.keep(snakemake.log[0])

from pooling.calibration import stored

p = snakemake.params
stored.lay_beside(snakemake.input, p.settings, p.digits, dict(snakemake.output))
