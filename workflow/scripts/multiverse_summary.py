import journal

journal.keep(snakemake.log[0])

from pooling import multiverse

given = snakemake.input
multiverse.summarise(
    given.answers, given.specifications, given.problems, dict(snakemake.output), snakemake.params.digits
)
