import { edit, mutants } from '../../src/mutants/mutant.ts';

const READ = "refreshExpiresIn: seconds(json['refresh_expires_in']) || undefined,";

export default mutants({
  a: edit(
    'refresh_token.ts',
    'return performance.now() < this.#goodUntil;',
    'return true;',
    'sends the dead token',
  ),
  'a-first': edit(
    'refresh_token.ts',
    'return new RefreshToken(response.refreshToken, sentAt + lifetime * 1000);',
    'return new RefreshToken(response.refreshToken, sentAt + lifetime * 1000 + 5_000);',
    'sends it for five seconds more',
  ),
  b: edit(
    'token_response.ts',
    READ,
    "refreshExpiresIn: seconds(json['refresh_expires_in']),",
    'takes 0 for expired',
  ),
  'b-absent': edit(
    'token_response.ts',
    READ,
    "refreshExpiresIn: json['refresh_expires_in'] === undefined ? 0.001 : seconds(json['refresh_expires_in']) || undefined,",
    'takes absence for expired',
  ),
  'b-access': edit(
    'token_response.ts',
    READ,
    "refreshExpiresIn: seconds(json['refresh_expires_in']) || 0.001,",
    'logs in again unless a life is told',
  ),
});
