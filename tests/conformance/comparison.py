"""How far an engine's answers may lie from those of a conformance vector."""

KINDS = {"mean": "moments", "sd": "moments", "positive": "probabilities"}


def misses(got, want, tolerance):
    """What lies further from the answer than allowed: (name, got, want, distance in the allowed unit).

    `tolerance` has moments and quantiles (in standard deviations; quantiles as moments if not given),
    probabilities and log_ml.
    """
    found = []

    def compare(name, a, b, unit):
        distance = abs(float(a) - b) / unit
        if not distance <= 1:
            found.append((name, float(a), b, distance))

    for part in ("mu", "new_site", "theta"):
        for j, (a, b) in enumerate(zip(got[part], want[part], strict=True)):
            for name, value in b.items():
                if name != "row":
                    kind = KINDS.get(name, "quantiles")
                    allowed = tolerance.get(kind, tolerance["moments"])
                    unit = allowed if kind == "probabilities" else allowed * b["sd"]
                    compare(f"{part}[{j}].{name}", a[name], value, unit)
    for name, value in want["tau"].items():
        allowed = tolerance.get(KINDS.get(name, "quantiles"), tolerance["moments"])
        compare(f"tau.{name}", got["tau"][name], value, allowed * want["tau"]["sd"])
    if want["log_ml"] is not None:
        compare("log_ml", got["log_ml"], want["log_ml"], tolerance["log_ml"])
    for j, value in enumerate(want["best"] or []):
        compare(f"best[{j}]", got["best"][j], value, tolerance["probabilities"])
    return found
