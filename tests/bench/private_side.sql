-- The private rows behind a register that was loaded: an owner for each signatory, commitments,
-- periods, updates and successes as they were published, and the reminders that were sent.
-- Letters, featured records and files have none.

INSERT INTO charter_organisation
    (id, legal_name, trading_name, former_names, kind, social_enterprise, size, sector, website, area_codes)
SELECT row_number() OVER (ORDER BY first_entry), item ->> 'legal_name', '', '[]', item ->> 'org_type', false,
    item ->> 'size', item ->> 'sector', item ->> 'website', ARRAY(SELECT jsonb_array_elements_text(item -> 'area_codes'))
FROM registry_record WHERE kind = 'signatory';

INSERT INTO charter_identifier (organisation_id, scheme, number, "primary")
SELECT id, 'GB-COH', item -> 'identifiers' -> 0 ->> 'id', true
FROM registry_record JOIN charter_organisation ON legal_name = item ->> 'legal_name' WHERE registry_record.kind = 'signatory';

INSERT INTO charter_signatory
    (id, key, organisation_id, charter_id, route, standing, standing_since, standing_reason, standing_plan,
     certificate_number, accredited_from, accredited_to, joined_on, covers, pause_from, pause_reason,
     unreachable_since, no_contact_since, retractions, invited_at, accepted_at, has_had_people)
SELECT organisation.id, record.key, organisation.id, (SELECT id FROM charter_charter), item ->> 'route', item ->> 'standing',
    (item ->> 'standing_since')::date, '', '', coalesce(item ->> 'certificate_number', ''),
    (item ->> 'accredited_from')::date, (item ->> 'accredited_to')::date, (item ->> 'joined_on')::date, '',
    (item -> 'pause' ->> 'from')::date, coalesce(item -> 'pause' ->> 'reason', ''),
    (item ->> 'unreachable_since')::date, (item ->> 'no_contact_since')::date, '[]', published_at, published_at, false
FROM registry_record record JOIN charter_organisation organisation ON legal_name = item ->> 'legal_name'
WHERE record.kind = 'signatory';

INSERT INTO charter_user (id, identity, password, email, name, is_active, created_at)
SELECT 1000 + id, gen_random_uuid(), '!', 'owner-' || id || '@signatory.example', 'Owner ' || id, true, accepted_at
FROM charter_signatory;

INSERT INTO charter_membership (id, user_id, organisation_id, role, body, started_on, nudges_stopped)
SELECT id, 1000 + id, organisation_id, 'owner', '', joined_on, false FROM charter_signatory WHERE no_contact_since IS NULL;

INSERT INTO charter_acceptance (identity, signatory_id, text, text_sha256, name, email, role, person_id, accepted_at)
SELECT gen_random_uuid(), signatory.id, 'Accepted', item ->> 'accepted_text_sha256', 'Owner', 'owner-' || signatory.id || '@signatory.example',
    'owner', 1000 + signatory.id, accepted_at
FROM charter_signatory signatory JOIN registry_record USING (key);

INSERT INTO charter_commitment
    (returned_comments, submitted_at, published_at, key, signatory_id, theme_id, measure_id, title, description,
     baseline_value, baseline_on, target_value, start_on, end_on, area_codes, additionality, responsible_role, cadence,
     evidence_kind, evidence_text, contracts, based_on, sent_on_behalf_by, status, version, update_owner_id,
     reporting_from, end_reason)
SELECT '', record.published_at, record.published_at, record.key, signatory.id, theme.id, measure.id, item ->> 'title',
    item ->> 'description', (item -> 'baseline' ->> 'value')::numeric, (item -> 'baseline' ->> 'on')::date,
    (item -> 'target' ->> 'value')::numeric, (item ->> 'start_on')::date,
    coalesce(item -> 'target' ->> 'by', item ->> 'end_on')::date,
    ARRAY(SELECT jsonb_array_elements_text(item -> 'area_codes')), item ->> 'additionality', item ->> 'responsible_role',
    item ->> 'cadence', item -> 'planned_evidence' ->> 'type', item -> 'planned_evidence' ->> 'text', '[]', '', '',
    CASE record.status WHEN 'live' THEN 'published' ELSE record.status END, 1, membership.id,
    (item ->> 'start_on')::date, coalesce(item ->> 'end_reason', '')
FROM registry_record record
JOIN charter_signatory signatory ON signatory.key = record.signatory
JOIN charter_theme theme ON theme.key = record.theme
JOIN charter_measure measure ON measure.key = record.measure
LEFT JOIN charter_membership membership ON membership.id = signatory.id
WHERE record.kind = 'commitment' ORDER BY record.first_entry;

INSERT INTO reporting_reportingperiod
    (key, commitment_id, starts_on, ends_on, due_on, is_final, received_on, excused_reason, steps)
SELECT record.key, commitment.id, (item ->> 'from')::date, (item ->> 'to')::date, (item ->> 'due_on')::date, item ? 'is_final',
    (item ->> 'received_on')::date, coalesce(item ->> 'excused_reason', ''),
    CASE WHEN item ? 'is_final' THEN '{-37,-30,-7,3,14,90}'::smallint[] ELSE '{-30,-7,3,14,90}' END
FROM registry_record record JOIN charter_commitment commitment ON commitment.key = record.commitment
WHERE record.kind = 'period' ORDER BY record.first_entry;

INSERT INTO reporting_progressupdate
    (status, returned_comments, submitted_at, published_at, key, commitment_id, period_id, is_final, nothing_changed,
     value, not_measured_reason, self_assessment, narrative, obstacles, lessons, sent_on_behalf_by, draft_form_data, version)
SELECT 'published', '', (item ->> 'reported_on')::date + time '09:00' AT TIME ZONE 'UTC', published_at, record.key,
    period.commitment_id, period.id, item ? 'is_final', (item ->> 'nothing_changed')::boolean,
    (item ->> 'cumulative_value')::numeric, '', item ->> 'self_assessment', coalesce(item ->> 'narrative', ''), '', '', '', '{}', 1
FROM registry_record record JOIN reporting_reportingperiod period ON period.key = item ->> 'period'
WHERE record.kind = 'update' ORDER BY record.first_entry;

-- What arrived and is not approved yet waits for the council. An update has its period's number.
INSERT INTO reporting_progressupdate
    (status, returned_comments, submitted_at, key, commitment_id, period_id, is_final, nothing_changed, not_measured_reason,
     self_assessment, narrative, obstacles, lessons, sent_on_behalf_by, draft_form_data, version)
SELECT 'submitted', '', received_on + time '09:00' AT TIME ZONE 'UTC', 'U' || substr(key, 2), commitment_id, id, false, false, '',
    'on_track', 'As planned.', '', '', '', '{}', 1
FROM reporting_reportingperiod period
WHERE received_on IS NOT NULL AND NOT EXISTS (SELECT FROM reporting_progressupdate WHERE period_id = period.id);

INSERT INTO reporting_success
    (status, returned_comments, submitted_at, published_at, key, signatory_id, title, story, happened_from, area_codes, people_consent)
SELECT 'published', '', published_at, published_at, record.key, signatory.id, item ->> 'title', item ->> 'story',
    (item ->> 'happened_from')::date, '{}', item ->> 'people_consent'
FROM registry_record record JOIN charter_signatory signatory ON signatory.key = record.signatory
WHERE record.kind = 'success' ORDER BY record.first_entry;

INSERT INTO reporting_success_commitments (success_id, commitment_id)
SELECT success.id, commitment.id
FROM reporting_success success JOIN registry_record record USING (key)
JOIN charter_commitment commitment ON commitment.key = record.item -> 'commitments' ->> 0;

-- One email for each public request.
CREATE TEMPORARY TABLE request AS
SELECT 'reminder:' || period.key || ':' || day AS message_key, period.id AS period_id, period.due_on, day::date AS on_day,
    membership.id AS membership_id, membership.user_id,
    (SELECT max(step) FROM unnest(period.steps) AS step WHERE period.due_on + step <= day::date) AS step
FROM reporting_reportingperiod period
JOIN registry_record record ON record.key = period.key
JOIN charter_commitment commitment ON commitment.id = period.commitment_id
JOIN charter_membership membership ON membership.id = commitment.update_owner_id,
jsonb_array_elements_text(record.item -> 'requested_on') AS day;

INSERT INTO charter_message
    (key, kind, authority_id, recipient, subject, text, html, unsubscribe_address, not_before, expires_at, state, attempt,
     doubts, message_id, last_code, created_at, finished_at)
SELECT message_key, 'reminder', (SELECT id FROM charter_authority), email, 'Your update is due', 'Please send your update.', '', '',
    at, at + interval '7 days', 'sent', 1, 0, '<' || message_key || '@register.example>', '250 OK', at, at
FROM request JOIN charter_user ON charter_user.id = user_id, LATERAL (SELECT on_day + time '09:00' AT TIME ZONE 'UTC' AS at) AS sent;

INSERT INTO reporting_reminder (membership_id, period_id, due_on, step, claimed_on, reason, message_id)
SELECT membership_id, period_id, due_on, step, on_day, '', message.id
FROM request JOIN charter_message message ON message.key = message_key WHERE step IS NOT NULL
ON CONFLICT DO NOTHING;

-- The steps that were reached by today and asked nobody: the next sweep finds only what falls due later.
INSERT INTO reporting_reminder (membership_id, period_id, due_on, step, claimed_on, reason)
SELECT commitment.update_owner_id, period.id, period.due_on, step, current_date, 'Loaded'
FROM reporting_reportingperiod period JOIN charter_commitment commitment ON commitment.id = period.commitment_id,
unnest(period.steps) AS step
WHERE period.received_on IS NULL AND period.excused_reason = '' AND commitment.update_owner_id IS NOT NULL
    AND period.due_on + step <= current_date
ON CONFLICT DO NOTHING;

DROP TABLE request;
DO $$
    DECLARE name text;
    BEGIN
        FOREACH name IN ARRAY ARRAY['charter_organisation', 'charter_signatory', 'charter_user', 'charter_membership'] LOOP
            EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), (SELECT max(id) FROM %I))', name, name);
        END LOOP;
    END
$$;
