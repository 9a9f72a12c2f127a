// SPDX-License-Identifier: EUPL-1.2
// What was answered on the way through a guide, as lines of the call's note: each once, in order.
// A step back takes its line back. What the agent wrote around them stays; lines that the agent has
// changed belong to the agent, and new answers go below. Pure.
export type Answered = { question: string; answer: string };

const lineOf = ({ question, answer }: Answered) => `- ${question.replaceAll('\n', ' ')} ${answer}`;
const blockOf = (title: string, way: Answered[]) =>
  way.length > 0 ? [`${title}:`, ...way.map(lineOf)].join('\n') : '';

// The note after the way went from `before` to `after`.
export function withWay(text: string, title: string, before: Answered[], after: Answered[]): string {
  const was = blockOf(title, before);
  const is = blockOf(title, after);
  const at = was ? text.lastIndexOf(was) : -1;
  if (at >= 0) return tidy(text.slice(0, at) + is + text.slice(at + was.length));
  if (!was) return is ? tidy(`${text}${text && '\n\n'}${is}`) : text;
  const fresh = after.slice(before.length).map(lineOf);
  return fresh.length > 0 ? `${text}\n${fresh.join('\n')}` : text;
}

const tidy = (text: string) => text.replace(/\n{3,}/g, '\n\n').replace(/^\n+/, '').replace(/\n+$/, '');
