import journal

journal.keep(snakemake.log[0])

from pooling.answers import concordance
from pooling.ledger import evidence, package
from pooling.running import tables

data = package.read(snakemake.params.data)
summary, rows = tables.read_csv(snakemake.input.summary), evidence.read(snakemake.input.evidence)
found = concordance.compare(data.benchmarks, summary, rows, data.sources)
tables.write_csv(found, snakemake.output[0], snakemake.params.digits)
