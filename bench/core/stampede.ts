// Ten thousand callers want a token that nobody has yet.
import { badgateway, core, google, msal, MSAL_REQUEST } from './peers.ts';
import { BenchServer } from './server.ts';
import { type Column, inTurns, must, no, NOTHING, type Row, spread } from './table.ts';

const CALLERS = 10_000;
const ROUNDS = 15;
/** Who needs longer is not asked again. */
const SLOW_MS = 5000;
const EVERY_CALL = no(
  'every call is a token request of its own: sharing one is left to the callers',
);

/** Makes a client without a token; the call gives the token's text. */
const makers: Partial<Record<Column, (server: BenchServer) => () => Promise<string | undefined>>> =
  {
    '@polyglot-tokens/core': (server) => {
      const client = core(server);
      return async () => (await client.getToken()).accessToken.reveal();
    },
    '@badgateway/oauth2-client': (server) => {
      const client = badgateway(server);
      return () => client.getAccessToken();
    },
    'google-auth-library': (server) => {
      const client = google(server);
      return async () => (await client.getAccessToken()).token ?? undefined;
    },
    '@azure/msal-node': (server) => {
      const client = msal(server);
      return async () => (await client.acquireTokenByClientCredential(MSAL_REQUEST))?.accessToken;
    },
  };

interface Outcome {
  readonly requests: number;
  readonly failed: number;
  readonly ms: number;
}

async function asked(server: BenchServer, ask: () => Promise<string | undefined>) {
  await server.reset();
  const startedAt = performance.now();
  const results = await Promise.allSettled(Array.from({ length: CALLERS }, ask));
  const ms = performance.now() - startedAt;
  const got = results.filter(
    (result) => result.status === 'fulfilled' && /^AT\d+$/.test(result.value ?? ''),
  );
  const { tokenRequests } = await server.counts();
  return { requests: tokenRequests, failed: CALLERS - got.length, ms };
}

function cell(outcomes: readonly Outcome[]): string {
  const requests = Math.max(...outcomes.map(({ requests }) => requests));
  const failed = Math.max(...outcomes.map(({ failed }) => failed));
  const times = outcomes.map(({ ms }) => ms);
  return `${requests} token request${requests === 1 ? '' : 's'}, ${failed} failed, ${spread(times, 0, ' ms')}`;
}

export async function stampede(): Promise<Row[]> {
  await using server = await BenchServer.start();
  const turns = Object.entries(makers).map(([name, make]) => {
    let lastMs = 0;
    const turn = async (): Promise<Outcome | undefined> => {
      if (lastMs > SLOW_MS) return undefined;
      const outcome = await asked(server, make(server));
      lastMs = outcome.ms;
      return outcome;
    };
    return [name, turn] as const;
  });
  const outcomes = await inTurns<Column, Outcome>(Object.fromEntries(turns), ROUNDS);
  for (const { requests, failed } of outcomes['@polyglot-tokens/core']) {
    must(requests === 1 && failed === 0, `our stampede: ${requests} requests, ${failed} failed`);
  }
  const cells = Object.entries(outcomes).map(([name, each]) => [name, cell(each)]);
  const others = { nothing: NOTHING, 'openid-client': EVERY_CALL, 'simple-oauth2': EVERY_CALL };
  return [
    {
      job: `${CALLERS} callers without a token`,
      cells: { ...others, ...Object.fromEntries(cells) } as Row['cells'],
    },
  ];
}
