import journal

journal.keep(snakemake.log[0])

from pooling import coding, package, tables

tables.write_csv(
    coding.compared(package.read(snakemake.params.data)), snakemake.output[0], snakemake.params.digits
)
