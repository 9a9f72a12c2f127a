-- SPDX-License-Identifier: EUPL-1.2
-- What is asked for in knowledge_object, in rows (knowledge/model.h). owner is the object's id.
CREATE TABLE knowledge_public_service (
    id @i64 NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    typification TEXT NOT NULL,
    level TEXT NOT NULL,
    name TEXT NOT NULL,
    official_name TEXT NOT NULL,
    approved_on TEXT NOT NULL,
    approved_by TEXT NOT NULL
) @strict;

-- A specialisation replaces modules of a service within its areas.
CREATE TABLE knowledge_specialisation (
    id @i64 NOT NULL PRIMARY KEY,
    service @i64 NOT NULL
) @strict;
CREATE INDEX knowledge_specialisation_service ON knowledge_specialisation (service);

CREATE TABLE knowledge_key (
    owner @i64 NOT NULL,
    scheme TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner, scheme, value)
) @strict;
CREATE INDEX knowledge_key_value ON knowledge_key (scheme, value);

CREATE TABLE knowledge_text (
    owner @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    module TEXT NOT NULL,
    language TEXT NOT NULL,
    html TEXT NOT NULL,
    PRIMARY KEY (owner, ordinal)
) @strict;

CREATE TABLE knowledge_term (
    owner @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    term TEXT NOT NULL,
    PRIMARY KEY (owner, ordinal)
) @strict;

CREATE TABLE knowledge_link (
    owner @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    uri TEXT NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (owner, ordinal)
) @strict;

-- Fees in cents; deadlines and durations in the unit. Without a number: amount IS NULL, the text says it.
CREATE TABLE knowledge_amount (
    owner @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('fee', 'deadline', 'duration')),
    type TEXT NOT NULL,
    amount @i64,
    unit TEXT NOT NULL,
    PRIMARY KEY (owner, ordinal)
) @strict;

CREATE TABLE knowledge_area (
    owner @i64 NOT NULL,
    area @i64 NOT NULL,
    PRIMARY KEY (owner, area)
) @strict;
CREATE INDEX knowledge_area_area ON knowledge_area (area);

CREATE TABLE knowledge_office (
    id @i64 NOT NULL PRIMARY KEY,
    parent @i64 NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    hours_text TEXT NOT NULL,
    desk_note TEXT NOT NULL
) @strict;

CREATE TABLE knowledge_address (
    office @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    type TEXT NOT NULL,
    street TEXT NOT NULL,
    house_number TEXT NOT NULL,
    post_box TEXT NOT NULL,
    postcode TEXT NOT NULL,
    place TEXT NOT NULL,
    addition TEXT NOT NULL,
    area @i64,
    PRIMARY KEY (office, ordinal)
) @strict;

CREATE TABLE knowledge_person (
    id @i64 NOT NULL PRIMARY KEY,
    office @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    salutation TEXT NOT NULL,
    title TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    position TEXT NOT NULL,
    room TEXT NOT NULL,
    hours_text TEXT NOT NULL
) @strict;
CREATE INDEX knowledge_person_office ON knowledge_person (office, ordinal);

-- Of an office, or of a person: then office is still the office whose object it came with.
CREATE TABLE knowledge_contact (
    office @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    person @i64 NOT NULL,
    channel TEXT NOT NULL,
    value TEXT NOT NULL,
    addition TEXT NOT NULL,
    PRIMARY KEY (office, ordinal)
) @strict;

-- Local time in Europe/Berlin; weekday 0 is Monday. Only where the text was understood.
CREATE TABLE knowledge_hours (
    office @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    person @i64 NOT NULL,
    weekday @i64 NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    from_minute @i64 NOT NULL,
    to_minute @i64 NOT NULL,
    PRIMARY KEY (office, ordinal)
) @strict;

-- Online services and forms.
CREATE TABLE knowledge_offer (
    id @i64 NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    trust_level TEXT NOT NULL
) @strict;

-- object is what it was delivered in: a responsibility of its own, or the office itself.
CREATE TABLE knowledge_responsibility (
    object @i64 NOT NULL,
    ordinal @i64 NOT NULL,
    service @i64 NOT NULL,
    area @i64 NOT NULL,
    holder @i64 NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (object, ordinal)
) @strict;
CREATE INDEX knowledge_responsibility_service ON knowledge_responsibility (service, area);
CREATE INDEX knowledge_responsibility_holder ON knowledge_responsibility (holder);
CREATE INDEX knowledge_responsibility_area ON knowledge_responsibility (area);
