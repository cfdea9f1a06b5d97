import { edit, mutants } from '../../../src/mutants/mutant.ts';

const BASIC =
  "return Buffer.from(`${formEncode(clientId)}:${formEncode(secret)}`).toString('base64');";
const basic = (text: string, does: string, encoding = '') =>
  edit(
    'client_authentication.ts',
    BASIC,
    `return Buffer.from(\`${text}\`${encoding}).toString('base64');`,
    does,
    { blocks: true, collateral: ['auth.userinfo-url'] },
  );

export default mutants({
  a: basic('${clientId}:${secret}', 'Base64 of the raw id and secret'),
  b: basic('${formEncode(clientId)}:${secret}', 'the secret raw'),
  c: basic('${clientId}:${formEncode(secret)}', 'the id raw'),
  d: basic('${clientId}:${secret}', 'raw, and in Latin-1', ", 'latin1'"),
  e: basic(
    '${formEncode(formEncode(clientId))}:${formEncode(formEncode(secret))}',
    'form-encoded twice',
  ),
  f: basic(
    '${encodeURI(clientId)}:${encodeURI(secret)}',
    'encoded as a whole URI, which leaves reserved characters',
  ),
});
