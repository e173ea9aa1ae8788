import journal

journal.keep(snakemake.log[0])

from pathlib import Path

from pooling.ledger import coding_sheet, package

data = Path(snakemake.params.data)
coding_sheet.write(package.read(data), data / "coding" / "rules.md", Path(snakemake.output[0]))
