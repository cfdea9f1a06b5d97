import type { ClientAuthentication } from './settings.ts';
import type { Secret } from './secret.ts';

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly method: ClientAuthentication;
}

/** Adds the client's authentication to a token request (RFC 6749, section 2.3.1), to its headers or to its form. */
export function authenticate(
  { clientId, clientSecret, method }: ClientCredentials,
  headers: Headers,
  form: URLSearchParams,
): void {
  const secret = clientSecret?.reveal() ?? '';
  switch (method) {
    case 'basic':
      headers.set('Authorization', `Basic ${basic(clientId, secret)}`);
      break;
    case 'post':
      form.set('client_id', clientId);
      form.set('client_secret', secret);
      break;
    case 'none':
      form.set('client_id', clientId);
  }
}

// Both parts are form-encoded first, or a colon, a plus sign or a letter outside ASCII would be read as something else.
function basic(clientId: string, secret: string): string {
  return Buffer.from(`${formEncode(clientId)}:${formEncode(secret)}`).toString('base64');
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
