import { oauthError } from '../error_classes.ts';
import type { ErrorClass, OAuthError } from '../errors.ts';
import { printable } from '../printable.ts';
import { sameText } from './unguessable.ts';

/** What a callback is checked against. */
export interface ExpectedCallback {
  /** The `state` that the request carried. */
  readonly state: string;
  /** Issuer of the server that was asked; undefined where none is configured: an `iss` is then not looked at. */
  readonly issuer: string | undefined;
  /** The metadata's `authorization_response_iss_parameter_supported` (RFC 9207, section 3). */
  readonly issuerRequired: boolean;
}

// Everything else in a callback is ignored, however often it occurs (RFC 6749, section 4.1.2).
const KNOWN = ['state', 'iss', 'error', 'error_description', 'error_uri', 'code'] as const;

// A map: a server's word that is also a property of every object, such as `constructor`, finds nothing in it.
const CLASS_OF_ERROR: ReadonlyMap<string, ErrorClass> = new Map([
  ['access_denied', 'access_denied'],
  ['invalid_scope', 'invalid_scope'],
  // OpenID Connect Core 1.0, section 3.1.2.6: what `prompt=none` could not do without the person.
  ['login_required', 'login_required'],
  ['interaction_required', 'login_required'],
  ['consent_required', 'login_required'],
  ['account_selection_required', 'login_required'],
  ['temporarily_unavailable', 'unavailable'],
  ['server_error', 'unavailable'],
  ['unauthorized_client', 'invalid_client'],
]);

/**
 * Reads what the browser brought back (RFC 6749, section 4.1.2). Nothing in it is believed, an error neither, before its `state` has
 * shown that it answers this login and its `iss` that the right server answered: any page can send a browser here.
 *
 * @returns the code, decoded once and otherwise as it came.
 * @throws OAuthError `state_mismatch`, `issuer_mismatch`, the class of the server's error, or `invalid_response`. No message holds the
 *   code or the state.
 */
export function readCallback(url: URL, expected: ExpectedCallback): string {
  const parameters = url.searchParams;
  if (!carriesState(url, expected.state)) {
    const what = parameters.get('state') ? 'another state than the login' : 'no state';
    throw oauthError('state_mismatch', `callback: it carries ${what}; begin a new login`);
  }
  const repeated = KNOWN.filter((name) => parameters.getAll(name).length > 1);
  if (repeated.length > 0) throw unusable(`${repeated.join(', ')} more than once`);
  checkIssuer(nonEmpty(parameters.get('iss')), expected);
  const error = nonEmpty(parameters.get('error'));
  const code = nonEmpty(parameters.get('code'));
  if (error !== undefined) throw refusal(error, parameters, expected.issuer);
  if (code === undefined) throw unusable('neither a code nor an error');
  return code;
}

/**
 * Whether a callback belongs to the login with this `state` (RFC 6749, section 10.12). One that also carries a second `state` does: whoever
 * knows the right one may end the login, and {@link readCallback} refuses it for the repetition.
 */
export function carriesState(url: URL, state: string): boolean {
  return url.searchParams.getAll('state').some((value) => sameText(value, state));
}

/** RFC 9207, section 2.4: compared as text, without any normalisation; the answer that lacks a promised one is refused, an error too. */
function checkIssuer(
  named: string | undefined,
  { issuer, issuerRequired }: ExpectedCallback,
): void {
  if (named === undefined && issuerRequired) {
    throw oauthError(
      'issuer_mismatch',
      `callback: it names no issuer, but ${issuer ?? 'the server'} promises to name itself`,
    );
  }
  if (named !== undefined && issuer !== undefined && named !== issuer) {
    throw oauthError(
      'issuer_mismatch',
      `callback: it comes from the issuer ${printable(named)}, but ${issuer} was asked`,
    );
  }
}

function refusal(
  error: string,
  parameters: URLSearchParams,
  issuer: string | undefined,
): OAuthError {
  const description = nonEmpty(parameters.get('error_description'));
  const uri = nonEmpty(parameters.get('error_uri'));
  const details = {
    oauthError: printable(error),
    oauthDescription: description && printable(description),
    oauthUri: uri && printable(uri),
  };
  const said = [details.oauthError, details.oauthDescription].filter(Boolean).join(': ');
  const what = `authorization at ${issuer ?? 'the server'}: ${said}`;
  return oauthError(CLASS_OF_ERROR.get(error) ?? 'invalid_response', what, details);
}

function unusable(why: string): OAuthError {
  return oauthError('invalid_response', `callback: it holds ${why}`);
}

// A parameter without a value counts as omitted (RFC 6749, section 3.1).
function nonEmpty(value: string | null): string | undefined {
  return value || undefined;
}
