// SPDX-License-Identifier: EUPL-1.2
// Hands the caller over at once, from wherever a number stands, and says to whom.
import { announce } from '../lib/announce.svelte';
import { i18n } from '../lib/i18n.svelte';
import { desk } from './desk.svelte';

export async function connect(target: string, name = target): Promise<boolean> {
  if (!(await desk.callCommand('transfer', { target }))) return false;
  announce(i18n.t.desk.transfer_done(name));
  return true;
}
