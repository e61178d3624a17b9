"""The partitions to read -> the fewest LIST calls that name no excluded partition.

Neighbours share a call: `dt=2026-01-` stands for a month when every partition so named is wanted.
Names of one key only are shared, and nothing is listed above the folder they lie in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Listing:
    """One LIST: what lies in `folder` and begins with `start`; `instead` of these locations."""

    folder: str
    start: str
    instead: tuple[str, ...]


def listings(
    root: str, wanted: Iterable[str], present: Iterable[str], *, whole: bool
) -> list[Listing]:
    """Return the calls that list the folders `wanted` of those `present`; all end with `/`.

    `root` is the table's folder, listed itself only if the table is wanted `whole`: who may read
    one tenant may not list all.
    """
    chosen, every = list(dict.fromkeys(wanted)), set(present)
    if chosen and whole and all(_plain(one, root) for one in chosen):
        return [Listing(root, "", tuple(chosen))]
    found, others = [], _by_parent(every - set(chosen))
    for parent, names in _by_parent(chosen).items():
        excluded = others.get(parent, [])
        plain = [name for name in names if _plain(name, "")]
        below = parent != root and parent.startswith(root)
        if below and len(plain) == len(names) > 1 and not excluded:
            found.append(Listing(parent, "", tuple(parent + name for name in names)))
            continue
        found += _shared(parent, sorted(plain), excluded)
        found += [_single(parent + name) for name in names if name not in plain]
    return found


def _shared(parent: str, names: list[str], excluded: list[str]) -> list[Listing]:
    if len(names) < _FEWEST:
        return [_single(parent + name) for name in names]
    start = _common(names[0], names[-1])
    if "=" in start[:-1] and not any(name.startswith(start) for name in excluded):
        return [Listing(parent, start, tuple(parent + name for name in names))]
    parted: dict[str, list[str]] = {}
    for name in names:
        parted.setdefault(name[: len(start) + 1], []).append(name)
    return [one for group in parted.values() for one in _shared(parent, group, excluded)]


def _common(first: str, last: str) -> str:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in pairs)


def _single(location: str) -> Listing:
    return Listing(location, "", (location,))


def _plain(location: str, root: str) -> bool:
    # A partition may lie in a folder that, seen from above, is hidden.
    below = location[len(root) :] if location.startswith(root) else "_"
    return not any(part.startswith(("_", ".")) for part in below.split("/"))


def _by_parent(locations: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for location in locations:
        parent, _, name = location.rstrip("/").rpartition("/")
        found.setdefault(parent + "/", []).append(name + "/")
    return found
