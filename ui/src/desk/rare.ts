// SPDX-License-Identifier: EUPL-1.2
// What the search rarely shows, with its own texts: fetched when it is needed, so that the desk comes
// up with little.
export { default as Building } from './Building.svelte';
export { default as Websites } from './Websites.svelte';
