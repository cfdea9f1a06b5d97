import { edit, mutants } from '../../../src/mutants/mutant.ts';

const REPEAT = 'return accepted(await sendWithToken(url, init, renewed), url, init);';
const repeat = (replace: string, does: string) => edit('token_client.ts', REPEAT, replace, does);

export default mutants({
  a: repeat(
    'const repeated = await sendWithToken(url, init, renewed);\n    return repeated.status === 401 ? this.fetch(input, init) : accepted(repeated, url, init);',
    'loops',
  ),
  b: repeat(
    'const repeated = await sendWithToken(url, init, renewed);\n    return accepted(repeated.status === 401 ? await sendWithToken(url, init, renewed) : repeated, url, init);',
    'repeats twice',
  ),
  c: repeat(
    'const repeated = await sendWithToken(url, init, renewed);\n    if (repeated.status === 401) await this.getToken({ forceRefresh: true });\n    return accepted(repeated, url, init);',
    'renews twice',
  ),
  d: repeat('return sendWithToken(url, init, renewed);', 'gives the second 401 out as an answer'),
  e: edit(
    'protected_resource.ts',
    "new OAuthError('unauthorized',",
    "new OAuthError('forbidden',",
    'calls it forbidden',
  ),
});
