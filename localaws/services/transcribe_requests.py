"""What both families of jobs check in a request, and where AWS finds and puts things."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from localaws.caller import Caller
from localaws.errors import ApiError, not_implemented
from localaws.services import faults
from localaws.services.jobs import Jobs
from localaws.services.media import Unusable
from localaws.services.objects import Objects, Place
from localaws.services.recordings import Recording
from localaws.settings import Settings

# What redaction hides when no PiiEntityTypes are named: AWS's list, without dates.
REDACTED_KINDS: Final = frozenset([
    "BANK_ACCOUNT_NUMBER", "BANK_ROUTING", "CREDIT_DEBIT_NUMBER", "PIN", "EMAIL", "ADDRESS",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER", "NAME", "PHONE", "SSN",
])  # fmt: skip

_S3_URI = re.compile(r"s3://([^/]+)/?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a request meets: the caller's objects and jobs, and how this localaws was set up."""

    caller: Caller
    objects: Objects
    jobs: Jobs
    settings: Settings

    def uri(self, place: Place) -> str:
        """Return the address by which Get…Job names an object."""
        return f"https://s3.{self.caller.region}.amazonaws.com/{place.bucket}/{place.key}"


def refuse(operation: str, fields: Mapping[str, Any], unbuilt: Mapping[str, str]) -> None:
    """Raise the 501 that names the first of `fields` that would change a result unseen."""
    for field, needs in unbuilt.items():
        if fields.get(field):
            raise not_implemented("transcribe", f"{operation}({field})", needs)


def media_place(media: Mapping[str, Any]) -> Place:
    """Return the object that `Media.MediaFileUri` names; raise ApiError for another form."""
    bucket, key = s3_place(media["MediaFileUri"])
    if not key or "RedactedMediaFileUri" in media:
        raise not_implemented("transcribe", "Media", "only s3://bucket/key is read, nothing else")
    return Place(bucket, key)


def s3_place(uri: str) -> tuple[str, str]:
    """Return bucket and key or prefix of an `s3://` address; raise ApiError for another form."""
    found = _S3_URI.fullmatch(uri)
    if found is None:
        raise not_implemented("transcribe", f"address {uri}", "an address that begins with s3://")
    return found[1], found[2]


def check_media(objects: Objects, place: Place) -> None:
    """Raise BadRequestException when the recording is absent or the caller may not read it."""
    if objects.size(place) is None:
        raise ApiError(
            "BadRequestException",
            "The S3 URI that you provided can't be accessed. Make sure that you have read "
            f"permission and try your request again. (s3://{place.bucket}/{place.key})",
        )


def check_result(recording: Recording, field: str, family: str) -> None:
    """Raise Unusable when the result to replay is one of the other family of jobs."""
    if recording.result is not None and field not in json.loads(recording.result):
        raise Unusable(f"The replay file has no {field}: it is no result of a {family} job.")


def fail_when_asked(operation: str, name: str) -> None:
    """Raise Unusable with the reason of the fault that strikes this job, if there is one."""
    fault = faults.struck(faults.JOBS, f"transcribe:{operation}", name)
    if fault is not None:
        raise Unusable(fault.reason)


def spoiled(operation: str, name: str, body: bytes) -> bytes:
    """Return a result document, broken or cut where a test asked for that."""
    return faults.spoiled(f"transcribe:{operation}", name, body.decode()).encode()


def written_forms(redaction: Mapping[str, Any] | None) -> tuple[bool, ...]:
    """Return the forms to write, each as is-it-redacted."""
    if redaction is None:
        return (False,)
    return (True,) if redaction["RedactionOutput"] == "redacted" else (False, True)


def masked_kinds(redaction: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the kinds of personal data to mask; `ALL` and nothing named mean AWS's list."""
    named = frozenset((redaction or {}).get("PiiEntityTypes", []))
    return REDACTED_KINDS if not named or "ALL" in named else named
