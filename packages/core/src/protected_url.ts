import { oauthError } from './error_classes.ts';
import type { CheckedSettings } from './settings.ts';

type Places = Pick<CheckedSettings, 'apiBase' | 'apiOrigins'>;

// A relative reference that begins with a segment (RFC 3986, section 4.2). Without a colon, a slash or a space before it there is no way to another
// origin, and what is left is to put the two together. Parsing a URL that fetch will parse again costs a request 3 % of its time.
const SEGMENTS = /^[A-Za-z0-9][^:]*$/;

/**
 * Where a request may take the token: the configured API and nowhere else (RFC 9700, section 4.9).
 *
 * @returns an absolute URL.
 * @throws OAuthError `config_error`.
 */
export function protectedUrl(input: string | URL, { apiBase, apiOrigins }: Places): string {
  if (apiOrigins.size === 0) throw oauthError('config_error', 'settings: apiUrl is missing');
  if (apiBase !== undefined && typeof input === 'string' && SEGMENTS.test(input)) {
    return apiBase + input;
  }
  const url = URL.parse(String(input), apiBase);
  if (url?.username || url?.password) {
    throw oauthError('config_error', `the URL at ${url.origin} must hold no name and no password`);
  }
  if (url && apiOrigins.has(url.origin)) return url.href;
  const to = [...apiOrigins].join(', ');
  throw oauthError(
    'config_error',
    `the token goes to ${to} only, not to ${url?.origin ?? 'an address that is no URL'}`,
  );
}

/** What relative URLs are added to: without a final slash the API's own URL would lose its last segment, and a query is none of theirs. */
export function baseOf(apiUrl: URL): string {
  // Not resolved but set: `//host/` for a path would name another origin.
  const base = new URL(apiUrl);
  base.search = '';
  base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base.href;
}
