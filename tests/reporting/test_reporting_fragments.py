"""Whole fragments: hostile text shows as text, both languages agree, sections without data vanish."""

import html
import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import rendering
import reporting
import yaml
from reporting import concordance, conflicts, evidence
from reporting.escape import link, safe, web_address
from reporting.markup import to_plain

PAGE = """---
lang: {language}
metadata-files: [_generated/{language}/values.yml]
---

{includes}
"""

HOSTILE = (
    '<script>alert(1)</script>',
    '<img src=x onerror="alert(1)">',
    "](javascript:alert(1)) [x](y){.num} {{< include /etc/passwd >}} {{< meta a >}}",
    "*bold* _it_ `code` $x$ @fig-x # head :::{.x} ``` ~~~ |a|b|",
    "\u202eright to left\u202c \u0000\u001b[31m",
    "&lt;b&gt; &amp; <!-- ",
    "1. list",
)  # fmt: skip


def fragments(folder):
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}


def write(package, results, settings, language, folder):
    reporting.write(results, package, settings, language, folder / "generated" / language)
    return fragments(folder / "generated" / language)


def page(folder, language, names):
    """Render the fragments with the project's own renderer."""
    includes = "\n\n".join(f"{{{{< include _generated/{language}/{name}.md >}}}}" for name in names)
    reports = folder / "reports"
    reports.mkdir(exist_ok=True)
    (reports / "page.qmd").write_text(PAGE.format(language=language, includes=includes), encoding="utf-8")
    own = Path(rendering.__path__[0]).parents[1] / "reports"
    for file in ("template.html", "report.css", "panel.css", "words.yml", "references.bib"):
        (reports / file).write_bytes((own / file).read_bytes())
    with rendering.stage(reports, folder / "generated") as stage:
        rendering.render("page.qmd", stage, folder / "page.html", "embedded")
    return (folder / "page.html").read_text(encoding="utf-8")


def numbers(text):
    """Every number that says where it comes from: row, column, value, scale."""
    found = re.findall(r'data-row="([^"]*)" data-column="([^"]*)" data-value="([^"]*)"( data-scale="[^"]*")?', text)
    return [(html.unescape(row), *rest) for row, *rest in found]


def test_the_same_inputs_give_the_same_bytes(invented, settings, tmp_path):
    for name in ("one", "two"):
        reporting.write(invented[1], invented[0], settings, "en", tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted([*(f"{name}.md" for name in reporting.SECTIONS), "scripts.html", "values.yml"])
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_both_languages_have_the_same_structure_and_numbers(invented, settings, tmp_path):
    english, dutch = (write(*invented, settings, language, tmp_path) for language in ("en", "nl"))
    assert english.keys() == dutch.keys()
    for name in english:
        # a text in a drawing has as many lines as the language needs
        for pattern in (r"\{#([\w-]+)\}", r"<(?!text|tspan)(\w+)", r' id="([^"]*)"', r'href="(#[^"]*)"'):
            assert re.findall(pattern, english[name]) == re.findall(pattern, dutch[name]), (name, pattern)
        assert numbers(english[name]) == numbers(dutch[name]), name
    assert english["answer"] != dutch["answer"]
    assert "9.3" in english["forest"] and "9,3" in dutch["forest"] and "9.31 " not in dutch["forest"]


def test_every_number_is_its_row_of_the_table(invented, settings, tmp_path):
    """The page checks do the same on the whole page; here every fragment of invented data."""
    from urllib.parse import parse_qsl

    text = "".join(write(*invented, settings, "en", tmp_path).values())
    import csv

    tables = {path.stem: list(csv.DictReader(path.open())) for path in invented[1].glob("*.csv")}
    pattern = (
        r'data-row="([^"]*)" data-column="([^"]*)" data-value="([^"]*)"'
        r'(?: data-scale="([^"]*)")?(?: data-table="([^"]*)")?'
    )
    found = re.findall(pattern, text)
    assert len(found) > 150
    for row, column, value, _, table in found:
        where = dict(parse_qsl(html.unescape(row)))
        rows = [r for r in tables[table or "summary"] if all(r[k] == v for k, v in where.items())]
        assert len(rows) == 1, (row, len(rows))
        assert rows[0][column] == value


def test_drawings_and_raw_blocks_are_well_formed(invented, settings, tmp_path):
    for name, text in write(*invented, settings, "nl", tmp_path).items():
        for block in re.findall(r"```\{=html\}\n(.*?)\n```", text, re.S):
            if block.startswith(("<details", "</details>")):
                continue
            ET.fromstring(f"<x>{block.replace('<br>', '<br/>')}</x>"), name


def test_hostile_text_in_every_field_is_shown_and_never_markup(made, settings, tmp_path):
    poison = " ".join(HOSTILE)
    tables = {
        name: [
            {
                k: poison if k in ("label_en", "label_nl", "name", "title", "publisher", "url", "university") else v
                for k, v in row.items()
            }
            for row in rows
        ]
        for name, rows in made.TABLES.items()
    }
    claims = [
        row
        | {
            k: poison
            for k in ("finding", "caveat", "locator", "value", "unit", "reason_detail", "reason")
            if row.get(k)
        }
        for row in made.claims()
    ]
    package = made.package(tmp_path / "package", tables)
    results = made.results(tmp_path / "results", claims=claims)
    written = write(package, results, settings, "en", tmp_path)
    shown = page(tmp_path, "en", written)
    body = shown[shown.index("<body") :]
    assert "<script>alert" not in body and "<img" not in body
    assert not re.search(r"<[^>]*\sonerror", re.sub(r'"[^"]*"', "", body))
    assert 'href="javascript' not in body
    assert "\u202e" not in body and "\x1b" not in body
    text = html.unescape(re.sub(r"<[^>]+>", "", body))
    for piece in (
        "<script>alert(1)</script>",
        "{{< include /etc/passwd >}}",
        "*bold* _it_ `code` $x$ @fig-x # head",
    ):
        assert piece in text
    assert safe("1. list") in written["sites"]


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_comes_back_as_it_was_from_pandoc(text):
    import pypandoc

    markup = pypandoc.convert_text(f"x {safe(text)}", "html", format="markdown", extra_args=["--wrap=none"])
    cleaned = re.sub(r"[\u202a-\u202e\u2066-\u2069\x00-\x1f]", "", text)
    assert html.unescape(re.sub(r"</?p>", "", markup)).strip() == f"x {' '.join(cleaned.split())}"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/a?b=1&c=2", True), ("http://example.org", True), ("javascript:alert(1)", False),
        ("data:text/html,x", False), ("//example.org", False), ("https://", False), ("", False),
        ("https://exa mple.org", False), ("HTTPS://example.org", True), ("http://[broken", False),
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(address, kept):
    assert (web_address(address) is not None) == kept
    assert link(address, "x").startswith("<a ") == kept


def test_addresses_cannot_leave_their_attribute():
    assert '"' not in web_address('https://example.org/"onmouseover="x')
    assert "<" not in link("https://example.org/<b>", "x").removeprefix("<a").split(">")[0]


def test_sections_without_data_are_empty(made, settings, tmp_path):
    package = made.package(tmp_path / "package")
    (tmp_path / "results").mkdir()
    written = write(package, tmp_path / "results", settings, "en", tmp_path)
    filled = {name for name, text in written.items() if text.strip()}
    assert filled == {"trials", "sites", "glossary", "cite"}
    values = yaml.safe_load((tmp_path / "generated/en/values.yml").read_text())
    assert values["title"] == "Invented parishes"


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_foreign_package_meets_none_of_this_projects_names(invented, settings, tmp_path, language):
    text = to_plain("".join(write(*invented, settings, language, tmp_path).values()))
    text = re.sub(r"<[^>]+>|municipalities\.csv", "", text).lower()  # the table has this name in every package
    for name in (
        "cpb",
        "utrecht",
        "wageningen",
        "exemption",
        "ontheffing",
        "guidance",
        "municipalit",
        "gemeente",
        "dutch",
    ):
        assert name not in text
    assert {"en": "parishes", "nl": "parochies"}[language] in text


def test_every_place_leads_to_its_study_and_studies_are_listed_once(made, settings, tmp_path):
    written = write(made.package(tmp_path / "p"), made.results(tmp_path / "r"), settings, "en", tmp_path)
    links = re.findall(r'<a href="#(sec-site-[\w-]+)">([\w ]+)<', written["sites"])
    assert ("sec-site-elmsey", "Little Elmsey") in links and ("sec-site-elmsey", "Elmsey") in links
    assert [name for _, name in links] == sorted(name for _, name in links) and len(links) == 6
    assert 'Gorse <span class="small">(not in the answers, only in checks of them)</span>' in written["sites"]
    headings = re.findall(r"^### .*\{#(sec-site-[\w-]+)\}$", written["sites"], re.M)
    assert headings == [f"sec-site-{s}" for s in ("brookford", "dunmere", "elmsey", "farrow", "gorse")]
    joint = "Elmsey and Little Elmsey were one study together and count as one: 5 parishes, 4 studies"
    assert joint in written["answer"]


def test_a_study_of_several_members_is_no_place_itself(made, settings):
    sites = [*made.TABLES["municipalities"]]
    sites.append(next(r for r in sites if r["kind"] == "member") | {"municipality": "great", "name": "Great Elmsey"})
    m = made.material(settings, "en", {"municipalities": sites})
    assert m.places() == {
        **{s: s for s in ("brookford", "dunmere", "farrow")},
        "little-elmsey": "elmsey",
        "great": "elmsey",
    }


def test_a_site_says_what_stands_out_by_the_words_of_the_rule(made, settings):
    from reporting import sites

    def sentence(p):
        rows = [r | {"prob_positive": p} if r["estimand"] == "site" else r for r in made.summary()]
        m = made.material(settings, "en", summary=rows)
        return to_plain(sites.standing_out(m, "dunmere", sites.findings(m)["dunmere"]))

    assert sentence(0.80).startswith(
        "A rise is likely, after weighing, in sewing at the end of the trial, in the group"
    )
    assert sentence(0.199).startswith("A rise is unlikely in sewing")
    assert "no rise in Dunmere is likely (80% or more), and none is unlikely (below 20%)" in sentence(0.2)


@pytest.mark.parametrize(("p", "little"), [(0.59, True), (0.6, False)])
def test_a_site_says_which_way_its_findings_point_and_what_is_left_of_it(made, settings, p, little):
    from reporting import sites

    rows = [r | {"prob_positive": p} if r["estimand"] == "site" else r for r in made.summary()]
    m = made.material(settings, "en", summary=rows)
    text = to_plain(sites.pointing(m, sites.findings(m)["dunmere"]))
    # X3 says higher, X4 not higher, X10 lower afterwards, X12 (coach) higher
    told = (
        "What was published with a direction: voucher: up in sewing, down in loneliness afterwards; coach: up in noise."
    )
    assert text.startswith(told)
    assert (f"is left of a rise in sewing in the group with voucher (chance of a rise {p:.0%})" in text) is little
    assert ("a fall in loneliness in the group with voucher" in text) is True, (
        "of a fall little is left at both chances"
    )
    assert sites.pointing(m, []) == ""


def test_claims_in_a_note_lead_to_their_rows(made, settings):
    from reporting import sites

    rows = [r | {"note_en": "From X1 (not X99); see X90."} for r in made.TABLES["municipalities"]]
    m = made.material(settings, "en", {"municipalities": rows})
    text = sites.facts(m, m.municipalities["brookford"])
    assert "From [X1](#claim-x1) &#40;not X99&#41;; see [X90](#claim-x90)&#46;" in text
    assert "Period: March 2031 – 2032 · Participants: 400" in text


def test_paper_shows_the_counted_claims_only(invented, settings, tmp_path):
    evidence = write(*invented, settings, "en", tmp_path)["evidence"]
    rows = re.findall(r'<tr id="claim-[^>]*>', evidence)
    assert len(rows) == 15 and sum('class="unprinted"' in row for row in rows) == 3
    assert "The 3 claims that were set aside are not printed." in evidence


def test_the_dutch_page_speaks_dutch_of_claims_and_sources_where_the_package_does(made, settings):
    told = {"municipality": "brookford", "status": "aside", "reason": "interim", "source": "P1"}
    languages = {"": "English", "_nl": "Dutch"}
    both = {f"{c}{code}": f"{c} in {languages[code]}" for c in ("finding", "caveat", "locator") for code in languages}
    sources = [
        made.TABLES["sources"][0] | {"publisher_nl": "Krant", "year_nl": "mei 2032"},
        *made.TABLES["sources"][1:],
    ]
    one = {column: text for column, text in both.items() if not column.endswith("_nl")}
    claims = [*made.claims(), told | both | {"claim": "Y1"}, told | one | {"claim": "Y2"}]
    m = made.material(settings, "nl", {**made.TABLES, "sources": sources}, claims=claims)
    m.descriptor["finding_language"] = "en"
    rows = dict(re.findall(r'(?s)id="claim-(y\d)"(.*?)</tr>', evidence.fragment(m)))
    for column in ("finding", "caveat", "locator"):
        assert f"{column} in Dutch" in rows["y1"] and "lang=" not in rows["y1"]
        assert f'<span lang="en">{column} in English</span>' in rows["y2"]
    assert "Krant, mei 2032" in rows["y2"]


def test_flow_counts_every_claim_once(invented, settings, tmp_path):
    evidence = write(*invented, settings, "en", tmp_path)["evidence"]
    assert "15 claims in the ledger: 12 are counted, 3 are set aside with a reason." in evidence
    assert len(re.findall(r'<tr id="claim-', evidence)) == 15


def test_disagreeing_claims_stand_together_and_the_counted_one_is_named(invented, settings, tmp_path):
    text = write(*invented, settings, "en", tmp_path)["conflicts"]
    assert text.count("<strong>counted</strong>") == 1
    assert "claim-x2" in text and "claim-x90" in text


def test_failed_gates_and_differing_engines_are_named(made, settings, tmp_path):
    written = write(made.package(tmp_path / "p"), made.results(tmp_path / "r"), settings, "en", tmp_path)
    assert "2 quantities were computed twice, by two different methods for the same model; 1 agree" in written["gates"]
    assert "sewing&#95;end: sd" in written["gates"]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_whole_page_renders(invented, settings, tmp_path, language):
    names = write(*invented, settings, language, tmp_path)
    shown = page(tmp_path, language, names)
    ids = re.findall(r'\sid="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    assert {target for target in re.findall(r'href="#([^"]+)"', shown)} <= set(ids)


def test_five_hundred_sites_are_written_in_seconds(made, settings, tmp_path):
    names = [f"site{k:03}" for k in range(500)]
    tables = {
        "municipalities": [{"municipality": s, "name": s, "kind": "site", "role": "primary"} for s in names],
        "arms": [
            {"municipality": s, "arm": a, "role": r, "components": c, "label_en": a}
            for s in names
            for a, r, c in (("control", "control", ""), ("v", "treatment", "voucher"))
        ],
    }
    one = made.estimates()[1]
    estimates = [one | {"municipality": s, "arms": "v", "x_voucher": 1, "x_coaching": 0} for s in names]
    rows = made.summary() + [made.summary_row("sewing_end", "site", municipality=s, arm="v") for s in names]
    m = made.material(settings, "en", tables, summary=rows, estimates=estimates)
    start = time.process_time()
    text = reporting.SECTIONS["forest"](m) + reporting.SECTIONS["sites"](m)
    assert time.process_time() - start < 20
    assert text.count("{#sec-site-") == 500 and text.count('class="tie"') == 0


@pytest.mark.parametrize(
    ("spoken", "said"),
    [({"speaker": "evaluator", "relay": "relayed"}, "X1: the researchers of the trial, as told by Gazette"),
     ({"speaker": "evaluator", "relay": "own"}, "X1: Gazette"), ({}, "X1: Gazette")],
)  # fmt: skip
def test_a_contradiction_says_which_claim_is_counted_and_whose_words_it_is(made, settings, spoken, said):
    sources = [row | spoken for row in made.TABLES["sources"]]
    told = [{"contradiction": "C1", "claims": "X1 X90", "text_en": "They differ."},
            {"contradiction": "C2", "claims": "X91", "text_en": "So do these."}]  # fmt: skip
    m = made.material(settings, "en", {"sources": sources, "contradictions": told})
    first, second = re.findall(r"<li>(They differ|So do these)\.(.*?)</li>", html.unescape(conflicts.fragment(m)))
    assert f"Counted: {said}" in re.sub(r"<[^>]*>", "", first[1])
    assert "Counted" not in second[1] and "X90</a>)" in first[1]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ["no rise (of more than 2 percentage points)", "13.0%", "disagrees", "0 of 4", "not assessed", "too few"]),
     ("nl", ["geen stijging (van meer dan 2 procentpunt)", "13,0%", "oneens", "0 van 4", "niet beoordeeld"])],
)  # fmt: skip
def test_an_earlier_conclusion_stands_with_the_chance_that_decides(made, settings, language, said):
    text = html.unescape(concordance.fragment(made.material(settings, language)))
    shown = re.sub(r"<[^>]*>", "", text)
    assert all(words in shown for words in said), shown
    assert "0 of 0" not in shown and "0 van 0" not in shown and "96%" not in shown
    assert ("only places" in text or "sommige plaatsen" in text) is False, "a rule for what does not occur"
