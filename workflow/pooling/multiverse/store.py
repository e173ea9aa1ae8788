"""The multiverse on disk: a plan, chunks that can be made anywhere in any order, and one Parquet table.

Nothing but a chunk is ever in memory, and the bytes of the table do not depend on how many chunks there were.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pooling.ledger import evidence as stored
from pooling.ledger import selection
from pooling.ledger.choices import Choice
from pooling.ledger.package import Package
from pooling.multiverse import plan as planning
from pooling.multiverse.evaluate import LIKELIHOOD, NUMBERS, Analysis, group_starts
from pooling.multiverse.progress import Progress
from pooling.multiverse.variants import Variant
from pooling.running import whole

#: Order in which specifications run: those that share a grid, then a likelihood, stand together.
ORDER = ["frame", *LIKELIHOOD, "variants", "tau", "mu", "spec"]
ROW_GROUP = 50_000
UNIT = {"arcsine": "points", "difference": "points", "smd": "sd"}


def prepare(
    package: Package,
    settings: Mapping[str, Any],
    choices: Sequence[Choice],
    folder: Path,
) -> None:
    """Plan every analysis and write the plan.

    Parameters
    ----------
    settings
        The configuration; `multiverse.budget` specifications for each main analysis, `multiverse.minor` for
        every other.
    folder
        Receives specifications.parquet, blocks.json (what sites say) and problems.json.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blocks, problems, writer = [], {}, None
    analyses = selection.analyses(package, settings)
    progress = Progress("planning", len(analyses))
    path = folder / "specifications.parquet"
    any_main = any(analysis.main for analysis in analyses)

    def fill(beside: Path) -> None:
        nonlocal writer
        writer = pq.ParquetWriter(beside, _plan_schema(choices), compression="zstd")
        for analysis in analyses:
            main = analysis.main or not any_main
            budget = settings["multiverse"]["budget" if main else "minor"]
            made = planning.make(analysis, choices, package, settings, budget)
            progress.step()
            if made is None:
                continue
            writer.write_table(_plan_table(made, choices), row_group_size=ROW_GROUP)
            problems[analysis.name] = made.problem | {
                "drawn_alike": made.drawn,
                "main": main,
                "variants": [_index(variant, blocks) for variant in made.variants],
            }
        writer.close()

    whole.write(path, fill)
    stored.write(blocks, folder / "blocks.json")
    text = json.dumps(problems, indent=1, sort_keys=True, ensure_ascii=False)
    whole.write_text(folder / "problems.json", text + "\n")


def _index(variant: Variant, blocks: list) -> dict[str, Any]:
    start = len(blocks)
    blocks.extend(variant.blocks)
    return {"site": variant.site, "fault": variant.fault, "blocks": list(range(start, len(blocks)))}


def _names(choices: Sequence[Choice]) -> list[str]:
    return [choice.name for choice in choices]


def _plan_schema(choices: Sequence[Choice]) -> pa.Schema:
    word = pa.dictionary(pa.int32(), pa.string())
    fields = [("analysis", word), ("spec", pa.int32()), ("same_as", pa.int32()), ("block", word)]
    fields += [(name, word) for name in [*_names(choices), "left_out", "without_source"]]
    fields += [
        ("frame", pa.int16()),
        ("tau", pa.int16()),
        ("mu", pa.int16()),
        ("epsilon", pa.float64()),
        ("kappa", pa.float64()),
    ]
    fields += [("by_component", pa.bool_()), ("factor", pa.float64()), ("variants", pa.list_(pa.int32()))]
    return pa.schema(fields)


def _plan_table(made: planning.Plan, choices: Sequence[Choice]) -> pa.Table:
    name = made.problem["analysis"]
    table = made.table.assign(analysis=pd.Categorical([name] * len(made.table)))
    schema = _plan_schema(choices)
    return pa.Table.from_pandas(table[schema.names], schema=schema, preserve_index=False).replace_schema_metadata()


def read_plan(folder: Path) -> tuple[dict[str, Any], dict[str, list[Variant]]]:
    """Problems of all analyses, and what the sites say in each."""
    problems = json.loads((folder / "problems.json").read_text(encoding="utf-8"))
    blocks = stored.read(folder / "blocks.json")
    variants = {
        name: [Variant(v["site"], tuple(blocks[b] for b in v["blocks"]), v["fault"]) for v in problem["variants"]]
        for name, problem in problems.items()
    }
    return problems, variants


def specifications(folder: Path, analysis: str | None = None, columns: list[str] | None = None) -> pd.DataFrame:
    """The plan's specifications, of one analysis or of all."""
    chosen = [("analysis", "=", analysis)] if analysis else None
    return pq.read_table(folder / "specifications.parquet", columns=columns, filters=chosen).to_pandas()


def run(folder: Path, part: int, parts: int, settings: Mapping[str, Any], digits: int, path: Path) -> None:
    """Answer one part of the specifications that differ.

    Parameters
    ----------
    folder
        The plan.
    part, parts
        Which part, counted from 0, of how many of about equal size.
    settings
        `level` and `informative_sites` of the configuration.
    digits
        Significant digits of every number.
    path
        Receives a Parquet file.
    """
    problems, variants = read_plan(folder)
    counts = specifications(folder, columns=["analysis", "spec", "same_as"])
    own = counts["spec"].eq(counts["same_as"])
    sizes = [int((own & counts["analysis"].eq(name)).sum()) for name in problems]
    total, first = sum(sizes), 0
    low, high = total * part // parts, total * (part + 1) // parts
    progress = Progress(f"multiverse {part + 1} of {parts}", high - low)

    def fill(beside: Path) -> None:
        nonlocal first
        writer = None
        for name, size in zip(problems, sizes):
            start, stop = low - first, high - first
            first += size
            if start >= size or stop <= 0:
                continue
            table = _part(_runs(folder, name), start, stop)
            if table.empty:
                continue
            analysis = Analysis(problems[name], variants[name], settings["level"], settings["informative_sites"])
            for found in analysis.answer(table):
                batch = _answers(found, table, name, UNIT[problems[name]["scale"]], digits)
                writer = writer or pq.ParquetWriter(beside, batch.schema, compression="zstd")
                writer.write_table(batch)
                progress.step(found["spec"].nunique())
        if writer is None:
            pq.write_table(pa.table({}), beside)
        else:
            writer.close()

    whole.write(path, fill)


def _runs(folder: Path, analysis: str) -> pd.DataFrame:
    """Specifications of an analysis that run, in order, with how many come to the same thing."""
    asked = specifications(folder, analysis)
    alike = asked["same_as"].value_counts()
    table = asked[asked["spec"].eq(asked["same_as"])]
    table = table.assign(same=table["spec"].map(alike).astype(np.int32))
    keys = np.stack(table["variants"].to_numpy())
    columns = [table[name].to_numpy() for name in reversed(ORDER) if name not in ("variants",)]
    position = ORDER[::-1].index("variants")
    columns[position:position] = list(keys.T[::-1])
    return table.iloc[np.lexsort(columns)]


def _part(table: pd.DataFrame, start: int, stop: int) -> pd.DataFrame:
    """The groups with one likelihood each that begin from line `start` to before line `stop`.

    A group is never cut, so that its sums are the same, to the last bit, for any number of parts.
    """
    numbers = table[["frame", *LIKELIHOOD]].to_numpy(dtype=float)
    starts = group_starts(np.column_stack([numbers, np.stack(table["variants"].to_numpy())]))
    bounds = np.append(starts, len(table))
    first, last = np.searchsorted(starts, [start, stop])
    return table.iloc[bounds[first] : bounds[last]]


def _answers(found: pd.DataFrame, table: pd.DataFrame, analysis: str, unit: str, digits: int) -> pa.Table:
    """Answers with the options they belong to, numbers at the stated digits."""
    options = table.set_index("spec").loc[found["spec"].to_numpy()]
    hidden = {"analysis", "same_as", *ORDER, "factor"}
    columns: dict[str, pa.Array] = {"analysis": _words([analysis] * len(found)), "spec": pa.array(found["spec"])}
    columns["component"] = _words(found["component"])
    for name in [name for name in options.columns if name not in hidden]:
        made = pa.array(options[name])
        columns[name] = made.cast(pa.string()) if pa.types.is_dictionary(made.type) else made
    columns["sites"] = pa.array(found["sites"].to_numpy())
    columns["unit"] = _words([unit] * len(found))
    for name in [*NUMBERS, "tau"]:
        columns[name] = pa.array(significant(found[name].to_numpy(dtype=float), digits), from_pandas=True)
    columns["reason"] = _words(found["reason"])
    return pa.table(columns)


def _words(values) -> pa.Array:
    return pa.array(list(values), type=pa.string())


def significant(values: np.ndarray, digits: int) -> np.ndarray:
    """Round to nine decimals, then to significant digits: what is smaller than that is noise of the sums."""
    values = np.round(values, 9) + 0.0
    size = np.abs(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        places = digits - 1 - np.floor(np.log10(size))
    places = np.where(np.isfinite(places), places, 0.0)
    up, down = 10.0 ** np.maximum(places, 0.0), 10.0 ** np.maximum(-places, 0.0)
    return np.rint(values * up / down) / up * down


def merge(chunks: Sequence[Path], path: Path) -> None:
    """Put chunks together, in order, in row groups of one size."""

    def fill(beside: Path) -> None:
        writer = None
        for table in _regrouped(chunks):
            writer = writer or pq.ParquetWriter(beside, _encoded(table).schema, compression="zstd")
            writer.write_table(_encoded(table), row_group_size=ROW_GROUP)
        if writer is None:
            pq.write_table(pa.table({}), beside)
        else:
            writer.close()

    whole.write(path, fill)


def _encoded(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata()


def _regrouped(chunks: Sequence[Path]) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    for chunk in chunks:
        source = pq.ParquetFile(chunk)
        for k in range(source.num_row_groups):
            waiting.append(source.read_row_group(k))
            if sum(map(len, waiting)) >= ROW_GROUP:
                whole = pa.concat_tables(waiting)
                yield whole.slice(0, ROW_GROUP)
                waiting = [whole.slice(ROW_GROUP)]
    rest = pa.concat_tables(waiting) if waiting else None
    if rest is not None and len(rest):
        yield rest
