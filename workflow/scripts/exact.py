import journal

journal.keep(snakemake.log[0])

from pooling.answers import exactly
from pooling.ledger import package

exactly.make(
    package.read(snakemake.params.data), snakemake.params.settings, snakemake.params.digits,
    snakemake.input.evidence, dict(snakemake.output),
)  # fmt: skip
