// A thousand calls under way, and the API refuses the token of all of them at the same moment.
import { tokenInterceptor } from '@polyglot-tokens/core/undici';
import { Agent, request as undiciRequest } from 'undici';
import { badgateway, core, google } from './peers.ts';
import { BenchServer } from './server.ts';
import { type Column, inTurns, must, no, NOTHING, type Row, spread } from './table.ts';

const CALLS = 1000;
const ROUNDS = 15;
const PASSES_ON = no('gives the 401 to its caller');
const NO_REQUESTS = no('gets tokens and sends no API request');
const NO_INTERCEPTOR = no('plugs into no undici dispatcher');

/** Makes a client; the call gives the status of the API's answer. */
type Maker = (server: BenchServer) => { call: () => Promise<number>; close?: () => Promise<void> };

const overFetch: Partial<Record<Column, Maker>> = {
  '@polyglot-tokens/core': (server) => {
    const client = core(server);
    return { call: () => statusOf(client.fetch('things')) };
  },
  '@badgateway/oauth2-client': (server) => {
    const client = badgateway(server);
    return { call: () => statusOf(client.fetch(`${server.apiUrl}things`)) };
  },
  'google-auth-library': (server) => {
    const client = google(server);
    return { call: async () => (await client.request({ url: `${server.apiUrl}things` })).status };
  },
};

const overUndici: Partial<Record<Column, Maker>> = {
  '@polyglot-tokens/core': (server) => {
    const agent = new Agent();
    const dispatcher = agent.compose(tokenInterceptor(core(server)));
    const call = async () => {
      const { statusCode, body } = await undiciRequest(`${server.apiUrl}things`, { dispatcher });
      await body.dump();
      return statusCode;
    };
    return { call, close: () => agent.close() };
  },
};

async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.body?.cancel();
  return response.status;
}

interface Outcome {
  readonly requests: number;
  readonly failed: number;
  readonly error: unknown;
  readonly ms: number;
}

async function stormed(server: BenchServer, make: Maker): Promise<Outcome> {
  const { call, close } = make(server);
  await server.reset();
  must((await call()) === 200, 'the call before the storm fails');
  await server.reset({ storm: CALLS });
  const startedAt = performance.now();
  const results = await Promise.allSettled(Array.from({ length: CALLS }, call));
  const ms = performance.now() - startedAt;
  const { tokenRequests, refused } = await server.counts();
  must(refused >= CALLS, `only ${refused} calls were refused`);
  await close?.();
  const good = results.filter((result) => result.status === 'fulfilled' && result.value === 200);
  const error: unknown = results.find((result) => result.status === 'rejected')?.reason;
  return { requests: tokenRequests, failed: CALLS - good.length, error, ms };
}

async function row(
  server: BenchServer,
  job: string,
  makers: Partial<Record<Column, Maker>>,
  others: Partial<Row['cells']>,
): Promise<Row> {
  const turns = Object.entries(makers).map(
    ([name, make]) => [name, () => stormed(server, make)] as const,
  );
  const outcomes = await inTurns<Column, Outcome>(Object.fromEntries(turns), ROUNDS);
  for (const { requests, failed, error } of outcomes['@polyglot-tokens/core']) {
    const what = `${job}, ours: ${requests} requests, ${failed} failed: ${String(error)}`;
    must(requests === 1 && failed === 0, what);
  }
  const cells = Object.entries(outcomes).map(([name, each]) => {
    const requests = Math.max(...each.map((one) => one.requests));
    const failed = Math.max(...each.map((one) => one.failed));
    const times = each.map(({ ms }) => ms);
    return [
      name,
      `${requests} token request${requests === 1 ? '' : 's'}, ${failed} failed, ${spread(times, 0, ' ms')}`,
    ];
  });
  return { job, cells: { ...others, ...Object.fromEntries(cells) } as Row['cells'] };
}

export async function storm(): Promise<Row[]> {
  await using server = await BenchServer.start();
  const others = {
    nothing: NOTHING,
    '@azure/msal-node': NO_REQUESTS,
    'simple-oauth2': NO_REQUESTS,
  };
  const noInterceptor = {
    '@badgateway/oauth2-client': NO_INTERCEPTOR,
    'google-auth-library': NO_INTERCEPTOR,
    'openid-client': NO_INTERCEPTOR,
  };
  return [
    await row(server, `${CALLS} calls refused at once, platform fetch`, overFetch, {
      ...others,
      'openid-client': PASSES_ON,
    }),
    await row(server, `${CALLS} calls refused at once, undici request`, overUndici, {
      ...others,
      ...noInterceptor,
    }),
  ];
}
