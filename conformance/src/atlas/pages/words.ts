import { jsonBody } from '../../wire/exchange.ts';
import type { Finding } from '../finding.ts';

/** What a word means, and who says so. */
const MEANINGS: Readonly<Record<string, string>> = {
  access_denied: 'The person or the server said no (RFC 6749, section 4.1.2.1).',
  error_page:
    'The browser stays at a page of the server and never comes back to the program (RFC 6749, section 4.1.2.1).',
  insufficient_scope: 'The token is good, but not for this (RFC 6750, section 3.1).',
  invalid_client: 'Client authentication failed (RFC 6749, section 5.2).',
  invalid_grant:
    'The code, the refresh token or the person’s credentials are refused (RFC 6749, section 5.2).',
  invalid_request: 'The request is malformed (RFC 6749, sections 4.1.2.1 and 5.2).',
  invalid_scope:
    'The scope is unknown, malformed or more than was granted (RFC 6749, sections 4.1.2.1 and 5.2).',
  invalid_token:
    'The access token is expired, revoked, malformed or another server’s (RFC 6750, section 3.1).',
  login_required:
    'Only a person can help, and none was asked (OpenID Connect Core 1.0, section 3.1.2.6).',
  unauthorized_client: 'The client is known and may not do this (RFC 6749, section 5.2).',
  unsupported_grant_type: 'The server has no such grant, or found none (RFC 6749, section 5.2).',
  unsupported_response_type:
    'The server does not give such an answer to a login (RFC 6749, section 4.1.2.1).',
};

/** The heading of a page. */
export function titleOf(page: string): string {
  const status = /^http_(\d+)$/.exec(page)?.[1];
  if (status !== undefined) return `HTTP ${status} without an OAuth error`;
  return page === 'error_page' ? 'An error page in the browser' : `\`${page}\``;
}

export function meaningOf(page: string): string {
  return MEANINGS[page] ?? 'The answer names no error of OAuth: most often the URL is wrong.';
}

/** The text that a person would search for: the description, the page, the challenge, or the bare answer. */
export function literal({ plays }: Finding): string | undefined {
  const { answer } = plays[0] ?? {};
  if (!answer) return undefined;
  if (answer.body !== '') return answer.body;
  const found = answer.headers.find(([name]) => /location|authenticate/i.test(name));
  return found?.join(': ') ?? `HTTP ${answer.status}`;
}

/** The sentence in an answer: the `error_description`, or what stands on the page. */
export function described(finding: Finding): string | undefined {
  const { answer } = finding.plays[0] ?? {};
  if (!answer) return undefined;
  const json = jsonBody(answer);
  const member = json?.['error_description'] ?? json?.['error'];
  if (typeof member === 'string') return member;
  if (answer.body !== '') return answer.body;
  const headers = answer.headers.map(([, value]) => value).join('\n');
  const redirected = /[?&]error_description=([^&\n]+)/.exec(headers)?.[1];
  if (redirected !== undefined) return decodeURIComponent(redirected.replaceAll('+', ' '));
  return /error_description="([^"]+)"/.exec(headers)?.[1];
}
