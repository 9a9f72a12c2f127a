// SPDX-License-Identifier: EUPL-1.2
// Tables sorted by a click on the heading.
export type Order<Column extends string> = { column: Column; descending: boolean };

export function toggled<Column extends string>(order: Order<Column>, column: Column): Order<Column> {
  return { column, descending: order.column === column ? !order.descending : false };
}

export const ariaSort = <Column extends string>(order: Order<Column>, column: Column) =>
  order.column !== column ? undefined : order.descending ? 'descending' : 'ascending';

export function sorted<Row extends Record<Column, string | number>, Column extends string>(
  rows: Row[],
  { column, descending }: Order<Column>,
  locale: string,
): Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [a[column], b[column]];
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    return sign * String(x).localeCompare(String(y), locale);
  });
}
