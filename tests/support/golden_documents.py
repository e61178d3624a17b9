"""Read a golden story as the lake does, and write the outcomes again after a reviewed change."""

import json
from typing import Any

from contracts.call_documents import load
from contracts.final_call import FinalCall, to_document
from tests.support.call_documents import GOLDEN, origin, story


def read_story(name: str) -> FinalCall:
    """Return the call of a story; older ones lie at `{tenant}/YYYY/MM/DD/<name>.json`."""
    tenant = story(name)["tenant_id"]
    key = None if name.startswith("v1_3") else f"{tenant}/2025/11/06/{name}.json"
    found = load((GOLDEN / name / "in.json").read_bytes(), origin(tenant, key))
    assert isinstance(found, FinalCall), found
    return found


def outcome(found: FinalCall) -> dict[str, Any]:
    """Return what is compared: the document, and what the loader noted."""
    return {
        "repairs": list(found.repairs),
        "value_problems": [
            [problem.path, problem.reason, problem.detail] for problem in found.value_problems
        ],
        "document": to_document(found),
    }


def main() -> None:
    """Write `document.json` of every story."""
    for folder in sorted(path for path in GOLDEN.iterdir() if path.is_dir()):
        text = json.dumps(outcome(read_story(folder.name)), indent=1, ensure_ascii=False)
        (folder / "document.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
