"""Hive's classes of each file format: what Glue holds for STORED AS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Format:
    """The input, output and serde classes of a file format."""

    input: str
    output: str
    serde: str

    def descriptor(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Return the part of a Glue StorageDescriptor that names the format."""
        return {
            "InputFormat": self.input,
            "OutputFormat": self.output,
            "SerdeInfo": {"SerializationLibrary": self.serde, "Parameters": dict(parameters)},
        }


_HIVE = "org.apache.hadoop.hive"
PARQUET = Format(
    f"{_HIVE}.ql.io.parquet.MapredParquetInputFormat",
    f"{_HIVE}.ql.io.parquet.MapredParquetOutputFormat",
    f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
)
TEXT = Format(
    "org.apache.hadoop.mapred.TextInputFormat",
    f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat",
    f"{_HIVE}.serde2.lazy.LazySimpleSerDe",
)
JSON = Format(TEXT.input, TEXT.output, "org.apache.hive.hcatalog.data.JsonSerDe")
ORC = Format(
    f"{_HIVE}.ql.io.orc.OrcInputFormat",
    f"{_HIVE}.ql.io.orc.OrcOutputFormat",
    f"{_HIVE}.ql.io.orc.OrcSerde",
)
AVRO = Format(
    f"{_HIVE}.ql.io.avro.AvroContainerInputFormat",
    f"{_HIVE}.ql.io.avro.AvroContainerOutputFormat",
    f"{_HIVE}.serde2.avro.AvroSerDe",
)
BY_NAME = {"parquet": PARQUET, "textfile": TEXT, "": TEXT, "json": JSON, "orc": ORC, "avro": AVRO}
