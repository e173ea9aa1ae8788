"""A page with every construct, rendered once."""

import re
import shutil
from pathlib import Path

import pytest
import rendering
from chromium import axe, browser  # noqa: F401 - fixtures
from live_pages import made, run, tiny  # noqa: F401 - fixtures

HERE = Path(__file__).parent
REPORTS = HERE.parents[1] / "reports"
SAMPLE = HERE / "sample"


class Stage:
    """A staged page that a test may spoil, and its rendering."""

    def __init__(self, folder: Path, page: str = "sample.qmd"):
        self.folder, self.page = folder, page

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        path = self.folder / name
        self.write(name, path.read_text(encoding="utf-8") + text)

    def body(self, text: str, page: str = "sample.qmd") -> None:
        """Put `text` in place of the whole body, and of the abstract that refers into it."""
        values = (self.folder / "_generated/en/values.yml").read_text(encoding="utf-8")
        self.write("_generated/en/values.yml", re.sub(r"abstract:.*\n", "", values))
        head = (self.folder / page).read_text(encoding="utf-8").split("---\n")[1]
        self.write(page, f"---\n{head}---\n\n{text}\n")

    def render(self, renderer: str = "embedded") -> str:
        out = self.folder / "out" / "page.html"
        rendering.render(self.page, self.folder, out, renderer)
        return out.read_text(encoding="utf-8")


@pytest.fixture
def stage():
    with rendering.stage(REPORTS, SAMPLE / "generated") as folder:
        shutil.copyfile(SAMPLE / "sample.qmd", folder / "sample.qmd")
        yield Stage(folder)


@pytest.fixture(scope="session")
def sample_page(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "sample.html"
    with rendering.stage(REPORTS, SAMPLE / "generated") as folder:
        shutil.copyfile(SAMPLE / "sample.qmd", folder / "sample.qmd")
        rendering.render("sample.qmd", folder, out, "embedded")
    return out


@pytest.fixture(scope="session")
def tables() -> dict[str, list[dict[str, str]]]:
    """What the sample's numbers claim to come from."""
    row = {"analysis": "paid_work_end", "estimand": "average"}
    exemption = row | {"component": "exemption", "mean": "2.1374"}
    return {"summary": [exemption, row | {"component": "guidance", "mean": "0.3"}]}


@pytest.fixture(scope="session")
def sample_html(sample_page) -> str:
    return sample_page.read_text(encoding="utf-8")
