"""The script every Glue job starts: `--entry module` -> that module's `main(argv)`.

Glue adds arguments of its own, which our parsers would refuse: only those the job was given and
`--job-run-id` are passed on. A failing entry ends the job run with its exit code.
"""

import importlib
import sys
from collections.abc import Iterator, Sequence

OWN = ("--entry", "--extra-py-files")
GLUE = ("--JOB_NAME", "--JOB_ID", "--WORKFLOW_NAME", "--WORKFLOW_RUN_ID", "--TempDir")


def main(argv: Sequence[str]) -> int:
    """Run the entry named in `argv` with the job's own arguments; return its exit code."""
    pairs = dict(_pairs(argv))
    entry = pairs.pop("--entry")
    arguments = ["--job-run-id", pairs.pop("--JOB_RUN_ID", "by-hand")]
    for name, value in pairs.items():
        if name not in (*OWN, *GLUE):
            arguments += [name, value] if value else [name]
    return int(importlib.import_module(entry).main(arguments))


def _pairs(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, value); a flag without a value has an empty one."""
    for position, word in enumerate(argv):
        if word.startswith("--"):
            following = argv[position + 1] if position + 1 < len(argv) else "--"
            yield word, "" if following.startswith("--") else following


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if code:
        raise SystemExit(code)
