import journal

journal.keep(snakemake.log[0])

from pooling.answers import engines
from pooling.ledger import package

engines.make(
    package.read(snakemake.params.data), snakemake.params.settings, snakemake.params.digits,
    dict(snakemake.input), dict(snakemake.output),
)  # fmt: skip
