import { plain, requirement } from '../../../src/requirements/requirement.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';

const LOGINS = 10;
// 128 bits in Base64 without padding. A text of hexadecimal digits would need 32.
const SHORTEST = 22;
// Two random texts of 22 characters agree in 8 places at their beginning once in 64^8 tries: they would be counters or clocks.
const SAME_BEGINNING = 8;

/** The states of many logins, half of them begun in another process. */
async function states(stage: Stage): Promise<string[]> {
  const found: string[] = [];
  for (const adapter of [stage.adapter, await stage.startAdapter()]) {
    for (let i = 0; i < LOGINS; i++) {
      const client = await stage.openLogin(undefined, {}, adapter);
      found.push(new URL(await client.startLogin()).searchParams.get('state') ?? '');
    }
  }
  return found;
}

export default requirement({
  rule: 'The state of a login is new and cannot be guessed, and consists of characters that no URL changes.',
  sources: ['RFC 6749, sections 10.10 and 10.12'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code'],
      async run(stage) {
        const found = await states(stage);
        must(
          new Set(found).size === found.length,
          'another state for every login',
          'the same one twice',
        );
        const shortest = Math.min(...found.map((state) => state.length));
        must(shortest >= SHORTEST, `at least ${SHORTEST} characters`, `${shortest}`);
        const beginnings = new Set(found.map((state) => state.slice(0, SAME_BEGINNING)));
        const ends = new Set(found.map((state) => state.slice(-SAME_BEGINNING)));
        must(
          beginnings.size === found.length && ends.size === found.length,
          'states that have nothing in common',
          'the same beginning or end',
        );
        const odd = found.find((state) => !/^[\w.~-]+$/.test(state));
        must(odd === undefined, 'unreserved characters alone (RFC 3986, section 2.3)', 'others');
      },
    }),
  },
});
