import pytest
from pooling.running import room


def test_a_folder_with_room_is_made_and_left_empty(tmp_path):
    room.check(tmp_path / "results", needed=1)
    assert list((tmp_path / "results").iterdir()) == []


def test_a_disk_without_room_is_refused(tmp_path):
    with pytest.raises(room.NoRoom, match=r"the disk of '.*' has .* MB free and a run needs 1000000000000 MB"):
        room.check(tmp_path, needed=2**20 * 10**12)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "results").write_text("a file", encoding="utf-8")
    with pytest.raises(room.NoRoom, match="cannot be written to"):
        room.check(tmp_path / "results")
