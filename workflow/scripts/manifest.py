import journal

journal.keep(snakemake.log[0])

from pooling.running import manifest, tables

found = manifest.collect(
    snakemake.input.tables, snakemake.input.results, snakemake.params.settings, *snakemake.params.commit
)
tables.write_json(found, snakemake.output[0], digits=12)
