"""The repository -> the artefacts that are deployed, each named by the hash of its bytes.

`ingestion.zip` (functions), `glue_packages.zip` and `glue_main.py` (jobs), `dbt_project.zip`. Same
input, same bytes: sorted names, one fixed date and mode, no compiled files.
"""

import argparse
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FUNCTION_PACKAGES: Final = ("contracts", "ingestion")
JOB_PACKAGES: Final = ("contracts", "transforms", "expectations", "serving", "cci")
DATE: Final = (1980, 1, 1, 0, 0, 0)
SKIPPED_FOLDERS: Final = frozenset({"__pycache__", "target", "logs", "dbt_packages", "preview"})
SKIPPED_SUFFIXES: Final = frozenset({".pyc", ".duckdb"})


@dataclass(frozen=True, slots=True)
class Artefact:
    """One thing to upload: its name, its bytes, and the S3 key that holds them."""

    name: str
    body: bytes

    @property
    def key(self) -> str:
        """The key, named by content: an upload of the same bytes is never needed twice."""
        suffix = Path(self.name).suffix
        return f"assets/{hashlib.sha256(self.body).hexdigest()[:32]}{suffix}"


def build_artefacts(repository: Path) -> list[Artefact]:
    """Return every artefact of the repository at `repository`."""
    return [
        Artefact("ingestion.zip", _zip(_packages(repository, FUNCTION_PACKAGES))),
        Artefact("glue_packages.zip", _zip(_packages(repository, JOB_PACKAGES))),
        Artefact("glue_main.py", (repository / "infra" / "glue_main.py").read_bytes()),
        Artefact("dbt_project.zip", _zip(_tree(repository / "dbt_project", repository))),
    ]


def artefact_keys(artefacts: Iterable[Artefact]) -> Mapping[str, str]:
    """Return artefact name -> S3 key, what `infra.app` reads."""
    return {artefact.name: artefact.key for artefact in artefacts}


def write_artefact_keys(artefacts: Iterable[Artefact], path: Path) -> None:
    """Write the keys as JSON for `python -m infra.app --artefacts`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(artefact_keys(artefacts), indent=1, sort_keys=True) + "\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Write the artefacts' keys to the file named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__)
    parser.add_argument("keys", type=Path, help="JSON file to write: artefact -> S3 key")
    options = parser.parse_args(argv)
    write_artefact_keys(build_artefacts(Path(__file__).parents[1]), options.keys)
    return 0


def _packages(repository: Path, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        yield from _tree(repository / name, repository)


def _tree(folder: Path, repository: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(repository)
        if path.is_file() and not _is_skipped(relative):
            yield relative.as_posix(), path.read_bytes()


def _is_skipped(relative: Path) -> bool:
    return relative.suffix in SKIPPED_SUFFIXES or bool(SKIPPED_FOLDERS & set(relative.parts))


def _zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files:
            entry = zipfile.ZipInfo(name, DATE)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, body)
    return buffer.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
