"""The live panel's script and words, as one text for the page."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent


def script() -> str:
    """All parts of the panel in their order, in a scope of their own; runs without modules or network."""
    order = json.loads((FOLDER / "order.json").read_text(encoding="utf-8"))
    parts = [(FOLDER / name).read_text(encoding="utf-8") for name in order["engine"] + order["panel"]]
    return "(() => {\n" + "\n".join(parts) + "\n})();\n"


def texts(language: str) -> dict:
    """The panel's words in a language (en, nl)."""
    return json.loads((FOLDER / "texts.json").read_text(encoding="utf-8"))[language]
