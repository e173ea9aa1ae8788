import journal

journal.keep(snakemake.log[0])

from pooling.ledger import evidence
from pooling.running import tables
from pooling.classical import numbers

tables.write_csv(numbers.table(evidence.read(snakemake.input.evidence)), snakemake.output[0], snakemake.params.digits)
