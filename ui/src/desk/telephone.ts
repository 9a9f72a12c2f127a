// SPDX-License-Identifier: EUPL-1.2
// Telephone numbers in a line of an article, as offices write them: "0511 6300-26", "(0511) 63 00",
// "+49 511 6300", "Telefon 115". What only looks like one (hours, dates, sums, IBANs, file and fax
// numbers) is none: nobody may be connected with an hour. Pure; whether a number is valid and
// allowed decides the server.

// Said first: what follows is no telephone.
const kNoTelephone =
  /(?:fax|az|aktenzeichen|kassenzeichen|iban|bic|konto|kontonummer|kundennummer|rechnungsnummer|postfach|plz|raum|zimmer)(?:[\s.:-]*(?:nr|nummer))?[\s.:]*$/i;
// Hours and sums with their unit.
const kMeasures =
  /\d{1,2}(?:[.:]\d{2})?\s*(?:-|–|bis|und)\s*\d{1,2}(?:[.:]\d{2})?\s*Uhr|\d{1,4}(?:[.:]\d{2})?(?:\s*[-–]\s*\d{1,4})?\s*Uhr|\d[\d\s.,]{0,20}(?:€|EUR|Euro)/gi;

const kGap = String.raw`[ \u00a0]?[-–/ \u00a0][ \u00a0]?`;
const kLeft = String.raw`(?<![\p{L}\d+.,:]|\d/|\d[ \u00a0–-]{1,3})`;
const kAbroad = String.raw`(?:\+|00)49[ \u00a0]?(?:\(0\)[ \u00a0]?)?[1-9]\d{0,14}`;
const kArea = String.raw`\(0[1-9]\d{1,4}\)|0[1-9]\d{1,14}`;
const kNumber = new RegExp(
  // A second "/ 0511 …" begins another number.
  String.raw`${kLeft}(?:${kAbroad}|${kArea})(?:(?!${kGap}0[1-9]\d{2,}[ \u00a0/-])${kGap}\d{1,14}){0,8}(?![\d:]|[.,]\d)`,
  'gu',
);
const kAuthorities = /(?:^|telefon|tel\.?|rufnummer|unter|nummer)[\s:]*(115)(?!\d|[ /-]\d|\s*[\p{L}€])/giu;

const kFewestDigits = 6; // "0511 6"
const kMostDigits = 15; // E.164

export function telephones(line: string): string[] {
  const text = line.replace(kMeasures, (measure) => '§'.repeat(measure.length));
  const found = [...text.matchAll(kNumber), ...text.matchAll(kAuthorities)].map((match) => {
    const number = match[1] ?? match[0];
    return { number, at: match.index + match[0].length - number.length };
  });
  return found
    .filter(({ number, at }) => number === '115' || (isLongEnough(number) && !kNoTelephone.test(text.slice(0, at))))
    .sort((a, b) => a.at - b.at)
    .map(({ number }) => number);
}

function isLongEnough(number: string): boolean {
  const digits = number.replace(/\D/g, '').length;
  return digits >= kFewestDigits && digits <= kMostDigits;
}
