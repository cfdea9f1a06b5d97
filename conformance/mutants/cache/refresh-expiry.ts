import { edit, mutants } from '../../src/mutants/mutant.ts';

const READ = "refreshExpiresIn: seconds(json['refresh_expires_in']) || undefined,";

export default mutants({
  a: edit(
    'token.ts',
    'elapsedSince(this.#sent, this.#clock) < this.#refreshLifetimeMs',
    'true',
    'sends the dead token',
  ),
  'a-first': edit(
    'refresh_token.ts',
    'refresh_expires_at: lifetime === undefined ? undefined : sentAt + lifetime,',
    'refresh_expires_at: lifetime === undefined ? undefined : sentAt + lifetime + 5,',
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
