from pathlib import Path

import pytest
import yaml
from pooling import exact, model
from pooling.priors import prior_of
from pooling.running.settings import SettingsError, load

WORKFLOW = Path(__file__).parents[2] / "workflow"
DEFAULTS, SCHEMA = WORKFLOW / "config.yaml", WORKFLOW / "schema.yaml"


def _load(tmp_path, user=None, package=None):
    if package is not None:
        (tmp_path / "config.yaml").write_text(package, encoding="utf-8")
    return load(DEFAULTS, SCHEMA, {"data": str(tmp_path), **(user or {})})


def test_layers_lie_over_each_other_key_by_key(tmp_path):
    settings = _load(tmp_path, {"sizes": {"se_factor": 1.5}}, "sizes: {response: 0.5, se_factor: 2.0}")
    assert settings["sizes"] == {"equal_split": True, "response": 0.5, "se_factor": 1.5}


def test_a_mistyped_key_is_named_with_the_right_one(tmp_path):
    with pytest.raises(SettingsError, match=r"'statements\.epsilom' is not a known key; did you mean 'epsilon'"):
        _load(tmp_path, {"statements": {"epsilom": 0.2}})


def test_every_fault_is_told_at_once(tmp_path):
    with pytest.raises(SettingsError) as refused:
        _load(tmp_path, {"level": 2, "languages": ["fr"], "gate": {}})
    message = str(refused.value)
    assert "'level'" in message and "'languages.0'" in message and "'gate'" in message


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
        ({"family": "uniform", "scale": 0.1}, r"'priors\.share\.tau\.family' is 'uniform'; write one of halfnormal"),
        ({"family": "uniform", "lower": 0, "upper": 0.1}, "is 'uniform'; write one of"),
        ({"family": "halft", "scale": 0.1}, "'df' is a required property"),
        ({"family": "halfnormal", "scale": 0.1, "df": 3}, "is 'df'; write one of family, scale"),
        ({"family": "halfnormal", "scale": 0}, "less than or equal to the minimum"),
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
