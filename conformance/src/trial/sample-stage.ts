import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { ticketingApi } from '../api/ticketing-api.ts';
import { apiUpstream } from '../api/api-upstream.ts';
import type { Implementation, Sample } from '../implementations/find.ts';
import { watchArguments } from '../processes/arguments.ts';
import { leash } from '../processes/leash.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { Authority, Realm } from '../servers/authority.ts';
import { must, reach } from '../verdict/verdict.ts';
import { type Exchange, form } from '../wire/exchange.ts';
import type { Fault } from '../wire/fault.ts';
import { keycloakEndpoint } from '../wire/keycloak-upstream.ts';
import { Recorder } from '../wire/recorder.ts';
import { mustNotLeak } from './leaks.ts';
import type { RealmClient } from './clients.ts';

const TIME_LIMIT_MS = 40_000;
// Every sample of every language is watched: at 5 ms, as for sec.argv, the watching would cost more than some samples.
const SAMPLE_LOOK_MS = 20;
const LARGEST_OUTPUT = 1024 * 1024;

export interface SampleWorld {
  readonly authority: Authority;
  readonly runtime: Runtime;
  readonly implementation: Implementation;
}

/** How a sample ended. */
export interface ProgramRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export type Environment = Readonly<Record<string, string>>;

/** Where a sample is run: alone in an empty folder, with a clean environment, between recorders of its own. */
export class SampleStage {
  readonly wire: Exchange[] = [];
  readonly #world: SampleWorld;
  readonly #sample: Sample;
  readonly #recorders = new Map<Realm, Recorder>();
  readonly #startedAt = performance.now();
  readonly #faults: readonly Fault[];
  #folder = '';
  #stderr = '';

  private constructor(world: SampleWorld, sample: Sample, faults: readonly Fault[]) {
    this.#world = world;
    this.#sample = sample;
    this.#faults = faults;
  }

  static async open(
    world: SampleWorld,
    sample: Sample,
    faults: readonly Fault[],
  ): Promise<SampleStage> {
    const stage = new SampleStage(world, sample, faults);
    stage.#folder = await mkdtemp(join(tmpdir(), 'polyglot-tokens-sample-'));
    await copyFile(sample.file, join(stage.#folder, basename(sample.file)));
    await linkCore(sample, stage.#folder);
    return stage;
  }

  /** Settings for a client of the realm, with the API of this stage. */
  async settings(client: RealmClient, realm: Realm = 'korusticket'): Promise<Environment> {
    const origin = await this.#origin(realm);
    return {
      OAUTH_ISSUER: `${origin}/realms/${realm}`,
      OAUTH_CLIENT_ID: client.id,
      OAUTH_CLIENT_SECRET: client.secret,
    };
  }

  /** The same with an explicit token endpoint in place of the issuer. */
  async settingsWithoutDiscovery(
    client: RealmClient,
    realm: Realm = 'korusticket',
  ): Promise<Environment> {
    const { OAUTH_ISSUER, ...rest } = await this.settings(client, realm);
    return { ...rest, OAUTH_TOKEN_URL: `${OAUTH_ISSUER}/protocol/openid-connect/token` };
  }

  /** The base of a ticketing API that takes the tokens of a realm. */
  async apiUrl(realm: Realm = 'korusticket'): Promise<string> {
    const issuer = `${await this.#origin(realm)}/realms/${realm}`;
    const api = ticketingApi({ issuer, jwks: await this.#world.authority.jwks(realm) });
    const recorder = await this.#record({ upstream: apiUpstream(api), endpointOf: () => 'api' });
    this.#apis.push(recorder);
    return recorder.origin;
  }

  /**
   * Runs the sample by the command in its first comment, and looks for secrets wherever it could have left one.
   *
   * @throws Judgement when it hangs or shows a secret.
   */
  async run(settings: Environment): Promise<ProgramRun> {
    const { runtime } = this.#world;
    const path = [...runtime.path, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
    const env = { PATH: path, HOME: this.#folder, LC_ALL: 'C.UTF-8', ...runtime.env, ...settings };
    const leashed = leash([...this.#sample.command], { cwd: this.#folder, env, stdin: 'ignore' });
    const { pid, stdout, stderr } = leashed.process.nodeChildProcess;
    const watched = pid === undefined ? undefined : watchArguments(pid, SAMPLE_LOOK_MS);
    const limit = setTimeout(() => void leashed.stop(0), TIME_LIMIT_MS);
    const [out, err, { exitCode, signal }] = await Promise.all([
      text(stdout),
      text(stderr),
      leashed.process,
    ]);
    clearTimeout(limit);
    await leashed.gone;
    this.#stderr += err;
    const commandLines = watched?.() ?? [];
    reach(
      signal === undefined,
      `an end within ${TIME_LIMIT_MS / 1000} s`,
      `ended by ${signal ?? ''}`,
    );
    // A sample that ends at once, for want of settings, may be gone before the first look; it had nothing to hide yet.
    reach(
      commandLines.length > 0 || exitCode === 2,
      'to see the arguments of the process',
      'nothing (needs /proc)',
    );
    mustNotLeak(out, 'standard output', this.wire);
    mustNotLeak(err, 'standard error', this.wire);
    mustNotLeak(commandLines.join('\n'), 'the arguments of a process', this.wire);
    for (const { request } of this.wire) mustNotLeak(request.target, 'a URL', this.wire);
    return { exitCode, stdout: out, stderr: err };
  }

  get stderr(): string {
    return this.#stderr;
  }

  get tokenRequests(): Exchange[] {
    return this.wire.filter(({ endpoint }) => endpoint === 'token');
  }

  get grantTypes(): (string | null)[] {
    return this.tokenRequests.map(({ request }) => form(request).get('grant_type'));
  }

  get apiRequests(): Exchange[] {
    return this.wire.filter(({ endpoint }) => endpoint === 'api');
  }

  async close(): Promise<void> {
    const recorders = [...this.#recorders.values(), ...this.#apis];
    await Promise.all(recorders.map((recorder) => recorder.close()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  readonly #apis: Recorder[] = [];

  async #origin(realm: Realm): Promise<string> {
    const { upstream } = this.#world.authority;
    const known =
      this.#recorders.get(realm) ??
      (await this.#record({ upstream, endpointOf: keycloakEndpoint }));
    this.#recorders.set(realm, known);
    return known.origin;
  }

  #record(
    kind: Pick<Parameters<typeof Recorder.open>[0], 'upstream' | 'endpointOf'>,
  ): Promise<Recorder> {
    return Recorder.open({
      ...kind,
      faults: this.#faults,
      wire: this.wire,
      startedAt: this.#startedAt,
    });
  }
}

/** Answers that every sample gives in the same form are checked in one place. */
export function mustExit(run: ProgramRun, code: number): void {
  must(
    run.exitCode === code,
    `exit code ${code}`,
    `${run.exitCode ?? 'none'}, and on standard error: ${run.stderr.trim()}`,
  );
}

/** A URL at which nobody listens. */
export async function closedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/token`;
}

async function text(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.length;
    if (size <= LARGEST_OUTPUT) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A sample on the published core needs `npm install` in a real folder; here the package of the repository takes its place. */
async function linkCore(sample: Sample, folder: string): Promise<void> {
  if (basename(dirname(sample.file)) !== 'core') return;
  const scope = join(folder, 'node_modules', '@polyglot-tokens');
  await mkdir(scope, { recursive: true });
  await symlink(join(dirname(sample.file), '..', '..', 'core'), join(scope, 'core'));
}
