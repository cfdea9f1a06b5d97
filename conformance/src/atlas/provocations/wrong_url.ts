import type { Stage } from '../../trial/stage.ts';
import type { Provocation } from '../provocation.ts';
import { service } from './settings.ts';

const toggledSlash = ({ tokenUrl }: Stage): string =>
  tokenUrl.endsWith('/') ? tokenUrl.slice(0, -1) : `${tokenUrl}/`;

const elsewhere = ({ tokenUrl }: Stage): string => tokenUrl.replace(/token\/?$/, 'tokens/');

function misspelt(issuer: string): string {
  return issuer.includes('/realms/') ? issuer.replace(/[^/]+$/, 'no-such-realm') : `${issuer}/oidc`;
}

export const WRONG_URL: readonly Provocation[] = [
  {
    title: 'The token URL has a final slash too few, or too many',
    cause:
      'To a server the two are different URLs, and one of them may be a redirect that no client follows with its secret.',
    change: { advice: 'Write the URL exactly as the server has it.' },
    how: {
      by: 'clients',
      wrong: (stage) => service(stage, { token_url: toggledSlash(stage) }),
      right: (stage) => service(stage, { token_url: stage.tokenUrl }),
    },
  },
  {
    title: 'There is nothing at the token URL',
    cause: 'Its path is wrong.',
    change: {
      advice: 'Take it from the server’s metadata, or set the issuer and let the client do that.',
    },
    how: {
      by: 'clients',
      wrong: (stage) => service(stage, { token_url: elsewhere(stage) }),
      right: (stage) => service(stage, { token_url: stage.tokenUrl }),
    },
  },
  {
    title: 'There is no metadata below the issuer',
    cause:
      'The issuer is misspelt: discovery looks for `/.well-known/openid-configuration` below it.',
    change: {
      advice:
        'Correct it. Keycloak’s ends in /realms/ and the name of the realm, without a final slash, and has had no /auth since version 17.',
    },
    notAt: { 'django-oauth-toolkit': 'the clients are not told of an issuer here' },
    how: {
      by: 'clients',
      wrong: (stage) => service(stage, { issuer: misspelt(stage.issuer) }),
      right: (stage) => service(stage, { issuer: stage.issuer }),
    },
  },
  {
    title: 'GET at the token endpoint',
    cause:
      'A token is asked for by POST (RFC 6749, section 3.2); often a POST became a GET by a redirect.',
    change: {
      advice: 'Send POST, and follow no redirect.',
      lines: {
        curl: 'curl --data … "$TOKEN_URL"  # not -G, not -L',
        TypeScript: "fetch(url, { method: 'POST', redirect: 'manual', body })",
        Python: 'requests.post(url, data=fields, allow_redirects=False)',
        R: 'req_options(followlocation = FALSE)',
        Groovy: 'HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER)',
      },
    },
    how: {
      by: 'request',
      who: 'A person with a browser, or a library that follows redirects; the clients here follow none.',
      send: (raw) => raw.send(raw.stage.tokenUrl),
      right: (raw) => raw.service(),
    },
  },
];
