"""The Glue catalog: expressions, pages, versions, errors per item, absent fields."""

from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def glue(aws):
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "Lake"})
    keys = [{"Name": "tenant_id", "Type": "string"}, {"Name": "n", "Type": "int"}]
    glue.create_table(
        DatabaseName="lake",
        TableInput={
            "Name": "Calls",
            "PartitionKeys": keys,
            "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://b/"},
        },
    )
    for start in range(0, 1000, 100):
        glue.batch_create_partition(
            **TABLE, PartitionInputList=[partition("acme", n) for n in range(start, start + 100)]
        )
    return glue


TABLE = {"DatabaseName": "lake", "TableName": "calls"}


def partition(tenant, number):
    columns = [{"Name": "a", "Type": "int"}]
    location = f"s3://b/tenant_id={tenant}/n={number}/"
    return {
        "Values": [tenant, str(number)],
        "StorageDescriptor": {"Columns": columns, "Location": location},
    }


def test_an_expression_returns_one_partition_of_a_thousand(glue):
    found = glue.get_partitions(**TABLE, Expression="tenant_id = 'acme' and n = 7")["Partitions"]
    assert [one["Values"] for one in found] == [["acme", "7"]]


def test_an_expression_glue_cannot_read_is_refused(glue):
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.get_partitions(**TABLE, Expression="nobody = 1")


def test_pages_and_segments_hold_every_partition_once(glue):
    pages = glue.get_paginator("get_partitions").paginate(
        **TABLE, PaginationConfig={"PageSize": 90}
    )
    paged = [tuple(one["Values"]) for page in pages for one in page["Partitions"]]
    segments = [
        tuple(one["Values"])
        for number in range(4)
        for one in glue.get_partitions(
            **TABLE, Segment={"SegmentNumber": number, "TotalSegments": 4}, MaxResults=1000
        )["Partitions"]
    ]
    assert len(paged) == len(set(paged)) == 1000
    assert sorted(segments) == sorted(paged)


def test_columns_are_left_out_when_asked(glue):
    found = glue.get_partitions(**TABLE, Expression="n = 1", ExcludeColumnSchema=True)
    assert "Columns" not in found["Partitions"][0]["StorageDescriptor"]


def test_batches_fail_item_by_item(glue):
    given = [partition("acme-uk", 1), partition("acme", 1)]
    created = glue.batch_create_partition(**TABLE, PartitionInputList=given)["Errors"]
    assert [error["PartitionValues"] for error in created] == [["acme", "1"]]
    moved = {**partition("acme-uk", 1)}
    moved["StorageDescriptor"] = {**moved["StorageDescriptor"], "Location": "s3://b/moved/"}
    entries = [
        {"PartitionValueList": ["acme-uk", "1"], "PartitionInput": moved},
        {"PartitionValueList": ["nobody", "1"], "PartitionInput": partition("nobody", 1)},
    ]
    updated = glue.batch_update_partition(**TABLE, Entries=entries)["Errors"]
    assert [error["PartitionValueList"] for error in updated] == [["nobody", "1"]]
    now = glue.get_partition(**TABLE, PartitionValues=["acme-uk", "1"])["Partition"]
    assert now["StorageDescriptor"]["Location"] == "s3://b/moved/"
    wanted = [{"Values": ["acme-uk", "1"]}, {"Values": ["nobody", "1"]}]
    deleted = glue.batch_delete_partition(**TABLE, PartitionsToDelete=wanted)["Errors"]
    assert [error["PartitionValues"] for error in deleted] == [["nobody", "1"]]


def test_more_than_25_deletions_are_refused(glue):
    wanted = [{"Values": ["acme", str(n)]} for n in range(26)]
    with pytest.raises(glue.exceptions.InvalidInputException, match="25"):
        glue.batch_delete_partition(**TABLE, PartitionsToDelete=wanted)


def test_a_stale_version_is_refused_and_old_versions_stay_readable(glue):
    glue.create_table(DatabaseName="lake", TableInput={"Name": "t", "Parameters": {"v": "0"}})
    for number in ("1", "2"):
        table = {"Name": "t", "Parameters": {"v": number}}
        glue.update_table(DatabaseName="lake", TableInput=table, VersionId=str(int(number) - 1))
    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        glue.update_table(DatabaseName="lake", TableInput={"Name": "t"}, VersionId="1")
    versions = glue.get_table_versions(DatabaseName="lake", TableName="t")["TableVersions"]
    assert [(v["VersionId"], v["Table"]["Parameters"]["v"]) for v in versions] == [
        ("2", "2"),
        ("1", "1"),
        ("0", "0"),
    ]
    glue.batch_delete_table_version(DatabaseName="lake", TableName="t", VersionIds=["0"])
    glue.update_table(DatabaseName="lake", TableInput={"Name": "t"}, SkipArchive=True)
    left = glue.get_table_versions(DatabaseName="lake", TableName="t")["TableVersions"]
    assert [version["VersionId"] for version in left] == ["3", "1"]
    assert left[0]["Table"]["Parameters"] == {}


def test_names_are_lower_case_and_fields_not_given_are_absent(glue):
    table = glue.get_table(DatabaseName="LAKE", Name="CALLS")["Table"]
    assert (table["Name"], table["DatabaseName"]) == ("calls", "lake")
    assert not {"Description", "Owner", "ViewOriginalText", "TableType"} & set(table)
    assert "LocationUri" not in glue.get_database(Name="lake")["Database"]


def test_partitions_of_a_missing_table_are_an_error(glue):
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_partitions(DatabaseName="lake", TableName="nothing")


def test_one_and_several_partitions_are_found_by_any_case_of_their_table(glue):
    named = {"DatabaseName": "LAKE", "TableName": "CALLS"}
    found = glue.get_partition(**named, PartitionValues=["acme", "7"])["Partition"]
    assert found["StorageDescriptor"]["Location"] == "s3://b/tenant_id=acme/n=7/"
    wanted = [{"Values": ["acme", "8"]}, {"Values": ["nobody", "8"]}]
    batch = glue.batch_get_partition(**named, PartitionsToGet=wanted)
    assert [one["Values"] for one in batch["Partitions"]] == [["acme", "8"]]
    assert batch["UnprocessedKeys"] == [{"Values": ["nobody", "8"]}]
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_partition(**named, PartitionValues=["nobody", "8"])


def test_more_than_100_updates_and_values_of_another_partition_are_refused(glue):
    entries = [
        {"PartitionValueList": ["acme", str(n)], "PartitionInput": partition("acme", n)}
        for n in range(101)
    ]
    with pytest.raises(glue.exceptions.InvalidInputException, match="100"):
        glue.batch_update_partition(**TABLE, Entries=entries)
    taken = [{**entries[3], "PartitionInput": partition("acme", 4)}]
    errors = glue.batch_update_partition(**TABLE, Entries=taken)["Errors"]
    assert [one["ErrorDetail"]["ErrorCode"] for one in errors] == ["AlreadyExistsException"]


@pytest.mark.parametrize(
    "page",
    [{"NextToken": "made-up"}, {"Segment": {"SegmentNumber": 2, "TotalSegments": 2}}],
)
def test_a_page_or_segment_there_is_none_of_is_refused(glue, page):
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.get_partitions(**TABLE, **page)


def test_of_updates_that_expect_the_same_version_one_succeeds(glue):
    # Wide, so that keeping the old version takes long enough for another writer to come.
    columns = [{"Name": f"c{number}", "Type": "int"} for number in range(5000)]
    wide = {"Name": "raced", "StorageDescriptor": {"Columns": columns}}
    glue.create_table(DatabaseName="lake", TableInput=wide)

    def update(number):
        table = {"Name": "raced", "Parameters": {"writer": str(number)}}
        try:
            glue.update_table(DatabaseName="lake", TableInput=table, VersionId="0")
        except glue.exceptions.ConcurrentModificationException:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(update, range(16))) == 1


def test_one_old_version_is_read_and_deleted_by_its_number(glue):
    glue.create_table(DatabaseName="lake", TableInput={"Name": "old", "Parameters": {"v": "0"}})
    glue.update_table(DatabaseName="lake", TableInput={"Name": "old"})
    named = {"DatabaseName": "lake", "TableName": "old"}
    first = glue.get_table_version(**named, VersionId="0")["TableVersion"]
    assert first["Table"]["Parameters"] == {"v": "0"}
    glue.delete_table_version(**named, VersionId="0")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table_version(**named, VersionId="0")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.delete_table_version(**named, VersionId="0")
    errors = glue.batch_delete_table_version(**named, VersionIds=["0", "1"])["Errors"]
    assert [error["VersionId"] for error in errors] == ["0", "1"]
