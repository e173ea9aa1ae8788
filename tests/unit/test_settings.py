from pathlib import Path

import pytest
import yaml
from pooling import by_schema, exact, model
from pooling.priors import prior_of
from pooling.running.settings import SettingsError, load

WORKFLOW = Path(__file__).parents[2] / "workflow"
#: Words of a schema by which nothing can be wrong.
STRUCTURE = {
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "properties",
    "items",
    "if",
    "then",
    "else",
    "propertyNames",
}
DEFAULTS, SCHEMA = WORKFLOW / "config.yaml", WORKFLOW / "schema.yaml"


def _load(tmp_path, user=None, package=None):
    if package is not None:
        (tmp_path / "config.yaml").write_text(package, encoding="utf-8")
    return load(DEFAULTS, SCHEMA, {"data": str(tmp_path), **(user or {})})


def test_layers_lie_over_each_other_key_by_key(tmp_path):
    settings = _load(tmp_path, {"sizes": {"se_factor": 1.5}}, "sizes: {response: 0.5, se_factor: 2.0}")
    assert settings["sizes"] == {"equal_split": True, "response": 0.5, "se_factor": 1.5}


def test_a_mistyped_key_is_named_with_the_right_one(tmp_path):
    with pytest.raises(SettingsError, match=r"--config .*, statements\.epsilom: unknown key; did you mean 'epsilon'"):
        _load(tmp_path, {"statements": {"epsilom": 0.2}})


def test_every_fault_is_told_at_once(tmp_path):
    with pytest.raises(SettingsError) as refused:
        _load(tmp_path, {"level": 2, "languages": ["fr"]}, "gate: {}\nseed: -1\ndata: here\nresults: there\n")
    own = tmp_path / "config.yaml"
    assert refused.value.faults == [
        f"{own}, data: is not for a data package to set; remove the line",
        f"{own}, results: is not for a data package to set; remove the line",
        "--config or --configfile, languages.0: 'fr' is not allowed; write one of en, nl",
        "--config or --configfile, level: 2 is not allowed; write less than 1",
        f"{own}, gate: unknown key; did you mean 'gates'?",
        f"{own}, seed: -1 is not allowed; write 0 or more",
    ]


def test_what_is_sound_is_kept_and_defaults_stand_in_for_the_rest(tmp_path):
    asked = [{"outcome": "pain", "horizon": "end"}, {"outcome": "pain", "horizon": "late"}]
    with pytest.raises(SettingsError) as refused:
        _load(tmp_path, {"level": 2, "seed": 5, "gate": {}, "results": 7, "analyses": asked})
    defaults = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    del defaults["results"]
    assert refused.value.sound == defaults | {"data": str(tmp_path), "seed": 5, "analyses": asked[:1]}
    with pytest.raises(SettingsError) as refused:
        _load(tmp_path, {"analyses": "pain"})
    assert refused.value.sound["analyses"] == []


def test_the_words_of_both_schemas_are_all_known():
    """Every kind of rule in a schema has its sentence."""
    for path in (SCHEMA, WORKFLOW / "pooling/ledger/choices_schema.yaml"):
        kinds = set(_keywords(yaml.safe_load(path.read_text(encoding="utf-8"))))
        assert kinds <= {*by_schema.RULES, *by_schema.KEYS, *STRUCTURE}


def _keywords(rules):
    """Keywords of a JSON schema, wherever they stand."""
    for key, value in rules.items():
        yield key
        inner = value.values() if key in ("properties", "$defs") else [value]
        yield from (word for one in inner if isinstance(one, dict) for word in _keywords(one))


def test_a_package_may_not_redirect_the_results(tmp_path):
    with pytest.raises(SettingsError, match="results"):
        _load(tmp_path, package="results: /elsewhere")


def test_yaml_code_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        _load(tmp_path, package="seed: !!python/object/apply:os.getpid []")


def test_the_schema_describes_every_default_key():
    defaults = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    assert set(defaults) <= set(yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["properties"])


def _tau(tmp_path, **tau):
    """Settings whose prior of tau for shares is exactly this one."""
    defaults = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    defaults["priors"]["share"]["tau"] = tau
    own = tmp_path / "defaults.yaml"
    own.write_text(yaml.safe_dump(defaults), encoding="utf-8")
    return load(own, SCHEMA, {"data": str(tmp_path)})["priors"]


@pytest.mark.parametrize(
    ("tau", "message"),
    [
        (
            {"family": "uniform", "scale": 0.1},
            r"priors\.share\.tau\.family: 'uniform' is not allowed; write one of halfnormal",
        ),
        ({"family": "uniform", "lower": 0, "upper": 0.1}, "'uniform' is not allowed; write one of"),
        ({"family": "halft", "scale": 0.1}, r"priors\.share\.tau\.df: is missing; add it"),
        ({"family": "halfnormal", "scale": 0.1, "df": 3}, "'df' is not allowed; write one of family, scale"),
        ({"family": "halfnormal", "scale": 0}, r"priors\.share\.tau\.scale: 0 is not allowed; write more than 0"),
    ],
)
def test_a_prior_that_no_engine_could_read_is_refused_at_the_door(tmp_path, tau, message):
    with pytest.raises(SettingsError, match=message):
        _tau(tmp_path, **tau)


@pytest.mark.parametrize("family", ["halfnormal", "halfcauchy", "halft", "exponential"])
def test_every_family_of_the_schema_works_in_both_engines(tmp_path, family):
    settings = _tau(tmp_path, family=family, scale=0.05, **({"df": 4} if family == "halft" else {}))
    for widen in (1.0, 2.0):
        given = prior_of(settings, "arcsine", widen)
        assert exact.pool([0.1, 0.0, 0.2], [0.01, 0.02, 0.01], **given).tau.mean > 0
        assert model.specify([0.1, 0.0, 0.2], [0.01, 0.02, 0.01], **given).form.tau != "flat"
