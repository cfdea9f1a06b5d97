import type { ContainerRuntimeClient } from 'testcontainers';

/** A healthy engine answers within 70 ms; a hung one accepts the connection and stays silent for ever. */
const limitMs = 3_000;

export type Engine = ContainerRuntimeClient;

/**
 * The container engine of this machine.
 *
 * @returns undefined and why, if none answers within 3 seconds
 */
export async function findEngine(): Promise<{ engine?: Engine; trouble: string }> {
  configure();
  // Loading the library takes 0.3 s, so only those who may need it do.
  const { getContainerRuntimeClient } = await import('testcontainers');
  const silence = Promise.withResolvers<never>();
  const limit = setTimeout(
    () => silence.reject(new Error(`no answer within ${limitMs / 1000} s`)),
    limitMs,
  );
  try {
    return {
      engine: await Promise.race([getContainerRuntimeClient(), silence.promise]),
      trouble: '',
    };
  } catch (error) {
    return { trouble: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(limit);
  }
}

function configure(): void {
  const { env } = process;
  // The library's own cleaner is one more image to pull; labels, a bounded life and a sweep do its work here.
  env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  // Inside a container the library would take the bridge's address for the engine's and never reach a port that is
  // published on the loopback address.
  const host = env['DOCKER_HOST'] ?? 'unix:';
  if (host.startsWith('unix:')) env['TESTCONTAINERS_HOST_OVERRIDE'] ??= '127.0.0.1';
}
