// SPDX-License-Identifier: EUPL-1.2
// A price clause as a form: what each model asks for, its steps and its levy key as lines, and a
// new one of each model. Kinds of calls are bits in the order of the engine (agreements/calls.h).
import type { PriceClause } from './contract';
import { rowOf, valueIn, wrongIn, type Row, type Spec } from './fields';
import { modelOf, type Model } from './prices';
import { words } from './texts';

export const kKindBits = ['own_number', 'number_115', 'crisis', 'from_partner', 'to_partner'] as const;
export const kUse: Model[] = ['minute_price', 'call_price', 'package', 'not_charged'];
const kSteps: Partial<Record<Model, string>> = {
  minute_price: 'steps',
  call_price: 'steps',
  inhabitant_cap: 'per_inhabitant',
};

export type ClauseRow = { model: Model; kinds: number; row: Row; steps: Row[]; key: Row[]; fresh: boolean };

export function clauseSpecs(model: Model): Spec[] {
  const w = words().fields;
  const counting: Spec[] = [
    { path: `${model}.unit`, label: w.unit, kind: 'choice', choices: w.units },
    { path: `${model}.counts_after_call_work`, label: w.counts_work, kind: 'yes' },
  ];
  const rounding: Spec = {
    path: `${model}.rounding`,
    label: w.rounding,
    kind: 'choice',
    choices: w.roundings,
  };
  const own: Record<Model, Spec[]> = {
    minute_price: [
      ...counting,
      { path: 'minute_price.level', label: w.level, kind: 'choice', choices: w.levels },
      { path: 'minute_price.minimum_seconds', label: w.minimum_seconds, kind: 'int' },
      rounding,
    ],
    call_price: [rounding],
    package: [
      { path: 'package.per_year', label: w.per_year, kind: 'cents' },
      { path: 'package.included_minutes', label: w.included, kind: 'int' },
      { path: 'package.overage_per_minute', label: w.overage, kind: 'price' },
      ...counting,
      rounding,
    ],
    not_charged: [],
    inhabitant_base: [
      { path: 'inhabitant_base.per_year', label: w.per_inhabitant, kind: 'price' },
      rounding,
    ],
    fixed_base: [{ path: 'fixed_base.per_year', label: w.per_year, kind: 'cents' }],
    levy_share: [{ path: 'levy_share.carried_per_year', label: w.carried, kind: 'cents' }],
    secondment_credit: [
      { path: 'secondment_credit.post_hundredths', label: w.posts, kind: 'hundredths' },
      { path: 'secondment_credit.per_post_and_year', label: w.per_post, kind: 'cents' },
    ],
    inhabitant_cap: [rounding],
    minimum: [{ path: 'minimum.per_year', label: w.per_year, kind: 'cents' }],
  };
  return [
    { path: 'name', label: w.name, kind: 'text' },
    { path: 'from', label: w.from, kind: 'day' },
    { path: 'to', label: w.to, kind: 'day', maybe: true },
    ...own[model],
    ...(kUse.includes(model)
      ? ([
          { path: 'price_classes', label: w.classes, hint: w.classes_hint, kind: 'classes', maybe: true },
        ] as Spec[])
      : []),
    { path: 'payer', label: w.payer, kind: 'choice', choices: w.payers },
    { path: 'payer_name', label: w.payer_name, kind: 'text' },
  ];
}
export const stepSpecs = (): Spec[] => [
  { path: 'price', label: words().fields.amount, kind: 'price' },
  { path: 'contract_year', label: words().fields.contract_year, kind: 'int' },
];
export const keySpecs = (places: Record<string, string>): Spec[] => [
  { path: 'municipality', label: words().fields.town, kind: 'choice', choices: places },
  { path: 'weight', label: words().fields.weight, kind: 'int' },
];
export const stepsOf = (model: Model): string | undefined => kSteps[model];

type Inner = Record<string, Record<string, unknown>>;
export function clauseRow(clause: PriceClause, places: Record<string, string>, fresh = false): ClauseRow {
  const model = modelOf(clause);
  const inner = (clause as unknown as Inner)[model] ?? {};
  const steps = (inner[kSteps[model] ?? ''] ?? []) as Record<string, unknown>[];
  const key = (model === 'levy_share' ? (inner['key'] ?? []) : []) as Record<string, unknown>[];
  return {
    model,
    kinds: clause.kinds,
    row: rowOf(clauseSpecs(model), clause as unknown as Record<string, unknown>),
    steps: steps.map((step) => rowOf(stepSpecs(), step)),
    key: key.map((share) => rowOf(keySpecs(places), share)),
    fresh,
  };
}
// Where it is wrong: the end of the field's id; null: nowhere.
export function clauseFault(one: ClauseRow, places: Record<string, string>): string | null {
  const own = wrongIn(clauseSpecs(one.model), one.row);
  if (own) return `row-0-${own.path}`;
  if (!String(one.row.text['name']).trim()) return 'row-0-name';
  for (const [index, step] of one.steps.entries()) {
    const wrong = wrongIn(stepSpecs(), step);
    if (wrong) return `steps-${index}-${wrong.path}`;
  }
  for (const [index, share] of one.key.entries()) {
    const wrong = wrongIn(keySpecs(places), share);
    if (wrong) return `key-${index}-${wrong.path}`;
  }
  return null;
}
export function clauseValue(one: ClauseRow, places: Record<string, string>): PriceClause {
  const value = valueIn<PriceClause & Inner>(clauseSpecs(one.model), one.row);
  value.kinds = one.kinds;
  const inner = ((value as Inner)[one.model] ??= {});
  const steps = kSteps[one.model];
  if (steps) inner[steps] = one.steps.map((step) => valueIn(stepSpecs(), step));
  if (one.model === 'levy_share') inner['key'] = one.key.map((share) => valueIn(keySpecs(places), share));
  if (value.price_classes?.length === 0) delete value.price_classes;
  return value;
}

export function newClause(model: Model, from: string, ars: string): PriceClause {
  const steps = [{ contract_year: 1, price: 0 }];
  const counting = { counts_after_call_work: true, unit: 'second', rounding: 'half_up' };
  const models: Record<Model, object> = {
    minute_price: { steps, ...counting, level: 'per_call', minimum_seconds: 0 },
    call_price: { steps, rounding: 'half_up' },
    package: { per_year: 0, included_minutes: 0, overage_per_minute: 0, ...counting },
    not_charged: {},
    inhabitant_base: { per_year: 0, rounding: 'half_up' },
    fixed_base: { per_year: 0 },
    levy_share: { carried_per_year: 0, key: [{ municipality: ars, weight: 1 }] },
    secondment_credit: { post_hundredths: 100, per_post_and_year: 0 },
    inhabitant_cap: { per_inhabitant: steps, rounding: 'half_up' },
    minimum: { per_year: 0 },
  };
  return {
    name: '',
    from,
    kinds: 7, // what a municipality owes by itself, without what partners send or take
    payer: model === 'levy_share' ? 'levy' : 'municipality',
    payer_name: '',
    words: '',
    [model]: structuredClone(models[model]),
  } as PriceClause;
}
