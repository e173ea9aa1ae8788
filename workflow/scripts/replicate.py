import journal

journal.keep(snakemake.log[0])

from pooling.answers import replicate
from pooling.ledger import evidence

replicate.write(evidence.read(snakemake.input.evidence), snakemake.output[0])
