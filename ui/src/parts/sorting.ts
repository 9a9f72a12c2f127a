// SPDX-License-Identifier: EUPL-1.2
// Tables sorted by a press on a heading: once upwards, again downwards.
export type Order = { column: number; descending: boolean };
export type Sortable = string | number | null | undefined; // nothing comes last, whichever way

export function toggled(order: Order | null, column: number): Order {
  return { column, descending: order?.column === column ? !order.descending : false };
}

export const ariaSort = (order: Order | null, column: number) =>
  order?.column !== column ? undefined : order.descending ? 'descending' : 'ascending';

const empty = (value: Sortable) => value === null || value === undefined || value === '';

// Equal ones stay in the order they came in.
export function sorted<Row>(
  rows: Row[],
  by: (row: Row) => Sortable,
  descending: boolean,
  locale: string,
): Row[] {
  const sign = descending ? -1 : 1;
  const words = new Intl.Collator(locale, { numeric: true });
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (empty(x) || empty(y)) return Number(empty(x)) - Number(empty(y));
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    return sign * words.compare(String(x), String(y));
  });
}
