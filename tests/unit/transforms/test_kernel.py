import pytest

from contracts.column_types import ArrayType, StructType, parse_type
from contracts.fields import Many, Node, Record
from contracts.final_call import DOCUMENT
from contracts.tables import LAKE_TABLES
from tests.support.call_documents import CALL_ID, TENANTS, final_document, loaded
from tests.support.lake_memory import WRITTEN
from transforms.kernel import _FIELD_PATHS, CHILDREN, add_call, extra_text, new_columns
from transforms.ports import Listed

LISTED = Listed("acme/final/2026/01/30/a-0123456789.json", "e1", 10, WRITTEN)
PATHS = [
    (f"{table.name}.{column.name}", column.path, column.type)
    for table in LAKE_TABLES
    for column in table.columns
    if "@" not in column.path
]


@pytest.mark.parametrize(("name", "path", "kind"), PATHS)
def test_every_path_of_a_column_is_a_place_of_the_document(name: str, path: str, kind: str) -> None:
    place = _follow(DOCUMENT, path, name)
    found = parse_type(kind)
    if isinstance(found, ArrayType) and isinstance(found.item, StructType):
        for field, _ in found.item.fields:
            inside = _FIELD_PATHS.get(field, field)
            if inside != "@position":
                _follow(place, inside, name)


def test_every_column_of_a_table_has_as_many_values_as_the_others() -> None:
    tables = new_columns()
    for tenant in TENANTS:
        turns = {"turns": [{"speaker": "agent"}, {"speaker": "customer"}]}
        final = loaded(final_document(tenant, transcript=turns), tenant)
        add_call(tables, final, LISTED, extra_text(final))
    lengths = {name: {len(values) for values in found.values()} for name, found in tables.items()}
    assert lengths["calls"] == {2}
    assert lengths["turns"] == {4}
    assert all(lengths[table.name] == {0} for table in CHILDREN if table.name != "turns")
    assert tables["turns"]["call_id"] == [CALL_ID] * 4
    assert tables["turns"]["turn_number"] == [1, 2, 1, 2]


def test_counts_in_calls_are_the_rows_written() -> None:
    tables = new_columns()
    phrases = [{"text": "refund"}, {"text": "invoice", "count": 3}]
    add_call(tables, loaded(final_document(key_phrases=phrases)), LISTED, None)
    assert tables["calls"]["key_phrase_count"] == [2]
    assert tables["key_phrases"]["phrase_count"] == [1, 3]
    assert tables["calls"]["turn_count"] == [0]


def test_unknown_is_null_and_zero_stays_zero() -> None:
    tables = new_columns()
    call = {"call_date": "2026-01-30", "hold_seconds": 0, "queue_seconds": None}
    add_call(tables, loaded(final_document(call=call)), LISTED, None)
    calls = tables["calls"]
    assert (calls["hold_seconds"], calls["queue_seconds"]) == ([0], [None])
    assert (calls["sentiment_label"], calls["sentiment_positive_score"]) == ([None], [None])


def _follow(node: Node, path: str, name: str) -> Node:
    for step in path.replace("[]", ".[]").split("."):
        if step == "[]":
            assert isinstance(node, Many), f"{name}: {path} is no list"
            node = node.item
        else:
            assert isinstance(node, Record), f"{name}: nothing lies inside {path}"
            assert step in node.fields, f"{name}: the document has no {path}"
            node = node.fields[step]
    return node


@pytest.mark.parametrize(
    ("source", "length"),
    [
        ({}, None),
        ({"pii_redacted": False}, None),
        ({"pii_redacted": True, "redaction_status": "failed"}, None),
        ({"pii_redacted": True}, 2_000),
        ({"pii_redacted": True, "redaction_status": "verified"}, 2_000),
    ],
)
def test_an_excerpt_reaches_the_lake_only_redacted_and_cut(
    source: dict[str, object], length: int | None
) -> None:
    tables = new_columns()
    document = final_document(source=source, transcript={"excerpt": "x" * 3_000})
    add_call(tables, loaded(document), LISTED, None)
    (excerpt,) = tables["calls"]["transcript_excerpt"]
    assert (excerpt and len(excerpt)) == length
