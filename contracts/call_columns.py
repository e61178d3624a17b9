"""The columns of the lake table `calls`, in the order of the groups of a v1.3 document."""

from contracts.columns import (
    Column,
    bigint,
    boolean,
    double,
    fraction,
    integer,
    seconds,
    string,
    timestamp,
    under,
)
from contracts.words import (
    CHARACTERISTICS_SOURCES,
    DIRECTIONS,
    DOCUMENT_KEY_PATTERN,
    HASH_PATTERN,
    OUTCOMES,
    PARSE_STATUSES,
    PROVIDERS,
    REDACTION_STATUSES,
    ROLE_SOURCES,
    SENTIMENTS,
    STARTED_AT_SOURCES,
    TRANSCRIBE_APIS,
)

IDENTITY = (
    string("call_id", "The call; unique within its tenant.", nullable=False, kind="key"),
    string(
        "document_key",
        "The document: first 16 hex of its document_hash.",
        "lineage.document_hash",
        nullable=False,
        kind="key",
        pattern=DOCUMENT_KEY_PATTERN,
    ),
    Column("call_date", "date", "UTC date of the call.", "call.call_date", nullable=False),
)

_CALL = under(
    "call",
    timestamp("started_at", "When the call began; NULL when only a date is known."),
    timestamp("ended_at", "When the call ended; NULL when unknown."),
    string(
        "started_at_source",
        "Where started_at and call_date come from.",
        nullable=False,
        words=STARTED_AT_SOURCES,
    ),
    seconds("duration_seconds", "Length of the recording."),
    seconds("hold_seconds", "Time the customer was on hold."),
    seconds("queue_seconds", "Time in the queue before an agent answered."),
    seconds("after_call_work_seconds", "Agent's work after the call."),
    integer("transfer_count", "Times the call was passed on."),
    string("timezone", "IANA zone of the call; NULL means the tenant's."),
    string("language", "Language spoken, BCP 47."),
    string("provider", "System the recording came from.", nullable=False, words=PROVIDERS),
    string("provider_call_id", "The provider's own id of the call."),
    string("provider_group_id", "The provider's id that legs of one conversation share."),
    string("direction", "Who called whom; NULL when unknown.", words=DIRECTIONS),
    string("disposition", "The provider's word for how the call was closed."),
    string("queue", "Queue or hunt group."),
    string("agent_id", "The agent, as the provider names them.", "agent.agent_id"),
    string("agent_team", "The agent's team on that day.", "agent.team"),
    string("caller_hash", "Keyed hash of the caller's number, never the number."),
)
_SOURCE = under(
    "source",
    string("recording_key", "Key of the recording."),
    string("metadata_key", "Key of the metadata that was joined."),
    string("transcript_key", "Key of the transcript."),
    string("subtitles_key", "Key of the subtitles."),
    string("transcribe_job", "Name of the Transcribe job."),
    string("transcribe_api", "Which Transcribe answered; none for a drop.", words=TRANSCRIBE_APIS),
    integer("channel_count", "Channels of the recording.", minimum=1),
    fraction("average_word_confidence", "Mean confidence over the words."),
    boolean("is_pii_redacted", "Whether personal data was removed.", "pii_redacted"),
    string(
        "redaction_status",
        "How sure the removal is; verified only after our own check.",
        words=REDACTION_STATUSES,
    ),
)
_TRANSCRIPT = under(
    "transcript",
    string("role_source", "Who said which side is the agent.", words=ROLE_SOURCES),
    string(
        "characteristics_source",
        "Where talk, silence and interruptions come from.",
        words=CHARACTERISTICS_SOURCES,
    ),
    fraction("coverage_fraction", "Share of the turns the model saw."),
    seconds("agent_talk_seconds", "Time the agent spoke.", "talk_seconds.agent"),
    seconds("customer_talk_seconds", "Time the customer spoke.", "talk_seconds.customer"),
    seconds("non_talk_seconds", "Time nobody spoke."),
    integer("interruption_count", "Times one side spoke over the other."),
    Column("categories", "array<string>", "Names of the matched categories.", "categories[].name"),
    Column(
        "detected_items",
        "array<struct<kind:string,turn_number:int,text:string,begin_offset:int,end_offset:int>>",
        "Issues, action items and outcomes that Transcribe found; offsets in characters.",
        "issues[]",
        kind="text",
    ),
    string(
        "transcript_excerpt",
        "Beginning of the transcript, up to 2,000 characters; NULL unless said to be redacted.",
        "excerpt",
        kind="text",
    ),
)
_COUNTS = tuple(
    integer(f"{what}_count", f"Rows written to {table} for this document.", path, nullable=False)
    for what, table, path in (
        ("turn", "turns", "@count.turns"),
        ("key_phrase", "key_phrases", "@count.key_phrases"),
        ("entity", "entities", "@count.entities"),
        ("action_item", "action_items", "@count.action_items"),
        ("evaluation", "evaluations", "@count.evaluations"),
    )
)
_SENTIMENT = under(
    "sentiment",
    string("sentiment_label", "Sentiment of the call; NULL unlabelled.", "label", words=SENTIMENTS),
    string("sentiment_provider", "Who judged the sentiment.", "provider"),
    *(
        fraction(f"sentiment_{word}_score", f"Score of {word}.", f"scores.{word}")
        for word in SENTIMENTS
    ),
    *(
        double(
            f"{who}_sentiment_score",
            f"Overall sentiment of the {who}, -5 to 5.",
            f"overall_scores.{who}",
            minimum=-5,
            maximum=5,
        )
        for who in ("agent", "customer")
    ),
    double(
        "customer_sentiment_shift",
        "The customer's sentiment, end minus beginning, -10 to 10.",
        "customer_shift",
        minimum=-10,
        maximum=10,
    ),
)
_SUMMARY = under(
    "summary",
    string("summary_text", "Summary of the call by the model.", "text", kind="text"),
    string("issue", "What the customer wanted.", kind="text"),
    string("resolution", "What was done about it.", kind="text"),
    string("sentiment_summary", "The mood in a sentence.", kind="text"),
    string("summary_raw", "The model's answer where it could not be read.", "raw", kind="text"),
    string("outcome", "How the call ended, as a word.", words=OUTCOMES),
    string("outcome_raw", "How the call ended, as the model wrote it."),
    double(
        "tone_score", "The model's judgement of the agent's tone, 0-100.", minimum=0, maximum=100
    ),
    double(
        "holistic_qa_score",
        "The model's own judgement of quality, 0-100 (v1.1 only); never the form's score.",
        minimum=0,
        maximum=100,
    ),
    string(
        "parse_status",
        "Whether the model's answer could be read.",
        nullable=False,
        words=PARSE_STATUSES,
    ),
)
_LINEAGE = under(
    "lineage",
    string("document_hash", "Identity of the document.", nullable=False, pattern=HASH_PATTERN),
    timestamp("received_at", "When the recording arrived."),
    timestamp("transcribed_at", "When the transcript was there."),
    timestamp("enriched_at", "When the model had answered."),
    timestamp(
        "processed_at",
        "When the document was written; the newest wins. Older documents: the object's time.",
        nullable=False,
    ),
    string("schema_version_detected", "Version the document was read as.", nullable=False),
    string("detection_rule", "Rule that recognised the version.", nullable=False),
    string("producer", "What wrote the document."),
    string("code_version", "Version of the code that wrote it."),
)
ORIGIN = (
    string("source_key", "Key of the object read.", "@origin.key", nullable=False),
    string("source_etag", "ETag of the object read.", "@origin.etag", nullable=False),
    bigint(
        "source_size_bytes", "Size of the object.", "@origin.size", nullable=False, unit="bytes"
    ),
)
_READING = (
    Column("warnings", "array<string>", "What the producers noted.", "warnings[]", nullable=False),
    Column(
        "repairs",
        "array<string>",
        "What the loader mended: sorted words, each once.",
        "@reading.repairs",
        nullable=False,
    ),
    string(
        "extra_json",
        "Map of path to value of all that found no place; above 16 KB the key it lies at.",
        "extra",
        kind="text",
    ),
)

CALL_COLUMNS = (
    *IDENTITY,
    *_CALL,
    *_SOURCE,
    *_TRANSCRIPT,
    *_COUNTS,
    *_SENTIMENT,
    *_SUMMARY,
    *_LINEAGE,
    *_READING,
    *ORIGIN,
)
