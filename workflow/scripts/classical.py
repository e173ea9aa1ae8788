import journal

journal.keep(snakemake.log[0])

from pooling import evidence, tables
from pooling.classical import numbers

tables.write_csv(
    numbers.table(evidence.read(snakemake.input.evidence)), snakemake.output[0], snakemake.params.digits
)
