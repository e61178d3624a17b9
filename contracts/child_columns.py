"""The columns of the lake tables beside `calls`: one row per member of a list in a document."""

from contracts.call_columns import IDENTITY, ORIGIN
from contracts.columns import (
    Column,
    bigint,
    boolean,
    double,
    fraction,
    integer,
    position,
    string,
    timestamp,
    under,
)
from contracts.words import (
    EVALUATION_ORIGINS,
    EVALUATION_STATUSES,
    EVALUATION_TYPES,
    EVALUATORS,
    SENTIMENTS,
    SPEAKER_PATTERN,
)

_CRITERION = (
    "criterion_number:int,criterion_id:string,question:string,section:string,weight:decimal(9,4),"
    "is_required:boolean,is_critical:boolean,result:string,result_raw:string,stated_score:double,"
    "reason:string,evidence_turn:int,evidence_quote:string,is_evidence_verified:boolean"
)
_OFFSETS = (
    integer("begin_offset", "Where it begins in the text read; older documents only."),
    integer("end_offset", "Where it ends in the text read; older documents only."),
)

EVALUATION_COLUMNS = (
    *IDENTITY,
    *under(
        "evaluations[]",
        string("evaluation_id", "The evaluation.", nullable=False, kind="key"),
        string(
            "evaluation_origin",
            "Part of a call document, or exported alone.",
            "@reading.evaluation_origin",
            nullable=False,
            words=EVALUATION_ORIGINS,
        ),
        string("form_name", "Form it was judged by.", nullable=False),
        integer("form_version", "Version of that form.", minimum=1),
        string("evaluator", "Who judged.", nullable=False, words=EVALUATORS),
        string("evaluator_hash", "Keyed hash of a human evaluator's name."),
        string("evaluation_type", "What it counts for.", nullable=False, words=EVALUATION_TYPES),
        string("model_id", "Model that answered."),
        string("prompt_version", "Prompt it was asked with."),
        timestamp("submitted_at", "When the evaluation was made."),
        string(
            "status",
            "Whether it can be used; deleted only for exports.",
            nullable=False,
            words=(*EVALUATION_STATUSES, "deleted"),
        ),
        double(
            "stated_total_score", "Claimed total; never the score.", "stated.total_score", minimum=0
        ),
        double("stated_max_score", "Claimed maximum.", "stated.max_score", minimum=0),
        double(
            "stated_pct",
            "Claimed percentage, 0-100; never the score.",
            "stated.percentage",
            unit="percent",
            minimum=0,
            maximum=100,
        ),
        Column(
            "stated_failed_ids",
            "array<string>",
            "Criteria claimed as failed.",
            "stated.failed[]",
        ),
        fraction(
            "score_fraction", "Passed weight over scored weight; NULL when not computed here."
        ),
        fraction("final_score_fraction", "The score, 0 after a critical failure."),
        fraction("pass_threshold_fraction", "Share that passes."),
        boolean("has_passed", "Whether the call passed; NULL with the score."),
        boolean("has_critical_failure", "Whether a critical criterion failed."),
        boolean(
            "has_stated_score_mismatch",
            "Whether the claim differs from the computed score.",
            "stated_score_mismatch",
        ),
        Column(
            "criteria",
            f"array<struct<{_CRITERION}>>",
            "Answers by criterion; result: passed, failed, not_applicable, not_answered.",
            "criteria[]",
            nullable=False,
            kind="text",
        ),
    ),
)

TURN_COLUMNS = (
    *IDENTITY,
    *under(
        "transcript.turns[]",
        integer("turn_number", "Number of the turn, from 1.", "turn", nullable=False, minimum=1),
        string(
            "speaker",
            "Who spoke: agent, customer, speaker_1 and on, or unknown.",
            nullable=False,
            pattern=SPEAKER_PATTERN,
        ),
        double("start_seconds", "When the turn began.", unit="seconds", minimum=0),
        double("end_seconds", "When the turn ended.", unit="seconds", minimum=0),
        string("text", "What was said.", kind="text"),
        string("sentiment_label", "Sentiment of the turn.", "sentiment", words=SENTIMENTS),
        double("sentiment_score", "Score of the turn, -5 to 5.", minimum=-5, maximum=5),
        boolean("is_interruption", "Whether it began inside another's turn.", "interrupted"),
    ),
)

KEY_PHRASE_COLUMNS = (
    *IDENTITY,
    *under(
        "key_phrases[]",
        position("phrase_number", "key phrase"),
        string("text", "The phrase.", nullable=False, kind="text"),
        fraction("score", "Confidence in the phrase."),
        integer("phrase_count", "Times it occurs.", "count", nullable=False, minimum=1),
        *_OFFSETS,
    ),
)

ENTITY_COLUMNS = (
    *IDENTITY,
    *under(
        "entities[]",
        position("entity_number", "entity"),
        string("entity_type", "Comprehend's word for its kind.", "type", nullable=False),
        string("text", "The entity; NULL for personal data.", kind="text"),
        string("text_hash", "Keyed hash of personal data."),
        fraction("score", "Confidence in the entity."),
        integer("entity_count", "Times it occurs.", "count", nullable=False, minimum=1),
        *_OFFSETS,
    ),
)

ACTION_ITEM_COLUMNS = (
    *IDENTITY,
    *under(
        "summary.action_items[]",
        position("item_number", "action item"),
        string("text", "What is to be done.", nullable=False, kind="text"),
        string("owner", "Who is to do it.", kind="text"),
    ),
)

USAGE_COLUMNS = (
    *IDENTITY,
    *under(
        "usage[]",
        position("usage_number", "use"),
        string("service", "AWS service that was paid.", nullable=False),
        string("purpose", "What it was used for."),
        string("model_id", "Model."),
        string("region", "Region that was billed."),
        bigint("input_tokens", "Tokens read.", unit="tokens"),
        bigint("output_tokens", "Tokens written.", unit="tokens"),
        bigint("units", "Units of the service's price list.", unit="units"),
        double("audio_seconds", "Audio transcribed.", unit="seconds", minimum=0),
    ),
)

REJECT_COLUMNS = (
    string(
        "reject_id",
        "The problem: hash of the rest.",
        "@reading.reject_id",
        nullable=False,
        kind="key",
    ),
    position("reject_number", "problem"),
    string("call_id", "The call, where it is known.", "@reading.call_id"),
    string("document_key", "The document, where it could be read.", "@reading.document_key"),
    Column("call_date", "date", "UTC date of the call, where known.", "@reading.call_date"),
    string(
        "level",
        "document: nothing of it was taken; value: one value became NULL.",
        "@reading.level",
        nullable=False,
        words=("document", "value"),
    ),
    string(
        "reason", "What was wrong, as a word of the runbook.", "@reading.reason", nullable=False
    ),
    string("path", "Where in the document.", "@reading.path"),
    string("detail", "A number or a word, never text of the call.", "@reading.detail"),
    *ORIGIN,
    timestamp(
        "object_modified_at",
        "When the object was written.",
        "@origin.last_modified",
        nullable=False,
    ),
    string("quarantine_key", "Where the bytes were set aside.", "@reading.quarantine_key"),
    string(
        "schema_version_detected", "Version, as far as known.", "@reading.schema_version_detected"
    ),
)
