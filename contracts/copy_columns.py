"""The columns of the configuration copies: what the marts need from DynamoDB (marts.md §4)."""

from contracts.columns import Column, boolean, integer, string, timestamp, under

TENANT_COLUMNS = under(
    "@config.settings",
    string("tenant_name", "Name of the tenant, for people."),
    string("status", "Whether its calls travel.", nullable=False, words=("active", "suspended")),
    string("timezone", "IANA zone of its days.", nullable=False),
    string("language", "Language of its calls, BCP 47.", nullable=False),
    string("residency", "Where data may go.", nullable=False, words=("eu_only", "any")),
    string("business_calendar", "Calendar of its holidays."),
    string("model_id", "Model chosen for it; NULL means the default."),
    integer("lake_detail_days", "Days its detail is kept.", nullable=False, unit="days", minimum=1),
    integer("lake_text_days", "Days its text is kept.", nullable=False, unit="days", minimum=1),
)

FORM_CRITERION_COLUMNS = under(
    "@config.form",
    string("form_name", "Name of the form.", "name", nullable=False, kind="key"),
    integer(
        "form_version", "Version of the form.", "version", nullable=False, kind="key", minimum=1
    ),
    Column(
        "pass_threshold_fraction",
        "decimal(9,6)",
        "Share of the weight that passes.",
        "pass_threshold",
        unit="fraction",
        nullable=False,
        minimum=0,
        maximum=1,
    ),
    timestamp("form_valid_from", "When this version began.", "valid_from"),
    boolean("is_current_version", "Whether calls are judged by it now.", nullable=False),
    string("criterion_id", "The criterion.", "criteria[].criterion_id", nullable=False, kind="key"),
    integer(
        "criterion_number",
        "Number of the criterion in its form, from 1.",
        "criteria[].@position",
        nullable=False,
        minimum=1,
    ),
    string("question", "What is asked.", "criteria[].question", nullable=False),
    string("section", "Part of the form.", "criteria[].section"),
    Column(
        "weight",
        "decimal(9,4)",
        "Its weight, above 0.",
        "criteria[].weight",
        nullable=False,
        minimum=0,
    ),
    boolean(
        "is_required", "Whether it must be assessed.", "criteria[].is_required", nullable=False
    ),
    boolean(
        "is_critical",
        "Whether failing it fails the call.",
        "criteria[].is_critical",
        nullable=False,
    ),
    boolean(
        "allows_not_applicable",
        "Whether it may be left out of the score.",
        "criteria[].allows_not_applicable",
        nullable=False,
    ),
    string("guidance", "How to judge it.", "criteria[].guidance"),
)

ACCESS_COLUMNS = under(
    "@config.access",
    string("user_name", "The user who may see the tenant; NULL where a group may.", kind="key"),
    string("group_name", "The group that may see the tenant; NULL where a user may.", kind="key"),
    timestamp("granted_at", "When it was granted."),
)
