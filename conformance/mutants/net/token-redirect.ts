import { edit, mutants } from '../../src/mutants/mutant.ts';

const MANUAL = "redirect: 'manual', signal }";
const FETCHED = '    const text = await boundedText(response, what);';

export default mutants({
  a: edit('exchange.ts', MANUAL, "redirect: 'follow', signal }", 'follows redirects'),
  'a-post': edit(
    'exchange.ts',
    FETCHED,
    `    if (response.status === 307 || response.status === 308) {
      return await exchange(new URL(response.headers.get('Location'), url), init, fetchFunction);
    }
${FETCHED}`,
    'posts again on 307 and 308 only',
  ),
  'a-get': edit(
    'exchange.ts',
    FETCHED,
    `    if (response.status === 303) await fetchFunction(new URL(response.headers.get('Location'), url));
${FETCHED}`,
    'looks at what a 303 points to',
  ),
  'a-class': edit(
    'exchange.ts',
    MANUAL,
    "redirect: 'error', signal }",
    'reports a redirect as a broken connection',
  ),
});
