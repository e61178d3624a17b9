"""S3's folder after kill -9: bytes and metadata of one write, or of the one before."""

import json
import os

from localaws import s3_files


def planted(root, key, body, *, seconds_apart=0, **meta):
    """Write an object as ministack does; `seconds_apart` makes its bytes younger than its words."""
    data = root / "000000000000" / "shelf" / key
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_bytes(body)
    sidecar = data.with_name(data.name + ".meta.json")
    sidecar.write_text(json.dumps({"size": len(body), "etag": "old", "key": key, **meta}))
    os.utime(sidecar, (1000, 1000))
    os.utime(data, (1000 + seconds_apart, 1000 + seconds_apart))
    return data, sidecar


def test_a_whole_object_is_left_alone(tmp_path):
    data, sidecar = planted(tmp_path, "a/k", b"whole")
    before = sidecar.read_text()
    assert s3_files.mend(tmp_path) == []
    assert (data.read_bytes(), sidecar.read_text()) == (b"whole", before)


def test_new_bytes_under_old_metadata_get_metadata_of_their_own(tmp_path):
    _, sidecar = planted(tmp_path, "a/k", b"newer", seconds_apart=1)
    assert len(s3_files.mend(tmp_path)) == 1
    meta = json.loads(sidecar.read_text())
    assert meta["etag"] == '"0c10f4a0c12ba89211235026b861263d"'
    assert (meta["size"], meta["key"]) == (5, "a/k")
    assert s3_files.mend(tmp_path) == []


def test_bytes_of_another_length_within_one_tick_of_the_clock_are_seen(tmp_path):
    _, sidecar = planted(tmp_path, "k", b"longer than before", size=3)
    s3_files.mend(tmp_path)
    assert json.loads(sidecar.read_text())["size"] == 18


def test_where_versions_are_kept_the_former_one_is_put_back(tmp_path):
    data, sidecar = planted(tmp_path, "a/k", b"newer", seconds_apart=1, version_id="v1", size=3)
    former = tmp_path / ".versions/000000000000/shelf/v1/a/k"
    former.parent.mkdir(parents=True)
    former.write_bytes(b"old")
    assert len(s3_files.mend(tmp_path)) == 1
    assert data.read_bytes() == b"old"
    assert json.loads(sidecar.read_text())["etag"] == "old"
    assert s3_files.mend(tmp_path) == []


def test_what_was_being_written_is_swept_away_and_delete_markers_stay(tmp_path):
    data, _ = planted(tmp_path, "k", b"hidden", seconds_apart=1, is_delete_marker=True)
    cut_short = data.with_name("k2.tmp")
    cut_short.write_bytes(b"ha")
    assert s3_files.mend(tmp_path) == []
    assert not cut_short.exists()
    assert data.read_bytes() == b"hidden"
