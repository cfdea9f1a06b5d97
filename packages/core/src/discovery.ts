import { endpointUrl } from './endpoint.ts';
import { OAuthError } from './errors.ts';
import { exchange } from './exchange.ts';
import { jsonObject } from './token_response.ts';

/** What this client uses of an authorization server's metadata (RFC 8414, section 2). */
export interface Metadata {
  readonly tokenUrl: URL;
  readonly clientAuthMethods: readonly string[] | undefined;
}

/**
 * Fetches the metadata of an issuer (OpenID Connect Discovery 1.0, section 4).
 *
 * @throws OAuthError `metadata_error`; `timeout`, `network`, `tls` as they are.
 */
export async function discover(issuer: string): Promise<Metadata> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { status, text } = await exchange(url, { headers: { Accept: 'application/json' } });
  const unusable = (why: string) =>
    new OAuthError('metadata_error', `GET ${url.href}: HTTP ${status}, ${why}`, {
      httpStatus: status,
    });
  const json = status === 200 ? jsonObject(text) : undefined;
  if (!json) throw unusable('not a JSON object; is this the issuer?');
  // The texts are compared, not the URLs (section 4.3): another issuer's metadata must not be used.
  if (json['issuer'] !== issuer) throw unusable('its issuer is not the configured one');
  const endpoint = json['token_endpoint'];
  const tokenUrl = typeof endpoint === 'string' ? endpointUrl(endpoint) : 'is missing';
  if (typeof tokenUrl === 'string') throw unusable(`its token_endpoint ${tokenUrl}`);
  const methods = json['token_endpoint_auth_methods_supported'];
  return {
    tokenUrl,
    clientAuthMethods: Array.isArray(methods)
      ? methods.filter((m) => typeof m === 'string')
      : undefined,
  };
}
