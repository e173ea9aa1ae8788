import journal

journal.keep(snakemake.log[0])

from pooling.ledger import package
from pooling.ledger import choices
from pooling.sensitivity import prior_grid

p, i, paths = snakemake.params, snakemake.input, dict(snakemake.output)
prior_grid.make(package.read(p.data), choices.read(i.choices, p.data), p.settings, p.digits, i.evidence, paths)
