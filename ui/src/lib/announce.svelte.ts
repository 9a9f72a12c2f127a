// SPDX-License-Identifier: EUPL-1.2
// The one way to speak to a screen reader. The two live regions stand fixed in index.html; they are
// emptied and filled 60 ms later, so that the same sentence is spoken twice when it happens twice.
// The last message stays readable in the footer (Braille line) and can be repeated by key.
export type Urgency = 'polite' | 'assertive';

const regions = { polite: 'say-polite', assertive: 'say-now' } as const;
const waiting = new Map<Urgency, string[]>(); // what comes within the same 60 ms is said together

class Message {
  text = $state('');
}
export const lastMessage = new Message();
// It may name a number or a town: not for whoever signs in next.
export const forgetLast = (): void => void (lastMessage.text = '');

export function announce(text: string, urgency: Urgency = 'polite'): void {
  lastMessage.text = text;
  speak(text, urgency);
}

// Speaks without becoming the last message.
export function speak(text: string, urgency: Urgency = 'polite'): void {
  const region = document.getElementById(regions[urgency]);
  if (!region) return;
  region.textContent = '';
  const together = waiting.get(urgency);
  if (together) {
    together.push(text);
    return;
  }
  const texts = [text];
  waiting.set(urgency, texts);
  setTimeout(() => {
    waiting.delete(urgency);
    region.textContent = texts.join(' ');
  }, 60);
}
