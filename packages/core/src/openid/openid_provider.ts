import type { AuthorizationServer } from '../authorization_server.ts';
import { oauthError } from '../error_classes.ts';
import type { Secret } from '../secret.ts';
import type { CheckedSettings } from '../settings.ts';
import type { Token } from '../token.ts';
import type { TokenResponse } from '../token_response.ts';
import type { IdTokenClaims, PreviousIdToken, UserInfoClaims } from './claims.ts';
import { verifyIdToken } from './id_token.ts';
import { IssuerKeys } from './jwks.ts';
import { requestUserInfo } from './userinfo.ts';

/** The authorization server as one that also says who the user is (OpenID Connect Core 1.0). */
export class OpenIdProvider {
  readonly #server: AuthorizationServer;
  readonly #settings: CheckedSettings;
  #keys: IssuerKeys | undefined;

  constructor(server: AuthorizationServer, settings: CheckedSettings) {
    this.#server = server;
    this.#settings = settings;
  }

  /**
   * Verifies the ID token of a token response.
   *
   * @param nonce of the authentication request; without it there may be no ID token, as in a refresh.
   * @param maxAge seconds; the `max_age` of the authentication request.
   * @param previous the ID token of the login that is being refreshed. It was verified when it was new.
   * @throws OAuthError `invalid_id_token`; what the keys throw.
   */
  async verify(
    response: TokenResponse,
    {
      nonce,
      maxAge,
      previous,
    }: {
      nonce?: Secret | undefined;
      maxAge?: number | undefined;
      previous?: string | undefined;
    },
  ): Promise<void> {
    if (response.idToken === undefined) {
      if (nonce) throw oauthError('invalid_id_token', 'openid was asked for, but no ID token came');
      return;
    }
    await verifyIdToken(response.idToken, {
      ...(await this.#signer()),
      nonce: nonce?.reveal(),
      maxAge,
      accessToken: response.accessToken,
      previous: previous === undefined ? undefined : await identity(previous),
      trustedAudiences: this.#settings.trustedAudiences,
    });
  }

  /** @throws OAuthError */
  async userInfo({ accessToken, idToken }: Token): Promise<UserInfoClaims> {
    if (!idToken) {
      const why = 'there is no ID token to compare UserInfo with: ask for the scope openid';
      throw oauthError('config_error', why);
    }
    const url = await this.#server.requiredEndpoint('userinfoUrl');
    const { sub } = await claimsOf(idToken.reveal());
    const allowedAlgorithms = (await this.#server.metadata())?.userInfoAlgorithms;
    const signer = { ...(await this.#signer()), allowedAlgorithms };
    return requestUserInfo(url, accessToken, sub, this.#server.transport, signer);
  }

  async #signer() {
    const { issuer, clientId } = this.#settings;
    if (issuer === undefined) {
      throw oauthError(
        'config_error',
        'settings: issuer is missing, without it no ID token can be verified',
      );
    }
    this.#keys ??= new IssuerKeys(
      await this.#server.requiredEndpoint('jwksUrl'),
      this.#server.transport,
    );
    const allowedAlgorithms = (await this.#server.metadata())?.idTokenAlgorithms;
    return { keys: this.#keys, allowedAlgorithms, issuer, clientId };
  }
}

async function claimsOf(idToken: string): Promise<IdTokenClaims> {
  const { decodeJwt } = await import('jose');
  return decodeJwt<IdTokenClaims>(idToken);
}

// Not `auth_time`: section 12.2 wants it unchanged, but django-oidc-provider gives the user's latest login anywhere.
async function identity(idToken: string): Promise<PreviousIdToken> {
  const { iss, sub, aud, nonce } = await claimsOf(idToken);
  return { iss, sub, aud, nonce };
}
