"""The one list of published datasets: what the gate judges, publishing copies and people query.

A mart that is not here is never shown; a dataset without a suite never passes (serving.md).
"""

from dataclasses import dataclass
from typing import Final, Literal

EmptyIs = Literal["fail", "fine"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """One published mart.

    `name` is the build model, `published_as` the view people query; `key` holds per tenant.
    Without a month all rows of a tenant lie in the one partition `all`. `empty_is` says whether no
    rows are a failure where the ledger holds calls. `is_alone` marks a dataset without tenant
    partitions, published whole before all others. `text_columns` are searched for personal data.
    """

    name: str
    published_as: str
    key: tuple[str, ...]
    has_month: bool
    empty_is: EmptyIs
    text_columns: tuple[str, ...] = ()
    is_alone: bool = False


RLS_RULES: Final = "rls_rules"

DATASETS: Final = (
    Dataset(
        name=RLS_RULES,
        published_as=RLS_RULES,
        key=("user_name", "group_name", "tenant_id"),
        has_month=False,
        empty_is="fail",
        is_alone=True,
    ),
    Dataset(
        "fct_calls",
        "fct_calls",
        ("call_id",),
        has_month=True,
        empty_is="fail",
        text_columns=("outcome_raw",),
    ),
    Dataset(
        "fct_evaluations",
        "fct_evaluations",
        ("call_id", "evaluation_id"),
        has_month=True,
        empty_is="fine",
    ),
    Dataset(
        "fct_criterion_results",
        "fct_criterion_results",
        ("call_id", "evaluation_id", "criterion_id"),
        has_month=True,
        empty_is="fine",
        text_columns=("reason", "evidence_quote"),
    ),
    Dataset(
        "rpt_criterion_failure_rates",
        "rpt_criterion_failure_rates",
        ("form_name", "criterion_id", "window"),
        has_month=False,
        empty_is="fine",
    ),
    Dataset(
        "rpt_qa_daily",
        "rpt_qa_daily",
        (
            "local_date",
            "form_name",
            "form_version",
            "evaluator",
            "evaluation_type",
            "model_id",
            "prompt_version",
        ),
        has_month=False,
        empty_is="fine",
    ),
    Dataset(
        "rpt_sentiment_daily",
        "rpt_sentiment_daily",
        ("local_date", "queue", "talk_source"),
        has_month=False,
        empty_is="fine",
    ),
)
PARTITION_OF_MONTHLESS: Final = "all"


def dataset_named(name: str) -> Dataset:
    """Return the dataset called `name`; raise KeyError for another name."""
    return {dataset.name: dataset for dataset in DATASETS}[name]
