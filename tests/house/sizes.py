"""List the longest functions and modules, worst first: smells, not walls (`make smells`)."""

from pathlib import Path
from statistics import median

from tests.house.rules import PACKAGES, functions

ROOT = Path(__file__).parents[2]


def main() -> None:
    modules = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    lengths = [
        (length, f"{path.relative_to(ROOT)}:{first} {name}")
        for path in modules
        for name, first, length in functions(path)
    ]
    sizes = [(len(path.read_text().splitlines()), str(path.relative_to(ROOT))) for path in modules]
    print(f"function median {median(length for length, _ in lengths):.0f} lines")  # noqa: T201
    for length, name in [*sorted(lengths)[::-1][:15], *sorted(sizes)[::-1][:10]]:
        print(f"{length:5} {name}")  # noqa: T201


if __name__ == "__main__":
    main()
