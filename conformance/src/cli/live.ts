import { CLIENT_SECRETS } from '../trial/clients.ts';
import { fingerprint, replacer } from '../trial/labels.ts';
import { type Exchange, form, jsonBody, path, query } from '../wire/exchange.ts';

const SHOWN = new Set([
  'grant_type',
  'scope',
  'client_id',
  'redirect_uri',
  'response_type',
  'code_challenge_method',
  'token_type',
  'expires_in',
  'refresh_expires_in',
  'error',
  'error_description',
]);
// A person's password and a client's secret are chosen, so that a digest would confirm a guess.
const CHOSEN = new Set(['client_secret', 'username', 'password']);
const LONGEST = 160;
/** Wherever else a secret may stand. */
const withoutSecrets = replacer(new Map(CLIENT_SECRETS.map((secret) => [secret, '***'])));

/** One exchange as lines for a person who watches: what was asked, and what came back. Tokens are shown as the samples print them. */
export function liveLines({ endpoint, request, response, at, answeredAt }: Exchange): string[] {
  const authorization = request.headers.find(([name]) => name.toLowerCase() === 'authorization');
  const asked = [
    ...fields(new URLSearchParams(query(request))),
    ...(endpoint === 'token' ? fields(form(request)) : []),
    ...(authorization ? [`Authorization: ${credentials(authorization[1])}`] : []),
  ];
  const took = answeredAt === undefined ? '' : ` in ${Math.round(answeredAt - at)} ms`;
  const answer = endpoint === 'token' || endpoint === 'userinfo' ? jsonBody(response) : undefined;
  const said = Object.entries(answer ?? {}).map(([name, value]) => member(name, value));
  return [
    `→ ${request.method} ${path(request)}  ${asked.join(' ')}`,
    `← ${response?.status ?? 'nothing'}${took}  ${said.join(' ')}`,
  ].map((line) => withoutSecrets(line.trimEnd()));
}

function fields(parameters: URLSearchParams): string[] {
  return [...parameters].map(([name, value]) => member(name, value));
}

function member(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (CHOSEN.has(name)) return `${name}=***`;
  if (SHOWN.has(name) || typeof value !== 'string') return `${name}=${cut(text)}`;
  return `${name}=***sha256:${fingerprint(text)}`;
}

function credentials(header: string): string {
  const [scheme = '', value = ''] = header.split(/ +/, 2);
  return scheme.toLowerCase() === 'bearer'
    ? `${scheme} ***sha256:${fingerprint(value)}`
    : `${scheme} ***`;
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
