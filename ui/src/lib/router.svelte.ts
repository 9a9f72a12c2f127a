// SPDX-License-Identifier: EUPL-1.2
// The address is the state of the page: path = workplace, query = what is open in it. Shareable,
// and back and forward work. `page` in the query opens a page that belongs to every workplace.
import { tick } from 'svelte';

type Query = Record<string, string | null>;

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
  }

  get(name: string): string | null {
    return this.query.get(name);
  }

  href(path: string, query: Query = {}): string {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value) params.set(name, value);
    const text = params.toString();
    return text ? `${path}?${text}` : path;
  }

  // Goes to another page and puts the focus on its heading.
  async go(path: string, query: Query = {}): Promise<void> {
    history.pushState(null, '', this.href(path, query));
    this.#read();
    scrollTo(0, 0);
    await focusHeading();
  }

  // Changes a part of the query; the focus stays.
  set(query: Query, replace = false): void {
    const merged: Query = { ...Object.fromEntries(this.query), ...query };
    const href = this.href(this.path, merged);
    if (replace) history.replaceState(null, '', href);
    else history.pushState(null, '', href);
    this.#read();
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
}

export const router = new Router();

// Pages arrive late (their code and their data are fetched): put the focus on the heading, again if
// the heading was replaced meanwhile, for two seconds; never take it from where a person put it.
export async function focusHeading(): Promise<void> {
  await tick();
  let focused: HTMLElement | null = null;
  for (const end = Date.now() + 2000; Date.now() < end; ) {
    const lost = focused === null || (!focused.isConnected && isNowhere(document.activeElement));
    if (focused?.isConnected && document.activeElement !== focused) return;
    if (lost) {
      focused = document.querySelector<HTMLElement>('main h1');
      focused?.focus();
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}
const isNowhere = (element: Element | null) => !element || element === document.body;

// A click on a link of our own: same page, new address. Modified clicks open a new tab as usual.
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest('a');
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.hash || link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  void router.go(link.pathname, Object.fromEntries(new URLSearchParams(link.search)));
}
