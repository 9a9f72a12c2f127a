// SPDX-License-Identifier: EUPL-1.2
// A file from the server, saved under the name that it gives.
import { request } from '../lib/api';

export async function download(path: string, accept = '*/*'): Promise<void> {
  const answer = await request(path, { accept });
  const named = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '');
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = named?.[1] ?? 'fernamt';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
