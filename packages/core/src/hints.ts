import { API_HINTS } from './hints/api_hints.ts';
import { DJANGO } from './hints/django_hints.ts';
import type { Hint } from './hints/hint.ts';
import { KEYCLOAK_CLIENT } from './hints/keycloak_client_hints.ts';
import { KEYCLOAK_GRANT, KEYCLOAK_REQUEST } from './hints/keycloak_grant_hints.ts';

/** A server's refusal, as far as a hint depends on it. */
export interface Refusal {
  /** The server's `error`. */
  readonly oauthError: string | undefined;
  /** The server's `error_description`. */
  readonly oauthDescription: string | undefined;
  readonly httpStatus: number | undefined;
  /** Who refused. `token` is every endpoint that a client authenticates at. */
  readonly endpoint: 'token' | 'discovery' | 'api';
}

const TOKEN_HINTS: readonly Hint[] = [
  ...KEYCLOAK_CLIENT,
  ...KEYCLOAK_GRANT,
  ...KEYCLOAK_REQUEST,
  ...DJANGO,
  { status: 404, text: 'check the URL: the server has no such endpoint' },
  { status: 301, text: 'check the URL: is a final slash missing?' },
  { status: 405, text: 'check the URL: this is no token endpoint' },
];

const DISCOVERY_HINTS: readonly Hint[] = [
  { error: 'Realm does not exist', text: 'check the realm at the end of the issuer' },
  {
    status: 404,
    text: "check the issuer: Keycloak's ends in /realms/ and the realm, and has no /auth since version 17",
  },
];

const HINTS: Readonly<Record<Refusal['endpoint'], readonly Hint[]>> = {
  token: TOKEN_HINTS,
  discovery: DISCOVERY_HINTS,
  api: API_HINTS,
};

/**
 * What to change, where it is known what a server means: Keycloak 26, Django OAuth Toolkit 3 and django-oidc-provider 0.9 were asked. Holds
 * nothing that a server said.
 *
 * @returns one short sentence without a full stop, or `undefined`.
 */
export function hintFor(refusal: Refusal): string | undefined {
  return HINTS[refusal.endpoint].find((hint) => fits(hint, refusal))?.text;
}

function fits({ error, says, status }: Hint, refusal: Refusal): boolean {
  if (error !== undefined && error !== refusal.oauthError) return false;
  if (status !== undefined && status !== refusal.httpStatus) return false;
  const said = refusal.oauthDescription ?? '';
  if (says === undefined) return true;
  return says.endsWith('*') ? said.startsWith(says.slice(0, -1)) : said === says;
}
