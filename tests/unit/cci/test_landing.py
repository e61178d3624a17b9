"""Which door a file takes, and that nothing given is left out."""

from pathlib import Path

import pytest

from cci import landing
from contracts.tenant import TenantId

ACME_UK = TenantId("acme-uk")


def keys(*paths: Path) -> list[str]:
    return [str(drop.key) for drop in landing.plan(ACME_UK, paths)]


def write(folder: Path, *names: str, text: str = "{}") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_a_folder_keeps_its_name_in_the_key_and_a_file_only_its_own(tmp_path: Path) -> None:
    write(tmp_path, "july/a.wav", "july/deep/b.mp3")
    assert keys(tmp_path / "july") == ["acme-uk/audio/july/a.wav", "acme-uk/audio/july/deep/b.mp3"]
    assert keys(tmp_path / "july" / "a.wav") == ["acme-uk/audio/a.wav"]


def test_json_beside_a_recording_is_its_metadata_and_lands_first(tmp_path: Path) -> None:
    write(tmp_path, "in/a.wav", "in/a.wav.json", "in/b.wav", "in/b.json")
    assert keys(tmp_path / "in") == [
        "acme-uk/meta/in/a.wav.json",
        "acme-uk/meta/in/b.wav.json",
        "acme-uk/audio/in/a.wav",
        "acme-uk/audio/in/b.wav",
    ]


def test_json_alone_or_with_turns_is_a_transcript(tmp_path: Path) -> None:
    write(tmp_path, "in/a.json", "in/c.wav")
    write(tmp_path, "in/c.json", text='{"results": {}}')
    assert keys(tmp_path / "in") == [
        "acme-uk/transcripts/in/a.json",
        "acme-uk/transcripts/in/c.json",
        "acme-uk/audio/in/c.wav",
    ]


def test_json_named_after_a_transcript_is_that_transcript_s_metadata(tmp_path: Path) -> None:
    write(tmp_path, "in/a.json", "in/a.json.json")
    assert keys(tmp_path / "in") == [
        "acme-uk/meta/in/a.json.json",
        "acme-uk/transcripts/in/a.json",
    ]


def test_an_odd_name_stays_as_it_is_and_an_unknown_file_is_dropped_too(tmp_path: Path) -> None:
    write(tmp_path, "in/Müller + Söhne (2).wav", "in/LICENCE")
    assert keys(tmp_path / "in") == [
        "acme-uk/audio/in/LICENCE",
        "acme-uk/audio/in/Müller + Söhne (2).wav",
    ]


def test_two_files_that_would_share_a_key_are_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, "one/a.wav", "two/a.wav")
    with pytest.raises(landing.TwoFilesOneKey, match=r"two/a\.wav.*one/a\.wav"):
        landing.plan(ACME_UK, [tmp_path / "one" / "a.wav", tmp_path / "two" / "a.wav"])


def test_an_empty_folder_is_no_drop(tmp_path: Path) -> None:
    assert landing.plan(ACME_UK, [tmp_path]) == []
