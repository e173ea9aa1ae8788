import journal

journal.keep(snakemake.log[0])

from pooling import evidence, replicate

replicate.write(evidence.read(snakemake.input.evidence), snakemake.output[0])
