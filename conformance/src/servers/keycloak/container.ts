import { join } from 'node:path';
import { GenericContainer, ImageName, type StartedTestContainer, Wait } from 'testcontainers';
import { CannotRun } from '../../cannot-run.ts';
import { onExit } from '../../processes/on-exit.ts';
import type { Engine } from './engine.ts';
import { conf, readPinned } from './files.ts';
import type { Keycloak } from './index.ts';
import { findJava } from './java.ts';
import { ownLabels, removeContainer, removeLeftovers } from './leftovers.ts';
import { prepareDatabase, prepareDistribution } from './prepared.ts';
import { allReady, discoveryPath } from './ready.ts';
import { importFiles, readRealm } from './realm.ts';
import { telling } from './run-tool.ts';
import { step } from './steps.ts';

type Progress = (line: string) => void;

/** An unprepared start takes 31-50 s on two cores, twice that on a busy machine. */
const startLimitMs = 300_000;
/** A container's life is bounded (s), even if nobody is left to end it. */
const lifeSeconds = 5_400;
/** Half the peak of an unlimited container, and still no memory pressure. */
const memoryGiB = 1;

const home = '/opt/keycloak';

/** The official image of the pinned version. */
async function imageName(): Promise<string> {
  return `quay.io/keycloak/keycloak:${(await readPinned()).version}`;
}

/** Pulls the image if it is not there. @returns undefined, or why it cannot be had */
export async function fetchImage(engine: Engine, progress: Progress): Promise<string | undefined> {
  const name = await imageName();
  const image = ImageName.fromString(name);
  try {
    if (!(await engine.image.exists(image))) {
      await step(progress, `pulling ${name}`, () => engine.image.pull(image));
    }
    return undefined;
  } catch (error) {
    return `cannot pull ${name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Keycloak in a container of the official image, which must be there. @throws {CannotRun} */
export async function startContainer(engine: Engine, progress: Progress): Promise<Keycloak> {
  const began = performance.now();
  const { version } = await readPinned();
  let prepared = false;
  const say = (line: string) => progress(`Keycloak ${version}: ${line}`);
  const report = (line: string) => {
    prepared = true;
    say(line);
  };
  await removeLeftovers(engine);
  const container = new KeycloakContainer(await imageName());
  await container.fill(report);
  const preparedMs = prepared ? performance.now() - began : 0;

  say('starting a container …');
  const started = performance.now();
  const forget = onExit(async () => {
    if (container.id !== undefined) await removeContainer(engine, container.id);
  });
  const stop = async (): Promise<void> => {
    if (container.id !== undefined) await withLimit(removeContainer(engine, container.id));
    forget();
  };
  let url: string;
  try {
    const running = await container.start();
    url = `http://${running.getHost()}:${running.getMappedPort(8080)}`;
    await allReady(url, started + startLimitMs);
  } catch (error) {
    const log = await container.log(engine).catch(() => '');
    await stop();
    const why = error instanceof Error ? error.message : String(error);
    throw new CannotRun(
      `Keycloak's container did not become ready: ${telling(why, 5)}\nThe end of its log:\n${telling(log)}\n` +
        'If the engine has less than 1 GB of memory to give, raise that; --server distribution needs no container.',
      { cause: error },
    );
  }
  const readyMs = performance.now() - started;
  say(`ready after ${(readyMs / 1000).toFixed(1)} s at ${url}`);
  return { url, way: 'container', version, preparedMs, readyMs, stop };
}

class KeycloakContainer extends GenericContainer {
  /** Known before the start is over, so that a signal in its middle can remove the container. */
  id: string | undefined;

  constructor(image: string) {
    super(image);
    this.withLabels(ownLabels())
      .withExposedPorts(8080)
      .withResourcesQuota({ memory: memoryGiB })
      .withEnvironment({
        JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
        KC_PROXY_HEADERS: 'xforwarded',
        KC_HOSTNAME_STRICT: 'false',
      })
      .withWaitStrategy(
        Wait.forHttp(discoveryPath('korusticket'), 8080, { abortOnContainerExit: true })
          .forStatusCode(200)
          .withReadTimeout(500),
      )
      .withStartupTimeout(startLimitMs);
    // The library itself can only publish on all addresses of the machine.
    this.hostConfig.PortBindings = { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] };
  }

  /**
   * Gives it the realms. What is prepared for the distribution, 4.8 MB, makes a start of 31-50 s one of 8-16 s; without
   * Java or Maven Keycloak imports the realms at its start.
   */
  async fill(progress: Progress): Promise<void> {
    const realm = await readRealm();
    try {
      const [pinned, java] = await Promise.all([readPinned(), findJava()]);
      const distribution = await prepareDistribution(pinned, java, progress);
      const realms = await prepareDatabase(pinned, distribution, realm, java, progress);
      // Copied files belong to root, so Keycloak's user makes its own copy.
      this.withCopyDirectoriesToContainer([
        {
          source: join(distribution, 'lib', 'quarkus'),
          target: '/tmp/prepared/lib/quarkus',
          mode: 0o755,
        },
      ]).withCopyFilesToContainer([
        { source: conf, target: '/tmp/prepared/conf/keycloak.conf', mode: 0o644 },
        {
          source: join(realms, 'keycloakdb.mv.db'),
          target: '/tmp/prepared/data/h2/keycloakdb.mv.db',
          mode: 0o644,
        },
      ]);
      this.run(`cp -R /tmp/prepared/. ${home}/ &&`, ['start', '--optimized']);
    } catch (error) {
      if (!(error instanceof CannotRun)) throw error;
      progress(
        `the slow start, about 40 s, because nothing can be prepared: ${error.message.split('\n')[0]}`,
      );
      this.withCopyContentToContainer(
        Object.entries(importFiles(realm)).map(([name, content]) => ({
          content,
          target: `${home}/data/import/${name}`,
          mode: 0o644,
        })),
      );
      this.run('', ['start-dev', '--import-realm']);
    }
  }

  private run(before: string, args: string[]): void {
    const keycloak = `exec timeout --kill-after=10 ${lifeSeconds} ${home}/bin/kc.sh "$@"`;
    this.withEntrypoint(['sh', '-c', `${before} ${keycloak}`, 'kc']).withCommand(args);
  }

  async log(engine: Engine): Promise<string> {
    if (this.id === undefined) return '';
    const container = engine.container.getById(this.id);
    const log = await container.logs({ stdout: true, stderr: true, tail: 30 });
    // Each chunk of the engine's stream starts with eight bytes of its own.
    // oxlint-disable-next-line no-control-regex -- they are control characters
    return log.toString('utf8').replaceAll(/[\u0001\u0002]\0{3}.{4}/gs, '');
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.id = id;
    await Promise.resolve();
  }

  override async start(): Promise<StartedTestContainer> {
    return withLimit(super.start(), startLimitMs + 30_000);
  }
}

/** An engine that hangs answers never. */
async function withLimit<T>(work: Promise<T>, limitMs = 30_000): Promise<T> {
  const silence = Promise.withResolvers<never>();
  const limit = setTimeout(
    () =>
      silence.reject(
        new CannotRun(`the container engine did not answer within ${limitMs / 1000} s`),
      ),
    limitMs,
  );
  try {
    return await Promise.race([work, silence.promise]);
  } finally {
    clearTimeout(limit);
  }
}
