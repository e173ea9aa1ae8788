"""Write an R script, with the data inside, that repeats the numeric part of the results in metafor.

The script holds what was pooled and what came out, runs `rma.mv` (or `rma.uni` where each site has one arm)
and stops with an error where the two programs differ. Statements have no counterpart there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pooling.classical.numbers import Numbers, numbers
from pooling.ledger.evidence import Evidence
from pooling.running import whole

_HEAD = """\
# Repeats the numeric part of the results with the R package metafor, from the data below.
#   install.packages("metafor")
#   Rscript replicate.R
# It stops with an error if metafor's answer differs from the one given here.
# Statements ("higher, not significant") are not estimates and have no counterpart in metafor.
"""

_SET_UP = """\
suppressMessages(library(metafor))

differences <- 0L
compare <- function(what, here, metafor, scale) {
  same <- abs(here - metafor) <= 1e-3 * scale
  differences <<- differences + sum(!same)
  cat(sprintf("  %-28s here %12.6g   metafor %12.6g   %s\\n", what, here, metafor,
              ifelse(same, "same", "DIFFERENT")), sep = "")
}
"""

_TAIL = """
if (differences > 0L) stop(differences, " answers differ")
cat("All answers are the same.\\n")
"""

_NOTHING = """
cat("No analysis has estimates with standard errors or counts: there is nothing to repeat.\\n")
"""


def script(evidences: list[Evidence]) -> str:
    """R script for every analysis whose numbers can be pooled.

    Parameters
    ----------
    evidences
        The analyses; those without numbers, or with too few, are named in the script as left out.

    Returns
    -------
    str
        ASCII text; every name is escaped, so that no text of a data package is run as code.
    """
    found = [numbers(evidence) for evidence in evidences]
    parts = [_analysis(part) for part in found if part.rows]
    return "".join([_HEAD, _SET_UP, *parts, _TAIL] if parts else [_HEAD, _NOTHING])


def write(evidences: list[Evidence], path: str | Path) -> None:
    """Write `script` to a file."""
    whole.write_text(path, script(evidences))


def _analysis(part: Numbers) -> str:
    lines = [
        "",
        f'cat({quoted(part.analysis)}, "\\n", sep = "")',
        "local({",
        f"  site <- {_strings(part.sites)}",
        f"  row <- {_values(_within(part.sites))}",
        f"  y <- {_values(part.y)}",
        f"  V <- {_blocks(part)}",
        f"  X <- matrix({_values(part.X.ravel())}, ncol = {part.X.shape[1]}, byrow = TRUE)",
        f"  component <- {_strings(part.components)}",
    ]
    for method in ("EE", "REML"):
        try:
            fit = part.pool(method)
        except ValueError as error:
            lines.append(f'  cat({quoted(f"  {method} left out: {error}")}, "\\n", sep = "")')
            continue
        name = method.lower()
        lines.append(f"  {name} <- {_call(part, method)}")
        for what, ours, theirs in (
            ("estimate", fit.estimates, f"coef({name})"),
            ("se", fit.ses, f"{name}$se"),
        ):
            label = f'paste("{method} {what}", component)'
            lines.append(f"  compare({label}, {_values(ours, 6)}, as.vector({theirs}), {_values(fit.ses, 6)})")
        if method == "REML":
            scale = fit.tau2 + float(np.mean(np.diag(part.V)))
            lines.append(f'  compare("REML tau2", {_number(fit.tau2, 6)}, reml$tau2, {_number(scale, 6)})')
        else:
            lines.append(f'  compare("Q", {_number(fit.Q, 6)}, ee$QE, {_number(max(fit.Q, 1.0), 6)})')
    return "\n".join([*lines, "})", ""])


def _call(part: Numbers, method: str) -> str:
    if not part.several:
        return f'rma.uni(y, diag(V), mods = X, intercept = FALSE, method = "{method}")'
    if method == "EE":
        return "rma.mv(y, V, mods = X, intercept = FALSE)"
    return (
        'rma.mv(y, V, mods = X, intercept = FALSE, random = ~ row | site, struct = "CS", rho = 0.5,\n'
        "                 control = list(rel.tol = 1e-10))"
    )


def _within(sites: tuple[str, ...]) -> list[int]:
    """Number of each row within its site, from 1."""
    return [sites[: i + 1].count(site) for i, site in enumerate(sites)]


def _blocks(part: Numbers) -> str:
    """Sampling covariance, one block for each site; rows of a site stand together in the evidence."""
    order = list(dict.fromkeys(part.sites))
    members = [np.flatnonzero(np.array(part.sites) == site) for site in order]
    if [i for block in members for i in block] != list(range(len(part.sites))):
        return f"matrix({_values(part.V.ravel())}, {len(part.y)})"
    matrices = [f"matrix({_values(part.V[np.ix_(m, m)].ravel())}, {len(m)})" for m in members]
    return "bldiag(list(\n    " + ",\n    ".join(matrices) + "))"


def _values(values, digits: int = 10) -> str:
    return f"c({', '.join(_number(value, digits) for value in values)})"


def _number(value: float, digits: int = 10) -> str:
    if not np.isfinite(value):
        raise ValueError(f"{value} cannot be written to the script; only finite numbers can be pooled")
    return f"{float(value):.{digits}g}"


def _strings(texts) -> str:
    return f"c({', '.join(quoted(text) for text in texts)})"


def quoted(text: str) -> str:
    """Text as an R string of printable ASCII; quotes, backslashes and line breaks are escaped."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else _escaped(c) for c in text)
    return f'"{plain}"'


def _escaped(character: str) -> str:
    # R refuses NUL and lone surrogates even when escaped.
    code = ord(character)
    return f"\\U{0xFFFD if code == 0 or 0xD800 <= code <= 0xDFFF else code:08X}"
