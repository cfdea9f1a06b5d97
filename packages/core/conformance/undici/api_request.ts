// How an undici user calls an API: the token comes from the interceptor, everything else from undici.
import { Agent, type Dispatcher } from 'undici';
import { oauthError } from '../../src/error_classes.ts';
import type { TokenClient } from '../../src/index.ts';
import { tokenInterceptor } from '../../src/undici.ts';

export interface ApiCall {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const REFUSALS = new Map<number, 'unauthorized' | 'forbidden'>([
  [401, 'unauthorized'],
  [403, 'forbidden'],
]);

const dispatchers = new WeakMap<TokenClient, Dispatcher>();

/** @throws OAuthError of the token; `unauthorized` and `forbidden`, which are the protocol's names for a 401 and a 403 that the interceptor hands out. */
export async function requestThroughInterceptor(
  client: TokenClient,
  { url, method, headers = {}, body }: ApiCall,
): Promise<{ status: number; body: string }> {
  const dispatcher = dispatchers.get(client) ?? new Agent().compose(tokenInterceptor(client));
  dispatchers.set(client, dispatcher);
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  const sent = { origin, path, method, headers };
  const answer = await dispatcher.request({ ...sent, body: body ?? null });
  const text = await answer.body.text();
  const { statusCode: status } = answer;
  const named = REFUSALS.get(status);
  if (named)
    throw oauthError(named, `${method} ${origin}${pathname}: HTTP ${status}`, {
      httpStatus: status,
    });
  return { status, body: text };
}
