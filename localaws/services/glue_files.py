"""A Glue job's files in S3 -> its script and its Python path on disk.

Wheels and zips are unpacked, so that package data are files too. Packages asked for by name are
not installed: the interpreter's own are compared with what was asked, and a mismatch is refused.
"""

import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from botocore.exceptions import ClientError

from localaws.caller import Caller
from localaws.clients import client
from localaws.services.glue_store import Record


class Unusable(Exception):
    """The job cannot start: a file is missing, or a package is not the one asked for."""


def fetch(job: Record, run: Record, caller: Caller, folder: Path) -> tuple[Path, list[Path]]:
    """Return the script and the folders to put on its path; raise Unusable with the reason.

    `folder/work` becomes the script's working folder.
    """
    given = {**job.get("DefaultArguments", {}), **run["Arguments"]}
    (folder / "work").mkdir()
    script = _download(job["Command"]["ScriptLocation"], folder / "script", caller)
    paths = []
    for number, location in enumerate(_listed(given, "--extra-py-files")):
        paths.append(_unpacked(_download(location, folder / f"extra{number}", caller)))
    for number, wanted in enumerate(_listed(given, "--additional-python-modules")):
        paths += _module(wanted, folder / f"module{number}", caller)
    return script, paths


def refuse_mismatch(requirement: str) -> None:
    """Raise Unusable unless the interpreter holds the package, in the version asked for."""
    line = requirement.partition(";")[0].partition("#")[0].strip()
    name, _, wanted = line.partition("==")
    if not line or line.startswith("-"):
        return
    try:
        found = version(name.partition("[")[0].strip())
    except PackageNotFoundError as error:
        raise Unusable(f"{name} is not installed beside localaws, which installs none") from error
    if wanted and found != wanted.strip():
        raise Unusable(f"the job wants {line}, localaws runs on {found}")


def _module(wanted: str, folder: Path, caller: Caller) -> list[Path]:
    if not wanted.startswith("s3://"):
        refuse_mismatch(wanted)
        return []
    path = _download(wanted, folder, caller)
    if path.suffix != ".txt":
        return [_unpacked(path)]
    for line in path.read_text().splitlines():
        refuse_mismatch(line)
    return []


def _listed(given: Record, name: str) -> list[str]:
    return [item.strip() for item in given.get(name, "").split(",") if item.strip()]


def _download(location: str, folder: Path, caller: Caller) -> Path:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    path = folder / Path(key).name
    folder.mkdir()
    try:
        answer = client("s3", caller).get_object(Bucket=bucket, Key=key)
        path.write_bytes(answer["Body"].read())
    except ClientError as error:
        raise Unusable(f"{location} cannot be read: {error}") from error
    return path


def _unpacked(path: Path) -> Path:
    if zipfile.is_zipfile(path):
        target = path.parent / "unpacked"
        with zipfile.ZipFile(path) as archive:
            archive.extractall(target)
        return target
    return path.parent
