"""From a report page and the files that rules wrote to one self-contained HTML file."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from pooling.running import whole

from . import addresses, embedded, panel, quarto, source
from .safety import seal
from .source import PageError

__all__ = ["PageError", "render", "stage"]


@contextmanager
def stage(reports: Path, generated: Path) -> Iterator[Path]:
    """Lay page sources and generated fragments together in a temporary folder.

    A page names its fragments by a fixed path, ``_generated/…``; a folder of its own for each rendering is
    what keeps a run with other results from reading these.

    Parameters
    ----------
    reports : folder of the pages, stylesheet, template and bibliography.
    generated : folder that the rules wrote, one subfolder for each language.
    """
    with TemporaryDirectory(prefix="report-") as folder:
        for file in Path(reports).iterdir():
            if file.is_file():
                shutil.copyfile(file, Path(folder, file.name))
        shutil.copytree(generated, Path(folder, "_generated"), copy_function=shutil.copyfile)
        yield Path(folder)


def render(page: str, stage: Path, out: Path, renderer: str = "auto") -> str:
    """Render one staged page and return the name of the renderer that did.

    Parameters
    ----------
    page : file name of the page in `stage`, such as ``report.qmd``.
    stage : folder with everything that the page names, see `stage`.
    out : HTML file to write; written beside and renamed, so that a failure leaves the old one.
    renderer : ``embedded``, ``quarto``, or ``auto`` for Quarto where it is installed.

    Raises
    ------
    PageError
        Listing everything in the page that is outside the declared subset (reports/README.md).
    RuntimeError
        If the renderer itself fails, with its own message.
    """
    engines = {"embedded": embedded, "quarto": quarto}
    name = renderer if renderer != "auto" else "quarto" if quarto.find() else "embedded"
    if name not in engines:
        raise ValueError(f"renderer {renderer!r} is unknown: use auto, embedded or quarto")
    read = source.read(Path(stage, page))
    words = yaml.safe_load(Path(stage, "words.yml").read_text(encoding="utf-8"))[read.metadata["lang"]]
    foot = f'<footer class="made-by"><p>{words["made"]} {engines[name].credit()}</p></footer>\n'
    Path(stage, "_foot.html").write_text(foot, encoding="utf-8")
    Path(stage, "_panel.html").write_text(f"<script>\n{panel.script()}</script>\n", encoding="utf-8")
    html = seal(addresses.shorten(engines[name].convert(read, Path(stage))))
    whole.write_text(out, re.sub(r"\r\n?", "\n", html))
    return name
