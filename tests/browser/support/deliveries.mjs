// SPDX-License-Identifier: EUPL-1.2
// Deliveries of knowledge in the contract server: one that was checked, one that is not readable.
export const deliveries = () => [
  {
    ...head(2, 'staged'),
    objects: 310,
    refused: 1,
    notes: 1,
    vanishing: 40,
    source_objects: 300,
    kinds: [{ kind: 'service', created: 12, updated: 30, unchanged: 228, removed: 40 }],
    changes: [
      { what: 'removed', object: 'office L100042/815', name: 'Bürgerbüro Nord' },
      { what: 'created', object: 'responsibility L100042/7', name: '' },
    ],
    findings: [
      { file: 'lieferung.xml', line: 17, code: 'html_cleaned', object: 'L100042', detail: 'script' },
      { file: 'lieferung.xml', line: 90, code: 'object_without_id', object: '', detail: '' },
    ],
  },
  {
    ...head(1, 'failed'),
    problem: { code: 'knowledge.delivery_unreadable', title: 'Die Lieferung ist nicht lesbar.' },
  },
];

function head(id, state) {
  return {
    id,
    source: 'xzufi',
    file: 'lieferung.xml',
    complete: id === 2,
    state,
    started: '2026-11-20T08:00:00Z',
    finished: '2026-11-20T08:01:00Z',
    undoable: false,
    undo_until: null,
    by: id === 2 ? { id: 3, name: 'Erika Redaktion' } : null,
    problem: null,
    progress: null,
    objects: 0,
    refused: 0,
    notes: 0,
    files: 1,
    unknown_removals: 0,
    duplicates: 0,
    dangling: 0,
    source_objects: 0,
    vanishing: 0,
    kinds: [],
    changes: [],
    findings: [],
  };
}

// The answer, or nothing when the path is another's.
export function answer(all, method, path, json, problem) {
  if (path === '/knowledge/deliveries' && method === 'GET') return { deliveries: all };
  if (path === '/knowledge/deliveries' && method === 'POST') {
    const { source, complete } = json();
    all.unshift({ ...head(all.length + 1, 'staged'), source, complete, objects: 3 });
    return all[0];
  }
  if (path === '/knowledge/uploads' && method === 'POST') return { upload: 'u1', piece_bytes: 1e6 };
  if (path.startsWith('/knowledge/uploads/')) return {};
  const match = /^\/knowledge\/deliveries\/(\d+)(\/apply|\/undo)?$/.exec(path);
  if (!match) return undefined;
  const at = all.findIndex(({ id }) => id === Number(match[1]));
  const one = all[at];
  if (!one) return problem(404, 'knowledge.delivery_not_found', 'Diese Lieferung gibt es nicht.');
  if (method === 'DELETE') all.splice(at, 1);
  if (match[2] === '/undo') Object.assign(one, { state: 'undone', undoable: false, undo_until: null });
  if (match[2] === '/apply') {
    const { allow_mass_deletion, most_vanishing_percent } = json();
    if (one.vanishing * 100 > one.source_objects * most_vanishing_percent && !allow_mass_deletion)
      return problem(409, 'knowledge.delivery_mass_deletion', '40 von 300 Einträgen würden entfallen.');
    Object.assign(one, { state: 'applied', undoable: true, undo_until: '2027-02-18' });
  }
  return one;
}
