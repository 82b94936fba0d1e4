-- The peers' tables, in a schema of their own, from the records of the register on the same server.

INSERT INTO peers_organisation (id, key, name, sector, size, ward, website, joined)
SELECT row_number() OVER (ORDER BY first_entry), key, item ->> 'legal_name', item ->> 'sector', item ->> 'size',
    item -> 'area_codes' ->> 0, item ->> 'website', (item ->> 'joined_on')::date
FROM public.registry_record WHERE kind = 'signatory';

INSERT INTO peers_commitment
    (id, key, organisation_id, theme, measure, unit, target, baseline, start, due, ward, sector, status, title, description, published_at)
SELECT row_number() OVER (ORDER BY first_entry), record.key, organisation.id, record.theme, record.measure, item ->> 'unit',
    (item -> 'target' ->> 'value')::numeric, (item -> 'baseline' ->> 'value')::numeric, (item ->> 'start_on')::date,
    coalesce(item -> 'target' ->> 'by', item ->> 'end_on')::date, item -> 'area_codes' ->> 0, organisation.sector, delivery,
    item ->> 'title', item ->> 'description', record.published_at
FROM public.registry_record record JOIN peers_organisation organisation ON organisation.key = record.signatory
WHERE kind = 'commitment';

INSERT INTO peers_update (commitment_id, period, value, narrative, recorded_on)
SELECT commitment.id, (item ->> 'from')::date, (item ->> 'cumulative_value')::numeric, coalesce(item ->> 'narrative', ''),
    (item ->> 'reported_on')::date
FROM public.registry_record record JOIN peers_commitment commitment ON commitment.key = record.commitment
WHERE kind = 'update' ORDER BY first_entry;

INSERT INTO peers_success (commitment_id, title, story, happened_on)
SELECT commitment.id, item ->> 'title', item ->> 'story', (item ->> 'happened_from')::date
FROM public.registry_record record JOIN peers_commitment commitment ON commitment.key = item -> 'commitments' ->> 0
WHERE kind = 'success' ORDER BY first_entry;
