// SPDX-License-Identifier: EUPL-1.2
// The words of documents, queries, agreements and early warning: fetched with these pages, not with
// the desk.
import { i18n } from '../lib/i18n.svelte';
import { de } from './texts/de';
import { en } from './texts/en';

export const words = () => (i18n.language === 'en' ? en : de);
