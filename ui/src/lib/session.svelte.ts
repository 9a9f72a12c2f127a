// SPDX-License-Identifier: EUPL-1.2
// Who is signed in, and which pages are theirs. All windows of a browser share one session: when
// somebody signs in or out in one, the others follow, so that none acts for whoever was there before.
import { forgetLast } from './announce.svelte';
import { Failure, read, send } from './api';
import { i18n } from './i18n.svelte';
import { settings } from './settings.svelte';
import type { Language, Role, User } from './contract';

export type PageName = 'desk' | 'lead' | 'finance' | 'admin' | 'knowledge' | 'editing';

const pagesOf: Record<Role, PageName[]> = {
  agent: ['desk'],
  lead: ['lead', 'knowledge', 'editing'],
  editor: ['editing', 'knowledge'],
  finance: ['finance', 'knowledge'],
  admin: ['admin', 'lead', 'finance', 'editing'],
  auditor: ['finance', 'knowledge'],
  reader: ['knowledge'],
};
const order: PageName[] = ['desk', 'lead', 'finance', 'admin', 'knowledge', 'editing'];
export const addressOf = (page: PageName) => (page === 'knowledge' ? '/?page=knowledge' : `/${page}`);

const kChannel = 'fernamt-session';
const kNobody = 0;

class Session {
  user = $state.raw<User | null>(null);
  known = $state(false); // the server has said who we are
  problem = $state('');
  expired = $state(false);
  helped = $state(false); // in a crisis, by a code: a place for a time, and for this person only
  beforeSignOut: () => Promise<unknown> = async () => undefined;
  #channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(kChannel) : undefined;

  constructor() {
    this.#channel?.addEventListener('message', ({ data }) => this.#changedElsewhere(data as number));
  }

  get pages(): PageName[] {
    const mine = new Set(this.user?.roles.flatMap((role) => pagesOf[role]));
    return order.filter((page) => mine.has(page));
  }
  // Where a person lands: the page of the first task that has one.
  get home(): PageName | undefined {
    return this.user?.roles.map((role) => pagesOf[role][0]).find(Boolean);
  }
  has(role: Role): boolean {
    return this.user?.roles.includes(role) ?? false;
  }

  async load(): Promise<void> {
    this.problem = '';
    try {
      this.#adopt(await read<User>('/session'));
    } catch (error) {
      if (!(error instanceof Failure) || error.status !== 401) {
        this.problem = error instanceof Failure ? error.message : i18n.t.errors.unexpected;
        return;
      }
      this.user = null;
    }
    this.known = true;
  }

  async signIn(login: string, password: string): Promise<void> {
    this.#enter(await send<User>('POST', '/session', { login, password }));
  }

  // Without an account, while a crisis runs.
  async join(code: string): Promise<void> {
    this.#enter(await send<User>('POST', '/helpers', { code }));
    this.helped = true;
  }

  async signOut(): Promise<void> {
    await this.beforeSignOut();
    await send('DELETE', '/session');
    this.user = null;
    this.helped = false;
    this.#channel?.postMessage(kNobody);
  }

  end(): void {
    if (this.user) this.expired = true;
    this.user = null;
  }

  async saveSettings(language: Language = i18n.language): Promise<void> {
    settings.apply();
    const body = { language, settings: { ...settings.personal } };
    this.user = await send<User>('PUT', '/session/settings', body);
    await i18n.use(language);
  }

  #enter(user: User): void {
    this.#adopt(user);
    forgetLast(); // a wrong password or code before is over
    this.known = true;
    this.#channel?.postMessage(user.id);
  }

  #changedElsewhere(user: number): void {
    if (user === (this.user?.id ?? kNobody)) return;
    this.user = null;
    this.known = false;
    void this.load();
  }

  #adopt(user: User): void {
    this.user = user;
    this.expired = this.helped = false;
    settings.adopt(user);
    void i18n.use(user.language);
  }
}

export const session = new Session();
