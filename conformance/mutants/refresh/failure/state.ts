import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FAILED = '// What was not sent, or refused, has not spent';
const wipes = (when: string, does: string) =>
  edit(
    'renewal.ts',
    FAILED,
    `if (${when}) {
        await this.#save({ ...tokens, refresh_token: undefined }, marked);
        throw error;
      }
      ${FAILED}`,
    does,
  );

export default mutants({
  b: wipes('true', 'wipes it on any failure'),
  'b-status': wipes('error.httpStatus >= 500', 'takes 5xx for a refusal'),
  'b-429': wipes("error.class === 'rate_limited'", 'takes 429 for a refusal'),
  'b-lost': wipes("error.delivery === 'no_answer'", 'wipes it when the answer is lost'),
});
