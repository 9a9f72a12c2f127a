// SPDX-License-Identifier: EUPL-1.2
// The parts of an agreement that are lists of lines: what each line has, and how a new one begins.
import type { Spec } from './fields';
import { words } from './texts';

export type PartName =
  | 'numbers'
  | 'promises'
  | 'hours'
  | 'retentions'
  | 'taxes'
  | 'populations'
  | 'budgets'
  | 'documents';
type Part = {
  title: string;
  hint?: string;
  specs: Spec[];
  blank: (from: string) => Record<string, unknown>;
};

const int = (path: string, label: string): Spec => ({ path, label, kind: 'int' });
const text = (path: string, label: string): Spec => ({ path, label, kind: 'text' });
const day = (path: string, label: string): Spec => ({ path, label, kind: 'day' });

// Which scopes of a number say something about the town hall's operator or its hours
// (src/people/agreed_scope.h).
const scopeIs =
  (...scopes: string[]): Spec['when'] =>
  (text) =>
    scopes.includes(String(text['value.scope']));
const rings = scopeIs('when_absent', 'overflow_only');

export function parts(): Record<PartName, Part> {
  const w = words().fields;
  const dated: Spec[] = [day('from', w.from), { ...day('to', w.to), maybe: true }];
  return {
    numbers: {
      title: w.numbers,
      specs: [
        { path: 'value.number', label: w.number, kind: 'phone' },
        { path: 'value.scope', label: w.scope, kind: 'choice', choices: w.scopes },
        { path: 'value.office', label: w.office, kind: 'phone', maybe: true, when: rings },
        { path: 'value.ring_seconds', label: w.ring_seconds, kind: 'int', maybe: true, when: rings },
        {
          path: 'value.staffed',
          label: w.staffed,
          hint: w.staffed_hint,
          kind: 'hours',
          maybe: true,
          when: scopeIs('when_absent', 'out_of_hours'),
        },
        ...dated,
      ],
      blank: (from) => ({ from, value: { number: '', scope: 'all_calls' } }),
    },
    promises: {
      title: w.promises,
      specs: [
        int('value.answered_percent', w.answered),
        int('value.within_seconds', w.within),
        int('value.first_contact_percent', w.first_contact),
        int('value.reply_hours', w.reply),
        { path: 'value.reply_in_service_hours', label: w.reply_service, kind: 'yes' },
        ...dated,
      ],
      blank: (from) => ({
        from,
        value: {
          answered_percent: 75,
          within_seconds: 30,
          first_contact_percent: 65,
          reply_hours: 24,
          reply_in_service_hours: true,
        },
      }),
    },
    hours: {
      title: w.hours,
      specs: [{ path: 'value', label: w.hours, hint: w.hours_hint, kind: 'hours' }, ...dated],
      blank: (from) => ({ from, value: [] }),
    },
    retentions: {
      title: w.retentions,
      specs: [
        int('value.caller_days', w.caller_days),
        int('value.case_days', w.case_days),
        int('value.call_record_days', w.record_days),
        ...dated,
      ],
      blank: (from) => ({ from, value: { caller_days: 1, case_days: 90, call_record_days: 180 } }),
    },
    taxes: {
      title: w.taxes,
      specs: [
        {
          path: 'value.category',
          label: w.tax_category,
          kind: 'choice',
          choices: words().paper.tax,
        },
        int('value.rate_percent', w.tax_rate),
        text('value.reason', w.tax_reason),
        ...dated,
      ],
      blank: (from) => ({ from, value: { category: 'standard', rate_percent: 19, reason: '' } }),
    },
    populations: {
      title: w.populations,
      specs: [
        int('inhabitants', w.inhabitants),
        day('key_date', w.key_date),
        text('source', w.source),
        day('from', w.from),
      ],
      blank: (from) => ({ from, key_date: '', inhabitants: '', source: '' }),
    },
    budgets: {
      title: w.budgets,
      specs: [
        int('year', w.year),
        { path: 'amount', label: w.amount, kind: 'cents' },
        text('product', w.product),
        text('cost_centre', w.cost_centre),
      ],
      blank: (from) => ({ year: Number(from.slice(0, 4)), product: '', cost_centre: '' }),
    },
    documents: {
      title: w.documents,
      specs: [text('title', w.document), text('reference', w.reference), day('date', w.day)],
      blank: () => ({ title: '', reference: '', date: '' }),
    },
  };
}
