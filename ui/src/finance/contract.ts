// SPDX-License-Identifier: EUPL-1.2
// What the routes about documents, queries and agreements say (openapi.json).
import type { Ars, Time } from '../lib/contract';

export type Day = string; // 2026-11-30
type Town = { ars: Ars; name: string };
export type DocumentKind = 'invoice' | 'advance' | 'settlement' | 'credit_note' | 'cancellation';
export type DocumentHead = {
  number: string;
  kind: DocumentKind;
  municipality: Town;
  period_from: Day;
  period_to: Day;
  issued_on: Day;
  due_on: Day;
  refers_to: string | null;
  payable_cents: number;
  payable_shown: string;
  cancelled_by: string | null;
  open_disputes: number;
};
export type DocumentLine = {
  text: string;
  detail: string;
  from: Day;
  to: Day;
  amount_cents: number;
  amount_shown: string;
};
export type BillingDetails = Record<
  | 'name'
  | 'street'
  | 'postcode'
  | 'city'
  | 'leitweg_id'
  | 'vat_id'
  | 'tax_number'
  | 'contact'
  | 'phone'
  | 'email'
  | 'iban',
  string
>;
export type Paper = Omit<DocumentHead, 'number' | 'cancelled_by' | 'open_disputes'> & {
  number: string | null; // none: a draft
  lines: DocumentLine[];
  tax: { category: string; rate_percent: number; reason: string };
  net_shown: string;
  vat_shown: string;
  gross_shown: string;
  prepaid_cents: number;
  prepaid_shown: string;
  reason: string;
  notes: string[];
  advances: string[];
  seller: BillingDetails;
  buyer: BillingDetails;
  ledger: { first: number; last: number; root: string };
  evidence_root: string;
};
export type IssuedPaper = Paper & { number: string; cancelled_by: string | null };
export type Draft = {
  document: Paper;
  calls: number;
  before: null | { month: string; calls: number; net_cents: number; net_shown: string };
};
export type Dispute = {
  id: number;
  number: string;
  municipality: Town;
  line: number | null;
  call: number | null;
  state: 'open' | 'upheld' | 'refused';
  credit_note: string | null;
  reclassified: boolean;
  opened_at: Time;
  comments: { at: Time; side: 'centre' | 'municipality'; text: string }[];
};

export const saidKinds = [
  'own_number',
  'number_115',
  'crisis',
  'test_call',
  'it_fault',
  'internal_call',
] as const;
export type ClassifiedCall = {
  call: number;
  offered_at: Time;
  kind: string;
  answered: boolean;
  municipality: Town;
  changes: { reason: string; from: Town; to: Town; kind: string | null; dispute: number | null }[];
};

type Amount = { cents: number; shown: string };
export type ClassificationEffect = {
  municipality: Town;
  month: string;
  before: Amount | null; // none: the month cannot be rated
  after: Amount | null;
  difference: Amount | null;
  billed_by: string | null;
};

export type AgreementState = 'draft' | 'resolved' | 'signed' | 'active' | 'notice_given' | 'ended';
export type AgreementHead = {
  id: number;
  version: number;
  municipality: Town;
  title: string;
  kind: string;
  state: AgreementState;
  begins: Day;
  ends: Day | null;
  next_end: null | { last_day: Day; notice_until: Day; notice_advised: Day };
  problems: number;
};
type Dated<T> = { from: Day; to?: Day; value: T };
type Step = { contract_year: number; price: number };
export type PriceClause = {
  name: string;
  from: Day;
  to?: Day;
  words: string;
  payer: string;
  payer_name: string;
  kinds: number;
  price_classes?: number[];
  minute_price?: {
    steps: Step[];
    counts_after_call_work: boolean;
    unit: string;
    level: string;
    rounding: string;
    minimum_seconds: number;
  };
  call_price?: { steps: Step[] };
  package?: { per_year: number; included_minutes: number; overage_per_minute: number };
  inhabitant_base?: { per_year: number };
  fixed_base?: { per_year: number };
  levy_share?: { carried_per_year: number };
  secondment_credit?: { post_hundredths: number; per_post_and_year: number };
  inhabitant_cap?: { per_inhabitant: Step[] };
  minimum?: { per_year: number };
  not_charged?: object;
};
export type AgreementFields = {
  title: string;
  kind: string;
  tasks_of_centre: string;
  numbers: Dated<{ number: string; scope: string }>[];
  tasks_of_municipality: string;
  backup_contact: string;
  technical_prerequisites: string;
  data_protection: string;
  cost_clause: string;
  prices: PriceClause[];
  payment_days: number;
  taxes: Dated<{ category: string; rate_percent: number; reason: string }>[];
  populations: { from: Day; key_date: Day; inhabitants: number; source: string }[];
  budgets: { year: number; amount: number; product: string; cost_centre: string }[];
  term_clause: string;
  term: {
    begins: Day;
    first_months: number;
    renewal_months: number;
    notice: { count: number; unit: string };
    remind_days: number[];
  };
  documents: { title: string; reference: string; date: Day }[];
  history: { to: AgreementState; on: Day; note: string }[];
} & Record<string, unknown>;
export type Agreement = Omit<AgreementHead, 'problems'> & {
  fields: AgreementFields;
  problems: { code: string; place: string | null; text: string }[];
  steps: { to: AgreementState; problem: string | null }[];
  reminders: { on: Day; days_before: number; past: boolean }[];
  today: { active: boolean; prices: string[]; changes: Day[] };
  offboarding: { task: string; subject: string; due: Day }[];
  service: {
    promise: null | { answered_percent: number; within_seconds: number; reply_hours: number };
    effects: { at: Time; agreement: number; parts: string[] }[];
    open: { what: string; subject: string }[];
  };
  tax_hints: string[];
  versions: { version: number; changed_at: Time; reason: string; state: AgreementState }[];
};
export type RunPreview = {
  month: string;
  over: boolean;
  items: {
    municipality: Town;
    calls: number;
    clean: boolean;
    net_shown: string;
    payable_shown: string;
    difference_shown: string;
    number: string | null;
    problem: string | null;
  }[];
};
export type InvoiceRun = {
  id: number;
  month: string;
  started_at: Time;
  items: {
    municipality: Town;
    state: 'pending' | 'issued' | 'failed';
    number: string | null;
    problem: string | null;
  }[];
};
export type PartnerAccounts = {
  month: string;
  items: {
    id: number;
    name: string;
    taken_for_calls: number;
    taken_by_calls: number;
    talk_seconds: number;
    acw_seconds: number;
    transferred_seconds: number;
    price: null | { from: string; taken_for_shown: string; taken_by_shown: string; words: string };
    statement: null | { owed_to_us_shown: string; owed_by_us_shown: string; balance_shown: string };
  }[];
};
export type FinanceNotices = {
  budgets: {
    municipality: Town;
    year: number;
    month: number;
    alarm: 'watch' | 'warning' | 'exceeded';
    budget_shown: string;
    forecast_shown: string;
    exhausted_in: number | null;
  }[];
  agreements: { id: number; title: string; municipality: Town; notice_until: Day; last_day: Day }[];
};
export type Forecast = {
  year: number;
  budget_cents: number | null;
  months: {
    month: string;
    alarm: 'none' | 'watch' | 'warning' | 'exceeded';
    amount_cents: number;
    amount_shown: string;
    spent_cents: number;
    spent_shown: string;
    forecast_cents: number;
    forecast_shown: string;
    exhausted_in: number | null;
  }[];
};
