"""The artefacts' keys -> one CloudFormation template per stack, in deploy order.

Run as a process of its own: `python -m infra.app --artefacts build/artefacts.json --into cdk.out`.
No account, no network, no CDK command line: templates are the same on every machine.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.settings import use_locked_node

use_locked_node()

from aws_cdk import App, CliCredentialsStackSynthesizer  # noqa: E402 - node must be known first

from infra.stacks.artifacts import Artifacts  # noqa: E402
from infra.stacks.ingestion import Ingestion  # noqa: E402
from infra.stacks.keys import Keys  # noqa: E402
from infra.stacks.lake import Lake  # noqa: E402
from infra.stacks.nightly import Nightly  # noqa: E402
from infra.stacks.roles import Roles  # noqa: E402
from infra.stacks.storage import Storage  # noqa: E402


def synthesise(code: Mapping[str, str], into: Path) -> None:
    """Write the template of every stack below `into`; `code` maps an artefact to its S3 key."""
    synthesizer = CliCredentialsStackSynthesizer(
        file_assets_bucket_name="cci-lite-artifacts-${AWS::AccountId}-${AWS::Region}",
        bucket_prefix="assets/",
    )
    app = App(outdir=str(into), analytics_reporting=False, default_stack_synthesizer=synthesizer)
    Artifacts(app, "cci-lite-artifacts")
    Keys(app, "cci-lite-keys")
    Storage(app, "cci-lite-storage")
    Roles(app, "cci-lite-roles")
    Ingestion(app, "cci-lite-ingestion", code)
    Lake(app, "cci-lite-lake")
    Nightly(app, "cci-lite-nightly", code)
    app.synth()


def main(argv: Sequence[str] | None = None) -> int:
    """Synthesise from the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.app", description=__doc__)
    parser.add_argument("--artefacts", type=Path, required=True, help="JSON: artefact -> S3 key")
    parser.add_argument("--into", type=Path, required=True, help="folder for the templates")
    options = parser.parse_args(argv)
    synthesise(json.loads(options.artefacts.read_text(encoding="utf-8")), options.into)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
