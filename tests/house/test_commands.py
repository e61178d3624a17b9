"""Every word of the `cci` command explains itself: in its help, in the README, on its page."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from cci.generate import COMMANDS, command_contexts
from cci.main import cli

ROOT = Path(__file__).parents[2]
FOUND = {context.command_path: context.command for context in command_contexts(cli, "cci")}
LEAVES = sorted(path for path, command in FOUND.items() if not isinstance(command, click.Group))


@pytest.mark.parametrize("path", sorted(FOUND))
def test_a_command_says_in_a_sentence_what_it_does(path: str) -> None:
    first = (FOUND[path].help or "").strip().partition("\n")[0]
    assert len(first.split()) > 3, path


@pytest.mark.parametrize("path", sorted(FOUND))
def test_every_option_of_a_command_says_what_it_is(path: str) -> None:
    options = [each for each in FOUND[path].params if isinstance(each, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("path", LEAVES)
def test_the_readme_has_a_line_for_the_command(path: str) -> None:
    rows = [row for row in (ROOT / "README.md").read_text().splitlines() if "| `cci " in row]
    words = path.split()[1:]
    assert any(all(f"{word}`" in row or f"{word} " in row for word in words) for row in rows)


@pytest.mark.parametrize("path", sorted(FOUND))
def test_the_page_of_commands_has_a_part_for_the_command(path: str) -> None:
    assert f"\n## `{path}`\n" in (ROOT / COMMANDS).read_text()


def test_no_text_tells_people_to_run_a_command_that_is_not_there() -> None:
    listed = subprocess.run(
        ["git", "grep", "-nohE", "`cci [a-z]+( [a-z]+)?", "--", ".", ":!docs/decisions"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    told = {line.partition("`cci ")[2] for line in listed}
    assert [words for words in sorted(told) if not is_a_command(words)] == []


@pytest.mark.parametrize(
    ("words", "is_there"),
    [("replay", False), ("form publish", False), ("lake migrate", False), ("local up", True)],
)
def test_a_command_that_is_not_there_is_known_as_such(words: str, is_there: bool) -> None:
    assert is_a_command(words) is is_there


def is_a_command(words: str) -> bool:
    first, *second = re.split(r"\s+", words.strip())
    found = FOUND.get(f"cci {first}")
    return found is not None and (
        not second or not isinstance(found, click.Group) or f"cci {first} {second[0]}" in FOUND
    )
