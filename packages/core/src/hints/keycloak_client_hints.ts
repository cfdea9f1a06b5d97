import type { Hint } from './hint.ts';

const SECRET_RESERVED =
  'form-encode client id and secret before Base64 (RFC 6749, section 2.3.1), or send them in the form';

/** About a client's registration and authentication. Names in quotation marks are those of Keycloak's admin console. */
export const KEYCLOAK_CLIENT: readonly Hint[] = [
  {
    error: 'unauthorized_client',
    says: 'Invalid client or Invalid client credentials',
    text: 'the client secret is wrong or missing: copy it from the client\'s "Credentials" tab',
  },
  {
    error: 'invalid_client',
    says: 'Invalid client or Invalid client credentials',
    text: 'no enabled client has this id in this realm: check client id and issuer',
  },
  { says: 'Unexpected error when authenticating client', text: SECRET_RESERVED },
  {
    says: 'Client not enabled to retrieve service account',
    text: 'enable "Service accounts roles" of the client',
  },
  {
    says: 'Public client not allowed to retrieve service account',
    text: 'enable "Client authentication" and "Service accounts roles" of the client',
  },
  {
    says: 'Client not allowed for direct access grants',
    text: 'enable "Direct access grants" of the client, or use the authorization code grant',
  },
  {
    says: 'Client requires user consent',
    text: 'use the authorization code grant, or disable "Consent required" of the client',
  },
  {
    says: 'Client is not allowed to initiate OAuth 2.0 Device Authorization Grant.*',
    text: 'enable "OAuth 2.0 Device Authorization Grant" of the client',
  },
  {
    says: 'Client not allowed OAuth 2.0 Device Authorization Grant',
    text: 'enable "OAuth 2.0 Device Authorization Grant" of the client, and poll as the client that began',
  },
  {
    says: 'Parameter client_assertion_type is missing',
    text: 'the client authenticates with a signed JWT: send one, or set "Client Authenticator" to "Client Id and Secret"',
  },
  {
    error: 'invalid_client',
    says: 'Invalid token audience',
    text: 'the aud of the client assertion must be the issuer',
  },
  {
    error: 'invalid_client',
    says: 'Multiple audiences not allowed',
    text: 'the aud of the client assertion must be the issuer alone',
  },
  {
    error: 'invalid_client',
    says: 'Token is not active',
    text: 'the client assertion has expired: sign a new one, and check the clock',
  },
  {
    error: 'invalid_client',
    says: 'Token jti claim is required',
    text: 'give every client assertion a jti',
  },
  {
    error: 'invalid_client',
    says: 'Token reuse detected',
    text: 'sign a new client assertion for every request',
  },
  {
    error: 'invalid_client',
    says: 'Audience not found',
    text: 'no client has the id that audience names',
  },
];
