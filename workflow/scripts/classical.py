import journal

journal.keep(snakemake.log[0])

from pooling.ledger import evidence
from pooling.running import tables
from pooling.classical import numbers

found = numbers.table(evidence.read(snakemake.input.evidence), snakemake.params.settings["level"])
tables.write_csv(found, snakemake.output[0], snakemake.params.digits)
