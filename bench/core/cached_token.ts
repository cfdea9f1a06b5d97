// What it costs to ask for a token that is there already: before every request of every program that has one.
import { do_not_optimize as use, measure } from 'mitata';
import type { AccessToken } from 'simple-oauth2';
import { badgateway, core, google, msal, MSAL_REQUEST, simple } from './peers.ts';
import { type Column, inTurns, must, no, type Row, spread } from './table.ts';

const ROUNDS = 21;
const TURN = { min_cpu_time: 20e6, min_samples: 12 };
const MANY = 10_000;

const PLACE = {
  origin: 'http://127.0.0.1:9',
  tokenUrl: 'http://127.0.0.1:9/token',
  apiUrl: 'http://127.0.0.1:9/api/',
};
const RETURNED = no('hands out no cached token: its caller keeps it');
const SYNCHRONOUS = no('has no way to ask without a promise');

const answer = (token: string) => ({ access_token: token, token_type: 'Bearer', expires_in: 3600 });
/** A token endpoint within the process: what is measured sends nothing. */
const fetchOf =
  (token: string): typeof fetch =>
  () =>
    Promise.resolve(Response.json(answer(token)));

type Ask = () => unknown;
/** A client that holds its token, and reads the text of what it hands out. */
type Made = { readonly ask: Ask; readonly text: (handed: never) => string };

const makers: Record<string, (token: string) => Made> = {
  '@polyglot-tokens/core': (token) => {
    const client = core(PLACE, { fetch: fetchOf(token) });
    const text = (handed: Awaited<ReturnType<typeof client.getToken>>) =>
      handed.accessToken.reveal();
    return { ask: () => client.getToken(), text };
  },
  '@badgateway/oauth2-client': (token) => {
    const client = badgateway(PLACE, fetchOf(token));
    return {
      ask: () => client.getToken(),
      text: (handed: { accessToken: string }) => handed.accessToken,
    };
  },
  'google-auth-library': (token) => {
    const client = google(PLACE);
    client.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 });
    return {
      ask: () => client.getAccessToken(),
      text: (handed: { token: string }) => handed.token,
    };
  },
  '@azure/msal-node': (token) => {
    const client = msal(PLACE, fetchOf(token));
    const ask = () => client.acquireTokenByClientCredential(MSAL_REQUEST);
    return { ask, text: (handed: { accessToken: string }) => handed.accessToken };
  },
};

/** Makes clients, each with a token of its own, and asks them by turns. */
async function clients(name: string, count: number): Promise<Ask> {
  const asks: Ask[] = [];
  for (let key = 0; key < count; key++) {
    const made = makers[name]?.(`AT${key}`);
    if (!made) throw new Error(`${name} has no maker`);
    for (const which of ['first', 'cached']) {
      const got = made.text((await made.ask()) as never);
      must(got === `AT${key}`, `${name}, ${which} call: ${got} instead of AT${key}`);
    }
    asks.push(made.ask);
  }
  const [only] = asks;
  if (count === 1 && only) return only;
  let next = 0;
  return () => {
    next = next + 1 === count ? 0 : next + 1;
    return asks[next]?.();
  };
}

async function timed(asks: Partial<Record<Column, Ask>>): Promise<Record<Column, string>> {
  const turns = Object.entries(asks).map(([name, ask]) => {
    const turn = async () => (await measure(ask, { ...TURN })).p50;
    return [name, turn] as const;
  });
  const results = await inTurns<Column, number>(Object.fromEntries(turns), ROUNDS);
  const cells = Object.entries(results).map(([name, values]) => [name, spread(values, 0, ' ns')]);
  return Object.fromEntries(cells) as Record<Column, string>;
}

async function awaited(job: string, count: number): Promise<Row> {
  const there = Promise.resolve('AT');
  const asks: Partial<Record<Column, Ask>> = { nothing: () => there };
  for (const name of Object.keys(makers)) asks[name as Column] = await clients(name, count);
  const cells = { ...(await timed(asks)), 'openid-client': RETURNED, 'simple-oauth2': RETURNED };
  return { job, cells };
}

/** Beside it, what one reading of one clock costs here: whoever looks at the time cannot be faster. */
async function withoutPromise(): Promise<Row> {
  const client = core(PLACE, { fetch: fetchOf('AT') });
  await client.getToken();
  must(client.freshToken()?.accessToken.reveal() === 'AT', 'freshToken gives no token');
  const token: AccessToken = simple(PLACE).createToken(answer('AT'));
  must(!token.expired() && token.token.access_token === 'AT', 'simple-oauth2 has no token');
  const cells = await timed({
    nothing: () => use(Date.now()),
    '@polyglot-tokens/core': () => use(client.freshToken()),
    'simple-oauth2': () => use(token.expired() ? undefined : token.token),
  });
  const others = {
    '@badgateway/oauth2-client': SYNCHRONOUS,
    'google-auth-library': SYNCHRONOUS,
    '@azure/msal-node': SYNCHRONOUS,
    'openid-client': RETURNED,
  };
  return { job: 'cached token, without a promise', cells: { ...cells, ...others } };
}

export async function cachedToken(): Promise<Row[]> {
  return [
    await awaited('cached token, awaited, 1 client', 1),
    await awaited('cached token, awaited, 10,000 clients', MANY),
    await withoutPromise(),
  ];
}
