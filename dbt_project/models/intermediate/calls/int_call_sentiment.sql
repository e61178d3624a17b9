-- grain: one row per call: its sentiment as given, label and scores never made from one another
with calls as (
    select
        call_id, sentiment_label, sentiment_provider,
        sentiment_positive_score, sentiment_negative_score, sentiment_neutral_score,
        sentiment_mixed_score, agent_sentiment_score, customer_sentiment_score,
        customer_sentiment_shift,
        sentiment_positive_score + sentiment_negative_score + sentiment_neutral_score
        + sentiment_mixed_score as score_total,
        tenant_id, call_month
    from {{ ref('stg_lake__calls') }}
)

select
    call_id, sentiment_label, sentiment_provider,
    abs(score_total - 1) > cast(0.02 as decimal(9, 6)) as is_sentiment_suspect,
    sentiment_positive_score, sentiment_negative_score, sentiment_neutral_score,
    sentiment_mixed_score, agent_sentiment_score, customer_sentiment_score,
    customer_sentiment_shift,
    tenant_id, call_month
from calls
