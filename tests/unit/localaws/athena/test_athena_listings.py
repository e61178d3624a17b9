"""The partitions of a table and the LIST calls that find their files."""

from localaws.athena.listings import Listing, listings

ROOT = "s3://lake/t/"


def listed(wanted: list[str], present: list[str], **more: bool) -> list[tuple[str, str]]:
    """Return folder and start of each call for folders below the root."""
    chosen, every = ([ROOT + one for one in some] for some in (wanted, present))
    found = listings(ROOT, chosen, every, whole=more.get("whole", False))
    return [(one.folder.removeprefix(ROOT), one.start) for one in found]


def days(first: int, last: int) -> list[str]:
    """Return the folders of these days."""
    return [f"dt={day:03}/" for day in range(first, last)]


def test_a_table_wanted_whole_is_one_call() -> None:
    assert listed(days(0, 300), days(0, 300), whole=True) == [("", "")]


def test_the_folder_of_a_table_is_not_listed_while_a_key_is_demanded() -> None:
    calls = listed(days(0, 300), days(0, 300))
    assert calls == [("", "dt=0"), ("", "dt=1"), ("", "dt=2")]


def test_neighbours_share_a_call_that_names_no_excluded_partition() -> None:
    assert listed(days(0, 200), days(0, 250)) == [("", "dt=0"), ("", "dt=1")]


def test_a_few_partitions_are_listed_one_by_one() -> None:
    assert listed(days(0, 2), days(0, 250)) == [("dt=000/", ""), ("dt=001/", "")]


def test_an_excluded_partition_among_neighbours_parts_them() -> None:
    wanted = [day for day in days(0, 20) if day != "dt=011/"]
    calls = listed(wanted, days(0, 20))
    assert calls[0] == ("", "dt=00")
    assert len(calls) == 10
    assert not any(f"{folder}{start}" == "dt=01" for folder, start in calls)


def test_the_values_of_another_key_are_never_listed_above_their_folder() -> None:
    acme = [f"tenant_id=acme/{day}" for day in days(0, 20)]
    other = [f"tenant_id=acme-uk/{day}" for day in days(0, 20)]
    assert listed(acme, acme + other) == [("tenant_id=acme/", "")]


def test_partitions_in_folders_that_look_hidden_are_listed_by_their_own_names() -> None:
    assert listed(["_a/", "_b/"], ["_a/", "_b/"], whole=True) == [("_a/", ""), ("_b/", "")]


def test_what_a_shared_call_stands_for_is_known_when_it_is_denied() -> None:
    wanted = tuple(ROOT + day for day in days(0, 10))
    assert listings(ROOT, wanted, [*wanted, ROOT + "dt=1/"], whole=False) == [
        Listing(ROOT, "dt=00", wanted)
    ]
