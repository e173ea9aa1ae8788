"""The embedded renderer: Pandoc from its wheel, a Lua filter for the subset, a template of our own."""

import json
import subprocess
from pathlib import Path

import pypandoc
import yaml

from .source import Source, listed

PANDOC = str(Path(pypandoc.__file__).parent / "files" / "pandoc")
# Pandoc's Markdown without the two extensions that pass raw input through, or drop it without a word.
OPTIONS = [
    *("--from=markdown-raw_html-raw_tex", "--to=html5"),
    *("--template=template.html", "--include-in-header=_style.html"),
    f"--lua-filter={Path(__file__).with_name('page.lua')}",
    "--citeproc",  # after the filter: citeproc would take @fig-x for a citation
    *("--toc", "--toc-depth=3", "--section-divs", "--mathml", "--metadata=link-citations"),
    *("--email-obfuscation=none", "--syntax-highlighting=none", "--wrap=preserve", "--fail-if-warnings"),
]


def credit() -> str:
    """Say what rendered the page."""
    run = subprocess.run([PANDOC, "--version"], capture_output=True, encoding="utf-8", check=True)
    return f"Pandoc {run.stdout.split()[1]}"


def convert(source: Source, stage: Path) -> str:
    """Return the page as one HTML document; nothing is read but files in `stage`."""
    css = "".join(Path(stage, name).read_text(encoding="utf-8") for name in ("report.css", "panel.css"))
    Path(stage, "_style.html").write_text(f"<style>\n{css}</style>\n", encoding="utf-8")
    words = yaml.safe_load(Path(stage, "words.yml").read_text(encoding="utf-8"))[source.metadata["lang"]]
    after = listed(source.metadata.get("include-after-body"))
    command = [PANDOC, *OPTIONS, *(f"--include-after-body={name}" for name in after)]
    text = f"---\n{json.dumps(source.metadata | {'words': words}, default=str)}\n---\n\n{source.text}"
    run = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", cwd=stage, timeout=300)
    if run.returncode:
        reason = " ".join(run.stderr.split("stack traceback")[0].split())
        raise RuntimeError(f"Pandoc could not typeset {source.path.name}: {reason}")
    return run.stdout
