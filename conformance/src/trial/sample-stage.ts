import { mkdir, mkdtemp, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Writable } from 'node:stream';
import { basename, delimiter, dirname, join } from 'node:path';
import { ticketingApi } from '../api/ticketing-api.ts';
import { apiUpstream } from '../api/api-upstream.ts';
import type { Implementation, Sample } from '../implementations/find.ts';
import { watchArguments } from '../processes/arguments.ts';
import { leash } from '../processes/leash.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { removeInUse } from '../cache/folder.ts';
import type { Authority, Endpoints, Realm } from '../servers/server.ts';
import { must, reach } from '../verdict/verdict.ts';
import { type Exchange, form } from '../wire/exchange.ts';
import type { Fault } from '../wire/fault.ts';
import { Recorder } from '../wire/recorder.ts';
import { mustNotLeak } from './leaks.ts';
import { aloneSample } from './sample-alone.ts';
import { BrowserSpy } from '../user/browser-spy.ts';
import type { PublicClient, RealmClient, RealmUser } from './clients.ts';
import { Person, type PersonChoices, type PersonWent } from './person.ts';

const TIME_LIMIT_MS = 90_000;
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

/** How a sample ended that logged a person in. */
export interface LoginRun extends ProgramRun, PersonWent {
  /** What the system's browser was asked to open. */
  readonly opened: readonly string[];
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
  readonly #there = new Set<Sample>();
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
    await stage.#put(sample);
    return stage;
  }

  /** Settings for a client of the realm, with the API of this stage. */
  async settings(
    client: RealmClient | PublicClient,
    realm: Realm = 'korusticket',
  ): Promise<Environment> {
    const behind = { origin: await this.#origin(realm), realm };
    const { authority } = this.#world;
    const { name } = authority;
    const { issuer, token, authorization } = authority.endpoints(behind);
    return {
      ...(issuer === undefined
        ? { OAUTH_TOKEN_URL: token, OAUTH_AUTHORIZE_URL: authorization }
        : { OAUTH_ISSUER: issuer }),
      // Without openid, django-oidc-provider sends an ID token without claims; and it does not decode a Basic header.
      ...(name !== 'keycloak' && { OAUTH_SCOPE: authority.login(behind).scope ?? '' }),
      ...(name === 'django-oidc-provider' && 'secret' in client && { OAUTH_CLIENT_AUTH: 'post' }),
      OAUTH_CLIENT_ID: client.id,
      ...('secret' in client && { OAUTH_CLIENT_SECRET: client.secret }),
    };
  }

  /** The same with an explicit token endpoint in place of the issuer. */
  async settingsWithoutDiscovery(
    client: RealmClient,
    realm: Realm = 'korusticket',
  ): Promise<Environment> {
    const { OAUTH_ISSUER: _, ...rest } = await this.settings(client, realm);
    return { ...rest, OAUTH_TOKEN_URL: (await this.#endpoints(realm)).token };
  }

  /** The base of a ticketing API that takes the tokens of a realm. */
  async apiUrl(realm: Realm = 'korusticket'): Promise<string> {
    const behind = { origin: await this.#origin(realm), realm };
    const check = await this.#world.authority.tokenCheck(behind, false);
    const upstream = apiUpstream(ticketingApi(check));
    const recorder = await this.#record({ upstream, endpointOf: () => 'api' });
    this.#apis.push(recorder);
    return recorder.origin;
  }

  /**
   * Runs the sample by the command in its first comment, and looks for secrets wherever it could have left one.
   *
   * @throws Judgement when it hangs or shows a secret.
   */
  async run(settings: Environment): Promise<ProgramRun> {
    return this.#run(this.#sample, settings, alone);
  }

  /**
   * Runs another sample of the same implementation after this one, in the same folder.
   *
   * @throws Judgement as {@link run} does, and `not-reached` where there is no such sample.
   */
  async runNext(name: string, settings: Environment): Promise<ProgramRun> {
    const sample = this.#world.implementation.samples[name];
    reach(sample !== undefined, `a sample ${name}`, 'none');
    await this.#put(sample);
    return this.#run(sample, settings, alone);
  }

  /**
   * Runs the sample with a person at its side: who opens the URL that it prints, logs in, and comes back to its listener, or pastes the address where
   * nobody listens.
   *
   * @throws Judgement as {@link run} does.
   */
  async runLogin(settings: Environment, choices: PersonChoices = {}): Promise<LoginRun> {
    const browser = await BrowserSpy.install(join(this.#folder, 'browser'));
    const person = new Person(choices);
    const run = await this.#run(
      this.#sample,
      { ...settings, ...browser.env },
      (stdin, said) => person.accompany(stdin, said),
      browser.path,
    );
    return { ...run, ...person.went, opened: await browser.opened() };
  }

  /** A person whom no other trial knows, and who has consented to nothing. */
  newUser(): Promise<RealmUser> {
    return this.#world.authority.newUser('korusticket');
  }

  /** The access rights of files in the sample's folder, in octal digits. */
  modes(...names: string[]): Promise<string[]> {
    return Promise.all(
      names.map(async (name) => {
        const found = await stat(join(this.#folder, name)).catch(() => undefined);
        return found ? (found.mode & 0o7777).toString(8) : 'missing';
      }),
    );
  }

  /** Puts a file into the sample's folder, for its owner alone. @returns its path. */
  async give(name: string, text: string): Promise<string> {
    const path = join(this.#folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  /** The text of a file in the sample's folder; empty if it is not there. */
  left(name: string): Promise<string> {
    return readFile(join(this.#folder, name), 'utf8').catch(() => '');
  }

  /** The source text of the sample. */
  source(): Promise<string> {
    return readFile(this.#sample.file, 'utf8');
  }

  /** A link to the sample, so that what it leaves is the stage's own. */
  async #put(sample: Sample): Promise<void> {
    if (this.#there.has(sample)) return;
    this.#there.add(sample);
    await symlink(await aloneSample(sample), join(this.#folder, basename(sample.file)));
  }

  async #run(
    sample: Sample,
    settings: Environment,
    accompany: Companion,
    pathFirst?: string,
  ): Promise<ProgramRun> {
    const { runtime } = this.#world;
    const system = ['/usr/local/bin', '/usr/bin', '/bin'];
    const path = [...(pathFirst ? [pathFirst] : []), ...runtime.path, ...system].join(delimiter);
    const env = { PATH: path, HOME: this.#folder, LC_ALL: 'C.UTF-8', ...runtime.env, ...settings };
    const leashed = leash([...sample.command], { cwd: this.#folder, env });
    const { pid, stdin, stdout, stderr } = leashed.process.nodeChildProcess;
    if (!stdin) throw new TypeError('the sample needs pipes');
    // A program that has ended reads no more.
    stdin.on('error', () => {});
    const watched = pid === undefined ? undefined : watchArguments(pid, SAMPLE_LOOK_MS);
    const limit = setTimeout(() => void leashed.stop(0), TIME_LIMIT_MS);
    const said: Buffer[] = [];
    let ended = false;
    const end = (async () => {
      await leashed.gone;
      ended = true;
    })();
    stderr?.on('data', (chunk: Buffer) => said.push(chunk));
    const [out, err, { exitCode, signal }] = await Promise.all([
      text(stdout),
      text(stderr),
      leashed.process,
      Promise.race([
        accompany(stdin, () => (ended ? undefined : Buffer.concat(said).toString('utf8'))),
        end,
      ]),
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
    mustNotLeak(commandLines, 'the arguments of a process', this.wire);
    const urls = this.wire.map(({ request }) => request.target);
    mustNotLeak(urls, 'a URL', this.wire);
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
    for (const recorder of recorders) recorder.close();
    await removeInUse(this.#folder);
  }

  readonly #apis: Recorder[] = [];

  async #endpoints(realm: Realm): Promise<Endpoints> {
    return this.#world.authority.endpoints({ origin: await this.#origin(realm), realm });
  }

  async #origin(realm: Realm): Promise<string> {
    const { authority } = this.#world;
    const known =
      this.#recorders.get(realm) ??
      (await this.#record({
        upstream: authority.upstream,
        endpointOf: (path) => authority.endpointOf(path),
      }));
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

/** What a program gets from its surroundings while it runs. @see Person.accompany */
type Companion = (stdin: Writable, said: () => string | undefined) => Promise<void>;

const alone: Companion = async (stdin) => void stdin.end();

/** Answers that every sample gives in the same form are checked in one place. */
export function mustExit(run: ProgramRun, code: number): void {
  must(
    run.exitCode === code,
    `exit code ${code}`,
    `${run.exitCode ?? 'none'}, and on standard error: ${run.stderr.trim()}`,
  );
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
