import { edit, mutants } from '../../../src/mutants/mutant.ts';

const SENT = "return fetchFunction(url, { ...init, headers, signal, redirect: 'manual' });";
const TEXT = 'body: await response.text()';

export default mutants({
  a: edit(
    'protected_resource.ts',
    SENT,
    "return fetchFunction(url.replace(/\\/(?=$|\\?)/, ''), { ...init, headers, signal });",
    'drops the slash and follows the redirect',
    {
      // Every call is two requests now, which whoever counts requests sees.
      collateral: [
        'api.401.*',
        'api.bearer.header',
        'api.no-query-token',
        'cache.reuse',
        'refresh.newer-token-wins',
        'refresh.single-flight',
        'resp.expires-in.string',
        'resp.token-opaque',
      ],
    },
  ),
  b: edit(
    'conformance/adapter.ts',
    TEXT,
    "body: Buffer.from(await response.arrayBuffer()).toString('latin1')",
    'reads the text as Latin-1',
  ),
  'b-ascii': edit(
    'conformance/adapter.ts',
    TEXT,
    "body: (await response.text()).replaceAll(/[^\\x00-\\x7f]/g, '?')",
    'question marks in place of letters',
  ),
  'b-astral': edit(
    'conformance/adapter.ts',
    TEXT,
    "body: (await response.text()).replaceAll(/[\\u{10000}-\\u{10ffff}]/gu, '\\ufffd')",
    'loses characters outside the basic plane',
  ),
  'b-normalised': edit(
    'conformance/adapter.ts',
    TEXT,
    "body: (await response.text()).normalize('NFD')",
    'normalises the text',
  ),
});
