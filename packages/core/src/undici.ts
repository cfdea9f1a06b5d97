import type { Dispatcher } from 'undici';
import type { TokenClient } from './token_client.ts';
import { destinationCheck } from './undici/destination.ts';
import { TokenHandler } from './undici/token_handler.ts';

/**
 * Gives the requests of an undici dispatcher a token: `agent.compose(tokenInterceptor(client))`. For undici 7 and newer.
 *
 * Requests to the API of the client carry `Authorization: Bearer …` in place of whatever they had there; all others pass untouched. After a
 * 401 that another token would cure the token is renewed once and the request repeated once (RFC 6750, section 3.1), if its body can be
 * sent again: none, a text, bytes, a `Blob` or undici's `FormData`. A stream or an iterator cannot, and undici's `fetch` makes an iterator
 * of every body: its caller gets the 401, and the next request a new token. Every other answer is the caller's too, a second 401 included.
 *
 * A request for which no token can be had is not sent; it fails with the {@link OAuthError} of {@link TokenClient.getToken}.
 *
 * Compose it first, before redirects and retries, so that it judges each request that leaves. Compose it on an `Agent`: it cannot see where
 * a `BalancedPool` connects to, which therefore never gets the token; of a `Client` or a `Pool` it trusts the `origin` of the request with
 * undici 7 and early versions of undici 8, which do not tell interceptors where they connect to.
 *
 * @example
 * ```ts
 * import { Agent, request } from 'undici';
 *
 * const client = new TokenClient(settingsFromEnvironment({ needed: ['API_URL'] }));
 * const dispatcher = new Agent().compose(tokenInterceptor(client));
 * const { statusCode } = await request(new URL('v1/catalogs', process.env['API_URL']), { dispatcher });
 * ```
 */
export function tokenInterceptor(client: TokenClient): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch, connectsTo?: string | null) => {
    const mayHaveToken = destinationCheck(client, connectsTo);
    return (options, handler) =>
      mayHaveToken(options.origin)
        ? new TokenHandler(client, dispatch, options, handler).start()
        : dispatch(options, handler);
  };
}
