// SPDX-License-Identifier: EUPL-1.2
// A file from the server, saved under the name that it gives.
import { request } from '../lib/api';
import { saveFile } from '../lib/saveFile';

export async function download(path: string, accept = '*/*'): Promise<void> {
  const answer = await request(path, { accept });
  const named = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '');
  saveFile(await answer.blob(), named?.[1] ?? 'fernamt');
}
