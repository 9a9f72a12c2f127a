// SPDX-License-Identifier: EUPL-1.2
// The one amount of a price clause that a person changes, whatever its model: exact text in euro,
// to and from the stored whole numbers (cents, or millionths of a euro for prices).
import type { PriceClause } from './contract';

export const kModels = [
  'minute_price',
  'call_price',
  'package',
  'not_charged',
  'inhabitant_base',
  'fixed_base',
  'levy_share',
  'secondment_credit',
  'inhabitant_cap',
  'minimum',
] as const;
export type Model = (typeof kModels)[number];
export const modelOf = (clause: PriceClause): Model =>
  kModels.find((model) => clause[model] !== undefined) ?? 'not_charged';

// 950000 millionths -> "0,95"; 9500000 cents -> "95000,00"
function toText(value: number, decimals: number): string {
  const digits = String(value).padStart(decimals + 1, '0');
  const whole = digits.slice(0, -decimals);
  return `${whole},${digits.slice(-decimals).replace(/0+$/, '').padEnd(2, '0')}`;
}
export function toWhole(text: string, decimals: number): number | null {
  const found = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim());
  if (!found || (found[2] ?? '').length > decimals) return null;
  return Number(found[1]! + (found[2] ?? '').padEnd(decimals, '0'));
}
export const centsText = (cents: number) => toText(cents, 2);

export function valueOf(clause: PriceClause): string {
  const steps = clause.minute_price?.steps ?? clause.call_price?.steps ?? clause.inhabitant_cap?.per_inhabitant;
  if (steps) return toText(steps[0]?.price ?? 0, 6);
  if (clause.inhabitant_base) return toText(clause.inhabitant_base.per_year, 6);
  const yearly =
    clause.package?.per_year ??
    clause.fixed_base?.per_year ??
    clause.levy_share?.carried_per_year ??
    clause.secondment_credit?.per_post_and_year ??
    clause.minimum?.per_year;
  return yearly === undefined ? '' : centsText(yearly);
}

// The clause with another amount; null if the text is no amount.
export function withValue(clause: PriceClause, text: string): PriceClause | null {
  const model = modelOf(clause);
  if (model === 'not_charged') return clause;
  const price = ['minute_price', 'call_price', 'inhabitant_base', 'inhabitant_cap'].includes(model);
  const value = toWhole(text, price ? 6 : 2);
  if (value === null) return null;
  const set = (steps: { contract_year: number; price: number }[]) =>
    steps.map((step, index) => (index === 0 ? { ...step, price: value } : step));
  const of = structuredClone(clause);
  if (of.minute_price) of.minute_price.steps = set(of.minute_price.steps);
  if (of.call_price) of.call_price.steps = set(of.call_price.steps);
  if (of.inhabitant_cap) of.inhabitant_cap.per_inhabitant = set(of.inhabitant_cap.per_inhabitant);
  if (of.inhabitant_base) of.inhabitant_base.per_year = value;
  if (of.package) of.package.per_year = value;
  if (of.fixed_base) of.fixed_base.per_year = value;
  if (of.levy_share) of.levy_share.carried_per_year = value;
  if (of.secondment_credit) of.secondment_credit.per_post_and_year = value;
  if (of.minimum) of.minimum.per_year = value;
  return of;
}
