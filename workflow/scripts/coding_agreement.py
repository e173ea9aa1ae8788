import journal

journal.keep(snakemake.log[0])

from pooling.ledger import coding, package
from pooling.running import tables

found = coding.compared(package.read(snakemake.params.data), snakemake.params.settings["level"])
tables.write_csv(found, snakemake.output[0], snakemake.params.digits)
