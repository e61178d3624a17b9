-- grain: one row per criterion of one version of an evaluation form
with criteria as (
    select
        form_name, form_version, criterion_id, criterion_number, question, section, guidance,
        is_current_version, is_required, is_critical, allows_not_applicable,
        weight, pass_threshold_fraction, form_valid_from,
        tenant_id
    from {{ source('config', 'config_form_criteria') }}
)

select
    form_name, form_version, criterion_id, criterion_number, question, section, guidance,
    is_current_version, is_required, is_critical, allows_not_applicable,
    weight, pass_threshold_fraction, form_valid_from,
    tenant_id
from criteria
