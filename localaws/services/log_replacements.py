"""The rows of the table in `ministack.py` about logs, metrics and alarms."""

from localaws.replacement import Replacement
from localaws.services import alarms, log_metrics, log_times, logs

_LOGS = "services.cloudwatch_logs"

REPLACEMENTS = (
    Replacement(
        _LOGS,
        "handle_request",
        logs.in_front_of,
        "knows no saved queries, and answers 500 where one of ours refuses",
        "(method, path, headers, body, query_params)",
        "e453a3f37b620e315906694e0458f9dbd5ae75488b701f32ecde353928cd2d11",
    ),
    Replacement(
        _LOGS,
        "_append_log_events",
        log_metrics.counted,
        "makes no metric of an embedded line, and none of a metric filter",
        "(stream, events)",
        "e47cae7a15a4cc4668b51832593f304d5bb88fecfa67de3b88c0c115883e987c",
    ),
    Replacement(
        _LOGS,
        "_put_metric_filter",
        logs.checked_filter,
        "keeps a filter whose pattern it could not apply",
        "(data)",
        "f32105a1de44a62d5f57d968c43ce34bbf050661f417bf3232dda047ae29549c",
    ),
    Replacement(
        _LOGS,
        "_compile_filter_pattern",
        logs.pattern,
        "takes every line for a match of a JSON pattern, and ignores case",
        "(raw: str)",
        "2568f38b56143b8191cbdd0085dde59995b3758f7f24803148e422d91e6b31ea",
    ),
    Replacement(
        _LOGS,
        "_start_query",
        logs.started,
        "ignores stats, and each filter it cannot read",
        "(data)",
        "41514449fa9723d3c5508a3145d27f124fd72b9cb517f355bbfefc212a02fcb9",
    ),
    Replacement(
        "services.lambda_svc",
        "_emit_lambda_logs",
        log_times.of_functions,
        "stamps a function's lines with the machine's time, whatever the clock says",
        "(func: dict, request_id: str, log_text: str, error: bool, duration_ms: int, *, "
        "log_source: str | None = None) -> None",
        "111efbf06968bb207427d25f6070f8048962a56385e2f7c62bb76b5f9d051720",
    ),
    Replacement(
        "services.cloudwatch",
        "_put_metric_data",
        log_times.of_metrics,
        "stamps a datum without a timestamp with the machine's time",
        "(params, cbor_data, is_cbor, is_json=False)",
        "e46b3314d311faffebfdb094dc1f572db47aa14e17d783d3dc3cdeafb437b980",
    ),
    Replacement(
        "services.cloudwatch",
        "_dims_from_list",
        alarms.exact_dimensions,
        "adds up every set of dimensions for a question that names none",
        "(dimensions: list[dict]) -> dict",
        "ebc530b8a5dcc5f2b1ff59fdcc353474c934c1a59462f94df27110811d0858fe",
    ),
    Replacement(
        "services.cloudwatch",
        "_evaluate_alarm",
        alarms.by_period,
        "one number over all dimensions and periods; silence never alarms",
        "(alarm)",
        "a0b0acd3d432b711a4e0a2cc389b6acea5aab29ecc5e5986b13fb370cdad30fe",
    ),
)
