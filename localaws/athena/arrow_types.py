"""Arrow's types -> Trino's, as far as Hive's formats hold them."""

import pyarrow as pa

from localaws.athena.trino_types import TIMESTAMP, Type


def type_of(found: pa.DataType) -> Type | None:
    """Return the type an Arrow type carries, None for one Hive does not know."""
    if pa.types.is_decimal(found):
        return Type("decimal", (found.precision, found.scale))
    if pa.types.is_timestamp(found):
        return TIMESTAMP if found.tz is None else None
    if pa.types.is_map(found):
        return _of("map", [found.key_type, found.item_type])
    if pa.types.is_list(found) or pa.types.is_large_list(found):
        return _of("array", [found.value_type])
    if pa.types.is_struct(found):
        fields = [found.field(i) for i in range(found.num_fields)]
        row = _of("row", [field.type for field in fields])
        names = tuple(field.name for field in fields)
        return None if row is None else Type("row", parts=row.parts, names=names)
    name = _NAMES.get(str(found))
    return None if name is None else Type(name)


def _of(name: str, parts: list[pa.DataType]) -> Type | None:
    found = [type_of(part) for part in parts]
    inner = tuple(part for part in found if part is not None)
    return Type(name, parts=inner) if len(inner) == len(found) else None


_NAMES = {
    "bool": "boolean",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "float": "real",
    "double": "double",
    "string": "varchar",
    "binary": "varbinary",
    "date32[day]": "date",
}
