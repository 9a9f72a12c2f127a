// SPDX-License-Identifier: EUPL-1.2
// The shapes of the REST API (src/web/openapi.json), as far as the pages use them.
export type Role = 'agent' | 'lead' | 'editor' | 'finance' | 'admin' | 'auditor' | 'reader';
export type Language = 'de' | 'en';
export type Ars = string;
export type Time = string; // ISO 8601, UTC
export type PhoneNumber = { e164: string; shown: string };

export type User = {
  id: number;
  login: string;
  display_name: string;
  roles: Role[];
  municipality: Ars | null;
  language: Language;
  settings: Record<string, unknown>;
};

export type AgentState =
  | 'signed_out'
  | 'ready'
  | 'ringing'
  | 'talking'
  | 'held'
  | 'after_call_work'
  | 'paused'
  | 'missed';
export type Device = 'browser' | 'sip_phone';

export type Scope =
  | 'central' | 'authority_115' | 'department' | 'it_faults' | 'public_order' | 'test_calls' | 'internal';
export type Place = { ars: Ars; name: string; short_name: string; greeting: string };
export type DeskCall = {
  id: number;
  municipality: Place | null;
  dialled_municipality: Place | null; // before the agent's correction
  scope: Scope;
  crisis: number | null;
  partner: number | null; // another service centre handed the call over
  consult: 'ringing' | 'talking' | 'joined' | null;
  callback: 'offered' | 'dialling' | 'reached' | null;
  number: PhoneNumber | null;
  offered_at: Time | null;
  answered_at: Time | null;
  caller: PhoneNumber | null;
};

export type Desk = {
  state: AgentState;
  device: Device;
  since: Time;
  until: Time | null;
  now: Time;
  waiting: number;
  longest_wait_seconds: number;
  phone_registered: boolean;
  pause_after_call: boolean;
  call: DeskCall | null;
  browser_offer: { leg: string; sdp: string } | null;
};

export type CommandName =
  | 'sign_in'
  | 'sign_out'
  | 'ready'
  | 'pause'
  | 'answer'
  | 'hang_up'
  | 'hold'
  | 'resume'
  | 'transfer'
  | 'consult'
  | 'consult_end'
  | 'conference'
  | 'hand_over'
  | 'correct_municipality'
  | 'wrap_up_extend'
  | 'wrap_up_finish'
  | 'phone_resume';
export type Command = {
  command: CommandName;
  call?: number;
  target?: string;
  municipality?: Ars;
  device?: Device;
  paused?: boolean; // sign_in
};

export type Notes = { text: string; version: number };
export type Call = {
  id: number;
  municipality: Ars | null;
  number: PhoneNumber | null;
  offered_at: Time;
  answered_at: Time | null;
  ended_at: Time | null;
  end_reason: string | null;
  wait_seconds: number | null;
  talk_seconds: number;
  acw_seconds: number;
  notes: Notes | null;
};

export type Freshness = 'current' | 'due';
export type ServiceHit = {
  id: number;
  leika: string;
  name: string;
  colloquial: string;
  short_answer: string;
  checked_on: string | null; // null: never
  changed_on: string | null; // where it comes from; no check
  state: Freshness;
  section: SectionKey | null;
  neighbour: string | null;
  why: HitReason[];
};
export type WebsiteHit = {
  title: string;
  url: string;
  excerpt: string;
  fetched_on: string;
  why: HitReason[];
};
export type HitReason = {
  said: string;
  by: 'word' | 'part' | 'synonym' | 'beginning' | 'typing_error' | 'similar';
  field: 'title' | 'official_title' | 'synonym' | 'keyword' | 'text';
  found: string;
};
export type SectionKey =
  | 'short_answer'
  | 'responsible'
  | 'fee'
  | 'documents'
  | 'where'
  | 'opening_hours'
  | 'online'
  | 'deadline'
  | 'contact';
export type Section = { key: SectionKey; heading: string; text: string; lines: string[] };
// For those who answer in the municipality's name; never told a caller.
export type InternalNote = {
  text: string;
  municipality: Ars;
  section?: SectionKey | null;
  office?: string | null;
};
export type Administration = 'federation' | 'land' | 'district' | 'local';
export type Service = {
  id: number;
  leika: string;
  name: string;
  colloquial: string;
  municipality: Ars | null;
  level: Administration | null;
  read_aloud: string;
  checked_on: string | null; // null: never
  changed_on: string | null; // where it comes from; no check
  state: Freshness;
  sections: Section[];
  internal?: InternalNote[];
};

// By which offered calls were measured; agreed: by an agreement, else as 115 promises.
export type Target = { within_seconds: number; percent: number; agreed: boolean };
type ServiceLevel = {
  answered_within_30s: number;
  answered_in_time: number;
  service_level_percent: number | null;
  targets: Target[];
  target_met: boolean | null;
};
export type Situation = {
  now: Time;
  waiting: number;
  callbacks: number; // of the waiting: they have hung up and are called back
  longest_wait_seconds: number;
  agents: Partial<Record<AgentState, number>>;
  today: {
    offered: number;
    answered: number;
    abandoned: number;
    closed: number;
    average_wait_seconds: number | null;
    average_talk_seconds: number | null;
  } & ServiceLevel;
  per_hour: { hour: string; offered: number; answered: number; abandoned: number }[];
  municipalities: ({
    ars: Ars;
    short_name: string;
    waiting: number;
    talking: number;
    offered: number;
    answered: number;
  } & ServiceLevel)[];
  definitions: Record<string, string>;
  media_available: boolean;
  ledger_accepting: boolean;
};

export type Period = { weekday: number; from: string; to: string };
export type Municipality = {
  ars: Ars;
  name: string;
  short_name: string;
  kind: 'municipality' | 'district';
  land: string;
  population: number;
  population_date: string;
  population_source: string;
  greeting: string;
  hours: Period[];
  closed_on_public_holidays: boolean;
  information_first_seconds: number | null; // both null: the times of the house
  information_every_seconds: number | null;
  numbers: PhoneNumber[];
  version: number;
};
export type Area = {
  ars: Ars;
  name: string;
  official_name: string;
  kind: string;
  within: string;
  land: string | null;
  joined: boolean;
};
export type Price = {
  id: number;
  price: string;
  price_shown: string;
  unit: string;
  level: string;
  rounding: string;
  counts_after_call_work: boolean;
  valid_from: string;
  valid_to: string | null; // the last day
  clause: string;
};
export type Prices = { items: Price[]; gaps: { from: string; to: string }[] };
export type AnnouncementKind =
  | 'greeting'
  | 'waiting_music'
  | 'closed'
  | 'nobody_available'
  | 'unknown_number'
  | 'info_1'
  | 'info_2'
  | 'info_3'
  | 'crisis';
export type Announcement = {
  kind: AnnouncementKind;
  seconds: number;
  replaced: boolean;
  next_from: Time | null; // another version is heard from then on
};

export type Agent = {
  id: number;
  login: string;
  display_name: string;
  roles: Role[];
  municipality: Ars | null;
  sip_user: string;
  active: boolean;
  version: number;
};
export type SipAccess = { sip_user: string; sip_password: string };
export type Rules = {
  ring_timeout_seconds: number;
  wrap_up_seconds: number;
  wrap_up_extension_seconds: number;
  transfer_timeout_seconds: number;
  callback_ring_seconds: number;
  callback_attempts: number;
  callback_retry_seconds: number;
  callback_retry_busy_seconds: number;
  callback_retry_own_seconds: number;
  typical_handling_seconds: number;
  max_hops: number;
  max_partners: number;
  version: number;
};

export type InvoiceHead = {
  municipality: { ars: Ars; name: string };
  month: string;
  calls: number;
  talk_seconds: number;
  acw_seconds: number;
  billed_minutes: string;
  total_cents: number;
  total_shown: string;
  problem?: string | null; // why no amount can be named
};
export type InvoiceLine = {
  key: string;
  text: string;
  calls: number;
  seconds: number;
  amount_cents: number | null;
  amount_shown: string | null;
};
export type Invoice = {
  municipality: { ars: Ars; name: string };
  month: string;
  // at the end of the month; null if there was none
  agreement: null | {
    price: string;
    price_shown: string;
    unit: string;
    level: string;
    counts_after_call_work: boolean;
    valid_from: string;
    valid_to: string | null;
  };
  lines: InvoiceLine[];
  excluded: { reason: string; calls: number }[];
  billed_seconds: number;
  total_cents: number;
  total_shown: string;
  ledger: { first: number; last: number; root: string };
};
export type InvoiceCall = {
  id: number;
  offered_at: Time;
  talk_tenths: number; // of a second
  acw_tenths: number;
  billed_seconds: number | null; // null: the agreement rounds the sum only
  amount_cents: number | null;
};

export type Crisis = {
  id: number;
  name: string;
  municipality: Ars | null;
  queue: number | null;
  began_at: Time;
  wording: { language: string; text: string }[];
};
// A short notice of the lead. With a municipality it stands beside that town's calls.
export type TeamNotice = {
  id: number;
  text: string;
  municipality: Ars | null;
  skill: number | null;
  created_at: Time;
  valid_until: Time;
};
export type CrisisReport = {
  plan: number;
  name: string | null; // as it was called when it began; null: no longer known
  began_at: Time;
  ended_at: Time | null;
  offered: number;
  answered: number;
  abandoned: number;
  waiting: number; // still, when it ended
  running: number; // conversations that go on
  helpers: number;
  talk_seconds: number;
  acw_seconds: number;
  average_wait_seconds: number;
  longest_wait_seconds: number;
};
export type Callback = {
  call: number;
  municipality: Ars | null;
  requested_at: Time;
  attempts: number;
  dialling: boolean;
  sleeps_until: Time | null;
};
// null: so few that they are not counted out.
type CallbackFigures = {
  callbacks: number | null;
  callbacks_reached: number | null;
  callbacks_missed: number | null;
  average_callback_seconds: number | null;
};
export type CallsReport = {
  total: CallbackFigures;
  municipalities: (CallbackFigures & { ars: Ars })[];
  misroutes: { dialled: Ars | null; meant: Ars | null; calls: number }[];
  definitions: Record<string, string>;
};
type RuleText = { rule: string; text: string };
export type Why = {
  call: number;
  steps: {
    at: Time;
    what: string;
    text: string;
    passed: RuleText[];
    decided: RuleText | null;
    also: RuleText | null;
    saw: Seen[];
    town: string | null;
  }[];
};
// A queue, a partner or a crisis: what it was called then, and is today (null: removed).
export type Seen = {
  name: string;
  value: number | string;
  called?: string | null;
  called_today?: string | null;
};
