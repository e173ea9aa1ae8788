"""A4 sheets from a Markdown fragment: Pandoc writes Typst, the `typst` wheel makes the PDF."""

import html
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from pooling.running import whole

from .embedded import PANDOC

OPTIONS = (
    "--from=markdown-raw_html-raw_tex-raw_attribute",
    "--to=typst",
    "--template=sheet.typ",
    "--wrap=preserve",
    f"--lua-filter={Path(__file__).with_name('sheet.lua')}",
)


def sheet(fragment: Path, reports: Path, out: Path, *, title: str, footer: str, lang: str, subtitle: str = "") -> None:
    """Typeset one Markdown fragment as an A4 document.

    Parameters
    ----------
    fragment : Markdown without raw HTML; the SVG figures it names lie beside it and have ``fig-alt``.
    reports : folder with ``sheet.typ`` (the design) and ``figure.css`` (colours of figures).
    out : PDF to write; written beside and renamed. The same input gives the same bytes.
    title, subtitle, footer : plain text.
    lang : ``en`` or ``nl``, for hyphenation and the PDF's language.

    Raises
    ------
    RuntimeError
        If Pandoc or Typst refuses the fragment, with their message.
    """
    fragment, reports, out = Path(fragment), Path(reports), Path(out)
    with TemporaryDirectory(prefix="sheet-") as folder:
        shutil.copyfile(reports / "sheet.typ", Path(folder, "sheet.typ"))
        style = (reports / "figure.css").read_text(encoding="utf-8")
        for figure in fragment.parent.glob("*.svg"):
            Path(folder, figure.name).write_text(_styled(figure.read_text(encoding="utf-8"), style), encoding="utf-8")
        texts = {"title": title, "subtitle": subtitle, "footer": footer, "lang": lang}
        metadata = [f"--variable={key}:{_typst(text)}" for key, text in texts.items() if text]
        metadata.append(f"--variable=title-plain:{_quoted(title)}")
        text = fragment.read_text(encoding="utf-8")
        run = subprocess.run(
            [PANDOC, *OPTIONS, *metadata], input=text, capture_output=True, encoding="utf-8", cwd=folder
        )
        if run.returncode:
            raise RuntimeError(f"Pandoc could not typeset {fragment.name}: {' '.join(run.stderr.split())}")
        Path(folder, "sheet-body.typ").write_text(run.stdout, encoding="utf-8")
        try:
            made = typst.compile(
                str(Path(folder, "sheet-body.typ")), root=folder, ignore_system_fonts=True, timestamp=0
            )
        except typst.TypstError as error:
            raise RuntimeError(f"Typst could not typeset {fragment.name}: {error.message}") from None
    whole.write(out, lambda beside: beside.write_bytes(made))


def _typst(text: str) -> str:
    """Plain text as Typst markup that shows it and nothing else."""
    return re.sub(r"([\\#$*_`<>@\[\]~=+/\-'\"])", r"\\\1", " ".join(text.split()))


def _quoted(text: str) -> str:
    """Plain text inside a Typst string."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')


def _styled(svg: str, style: str) -> str:
    """Put the colours into a figure that the page's stylesheet colours on screen."""
    return re.sub(r"(<svg[^>]*>)", lambda m: f"{m[0]}<style>{html.escape(style, quote=False)}</style>", svg, count=1)
