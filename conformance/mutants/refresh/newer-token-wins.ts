import { edit, mutants } from '../../src/mutants/mutant.ts';

const LIFE = 'token_life.ts';
const GIVEN_UP = '    if (this.#isIncurable(refused)) return undefined;';
const RENEW = 'const renewed = await abortable(this.#life.replace(token), signal);';
const renewing = (code: string, does: string) => edit('token_client.ts', RENEW, code, does);

export default mutants({
  a: renewing(
    'const renewed = await this.getToken({ forceRefresh: true });',
    'shares a refresh that is under way, and starts another one for each later 401',
  ),
  'a-queue': renewing(
    `const turn = (this.turn ?? Promise.resolve()).then(() => this.getToken({ forceRefresh: true }));
    this.turn = turn.catch(() => undefined);
    const renewed = await turn;`,
    'locks, and refreshes once for each 401',
  ),
  'a-memo': renewing(
    `const recent = performance.now() - (this.renewedAt ?? -Infinity) < 1_000;
    const renewed = await this.getToken({ forceRefresh: !recent });
    if (!recent) this.renewedAt = performance.now();`,
    'remembers for a second that it has refreshed',
  ),
  'a-lost': edit(
    LIFE,
    GIVEN_UP,
    '    if (this.#isIncurable(refused) || refused !== this.#token) return undefined;',
    'gives the 401 out if the token has been replaced',
  ),
  'a-old': edit(
    LIFE,
    GIVEN_UP,
    `${GIVEN_UP}\n    if (refused !== this.#token) return refused;`,
    'repeats with the refused token if it has been replaced',
  ),
  'a-first': edit(
    LIFE,
    GIVEN_UP,
    `${GIVEN_UP}
    if (this.replacing) return undefined;
    this.replacing = true;
    return this.get().finally(() => (this.replacing = false));`,
    'repeats the first refused call, and lets those fail that are refused while it refreshes',
  ),
  b: edit(
    LIFE,
    'const token = await this.#renew(this.#token, forced, minValidity);',
    'const token = await this.#renew(this.#refused ? undefined : this.#token, forced, minValidity);',
    'does not take what somebody else has stored when a call is refused',
  ),
});
