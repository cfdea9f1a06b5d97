import { TITLES } from '../servers/server.ts';
import type { Report } from './model.ts';

/** Which servers there were, and how long everything took. */
export function summary({ servers, duration_ms: duration }: Report): string {
  const ready = servers.map(
    ({ name, version, way, ready_ms: ms }) =>
      `${TITLES[name]} ${version} (${way}) ready after ${seconds(ms)}`,
  );
  return [...ready, `all done after ${seconds(duration)}`].join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
