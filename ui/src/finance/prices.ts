// SPDX-License-Identifier: EUPL-1.2
// Price models, and amounts as exact text in euro, to and from the stored whole numbers (cents, or
// millionths of a euro for prices).
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

export const priceText = (micro: number) => toText(micro, 6);
