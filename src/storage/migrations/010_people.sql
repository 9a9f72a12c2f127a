-- SPDX-License-Identifier: EUPL-1.2
-- Who may sign in (people/users.h). password_hash is argon2id; the SIP hashes are H(user:fernamt:password).
CREATE TABLE account (
    id @i64 NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    roles TEXT NOT NULL,
    municipality @i64,
    active @i64 NOT NULL CHECK (active IN (0, 1)),
    sip_user TEXT UNIQUE,
    sip_ha1_md5 TEXT NOT NULL,
    sip_ha1_sha256 TEXT NOT NULL,
    language TEXT NOT NULL,
    settings @json NOT NULL,
    version @i64 NOT NULL
) @strict;

-- Only the SHA-256 of a session's token is kept (people/sessions.h).
CREATE TABLE account_session (
    token_hash @blob NOT NULL PRIMARY KEY,
    account @i64 NOT NULL REFERENCES account (id),
    started_at @i64 NOT NULL,
    seen_at @i64 NOT NULL
) @strict;
CREATE INDEX account_session_account ON account_session (account);
