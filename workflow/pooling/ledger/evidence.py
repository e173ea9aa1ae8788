"""The pooled rows of an analysis, as the engines, the tables and the page read them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pooling.running import whole


@dataclass(frozen=True)
class Row:
    """One pooled row: a contrast over the arms of one site, as a number or as an interval.

    All of `y`, `se`, `lower`, `upper` are on the scale of the analysis; `weights` and `arm_variances`
    run over the site's arms, control first.
    """

    analysis: str
    row: str
    site: str
    arms: tuple[str, ...]
    versus: str
    kind: str
    claims: tuple[str, ...]
    source: str
    category: str
    y: float
    se: float
    lower: float
    upper: float
    z_lower: float
    z_upper: float
    z_crit: float
    se_basis: str
    cov_basis: str
    epsilon: float
    n_treated: float
    n_control: float
    design: tuple[float, ...]
    weights: tuple[float, ...]
    arm_variances: tuple[float, ...]


@dataclass(frozen=True)
class Evidence:
    """All rows of one analysis, with what the engines need to pool them."""

    analysis: str
    outcome: str
    horizon: str
    scale: str
    components: tuple[str, ...]
    control_level: float
    kappa: float
    rows: tuple[Row, ...]
    covariance: tuple[tuple[float, ...], ...] | None = None

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites in the order of their rows."""
        return tuple(dict.fromkeys(row.site for row in self.rows))

    def arrays(self) -> dict:
        """Keyword arguments of `pooling.exact.pool` and of the PyMC builder (priors apart)."""
        width = max(len(row.weights) for row in self.rows)

        def padded(values: tuple[float, ...]) -> list[float]:
            return [*values, *[0.0] * (width - len(values))]

        contrast = np.array([padded(row.weights) for row in self.rows])
        variances = np.array([padded(row.arm_variances) for row in self.rows])
        number = np.array([row.kind == "number" for row in self.rows])
        return {
            "y": np.where(number, [row.y for row in self.rows], np.nan),
            "v": np.array([row.se for row in self.rows]) ** 2,
            "V": None if self.covariance is None else np.array(self.covariance),
            "X": np.array([row.design for row in self.rows]),
            "groups": np.array([row.site for row in self.rows]),
            "lower": np.where(number, np.nan, [row.lower for row in self.rows]),
            "upper": np.where(number, np.nan, [row.upper for row in self.rows]),
            "contrast": (contrast, variances),
            "source": np.array([row.source for row in self.rows]),
            "epsilon": np.array([row.epsilon for row in self.rows]),
            "kappa": self.kappa,
        }


def table(evidences: list[Evidence], components: list[str]) -> pd.DataFrame:
    """All pooled rows of all analyses as one tidy table (results/estimates.csv)."""
    records = []
    for evidence in evidences:
        for row in evidence.rows:
            record = {k: v for k, v in asdict(row).items() if k not in ("design", "weights", "arm_variances")}
            record |= {
                "municipality": record.pop("site"),
                "arms": " ".join(row.arms),
                "claims": ";".join(row.claims),
                "weights": " ".join(f"{w:.4g}" for w in row.weights),
            }
            record |= {f"x_{name}": 0.0 for name in components}
            record |= {f"x_{name}": x for name, x in zip(evidence.components, row.design, strict=True)}
            records.append(record)
    return pd.DataFrame(records)


def write(evidences: list[Evidence], path: str | Path) -> None:
    """Store evidence as JSON; infinite bounds are written as null beside the kind of the row."""
    content = [asdict(evidence) for evidence in evidences]
    text = json.dumps(_plain(content), indent=1, sort_keys=True, allow_nan=False)
    whole.write_text(path, text + "\n")


def read(path: str | Path) -> list[Evidence]:
    """Read what `write` stored."""
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    return [
        Evidence(
            **{
                **entry,
                "rows": tuple(Row(**{k: _tuple(v) for k, v in row.items()}) for row in entry["rows"]),
                "components": tuple(entry["components"]),
                "covariance": _tuple(entry["covariance"]),
                "control_level": _tuple(entry["control_level"]),
            }
        )
        for entry in content
    ]


def _plain(value):
    """JSON has no infinity and no NaN: they are written as text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def _tuple(value):
    if isinstance(value, list):
        return tuple(_tuple(inner) for inner in value)
    return float(value) if value in ("inf", "-inf", "nan") else value
