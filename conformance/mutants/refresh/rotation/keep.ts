import { edit, mutants } from '../../../src/mutants/mutant.ts';

const NEXT = 'if (response.refreshToken === undefined) return current;';
const READ = "refreshToken: nonEmpty(json['refresh_token']),";

export default mutants({
  a: edit(
    'refresh_token.ts',
    NEXT,
    'if (response.refreshToken === undefined) return {};',
    'overwrites it with nothing',
  ),
  'a-null': edit(
    'token_response.ts',
    READ,
    "refreshToken: json['refresh_token'] === null ? 'null' : nonEmpty(json['refresh_token']),",
    'keeps null as a text',
  ),
  'a-empty': edit(
    'token_response.ts',
    READ,
    "refreshToken: json['refresh_token'] === '' ? '' : nonEmpty(json['refresh_token']),",
    'keeps an empty text',
  ),
  'a-twice': edit(
    'refresh_token.ts',
    NEXT,
    `const kept = (nextRefreshToken.kept ??= new Set());
  if (response.refreshToken === undefined) {
    if (kept.has(current.refresh_token)) return {};
    kept.add(current.refresh_token);
    return current;
  }`,
    'keeps it once only',
  ),
});
