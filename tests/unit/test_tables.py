import json

import numpy as np
import pandas as pd
import pytest
from pooling.running.tables import read_csv, rounded, whole, write_csv, write_json


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


def test_a_writer_that_fails_leaves_the_old_file_whole(tmp_path):
    target = tmp_path / "t.csv"
    target.write_text("old", encoding="utf-8")

    def fails(beside):
        beside.write_text("half", encoding="utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        whole(target, fails)
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_json_has_no_nan_and_sorted_keys(tmp_path):
    write_json({"b": float("nan"), "a": [1.23456789, np.int64(3), True]}, tmp_path / "t.json", 4)
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8")) == {"a": [1.235, 3, True], "b": None}
