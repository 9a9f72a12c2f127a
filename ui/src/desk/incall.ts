// SPDX-License-Identifier: EUPL-1.2
// What the desk fetches in one piece when the shift starts, not with the page itself. It is there
// before the first call: an upgrade of the server in between can take nothing away from it.
export { default as Article } from './Article.svelte';
export { default as Connect } from './Connect.svelte';
export { default as GuideHits } from './GuideHits.svelte';
export { default as GuideWalk } from './GuideWalk.svelte';
export { default as Reachable } from './Reachable.svelte';
