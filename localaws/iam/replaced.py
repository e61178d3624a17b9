"""The rows of the table in `ministack.py` about authorization and the keys behind S3."""

from localaws.iam import actions, attachments, enforcement, keys, statements
from localaws.replacement import Replacement
from localaws.services import kms_reads

_EVALUATOR = "core.iam_evaluator"
_ACTIONS = "core.iam_actions"
_CONTEXT = "ministack.core.iam_evaluator.EvalContext"
_STATEMENT = "ministack.core.iam_evaluator.ParsedStatement"
_RESULT = "ministack.core.iam_evaluator.EvalResult"
_ERROR = "ministack.core.iam_evaluator.AuthError"

REPLACEMENTS = (
    Replacement(
        _EVALUATOR,
        "_first_match",
        statements.first_match,
        "puts no value in for ${aws:PrincipalTag/x}: a tenant's policy allows nothing",
        f"(ctx: {_CONTEXT}, stmts: list[{_STATEMENT}], effect: str) -> {_STATEMENT} | None",
        "dc96ef4846c742126bf10b8f9e434cb105140526498de8234d136b36db8df463",
    ),
    Replacement(
        _EVALUATOR,
        "_conditions_met",
        statements.conditions_met,
        "knows no variable in a trust policy's conditions; a Deny with an unknown operator passes",
        f"(conditions: dict, ctx: {_CONTEXT}) -> bool",
        "15b4c24a03e3ff173cb97d5adec29f2135f6e0468f39dde9b18e013e26f3c5aa",
    ),
    Replacement(
        _EVALUATOR,
        "_resolve_condition_key",
        keys.resolved_by_us,
        "aws:PrincipalArn is the session's; no LeadingKeys, no KMS context, no signature age",
        f"(key: str, ctx: {_CONTEXT}) -> Any",
        "15e26964cd38f32c421942a5542a689cb51b63a4e8f746932323a9aeb1caba0c",
    ),
    Replacement(
        _EVALUATOR,
        "parse_policy_document",
        statements.parsed,
        "forgets the version, so variables would count in a policy of 2008-10-17",
        f"(doc: str | dict) -> list[{_STATEMENT}]",
        "622a4f98a3ecd766a8af42b8f1d72902bb63a565e0c952c933230b4d403a1879",
    ),
    Replacement(
        _EVALUATOR,
        "evaluate_resource_policy",
        statements.resource_policy,
        "skips a Deny with NotPrincipal",
        f"(doc: str | dict | None, ctx: {_CONTEXT}, service: str | None = None, "
        f"named_only: bool = False, direct_only: bool = False) -> {_RESULT}",
        "e49ce7161ad63e35672a960067131789e35087bb35ff5fef944372c0f76bc2e7",
    ),
    Replacement(
        _EVALUATOR,
        "resolve_principal",
        enforcement.principal,
        "an explicit Deny does not bind the keys test and 000000000000",
        "(access_key_id: str, account_id: str, "
        "credential: ministack.core.iam_evaluator.ResolvedCredential | None = None) "
        f"-> ministack.core.iam_evaluator.PrincipalInfo | {_ERROR}",
        "b6c6131e24bf22f0cfc7e06ec000c6e9b1d87b3b292ff55038b57f99f7d4cb28",
    ),
    Replacement(
        _EVALUATOR,
        "enforce",
        enforcement.enforced,
        "asks for no PassRole, no key behind an object, no table of the catalogue",
        "(access_key_id: str, iam_action: str, service: str, region: str, "
        "resource_arn: str = '*', service_context: dict[str, typing.Any] | None = None) "
        f"-> {_RESULT} | {_ERROR} | None",
        "cf64b1ee5b099c8f705e919a43bd7b354e4772f150edb89f8218c930b8550c8c",
    ),
    Replacement(
        _EVALUATOR,
        "_resource_policy",
        enforcement.resource_policy,
        "a role whose trust names the caller can be assumed only with a second, identity policy",
        "(service: str, resource_arn: str) -> tuple | None",
        "dec265f9a903069539ef818b35e447c4d35a4ff3bdfb7771b289d3daac9d1079",
    ),
    Replacement(
        _ACTIONS,
        "extract_iam_action",
        actions.remembered,
        "asks sqs:SendMessageBatch and bedrock:Converse, actions that IAM does not have",
        "(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict) "
        "-> str | None",
        "ec476b92d969822b69c5b51b7c86cbc85794d3126a2f4c15f70f5444851cd5a6",
    ),
    Replacement(
        _ACTIONS,
        "access_denied_response",
        enforcement.refusal,
        "names the request's action when another was denied, and no resource",
        "(service: str, action: str, principal_arn: str, request_id: str, *, "
        "error_code: str = '', message: str = '', headers: dict | None = None, "
        "resource_arn: str = '*', explicit_deny: bool = False, resource_policy_arn: str = '') "
        "-> tuple",
        "3cc2e315f91f45daeb6160cb1c8250291fde007fa3e721acf72c8159838589a8",
    ),
    Replacement(
        "services.iam",
        "_attach_role_policy",
        attachments.asked_for,
        "attaches a policy that does not exist to a role",
        "(p)",
        "44f7952356e0edad5aa9fd919bba00da50a270438421df2882f38372b444897c",
    ),
    Replacement(
        "services.iam",
        "_attach_user_policy",
        attachments.asked_for,
        "attaches a policy that does not exist to a user",
        "(p)",
        "d003b83117884401e06e012dd17537886ded3f3a17d4bcb8c360bbf862b95f2e",
    ),
    Replacement(
        "services.iam",
        "_attach_group_policy",
        attachments.asked_for,
        "attaches a policy that does not exist to a group",
        "(p)",
        "fd6f45ca69f38593bb4f73478cf2c969d18ced3543d1d07a9fd89ad5a2559518",
    ),
    Replacement(
        "services.iam",
        "attach_managed_policy",
        attachments.of_a_template,
        "makes a stack's role with a policy that does not exist",
        "(entity: dict, policy_arn: str) -> None",
        "fd26cd2790a2b4a8a28c98f75f32d7ae06f5479db7a7a578097ae99d3369bceb",
    ),
    Replacement(
        "services.s3",
        "_resolve_sse_write_headers",
        kms_reads.checked_write,
        "writes under a key that does not exist or is disabled; refuses AWS's own key",
        "(headers: dict, bucket_name: str)",
        "2affef5a7d37a0556777621b7caff2c465142cd151ba318d8d849ce991a623c0",
    ),
    Replacement(
        "services.s3",
        "_get_object",
        kms_reads.checked_read,
        "hands out an object whose key is disabled",
        "(bucket_name: str, key: str, headers: dict, query_params: dict = None)",
        "64ad7071ef0ec45adb8cc4d57b18a3b52d058504b27e0b44d9800d977475b170",
    ),
    Replacement(
        "services.s3",
        "_upload_part_copy",
        kms_reads.checked_source,
        "copies from an object whose key is disabled",
        "(bucket_name: str, dest_key: str, query_params: dict, headers: dict)",
        "890950db69f20539601b34771f8e12403f5d4ea8cc46b7202b50f7bab5d1f193",
    ),
)
