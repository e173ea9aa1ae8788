"""An invented data package; no number here is real."""

import csv
from pathlib import Path

import yaml
from pooling.ledger import package as packages

SITES = ("brookford", "dunmere", "elmsey", "farrow")
TABLES = {
    "components": [
        {"component": "voucher", "label_en": "travel voucher", "label_nl": "reisbon"},
        {"component": "coaching", "label_en": "coaching", "label_nl": "coaching aan huis"},
        {"component": "choir", "label_en": "singing in a choir", "label_nl": "zingen in een koor"},
    ],
    "municipalities": [
        *(
            {
                "municipality": s,
                "name": s.title(),
                "kind": "site",
                "role": "primary",
                "participants": 400,
                "start": "2031-03",
                "end": "2032",
                "university": "University of Nowhere",
            }
            for s in SITES
        ),
        {
            "municipality": "little-elmsey",
            "name": "Little Elmsey",
            "kind": "member",
            "part_of": "elmsey",
            "role": "none",
        },
        {"municipality": "gorse", "name": "Gorse", "kind": "site", "role": "sensitivity"},
    ],
    "arms": [
        *(
            {
                "municipality": s,
                "arm": "control",
                "role": "control",
                "label_en": "usual rules",
                "label_nl": "gewone regels",
                "n": 100,
                "n_basis": "reported",
            }
            for s in (*SITES, "gorse")
        ),
        *(
            {
                "municipality": s,
                "arm": "v",
                "role": "treatment",
                "components": "voucher",
                "label_en": "voucher",
                "label_nl": "bon",
                "n": 100,
                "n_basis": "reported",
            }
            for s in (*SITES, "gorse")
        ),
        *(
            {
                "municipality": s,
                "arm": "c",
                "role": "treatment",
                "components": "coaching",
                "label_en": "coach",
                "label_nl": "coach",
                "n": 120,
                "n_basis": "reported",
            }
            for s in SITES[:3]
        ),
        {
            "municipality": "farrow",
            "arm": "vc",
            "role": "treatment",
            "components": "voucher coaching",
            "label_en": "voucher and coach together",
            "label_nl": "bon en coach samen",
        },
    ],
    "outcomes": [
        {
            "outcome": "sewing",
            "label_en": "sewing",
            "label_nl": "naaien",
            "scale": "share",
            "good": "higher",
            "smallest_effect": 2,
            "control_level": 20,
        },
        {
            "outcome": "loneliness",
            "label_en": "loneliness",
            "label_nl": "eenzaamheid",
            "scale": "score",
            "good": "lower",
            "smallest_effect": 0.1,
        },
        {
            "outcome": "noise",
            "label_en": "noise",
            "label_nl": "lawaai",
            "scale": "score",
            "good": "neutral",
            "smallest_effect": 0.1,
        },
    ],
    "sources": [
        {
            "source": "P1",
            "title": "Parish gazette",
            "publisher": "Gazette",
            "year": "2032",
            "url": "https://example.org/a?b=1&c=2",
        },
        {"source": "P2", "title": "Letter", "publisher": "Clerk", "year": "2033", "url": ""},
    ],
    "claims": [],
}


def write_csv(path, rows, columns=None):
    columns = columns or list(dict.fromkeys(key for row in rows for key in row))
    with Path(path).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def make_package(folder, tables=None):
    tables = TABLES | (tables or {})
    standard = packages.load_descriptor(packages.STANDARD)["resources"]
    paths = {entry["name"]: entry["path"] for entry in standard}
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = [field["name"] for e in standard if e["name"] == name for field in e["schema"]["fields"]]
        write_csv(folder / paths[name], rows, columns)
    head = {
        "name": "invented",
        "title": "Invented parishes",
        "version": "0.1",
        "licenses": [{"name": "CC0-1.0"}],
        "contributors": [{"title": "Nobody"}],
        "site_noun": {"en": ["parish", "parishes"], "nl": ["parochie", "parochies"]},
        "resources": [{"name": name, "path": paths[name]} for name in tables],
    }
    (folder / "datapackage.yaml").write_text(yaml.safe_dump(head, sort_keys=False), encoding="utf-8")
    return packages.read(folder)
