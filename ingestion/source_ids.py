"""A landed object -> its provider and the id of its call: one rule for all who look for it."""

from contracts.call_ids import build_call_id
from contracts.keys import DoorKey


def provider_of(source: DoorKey) -> str:
    """Return the provider word of a drop nobody said more about."""
    return "transcript" if source.door == "transcripts" else "upload"


def call_id_of_source(source: DoorKey) -> str:
    """Return the id of the call that an object of the input bucket makes."""
    name = source.path.rpartition("/")[2]
    return build_call_id(source.tenant, provider_of(source), str(source), name)
