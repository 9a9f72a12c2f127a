// SPDX-License-Identifier: EUPL-1.2
// The statement on accessibility, in a file of its own that comes with its page.
import { i18n } from '../lib/i18n.svelte';

const de = {
  title: 'Erklärung zur Barrierefreiheit',
  scope:
    'Diese Erklärung gilt für die Arbeitsplätze von Fernamt: Anmelden, Arbeitsplatz, Lage, Wissen, Redaktion, Abrechnung, Verwaltung und Einstellungen.',
  status_title: 'Stand der Vereinbarkeit',
  status:
    'Gebaut wird nach WCAG 2.2 Stufe AA und EN 301 549. Automatische Prüfungen finden in den geprüften Zuständen der Seiten, auch in denen der schlechten Tage, keinen Verstoß: hell, dunkel, mit erzwungenen Farben und bei 400 Prozent. Sie decken nur einen Teil der Anforderungen ab. Eine Prüfung durch Menschen, die einen Screenreader täglich benutzen, gab es noch nicht.',
  gaps_title: 'Was noch fehlt',
  gaps: [
    'Ein Test mit NVDA und JAWS und mit Braillezeile durch blinde Kolleginnen und Kollegen steht noch aus.',
    'Text in Echtzeit während des Gesprächs (EN 301 549, 6.2) gibt es noch nicht. Gehörlose Menschen erreichen die Behörden über das Gebärdentelefon der 115 und über Tess.',
    'Die Tasten Strg F1, Strg F2, Strg Umschalt F8, Strg Umschalt F9 und Alt 1 bis 8 sind noch nicht mit allen Screenreadern erprobt.',
    'Die Wörter in Datums- und Dateifeldern kommen vom Browser, in dessen Sprache.',
  ],
  built_title: 'Worauf Sie sich verlassen können',
  built: [
    'Jede Seite ist mit dem Tabulator ganz zu erreichen, in ihrer Reihenfolge und mit sichtbarem Fokus. Die Funktionstasten lassen sich ändern und ausschalten.',
    'Meldungen werden einmal gesprochen und stehen zum Nachlesen unten auf der Seite. Geprüft ist das mit einem virtuellen Screenreader.',
    'Die Uhr und die Warteschlange reden nie von selbst.',
    'Was gewählt ist und was gedrückt werden kann, ist auch ohne Farben und Hintergründe zu erkennen.',
    'Bei 200 und 400 Prozent und mit weiten Textabständen muss die Seite nicht seitwärts gescrollt werden. Breite Tabellen scrollen in ihrem Rahmen.',
  ],
  feedback_title: 'Barriere melden',
  feedback:
    'Bitte sagen Sie der Teamleitung Ihres Servicecenters, wo es hakt. Meldungen zum Programm gehen an das Projekt Fernamt.',
  arbitration_title: 'Schlichtung',
  arbitration:
    'Wenn eine Antwort ausbleibt, hilft die Schlichtungs- oder Durchsetzungsstelle Ihres Landes. Die Stelle, die Fernamt betreibt, nennt sie auf ihrer Internetseite.',
  date: 'Stand: 22. November 2026, Selbstbewertung des Projekts.',
};

const en: typeof de = {
  title: 'Accessibility statement',
  scope:
    'This statement applies to the workplaces of Fernamt: sign-in, desk, situation, knowledge, editing, invoices, administration and settings.',
  status_title: 'State of conformance',
  status:
    'Built for WCAG 2.2 level AA and EN 301 549. Automatic checks find no violation in the tested states of the pages, those of bad days included: light, dark, with forced colours and at 400 per cent. They cover only a part of the requirements. People who use a screen reader every day have not tested it yet.',
  gaps_title: 'What is still missing',
  gaps: [
    'A test with NVDA and JAWS and with a Braille line by blind colleagues is still to come.',
    'Real-time text during the call (EN 301 549, 6.2) does not exist yet. Deaf people reach the authorities by the sign-language telephone of 115 and by Tess.',
    'The keys Ctrl F1, Ctrl F2, Ctrl Shift F8, Ctrl Shift F9 and Alt 1 to 8 have not been tried with all screen readers yet.',
    'The words in date and file fields come from the browser, in its language.',
  ],
  built_title: 'What you can rely on',
  built: [
    'Tab reaches the whole of every page, in its order and with a visible focus. The function keys can be changed and switched off.',
    'Messages are spoken once and stay readable at the bottom of the page. This is tested with a virtual screen reader.',
    'The clock and the queue never speak by themselves.',
    'What is chosen and what can be pressed is recognised without colours and backgrounds, too.',
    'At 200 and 400 per cent and with wide text spacing the page does not have to be scrolled sideways. Wide tables scroll within their frame.',
  ],
  feedback_title: 'Report a barrier',
  feedback:
    'Please tell the team lead of your service centre where it hurts. Reports on the program go to the Fernamt project.',
  arbitration_title: 'Arbitration',
  arbitration:
    'If no answer comes, the arbitration or enforcement body of your Land helps. The authority that runs Fernamt names it on its website.',
  date: 'As of 22 November 2026, self-assessment of the project.',
};

export const accessibilityTexts = () => (i18n.language === 'en' ? en : de);
