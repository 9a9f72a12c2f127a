// SPDX-License-Identifier: EUPL-1.2
// Texts of what the desk loads with the first call: connecting by the directory, and what stands
// beside an article. Apart from the catalogue, so that the desk comes up with little.
// Spoken sentences: at most 40 characters (one Braille line).
import { i18n } from '../lib/i18n.svelte';

const short = (text: string, most: number) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

const de = {
  to: 'Verbinden mit',
  to_hint: 'Amt, Name oder Rufnummer',
  choose: 'Bitte in der Liste wählen oder eine Rufnummer eingeben.',
  list: 'Stellen und Personen',
  found: (n: number) => (n === 0 ? 'Niemand gefunden.' : n === 1 ? '1 Stelle' : `${n} Stellen`),
  picked: (who: string, reach: string) => `${short(who, 38 - reach.length)}: ${reach}`,
  stands_in: (name: string) => `Vertretung von ${name}`,
  no_number: 'keine Rufnummer',
  connect_with: (who: string) => `Verbinden mit ${who}`,
  connect: 'Verbinden',
  reach: {
    open: (time: string) => `jetzt erreichbar bis ${time}`,
    open_short: (time: string) => `da bis ${time}`,
    closed: 'zu',
    opens_today: (time: string) => `zu, heute wieder ${time}`,
    opens: (day: string, time: string) => `zu, wieder ${day} ${time}`,
  },
  guides: {
    title: 'Leitfäden',
    close: 'Leitfaden schließen',
    into_note: 'Jede Antwort steht in der Notiz zum Gespräch.',
    request_here: 'Anfrage hier aufnehmen.',
    end: 'Ende',
    end_request: 'Ende: Anfrage aufnehmen',
    to_request: 'Anfrage aufnehmen',
    article: 'Auskunft dazu öffnen',
    back: 'Eine Frage zurück',
  },
  wrong: {
    tell: 'Als falsch melden',
    article: 'Artikel',
    told: (name: string) => `Als falsch gemeldet: ${name}.`,
    already: 'Schon gemeldet.',
    words: 'Was stimmt nicht? (freiwillig)',
    hint: 'Ohne Namen. Wer meldet, wird nicht gespeichert.',
    say: 'Dazuschreiben',
    said: 'Dazugeschrieben.',
    take_back: 'Zurücknehmen',
    taken_back: 'Meldung zurückgenommen.',
  },
  more: {
    title: 'Mehr dazu',
    none: 'Mehr steht nicht in den Texten.',
    modules: {} as Record<string, string>, // the server's titles are German
  },
  internal: {
    title: 'Intern, nicht vorlesen',
    of: (name: string) => `Intern (${name}):`,
  },
};
export type Words = typeof de;

const en: Words = {
  to: 'Connect with',
  to_hint: 'Office, name or number',
  choose: 'Please choose from the list or enter a telephone number.',
  list: 'Offices and people',
  found: (n) => (n === 0 ? 'Nobody found.' : n === 1 ? '1 entry' : `${n} entries`),
  picked: (who, reach) => `${short(who, 38 - reach.length)}: ${reach}`,
  stands_in: (name) => `stands in for ${name}`,
  no_number: 'no number',
  connect_with: (who) => `Connect with ${who}`,
  connect: 'Connect',
  reach: {
    open: (time) => `reachable now until ${time}`,
    open_short: (time) => `there until ${time}`,
    closed: 'closed',
    opens_today: (time) => `closed, again today ${time}`,
    opens: (day, time) => `closed, again ${day} ${time}`,
  },
  guides: {
    title: 'Guides',
    close: 'Close guide',
    into_note: 'Each answer goes into the note of the call.',
    request_here: 'Take down the request here.',
    end: 'End',
    end_request: 'End: take down a request',
    to_request: 'Take down a request',
    article: 'Open the article on this',
    back: 'One question back',
  },
  wrong: {
    tell: 'Report as wrong',
    article: 'article',
    told: (name) => `Reported as wrong: ${name}.`,
    already: 'Already reported.',
    words: 'What is wrong? (optional)',
    hint: 'No names. Who reports is not stored.',
    say: 'Add',
    said: 'Added.',
    take_back: 'Take back',
    taken_back: 'Report taken back.',
  },
  more: {
    title: 'More',
    none: 'The texts say no more.',
    modules: {
      '06': 'Description',
      '07': 'Legal basis',
      '09': 'Conditions',
      '11': 'Course',
      '14': 'Forms',
      '15': 'Further information',
      '16': 'Notes',
      '25': 'Appeal',
    },
  },
  internal: {
    title: 'Internal, not to be read out',
    of: (name) => `Internal (${name}):`,
  },
};

export const words = (): Words => (i18n.language === 'en' ? en : de);
