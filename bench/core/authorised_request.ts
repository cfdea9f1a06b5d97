// What a token client costs a request: the same requests with the header set by hand, and through each client.
import { fetchProtectedResource } from 'openid-client';
import { tokenInterceptor } from '@polyglot-tokens/core/undici';
import { Agent, type Dispatcher, fetch as undiciFetch, request as undiciRequest } from 'undici';
import { median } from '../host.ts';
import { badgateway, core, google, openid } from './peers.ts';
import { BenchServer } from './server.ts';
import { type Column, inTurns, must, no, type Row, spread } from './table.ts';

// Many short blocks: what else the machine does then strikes single rounds, and the medians leave them out.
const ROUNDS = 200;
const BLOCK = 160;
const WARM_UP = 10;
const AT_ONCE = 32;
const CONNECTIONS = { connections: AT_ONCE };

const NO_INTERCEPTOR = no('plugs into no undici dispatcher');
const NO_REQUESTS = no('gets tokens and sends no API request');

/** Sends a request and reads its answer. */
type Send = () => Promise<unknown>;
/** `again` is `nothing` once more: how much two equal contenders differ on this machine. */
type Name = Column | 'again';
type Contenders = Partial<Record<Name, Send>>;

interface Options {
  readonly dispatcher: Dispatcher;
  readonly headers?: Record<string, string>;
}

interface Block {
  readonly ms: number;
  readonly cpuMs: number;
}

async function sendBlock(send: Send, count: number): Promise<Block> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await send();
  };
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000 };
}

async function checked(server: BenchServer, contenders: Contenders): Promise<void> {
  const sent = WARM_UP * BLOCK;
  for (const [name, send] of Object.entries(contenders)) {
    await server.reset();
    for (let time = 0; time < WARM_UP; time++) await sendBlock(send, BLOCK);
    const { accepted, refused } = await server.counts();
    const what = `${name}: ${accepted} of ${sent} requests came with a token, ${refused} without`;
    must(accepted === sent && refused === 0, what);
  }
}

type Cells = Partial<Record<Column, string>>;

/** Each block against the one of `nothing` in the same round. */
async function timed(server: BenchServer, contenders: Contenders): Promise<[Cells, Cells]> {
  await checked(server, contenders);
  const turns = Object.entries(contenders).map(
    ([name, send]) => [name, () => sendBlock(send, BLOCK)] as const,
  );
  const blocks = await inTurns<Name, Block>(Object.fromEntries(turns), ROUNDS);
  const percent = (name: Name, ratio: (plain: Block, other: Block) => number): string => {
    const ratios = blocks[name].map((block, round) => ratio(blocks.nothing[round] as Block, block));
    return spread(
      ratios.map((value) => 100 * value),
      1,
      ' %',
    );
  };
  const rate = (name: Name) => percent(name, (plain, other) => plain.ms / other.ms);
  const cpu = (name: Name) => percent(name, (plain, other) => other.cpuMs / plain.cpuMs);
  const each = (of: keyof Block) => median(blocks.nothing.map((block) => block[of])) / BLOCK;
  const names = (Object.keys(contenders) as Name[]).filter(
    (name) => name !== 'nothing' && name !== 'again',
  );
  return [
    {
      nothing: `${(1000 / each('ms')).toFixed(0)}/s; again ${rate('again')}`,
      ...Object.fromEntries(names.map((name) => [name, rate(name)])),
    },
    {
      nothing: `${(1000 * each('cpuMs')).toFixed(0)} µs; again ${cpu('again')}`,
      ...Object.fromEntries(names.map((name) => [name, cpu(name)])),
    },
  ];
}

function rows(job: string, cells: readonly [Cells, Cells], others: Partial<Row['cells']>): Row[] {
  return ['rate', 'processor time'].map((what, index) => ({
    job: `${job}: ${what}`,
    cells: { ...others, ...cells[index] } as Row['cells'],
  }));
}

async function overUndici(server: BenchServer): Promise<Row[]> {
  const url = `${server.apiUrl}things`;
  const headers = { authorization: 'Bearer AT1' };
  const plain = new Agent(CONNECTIONS);
  const plainAgain = new Agent(CONNECTIONS);
  const agent = new Agent(CONNECTIONS);
  const dispatcher = agent.compose(tokenInterceptor(core(server)));
  const viaRequest = async (options: Options) => (await undiciRequest(url, options)).body.text();
  const viaFetch = async (options: Options) => (await undiciFetch(url, options)).text();
  const others = {
    '@badgateway/oauth2-client': NO_INTERCEPTOR,
    'google-auth-library': NO_INTERCEPTOR,
    '@azure/msal-node': NO_REQUESTS,
    'openid-client': NO_INTERCEPTOR,
    'simple-oauth2': NO_REQUESTS,
  };
  try {
    const contenders = (send: typeof viaRequest): Contenders => ({
      nothing: () => send({ headers, dispatcher: plain }),
      '@polyglot-tokens/core': () => send({ dispatcher }),
      again: () => send({ headers, dispatcher: plainAgain }),
    });
    return [
      ...rows('undici request', await timed(server, contenders(viaRequest)), others),
      ...rows('undici fetch', await timed(server, contenders(viaFetch)), others),
    ];
  } finally {
    await Promise.all([plain, plainAgain, agent].map((one) => one.close()));
  }
}

async function overPlatformFetch(server: BenchServer): Promise<Row[]> {
  const url = `${server.apiUrl}things`;
  const ours = core(server);
  const theirs = badgateway(server);
  const googles = google(server);
  const config = openid(server);
  const plain = async () => (await fetch(url, { headers: { authorization: 'Bearer AT1' } })).text();
  const cells = await timed(server, {
    nothing: plain,
    '@polyglot-tokens/core': async () => (await ours.fetch('things')).text(),
    '@badgateway/oauth2-client': async () => (await theirs.fetch(url)).text(),
    'google-auth-library': () => googles.request({ url }),
    'openid-client': async () =>
      (await fetchProtectedResource(config, 'AT1', new URL(url), 'GET')).text(),
    again: plain,
  });
  const others = { '@azure/msal-node': NO_REQUESTS, 'simple-oauth2': NO_REQUESTS };
  return rows('platform fetch', cells, others);
}

export async function authorisedRequest(): Promise<Row[]> {
  await using server = await BenchServer.start();
  return [...(await overUndici(server)), ...(await overPlatformFetch(server))];
}
