import json

import numpy as np
import pandas as pd
from pooling.running.tables import read_csv, rounded, write_csv, write_json


def test_numbers_carry_the_stated_digits():
    assert rounded(0.123456789, 4) == "0.1235"
    assert rounded(1234.56, 4) == "1235"
    assert rounded(-3e-17, 4) == "0"
    assert rounded(float("nan"), 4) == ""
    assert rounded(float("inf"), 4) == "inf"
    assert rounded(np.True_, 4) == "true"


def test_a_table_comes_back_as_it_went(tmp_path):
    table = pd.DataFrame({"name": ["a", 'b"<,\n'], "x": [0.5, np.nan], "ok": [True, False], "n": [1, 2]})
    write_csv(table, tmp_path / "t.csv", 4)
    again = read_csv(tmp_path / "t.csv")
    assert again["name"].tolist() == table["name"].tolist()
    assert again["x"].iloc[0] == 0.5 and np.isnan(again["x"].iloc[1])
    assert again["ok"].tolist() == [True, False]


def test_json_has_no_nan_and_sorted_keys(tmp_path):
    write_json({"b": float("nan"), "a": [1.23456789, np.int64(3), True]}, tmp_path / "t.json", 4)
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8")) == {"a": [1.235, 3, True], "b": None}
