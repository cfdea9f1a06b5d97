import { endpointUrl } from './endpoint.ts';
import { oauthError } from './error_classes.ts';
import { OAuthError } from './errors.ts';
import type { Answer, Transport } from './exchange.ts';
import { hintFor } from './hints.ts';
import { jsonObject } from './json.ts';
import { shown } from './printable.ts';
import { retryAfterSeconds } from './retry_after.ts';

const ENDPOINTS = {
  tokenUrl: 'token_endpoint',
  authorizeUrl: 'authorization_endpoint',
  jwksUrl: 'jwks_uri',
  userinfoUrl: 'userinfo_endpoint',
  revokeUrl: 'revocation_endpoint',
  endSessionUrl: 'end_session_endpoint',
} as const;
type EndpointName = keyof typeof ENDPOINTS;

/** What this client uses of an authorization server's metadata (RFC 8414, section 2). */
export interface Metadata extends Readonly<Record<EndpointName, URL | undefined>> {
  readonly clientAuthMethods: readonly string[] | undefined;
  readonly idTokenAlgorithms: readonly string[] | undefined;
  readonly userInfoAlgorithms: readonly string[] | undefined;
  /** Whether every callback names its issuer (RFC 9207, section 3). */
  readonly issuerInCallback: boolean;
}

/** Where an issuer's metadata lies: as OpenID Connect Discovery 1.0 (section 4) or as RFC 8414 (section 3) has it. */
export type WellKnown = 'openid-configuration' | 'oauth-authorization-server';

/**
 * Fetches the metadata of an issuer.
 *
 * @throws OAuthError `metadata_error`; `timeout`, `network`, `tls` as they are.
 */
export async function discover(
  issuer: string,
  transport: Transport,
  wellKnown: WellKnown = 'openid-configuration',
): Promise<Metadata> {
  const url = metadataUrl(issuer, wellKnown);
  const answer = await transport(url, { headers: { Accept: 'application/json' } }).catch(
    (error: unknown) => {
      // An answer that is too long.
      if (!(error instanceof OAuthError) || error.class !== 'invalid_response') throw error;
      throw oauthError('metadata_error', error.message, error.details);
    },
  );
  return read(answer, url, issuer);
}

// One appends its path to the issuer's, the other puts it before the issuer's.
function metadataUrl(issuer: string, wellKnown: WellKnown): URL {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return wellKnown === 'openid-configuration'
    ? new URL(`${origin}${path}/.well-known/${wellKnown}`)
    : new URL(`${origin}/.well-known/${wellKnown}${path}`);
}

function read({ status, text, headers }: Answer, from: URL, issuer: string): Metadata {
  const said = jsonObject(text);
  const word = typeof said?.['error'] === 'string' ? said['error'] : undefined;
  const unusable = (why: string) =>
    oauthError('metadata_error', `GET ${from.href}: HTTP ${status}, ${why}`, {
      httpStatus: status,
      delivery: 'answered',
      retryAfter: retryAfterSeconds(headers.get('Retry-After'), new Date()),
      hint: hintFor({
        oauthError: word,
        oauthDescription: undefined,
        httpStatus: status,
        endpoint: 'discovery',
      }),
    });
  const json = status === 200 ? said : undefined;
  if (!json) throw unusable('not a JSON object; is this the issuer?');
  // The texts are compared, not the URLs (section 4.3): another issuer's metadata must not be used.
  if (json['issuer'] !== issuer) {
    const seen = shown(json['issuer']);
    throw unusable(`its issuer is not the configured one: expected "${issuer}", seen ${seen}`);
  }
  const endpoint = (name: EndpointName): URL | undefined => {
    const value = json[ENDPOINTS[name]];
    if (value === undefined) return undefined;
    const url = typeof value === 'string' ? endpointUrl(value) : 'is no text';
    if (typeof url === 'string') throw unusable(`its ${ENDPOINTS[name]} ${url}`);
    if (issuer.startsWith('https:') && url.protocol !== 'https:') {
      throw unusable(`its ${ENDPOINTS[name]} is not https, though the issuer is`);
    }
    return url;
  };
  const names = Object.keys(ENDPOINTS) as EndpointName[];
  return {
    ...(Object.fromEntries(names.map((name) => [name, endpoint(name)])) as Record<
      EndpointName,
      URL | undefined
    >),
    clientAuthMethods: texts(json['token_endpoint_auth_methods_supported']),
    idTokenAlgorithms: texts(json['id_token_signing_alg_values_supported']),
    userInfoAlgorithms: texts(json['userinfo_signing_alg_values_supported']),
    issuerInCallback: json['authorization_response_iss_parameter_supported'] === true,
  };
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
}
