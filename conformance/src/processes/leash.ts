import { fileURLToPath } from 'node:url';
import { Duplex } from 'node:stream';
import { execa, type ResultPromise } from 'execa';
import { onExit } from './on-exit.ts';

const script = fileURLToPath(new URL('leash.sh', import.meta.url));

/** Long enough for a JVM's shutdown hooks (Keycloak needs 1.1 s), short enough after a Ctrl-C. */
const defaultGraceMs = 5000;

type Stream = 'pipe' | 'inherit' | 'ignore' | { file: string };

export interface LeashOptions<In extends Stream, Out extends Stream, Err extends Stream> {
  cwd?: string;
  /** The whole environment; default: this process's own. */
  env?: NodeJS.ProcessEnv;
  /** Default of all three: `pipe`. */
  stdin?: In;
  stdout?: Out;
  stderr?: Err;
  /** Milliseconds between SIGTERM and SIGKILL if this process dies without calling `stop`. */
  graceMs?: number;
}

export interface Leashed<
  In extends Stream = 'pipe',
  Out extends Stream = 'pipe',
  Err extends Stream = 'pipe',
> {
  /** Pid, exit code and streams are the command's own. Awaiting it never rejects; output is not buffered. */
  readonly process: LeashedProcess<In, Out, Err>;
  /** Resolves when the command has ended and with it every process of its group. */
  readonly gone: Promise<void>;
  /**
   * Ends the whole process group: SIGTERM, then SIGKILL after `graceMs` milliseconds. Resolves when it is
   * gone, at once if it already is. Never rejects.
   */
  stop(graceMs?: number): Promise<void>;
}

type LeashedProcess<In extends Stream, Out extends Stream, Err extends Stream> = ResultPromise<{
  stdin: In;
  stdout: Out;
  stderr: Err;
  reject: false;
  buffer: false;
}>;

/**
 * Starts a command that cannot outlive this process: its whole process group ends with it, whatever
 * ends it (SIGKILL included), and so does what the command itself leaves behind when it exits.
 *
 * A command that does not exist ends with exit code 127, one that cannot be executed with 126.
 */
export function leash<
  In extends Stream = 'pipe',
  Out extends Stream = 'pipe',
  Err extends Stream = 'pipe',
>(command: string[], options: LeashOptions<In, Out, Err> = {}): Leashed<In, Out, Err> {
  // Registered first: a signal that comes while the process is being started must find it.
  let stop = (_graceMs?: number): Promise<void> => Promise.resolve();
  const forget = onExit(() => stop());
  const { cwd, env, stdin = 'pipe', stdout = 'pipe', stderr = 'pipe' } = options;
  const child = execa('/bin/sh', [script, String(options.graceMs ?? defaultGraceMs), ...command], {
    stdio: [stdin, stdout, stderr, 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env, extendEnv: false }),
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
  });

  const line = child.nodeChildProcess.stdio[3];
  if (!(line instanceof Duplex)) throw new TypeError('the leash needs a two-way pipe as fd 3');
  line.on('error', () => undefined); // the watcher may be gone before our last word reaches it
  line.resume();

  // The watcher is the only other holder of the line: its end means that the group is empty.
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  line.once('close', resolve);
  child.nodeChildProcess.once('exit', () => line.end());

  stop = async (graceMs = defaultGraceMs): Promise<void> => {
    if (!line.writableEnded) line.end(`${graceMs}\n`);
    await gone;
  };
  void gone.then(forget);

  // The compiler cannot see through execa's types while In, Out and Err are open.
  return { process: child as unknown as LeashedProcess<In, Out, Err>, gone, stop };
}
