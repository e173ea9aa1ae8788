import journal

journal.keep(snakemake.log[0])

from pooling.ledger import package
from reporting import pdfs

p, out = snakemake.params, snakemake.output
language = snakemake.wildcards.language
pdfs.write(p.results, package.read(p.data), p.settings, language, "reports", out.summary, out.folder)
