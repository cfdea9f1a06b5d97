import { CLIENTS } from '../../trial/clients.ts';
import { jsonBody } from '../../wire/exchange.ts';
import { member, type RawRequests } from '../raw-requests.ts';
import { admitted, type Property, said } from './property.ts';

type Edit = (parameters: URLSearchParams) => void;

/** Whether an authorization request that was changed so still comes to the callback. */
function browsing(edit: Edit, client: { id: string } = CLIENTS.native) {
  return async (raw: RawRequests): Promise<string> => {
    const { exchange, callback } = await raw.browse({ client, edit });
    return callback?.searchParams.has('code') === true ? 'accepted' : admitted(exchange);
  };
}

const redirectTo =
  (uri: string): Edit =>
  (parameters) =>
    parameters.set('redirect_uri', uri);

const withoutPkce: Edit = (parameters) => {
  parameters.delete('code_challenge');
  parameters.delete('code_challenge_method');
};

/** RFC 6749, section 4.1; RFC 7636; RFC 8252, section 7.3. */
export const LOGGING_IN: readonly Property[] = [
  {
    name: 'registered `http://127.0.0.1/callback`: another port',
    probe: browsing(redirectTo('http://127.0.0.1:49152/callback')),
  },
  {
    name: 'the same: another path',
    probe: browsing(redirectTo('http://127.0.0.1:9/elsewhere')),
  },
  {
    name: 'the same: `localhost`',
    probe: browsing(redirectTo('http://localhost:9/callback')),
  },
  { name: 'no PKCE, public client', probe: browsing(withoutPkce) },
  { name: 'no PKCE, confidential client', probe: browsing(withoutPkce, CLIENTS.web) },
  {
    name: 'PKCE `plain`',
    probe: browsing((parameters) => parameters.set('code_challenge_method', 'plain')),
  },
  {
    name: '`prompt=none` without a session',
    probe: browsing((parameters) => parameters.set('prompt', 'none')),
  },
  {
    name: 'unknown `scope` in a login',
    probe: browsing((parameters) =>
      parameters.set('scope', `${parameters.get('scope')} no-such-scope`),
    ),
  },
  {
    name: 'parameters of the callback',
    async probe(raw) {
      const { callback } = await raw.browse();
      const names = [...(callback?.searchParams.keys() ?? [])].toSorted();
      return names.map((name) => `\`${name}\``).join(' ');
    },
  },
  {
    name: 'a code, the second time',
    async probe(raw) {
      const code = await raw.code();
      await raw.redeem(code);
      return said(await raw.redeem(code));
    },
  },
  {
    name: 'after that: the refresh token of the first time',
    async probe(raw) {
      const code = await raw.code();
      const first = await raw.redeem(code);
      await raw.redeem(code);
      return said(await raw.refresh(member(first, 'refresh_token'), CLIENTS.native));
    },
  },
  {
    name: 'a wrong `code_verifier`, then the right one',
    async probe(raw) {
      const code = await raw.code();
      const wrong = await raw.redeem(code, { code_verifier: 'x'.repeat(43) });
      return `${said(wrong)}, then ${said(await raw.redeem(code))}`;
    },
  },
  {
    name: 'members of the answer to a code',
    async probe(raw) {
      const names = Object.keys(jsonBody((await raw.login()).response) ?? {}).toSorted();
      return names.map((name) => `\`${name}\``).join(' ');
    },
  },
];
