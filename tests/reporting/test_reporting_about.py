"""Words explained, and the citation in text and for reference managers."""

import html
import re
from urllib.parse import unquote

import pytest
from reporting import about, glossary, values


def test_terms_stand_in_the_readers_alphabet_with_the_packages_own(made, settings):
    components = [row | {"explain_en": f"about <{row['component']}>"} for row in made.TABLES["components"]]
    text = glossary.fragment(made.material(settings, "en", {"components": components}))
    terms = re.findall(r"<dt>(.*?)</dt>", text)
    assert terms == sorted(terms, key=str.casefold)
    assert {"Travel voucher", "Control group", "Significant"} <= set(terms)
    assert "about &#60;voucher&#62;" in text and "Loneliness" not in terms, "what has no explanation is left out"


def test_both_languages_explain_the_same_terms(made, settings):
    english, dutch = (made.material(settings, code).language.words("glossary.terms") for code in ("en", "nl"))
    assert english.keys() == dutch.keys()
    assert all(set(entry) == {"term", "text"} for entry in (*english.values(), *dutch.values()))


def test_the_citation_can_be_downloaded_and_holds_nothing_that_breaks_it(made, settings):
    m = made.material(settings, "en")
    m.descriptor["title"] = "Braces } and \\commands{"
    m.descriptor["contributors"] = [{"title": "A. One"}, {"title": "B. Two"}, {"role": "nameless"}]
    link = re.search(r'download="citation.bib" href="data:text/plain;charset=utf-8,([^"]*)"', about.data(m))
    entry = unquote(link[1])
    assert entry.startswith("@misc{invented,") and "author = {{A. One} and {B. Two}}" in entry
    assert "title = {{Braces and commands}}" in entry
    assert entry.count("{") == entry.count("}")
    assert "A&#46; One and B&#46; Two" in about.cite(m)


@pytest.mark.parametrize(("language", "day"), [("en", "7 March 2034"), ("nl", "7 maart 2034")])
def test_who_when_and_where_are_told_as_far_as_they_are_known(made, settings, language, day):
    m = made.material(settings, language)
    unreachable = m.language.say("cite.unreachable")
    assert unreachable in about.cite(m) and "()" not in about.cite(m)
    assert day not in values.collect(m)["subtitle"]
    m.manifest["day"] = "2034-03-07"
    m.descriptor["homepage"] = "https://example.org"
    m.descriptor["contributors"] = [{"title": "A. One", "email": "a@example.org"}]
    text = html.unescape(about.cite(m))
    assert f"A. One ({day})." in text and "https://example.org" in text and "Contact: A. One, a@example.org." in text
    assert unreachable not in text
    assert values.collect(m)["subtitle"].endswith(day)
    assert "date = {{2034-03-07}}" in about.bibtex(m)


def test_a_table_comes_out_of_the_page_as_it_went_in(made, settings):
    m = made.material(settings, "en")
    claims = m.results / "claims.csv"
    nasty = "% \" ' < > & # ` \\ é \u202e \u00a0 ~ {{< x >}} ]( $y$\n"
    claims.write_text(claims.read_text(encoding="utf-8") + nasty, encoding="utf-8")
    link = re.search(r'download="claims.csv" href="data:text/csv;charset=utf-8,([^"]*)"', about.data(m))
    assert unquote(link[1]) == claims.read_text(encoding="utf-8")
    assert not set("<>&'\"`#{}[]") & set(link[1])
