"""Whatever is outside the declared subset is refused with file and line."""

import pytest
from rendering import PageError

BODY = 8  # the line on which `Stage.body` puts its text in sample.qmd


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("```{python}\n1\n```", 0, "code cell or raw block {python}"),
        ("Text.\n\n```{r}\nplot(1)\n```", 2, "{r}"),
        ("```{=html}\n<b>x</b>\n```", 0, "{=html}"),
        ("```python\nnever closed", 0, "not closed"),
        ("A <b>bold</b> word", 0, "raw HTML"),
        ("One\n\n<!-- a remark -->", 2, "raw HTML"),
        ("A \\textbf{bold} word", 0, "LaTeX command outside"),
        ("{{< video x.mp4 >}}", 0, "shortcode 'video'"),
        ("Number {{< meta work.nothing >}}.", 0, "'work.nothing' does not exist"),
        ("Number {{< meta work >}}.", 0, "'work' is a dict"),
        ("See @fig-nowhere.", 0, "@fig-nowhere"),
        ("A\nB\nC @sec-nowhere", 2, "@sec-nowhere"),
        ("See [@nobody1999].", 0, "@nobody1999"),
        ("See @lst-code.", 0, "@lst-code"),
        ("::: {.column-margin}\nx\n:::", 0, ".column-margin"),
        ("::: {.callout-note collapse=\"true\"}\nx\n:::", 0, "collapse"),
        ("::: callout-note\nx\n:::", 0, "braces"),
        ("Text\n::: {.callout-note}\nx\n:::", 1, "blank line"),
        ("::: {.callout-note}\nx", 0, "not closed"),
        ("x\n\n:::", 2, "not opened"),
        ("Text\n## Heading", 1, "blank line"),
        ("![Caption](https://example.org/x.svg){#fig-x fig-alt=\"x\"}", 0, "SVG file"),
        ("![Caption](_generated/en/drawn.svg){#fig-x}", 0, "no alternative text"),
        ("![Caption](_generated/en/drawn.svg){#fig-x fig-alt=\"x\" width=50%}", 0, "width=50%"),
        ("{{< include _generated/en/missing.md >}}", 0, "does not exist"),
        ("Text\n{{< include _generated/en/forest.md >}}", 1, "blank line"),
        ("`<b>`{=html}", 0, "=html"),
        ("A lone ` sign\n\n<b>x</b>\n\nand ` another", 2, "raw HTML"),
        ("It costs $$ here\n\n<b>x</b>\n\nand $$ there", 2, "raw HTML"),
    ],
)  # fmt: skip
def test_refused_with_file_and_line(stage, text, line, words):
    stage.body(text)
    with pytest.raises(PageError) as caught:
        stage.render()
    first = str(caught.value).splitlines()[0]
    assert first.startswith(f"sample.qmd:{BODY + line}: "), caught.value
    assert words in first


def test_fault_in_a_fragment_names_the_fragment(stage):
    stage.append("_generated/en/forest.md", "\n\nSee @tbl-nowhere.\n")
    count = len((stage.folder / "_generated/en/forest.md").read_text(encoding="utf-8").splitlines())
    with pytest.raises(PageError, match=rf"^_generated/en/forest\.md:{count}: @tbl-nowhere"):
        stage.render()


def test_fault_in_a_value_names_its_place(stage):
    stage.append("_generated/en/values.yml", "more: '<script>alert(1)</script>'\n")
    stage.body("One\n\nTwo {{< meta more >}}")
    with pytest.raises(PageError, match=r"^sample\.qmd:10: raw HTML"):
        stage.render()


def test_fault_in_the_abstract_names_the_metadata_file(stage):
    stage.body("Text")
    stage.write("_generated/en/values.yml", "title: x\nabstract: See @fig-nowhere.\n")
    with pytest.raises(PageError, match=r"_generated/en/values\.yml:1: @fig-nowhere"):
        stage.render()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("format: html", "front-matter key 'format'"),
        ("execute: {echo: false}", "front-matter key 'execute'"),
        ("bibliography: none.bib", "file none.bib does not exist"),
        ("lang: de", "lang is 'de'"),
        ("title: [", "not valid YAML"),
    ],
)
def test_front_matter(stage, key, words):
    text = (stage.folder / "sample.qmd").read_text(encoding="utf-8")
    name = key.split(":")[0]
    kept = [line for line in text.split("\n") if not line.startswith(f"{name}:")]
    stage.write("sample.qmd", "\n".join([kept[0], key, *kept[1:]]))
    with pytest.raises(PageError) as caught:
        stage.render()
    assert words in str(caught.value)


def test_all_faults_are_reported_at_once(stage):
    stage.body("See @fig-a.\n\nSee @fig-b.\n\n<b>x</b>")
    with pytest.raises(PageError) as caught:
        stage.render()
    assert [line.split(":")[1] for line in str(caught.value).splitlines()] == ["8", "10", "12"]


def test_code_and_formulas_are_not_prose(stage):
    code = "`{{x}} <b> @fig-a`\n\n```\n@fig-b <i> \\foo\n```\n\n"
    stage.body(code + "$a <b$\n\n$$\n\\alpha <x> y\n$$\n\nme@example.org")
    html = stage.render()
    assert "@fig-b &lt;i&gt; \\foo" in html
    assert "me@example.org" in html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<script type="module">x()</script>',
        '<img src="https://example.org/x.png" alt="x">',
        "<p onclick=\"x()\">x</p>",
        '<a href="javascript:x()">x</a>',
        '<a href=" JavaScript:x()">x</a>',
        '<iframe src="x"></iframe>',
        "<style>p{color:red}</style>",
        '<form action="/x"></form>',
        '<svg><image href="data:," xlink:href="vbscript:x"/></svg>',
        '<meta http-equiv="refresh" content="0">',
    ],
)  # fmt: skip
def test_raw_html_of_a_fragment_neither_runs_nor_loads(stage, html):
    stage.write("_generated/en/forest.md", f"Text\n\n```{{=html}}\n<p>fine</p>\n{html}\n```\n")
    stage.body("{{< include _generated/en/forest.md >}}")
    with pytest.raises(PageError, match=r"^_generated/en/forest\.md:5: raw HTML may not hold"):
        stage.render()


def test_data_in_a_fragment_is_fine(stage):
    data = '<script type="application/json" id="data">{"a": "<b>"}</script>'
    stage.write("_generated/en/forest.md", f"```{{=html}}\n{data}\n```\n")
    stage.body("{{< include _generated/en/forest.md >}}")
    assert data in stage.render()
