import type { Answer } from '../adapter/client.ts';
import { agree } from '../verdict/verdict.ts';
import { type Exchange, jsonBody } from '../wire/exchange.ts';
import type { Stage } from './stage.ts';

/**
 * Compares what the client said with what the wire shows. Whoever answers without having asked, or has asked and says otherwise, is
 * caught here, whatever the case is about.
 *
 * @throws Judgement `contradiction`
 */
export function compareWitnesses(stage: Stage): void {
  // To a client that was not told to ask UserInfo, it is an API as any other.
  const asksUserInfo = stage.answers.some(({ method }) => method === 'userinfo/get');
  const calls = [...stage.apiRequests, ...(asksUserInfo ? [] : stage.userInfoRequests)];
  for (const answer of stage.answers) {
    if (answer.method === 'api/request') compareCall(answer, calls);
    else if (answer.method === 'userinfo/get') compareUserInfo(answer, stage.userInfoRequests);
    else compareToken(answer, stage.tokenRequests);
  }
  const claimed = stage.answers.filter(
    ({ method, result }) => method === 'api/request' && result.outcome === 'ok',
  );
  agree(
    claimed.length <= calls.length,
    'as many API calls on the wire as the client says it made',
    `${claimed.length} said, ${calls.length} on the wire`,
  );
}

function compareToken(
  { result }: Extract<Answer, { method: 'token/get' | 'login/finish' }>,
  wire: Exchange[],
): void {
  if (result.outcome === 'error') {
    compareStatus(result.error.http_status, wire, 'the token endpoint');
    return;
  }
  const issued = wire
    .map(({ response }) => jsonBody(response))
    .filter((body) => body?.['access_token'] !== undefined);
  agree(
    issued.length > 0,
    'a token on the wire, since the client says that it has one',
    'none was issued',
  );
  agree(
    !result.has_refresh_token || issued.some((body) => body?.['refresh_token'] !== undefined),
    'a refresh token on the wire, since the client says that it has one',
    'none was issued',
  );
}

function compareUserInfo(
  { result }: Extract<Answer, { method: 'userinfo/get' }>,
  wire: Exchange[],
): void {
  if (result.outcome === 'error') return;
  agree(
    wire.some(({ response }) => response?.status === 200),
    'an answer of UserInfo on the wire, since the client says that it has claims',
    wire.map(({ response }) => response?.status),
  );
}

function compareCall(
  { result }: Extract<Answer, { method: 'api/request' }>,
  wire: Exchange[],
): void {
  const { status } = result.outcome === 'ok' ? result : { status: result.error.http_status };
  // A call can also fail because no token was to be had.
  if (
    result.outcome === 'error' &&
    result.error.class !== 'unauthorized' &&
    result.error.class !== 'forbidden'
  )
    return;
  compareStatus(status, wire, 'the API');
}

function compareStatus(status: number | undefined, wire: Exchange[], whose: string): void {
  if (status === undefined) return;
  const seen = wire.map(({ response }) => response?.status);
  agree(
    seen.includes(status),
    `an answer of ${whose} with status ${status}, as the client says`,
    seen,
  );
}
