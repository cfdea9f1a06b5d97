import { edit, mutants } from '../../src/mutants/mutant.ts';

const WAIT = 'const pause = Math.max(error.retryAfter ?? 0, this.#growingPause());';
const wait = (when: string, does: string) =>
  edit(
    'cool_down.ts',
    WAIT,
    `const pause = Math.max((${when}) ? (error.retryAfter ?? 0) : 0, this.#growingPause());`,
    does,
  );

export default mutants({
  a: wait('false', 'does not read Retry-After'),
  'a-429': wait('error.httpStatus === 429', 'reads it with 429 only'),
  'b-503': wait('error.httpStatus === 503', 'reads it with 503 only'),
  'a-milliseconds': edit(
    'cool_down.ts',
    'this.#until = this.#clock.monotonic() + pause * 1000;',
    'this.#until = this.#clock.monotonic() + pause;',
    'takes seconds for milliseconds',
  ),
});
