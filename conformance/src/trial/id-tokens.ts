import { must } from '../verdict/verdict.ts';
import type { Forgery } from '../wire/token-forge.ts';
import type { Fault } from '../wire/fault.ts';
import { login } from './logins.ts';
import type { Stage } from './stage.ts';

/** A login whose ID token is forged on its way, and UserInfo after it if the client takes the login for one. */
export async function loginAndAsk(stage: Stage) {
  const client = await stage.openLogin();
  const { outcome } = await login(client);
  const userInfo = outcome.outcome === 'ok' ? await client.tryUserInfo() : undefined;
  return { outcome, userInfo };
}
type Seen = Awaited<ReturnType<typeof loginAndAsk>>;

export function forging(forgery: Forgery): Fault[] {
  return [{ on: { endpoint: 'token', grant: 'authorization_code' }, forge: forgery }];
}

/** The twin of every forgery: the server's own ID token. */
export function mustAccept({ outcome, userInfo }: Seen): void {
  must(outcome.outcome === 'ok', 'a login', outcome);
  must(outcome.has_id_token, 'an ID token', outcome);
  must(userInfo?.outcome === 'ok', 'claims from UserInfo', userInfo);
}

export function mustRefuse({ outcome }: Seen, stage: Stage): void {
  must(
    outcome.outcome === 'error' && outcome.error.class === 'invalid_id_token',
    'invalid_id_token',
    outcome,
  );
  must(
    stage.userInfoRequests.length === 0,
    'no use of the tokens that came with it',
    `${stage.userInfoRequests.length} UserInfo requests`,
  );
}
