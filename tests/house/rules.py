"""Rules no linter holds: each reads a tree and returns what breaks it, with file, line, what to do.

A rule takes the root of a repository, so that a test can plant a violation in a small tree of its
own and see it refused.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PACKAGES = (
    "contracts",
    "ingestion",
    "transforms",
    "expectations",
    "serving",
    "infra",
    "cci",
    "localaws",
)
TOP_LEVEL = {
    *PACKAGES,
    "dbt_project",
    "tests",
    "docs",
    ".ci",
    ".gitattributes",
    ".gitignore",
    ".sqlfluff",
    "CONTRIBUTING.md",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "dbt-bouncer.yml",
    "pyproject.toml",
    "requirements.lock",
    "requirements-trino.lock",
    "requirements-uv.lock",
}
DOCUMENTATION_ACCOUNTS = {"123456789012", "000000000000", "111122223333"}
FUNCTION_LINES = 50
MODULE_LINES = 300
SQL_LINES = 150

_ACCOUNT = re.compile(r"(?<![\w.+-])\d{12}(?![\w.-])")  # after a +, a phone number
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_MACHINE_PATH = re.compile(r"(?<![\w./])/(?:root|work|home/\w+)/")
_TEXT = {".py", ".md", ".yml", ".yaml", ".json", ".toml", ".sql", ".txt", ".cfg", ""}


def misplaced_boto3(root: Path) -> list[str]:
    """Return imports of boto3 outside `aws.py`; localaws and tests are clients of their own."""
    return [
        f"{where}: boto3 belongs in the package's aws.py; take a port"
        for where, line in _code(root, PACKAGES[:-1], skip="aws.py")
        if re.match(r"\s*(?:import|from) (?:boto3|botocore)\b", line)
    ]


def misplaced_environment(root: Path) -> list[str]:
    """Return reads of the environment outside `settings.py`."""
    return [
        f"{where}: the environment is read in settings.py only"
        for where, line in _code(root, PACKAGES, skip="settings.py")
        if re.search(r"\bos\.(?:environ|getenv)\b", line.partition("#")[0])
    ]


def local_branches(root: Path) -> list[str]:
    """Return conditions of the product that ask whether it runs locally."""
    pattern = re.compile(
        r"\b(?:el)?if\b.*\b(?:localaws|localhost|127\.0\.0\.1|is_local|on_local)\b"
    )
    return [
        f"{where}: no code of the product may ask whether it runs locally"
        for where, line in _code(root, PACKAGES[:-2])
        if pattern.search(line)
    ]


def foreign_imports_of_contracts(root: Path) -> list[str]:
    """Return what contracts imports beside the standard library and itself."""
    found = []
    for path in _python(root, ("contracts",)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "contracts":
                    where = f"{path.relative_to(root)}:{node.lineno}"
                    found.append(f"{where}: contracts is standard library only, not {top}")
    return found


def swallowed_exceptions(root: Path) -> list[str]:
    """Return handlers of every exception that do not raise again."""
    found = []
    for path in _python(root, PACKAGES):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and _catches_all(node):
                raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                if not raises:
                    where = f"{path.relative_to(root)}:{node.lineno}"
                    found.append(f"{where}: a bug must crash; catch what you can name")
    return found


def secrets_and_places(root: Path) -> list[str]:
    """Return account ids, key ids and paths of a machine in any text file."""
    found = []
    for path in _texts(root):
        for number, line in enumerate(_lines(path), 1):
            where = f"{path.relative_to(root)}:{number}"
            for account in set(_ACCOUNT.findall(line)) - DOCUMENTATION_ACCOUNTS:
                if not _is_data(path):
                    found.append(f"{where}: {account} looks like an account id; use 123456789012")
            if _KEY_ID.search(line):
                found.append(f"{where}: an access key id; never write one")
            if _MACHINE_PATH.search(line):
                found.append(f"{where}: a path of one machine; use a relative one")
    return found


def addresses_in_locks(root: Path) -> list[str]:
    """Return lines of lock files that hold an address."""
    return [
        f"{path.name}:{number}: a lock holds no address; run `make lock`"
        for path in sorted(root.glob("requirements*.lock"))
        for number, line in enumerate(_lines(path), 1)
        if "://" in line
    ]


def unlocked_dependencies(root: Path) -> list[str]:
    """Return dependencies of pyproject.toml that the lock does not hold."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [*project["project"].get("optional-dependencies", {}).values()]
    groups += project.get("dependency-groups", {}).values()
    wanted = {_distribution(text) for group in groups for text in group}
    locked = {_distribution(line) for line in _lines(root / "requirements.lock")}
    return [f"pyproject.toml: {name} is not locked; run `make lock`" for name in wanted - locked]


def unexpected_top_level(root: Path) -> list[str]:
    """Return tracked files and folders the layout does not name."""
    tracked = {path.split("/")[0] for path in _tracked(root)}
    return [
        f"{name}: the top level draws the architecture; put it in a package or change the layout"
        for name in sorted(tracked - TOP_LEVEL)
    ]


def too_long(root: Path) -> list[str]:
    """Return modules, functions and SQL models over the hard limits."""
    found = []
    for path in _python(root, PACKAGES):
        lines = len(_lines(path))
        if lines > MODULE_LINES:
            found.append(f"{path.relative_to(root)}: {lines} lines, over {MODULE_LINES}: split it")
        for name, first, length in functions(path):
            if length > FUNCTION_LINES:
                where = f"{path.relative_to(root)}:{first}"
                found.append(f"{where}: {name} has {length} lines, over {FUNCTION_LINES}: split it")
    for path in sorted((root / "dbt_project").rglob("*.sql")):
        if "target" not in path.parts and len(_lines(path)) > SQL_LINES:
            found.append(f"{path.relative_to(root)}: over {SQL_LINES} lines: split the model")
    return found


def functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield name, first line and length of every function of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def _code(root: Path, packages: tuple[str, ...], skip: str = "") -> Iterator[tuple[str, str]]:
    for path in _python(root, packages):
        if path.name != skip:
            for number, line in enumerate(_lines(path), 1):
                yield f"{path.relative_to(root)}:{number}", line


def _python(root: Path, packages: tuple[str, ...]) -> Iterator[Path]:
    for package in packages:
        yield from sorted((root / package).rglob("*.py"))


def _texts(root: Path) -> Iterator[Path]:
    for name in _tracked(root):
        path = root / name
        if path.is_file() and path.suffix in _TEXT and not path.name.endswith(".lock"):
            yield path


def _tracked(root: Path) -> list[str]:
    if not (root / ".git").exists():
        return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    import subprocess

    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def _is_data(path: Path) -> bool:
    return path.suffix == ".json" or "golden" in path.parts


def _catches_all(node: ast.ExceptHandler) -> bool:
    if node.type is None:
        return True
    return isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")


def _distribution(text: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", text.strip())
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
