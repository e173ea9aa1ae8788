import journal

journal.keep(snakemake.log[0])

import reporting
from pooling.ledger import package

p = snakemake.params
reporting.write(p.results, package.read(p.data), p.settings, snakemake.wildcards.language, snakemake.output[0])
