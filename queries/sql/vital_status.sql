-- When was each patient operated on, last seen, and when did they die?
-- Unit of analysis: the patient (one row per patient with a procedure, whatever the
-- filter).
-- A death known to the month or year alone lies between died_earliest
-- (not before the last contact) and died_latest (not after the data date).
with contacts as (
    select
        patient_id,
        measured_on as seen_on
    from registry.follow_ups
    union all
    select
        patient_id,
        operated_on as seen_on
    from registry.procedures
    union all
    select
        procedures.patient_id,
        radiographs.measured_on as seen_on
    from registry.radiographs
    inner join registry.procedures using (procedure_id)
    union all
    select
        patient_id,
        occurred_on as seen_on
    from registry.events
),

latest as (
    select
        patient_id,
        max(seen_on) as latest_on
    from contacts
    group by patient_id
),

sessions as (
    select
        patient_id,
        min(operated_on) as first_operated_on,
        list(distinct operated_on order by operated_on) as operated_on
    from registry.procedures
    group by patient_id
),

known as (
    select
        sessions.patient_id,
        sessions.first_operated_on,
        sessions.operated_on[2] as second_operated_on,
        coalesce(patients.last_seen_on, latest.latest_on) as last_contact_on,
        coalesce(patients.died, false) as died,
        case length(patients.died_on)
            when 10 then patients.died_on::date
            when 7 then (patients.died_on || '-01')::date
            when 4 then (patients.died_on || '-01-01')::date
        end as died_from,
        case length(patients.died_on)
            when 10 then patients.died_on::date
            when 7 then last_day((patients.died_on || '-01')::date)
            when 4 then (patients.died_on || '-12-31')::date
        end as died_to
    from sessions
    inner join registry.patients using (patient_id)
    inner join latest using (patient_id)
),

bounded as (
    select
        *,
        greatest(
            died_from,
            case
                when last_contact_on <= coalesce(died_to, last_contact_on)
                    then last_contact_on
            end
        ) as from_day
    from known
)

select
    patient_id,
    first_operated_on,
    second_operated_on,
    last_contact_on,
    died,
    case when died then from_day end as died_earliest,
    case
        when died then greatest(from_day, least(died_to, $data_date::date))
    end as died_latest
from bounded
order by patient_id
