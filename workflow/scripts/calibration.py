import journal

journal.keep(snakemake.log[0])

from pooling.calibration import tabulate

p = snakemake.params
tabulate.gather([*snakemake.input.exact, *snakemake.input.pymc], p.digits, dict(snakemake.output), p.first)
