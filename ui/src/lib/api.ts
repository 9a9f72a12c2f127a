// SPDX-License-Identifier: EUPL-1.2
// One way to the server: JSON in and out, the CSRF header, the language, and errors as Failure.
// It never retries by itself; whoever asks decides what an error means on the page.
import { i18n } from './i18n.svelte';

export class Failure extends Error {
  constructor(
    readonly status: number, // 0: the server was not reached
    readonly code: string,
    message: string,
    readonly args: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

type Options = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  version?: number;
  keepalive?: boolean;
  signal?: AbortSignal;
  accept?: string;
};

let onSessionEnd: () => void = () => {};
export const whenSessionEnds = (handler: () => void) => void (onSessionEnd = handler);

export async function request(path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: options.accept ?? 'application/json',
    'Accept-Language': i18n.language,
    'X-Fernamt': '1',
  };
  let body: BodyInit | undefined;
  if (options.body instanceof Blob) {
    body = options.body;
    headers['Content-Type'] = options.body.type || 'application/octet-stream';
  } else if (options.body !== undefined) {
    body = JSON.stringify(options.body);
    headers['Content-Type'] = 'application/json';
  }
  if (options.version !== undefined) headers['If-Match'] = `"${options.version}"`;
  const { method = 'GET', keepalive, signal } = options;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, { method, headers, body, keepalive, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure(0, 'net.unreachable', i18n.t.errors.unreachable);
  }
  if (response.ok) return response;
  throw await failure(response, path);
}

async function failure(response: Response, path: string): Promise<Failure> {
  const problem = await response.json().catch(() => ({}));
  if (response.status === 401 && path !== '/session') onSessionEnd();
  const title = problem.title || i18n.t.errors.status(response.status);
  return new Failure(response.status, problem.code ?? '', title, problem.arguments ?? {});
}

export async function read<T>(path: string, options: Options = {}): Promise<T> {
  return (await request(path, options)).json();
}

export async function send<T = void>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  version?: number,
): Promise<T> {
  const response = await request(path, { method, body, version });
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

// What a person should read about any error.
export const explain = (error: unknown): string =>
  error instanceof Failure ? error.message : i18n.t.errors.unexpected;
