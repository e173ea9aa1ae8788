"""The script of the page's live parts, as one text: the engine, and what readers see and work with."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent


def script() -> str:
    """All parts in their order, in a scope of their own; they need neither modules nor network.

    The engine is a function of its own, because the page sends its text to a thread.
    """
    order = json.loads((FOLDER / "order.json").read_text(encoding="utf-8"))
    engine, shown = (
        "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in order[part]) for part in ("engine", "panel")
    )
    names = "Engine, NoEvidence, TooHard, reader, numberOf, normalQuantile"
    return (
        f"(() => {{\nfunction makeEngine() {{\n{engine}\nreturn {{ {names} }};\n}}\n"
        f"const {{ reader, numberOf, normalQuantile }} = makeEngine();\n{shown}\n}})();\n"
    )
