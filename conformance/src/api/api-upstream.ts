import type { Hono } from 'hono';
import type { Upstream } from '../wire/recorder.ts';

/** Hands recorded requests to the ticketing API, which lives in this process. */
export function apiUpstream(api: Hono): Upstream {
  return async ({ method, target, headers, body }, origin) => {
    const answer = await api.request(`${origin}${target}`, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      ...(body !== '' && method !== 'GET' && method !== 'HEAD' && { body }),
    });
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    };
  };
}
