// SPDX-License-Identifier: EUPL-1.2
// The language of the page. German is the source; English is fetched only when it is wanted.
import { de, type Catalogue } from '../texts/de';
import type { Language } from './contract';

class I18n {
  language = $state<Language>('de');
  #catalogue = $state.raw<Catalogue>(de);

  get t(): Catalogue {
    return this.#catalogue;
  }

  async use(language: Language): Promise<void> {
    this.#catalogue = language === 'en' ? (await import('../texts/en')).en : de;
    this.language = language;
    document.documentElement.lang = language;
  }
}

export const i18n = new I18n();
