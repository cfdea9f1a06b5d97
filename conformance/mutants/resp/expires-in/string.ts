import { edit, mutants } from '../../../src/mutants/mutant.ts';

const READ = "    expiresIn: seconds(json['expires_in']) || undefined,";
const asText = (expression: string) =>
  `    expiresIn: typeof json['expires_in'] === 'string' ? ${expression} : seconds(json['expires_in']),`;

export default mutants({
  a: edit(
    'token_response.ts',
    READ,
    asText("(() => { throw unusable('expires_in is text'); })()"),
    'rejects it',
  ),
  b: edit('token_response.ts', READ, asText('undefined'), 'takes it for unknown, and never renews'),
  c: edit(
    'token_response.ts',
    READ,
    asText("Number('1' + json['expires_in'] + '00')"),
    'adds it as text',
  ),
  d: edit('token_response.ts', READ, asText('0'), 'takes it for expired'),
  e: edit(
    'token_response.ts',
    READ,
    asText("Number(json['expires_in']) / 1000"),
    'takes it for milliseconds',
  ),
});
