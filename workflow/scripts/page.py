import journal

journal.keep(snakemake.log[0])

from pathlib import Path

import rendering

with rendering.stage(Path("reports"), Path(snakemake.params.generated)) as staged:
    rendering.render(f"{snakemake.wildcards.page}.qmd", staged, Path(snakemake.output[0]))
