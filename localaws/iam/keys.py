"""A condition key's name -> its value in one request, None when the request has none.

What ministack knows is asked last. Of keys that need a world there is none here of, stand-ins:
the loopback counts as TLS 1.3. A key nobody here fills is refused by name: taking it for absent
would let a Deny pass.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_evaluator
from ministack.core.router import extract_access_key_id
from ministack.services import iam, s3, sts, tagging

from localaws import clock
from localaws.iam.leading_keys import leading_keys
from localaws.iam.requests import Asked, current

Value = Callable[[Asked, Any, str], Any]


class UnknownKey(Exception):
    """A policy asks for a condition key that localaws has no value for."""


def resolved_by_us(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ours for ministack's `_resolve_condition_key(key, context)`."""

    def resolve(key: str, context: Any) -> Any:
        name = key.lower()
        given = context.service_context.get(name)
        if given is not None:
            return given
        head, _, rest = name.partition("/")
        asked = current()
        if name in _KEYS:
            return _KEYS[name](asked, context, name)
        if head in _FAMILIES:
            return _FAMILIES[head](asked, context, rest)
        if name.startswith("s3:x-amz-"):
            return _header_of_write(asked, context, name)
        if name.startswith("kms:encryptioncontext:"):
            given = _encryption_context(asked, context)
            return next((v for k, v in given.items() if k.lower() == name[len(_CONTEXT) :]), None)
        if not name.startswith(_ELSEWHERE):
            raise UnknownKey(key)
        return original(key, context)

    return resolve


def role_arn(principal_arn: str, account: str) -> str:
    """Return the ARN of the role, with its path, whose session `principal_arn` is."""
    if ":assumed-role/" not in principal_arn:
        return principal_arn
    name = iam_evaluator._role_name_from_assumed_arn(principal_arn)
    role = iam._roles.get_scoped(account, None, name) or {}
    return str(role.get("Arn") or f"arn:aws:iam::{account}:role/{name}")


def _principal_arn(_asked: Asked, context: Any, _name: str) -> str | None:
    if context.principal_type == "Service":
        return None
    return role_arn(context.principal_arn, context.principal_account)


def _is_service(_asked: Asked, context: Any, _name: str) -> str:
    return str(context.principal_type == "Service").lower()


def _called_via(asked: Asked, _context: Any, name: str) -> Any:
    via = (sts._sessions.get(_access_key(asked)) or {}).get("CalledVia") or []
    if name == "aws:viaawsservice":
        return str(bool(via)).lower()
    if not via:
        return None
    return {"aws:calledviafirst": via[0], "aws:calledvialast": via[-1]}.get(name, via)


def _access_key(asked: Asked) -> str:
    return str(extract_access_key_id(asked.headers, asked.query))


def _resource_tag(_asked: Asked, context: Any, rest: str) -> str | None:
    tags = tagging.resource_tags(context.resource_arn) or {}
    return next((value for name, value in tags.items() if name.lower() == rest), None)


def _of_s3(value: Value) -> Value:
    def only_s3(asked: Asked, context: Any, name: str) -> Any:
        return value(asked, context, name) if context.action.startswith("s3:") else None

    return only_s3


def _signature_age(asked: Asked, _context: Any, _name: str) -> str | None:
    signed = asked.header("x-amz-date") or asked.parameter("X-Amz-Date")
    if signed is None:
        return None
    at = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return str(max(0, round((clock.now() - at.timestamp()) * 1000)))


def _authentication(asked: Asked, _context: Any, _name: str) -> str:
    return "REST-QUERY-STRING" if asked.parameter("X-Amz-Signature") else "REST-HEADER"


def _condition_of_write(asked: Asked, context: Any, name: str) -> str | None:
    if context.action != "s3:PutObject":
        return None
    return asked.header(name.removeprefix("s3:"))


def _creates_object(asked: Asked, context: Any, _name: str) -> str | None:
    if context.action != "s3:PutObject":
        return None
    part = "partNumber" in asked.query or "uploads" in asked.query
    return str(not part).lower()


def _header_of_write(asked: Asked, context: Any, name: str) -> str | None:
    """Return a header of a write; the parts of an upload have those it began with."""
    header = name.removeprefix("s3:")
    if header == "x-amz-content-sha256" or not asked.parameter("uploadId"):
        return asked.header(header) if context.action.startswith("s3:") else None
    upload = s3._multipart_uploads.get(asked.parameter("uploadId")) or {}
    found = upload.get("preserved_headers", {}).get(header)
    return None if found is None else str(found)


def _request_object_tag(asked: Asked, _context: Any, rest: str) -> str | None:
    return next((value[0] for name, value in _tags(asked).items() if name.lower() == rest), None)


def _tags(asked: Asked) -> dict[str, list[str]]:
    return parse_qs(asked.header("x-amz-tagging") or "", keep_blank_values=True)


def _version(asked: Asked, _context: Any, _name: str) -> str | None:
    return asked.parameter("versionId")


def _listing(asked: Asked, context: Any, name: str) -> str | None:
    lists = context.action in ("s3:ListBucket", "s3:ListBucketVersions")
    return asked.parameter(name.removeprefix("s3:")) if lists else None


def _encryption_context(asked: Asked, context: Any) -> dict[str, str]:
    if not context.action.startswith("kms:") or asked.service != "kms":
        return {}
    given = asked.parameters.get("EncryptionContext") or {}
    return {str(name): str(value) for name, value in given.items()}


def _context_names(asked: Asked, context: Any, _name: str) -> list[str] | None:
    return list(_encryption_context(asked, context)) or None


def _request_alias(asked: Asked, _context: Any, _name: str) -> str | None:
    key = asked.text("KeyId") or ""
    return key[key.index("alias/") :] if "alias/" in key else None


def _account(_asked: Asked, context: Any, _name: str) -> str | None:
    return context.principal_account or None


def _leading(asked: Asked, context: Any, _name: str) -> list[str] | None:
    return leading_keys(asked, context.resource_arn)


def _parameter(asked: Asked, _context: Any, name: str) -> str | None:
    wanted = name.partition(":")[2]
    found = next((v for k, v in asked.parameters.items() if k.lower() == wanted), None)
    return None if found is None else str(found)


def _nothing(_asked: Asked, _context: Any, _name: str) -> None:
    return None


def _fixed(value: str) -> Value:
    return lambda _asked, _context, _name: value


_CONTEXT = "kms:encryptioncontext:"
_KEYS: dict[str, Value] = {
    "aws:principalarn": _principal_arn,
    "aws:principalisawsservice": _is_service,
    "aws:viaawsservice": _called_via,
    "aws:calledvia": _called_via,
    "aws:calledviafirst": _called_via,
    "aws:calledvialast": _called_via,
    "aws:securetransport": _fixed("true"),
    "aws:epochtime": lambda _asked, _context, _name: str(int(clock.now())),
    "aws:currenttime": lambda _asked, _context, _name: clock.today().isoformat(),
    **dict.fromkeys(
        ("aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid"), _nothing
    ),
    "s3:tlsversion": _of_s3(_fixed("1.3")),
    "s3:signatureage": _of_s3(_signature_age),
    "s3:signatureversion": _of_s3(_fixed("AWS4-HMAC-SHA256")),
    "s3:authtype": _of_s3(_authentication),
    "s3:if-none-match": _condition_of_write,
    "s3:if-match": _condition_of_write,
    "s3:objectcreationoperation": _creates_object,
    "s3:requestobjecttagkeys": _of_s3(lambda asked, _context, _: list(_tags(asked)) or None),
    "s3:versionid": _of_s3(_version),
    **dict.fromkeys(("s3:prefix", "s3:delimiter", "s3:max-keys"), _listing),
    "kms:encryptioncontextkeys": _context_names,
    "kms:requestalias": _request_alias,
    "kms:calleraccount": _account,
    "kms:viaservice": _nothing,
    "dynamodb:leadingkeys": _leading,
    "iam:passedtoservice": _nothing,
    "bedrock:inferenceprofilearn": _nothing,
    "secretsmanager:secretid": _parameter,
    **dict.fromkeys(
        (
            "transcribe:outputbucketname",
            "transcribe:outputkey",
            "transcribe:outputencryptionkmskeyid",
            "transcribe:outputlocation",
        ),
        _parameter,
    ),
}
_FAMILIES: dict[str, Value] = {
    "aws:resourcetag": _resource_tag,
    "secretsmanager:resourcetag": _resource_tag,
    "iam:resourcetag": _resource_tag,
    "ssm:resourcetag": _resource_tag,
    "s3:requestobjecttag": _of_s3(_request_object_tag),
}
# Filled by ministack, or absent here as in a call that carries none of it.
_ELSEWHERE = (
    *("aws:principal", "aws:request", "aws:tagkeys", "aws:userid", "aws:username"),
    *("aws:sourceip", "aws:sourcevp", "aws:vpcsourceip", "aws:resourceaccount", "aws:resourceorg"),
    *("aws:multifactor", "aws:tokenissuetime", "aws:useragent", "aws:referer", "aws:federated"),
    *("aws:sourceidentity", "aws:ec2instance", "sts:", "saml:", "s3:resourceaccount"),
    *("s3:existingobjecttag/", "s3:dataaccesspoint", "s3:accesspoint", "s3:object-lock-"),
    *("dynamodb:attributes", "dynamodb:select", "dynamodb:enclosingoperation"),
)
