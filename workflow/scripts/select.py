import journal

journal.keep(snakemake.log[0])

from pooling.ledger import package, pooled

pooled.make(
    package.read(snakemake.params.data),
    snakemake.params.settings,
    snakemake.params.digits,
    dict(snakemake.output),
)
