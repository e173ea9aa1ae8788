import journal

journal.keep(snakemake.log[0])

from pooling.ledger import coding, package
from pooling.running import tables

tables.write_csv(coding.compared(package.read(snakemake.params.data)), snakemake.output[0], snakemake.params.digits)
