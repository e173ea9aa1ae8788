import journal

journal.keep(snakemake.log[0])

from pooling.ledger import package
from pooling.sensitivity import telling

p = snakemake.params
telling.make(package.read(p.data), p.settings, p.digits, snakemake.output[0])
