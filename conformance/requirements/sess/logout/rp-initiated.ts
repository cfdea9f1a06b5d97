import { needed } from '../../../src/adapter/client.ts';
import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { loginUpToCallback } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import type { Journey } from '../../../src/user/virtual-user.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { jsonBody } from '../../../src/wire/exchange.ts';

/** It is registered; nobody listens there, for the browser of a trial stops before it. */
const RETURN = 'http://127.0.0.1/callback';
const STATE = 'af0ifjsldkj';

/** Two logins in one browser; between them, if it is provoked, the person logs out. */
async function logInTwice(stage: Stage, leaves: boolean) {
  const client = await stage.openLogin(CLIENTS.native);
  const { callback, user } = await loginUpToCallback(client);
  const finishing = client.tryFinishLogin();
  await user.tryVisit(callback);
  needed(await finishing, 'a login');
  const logout = leaves
    ? await client.tryLogout({ post_logout_redirect_uri: RETURN, state: STATE })
    : undefined;
  const url = logout?.outcome === 'ok' ? logout.logout_url : undefined;
  const journey = url === undefined ? undefined : await user.authorize(url);
  const submitted = () => stage.wire.filter(({ request }) => request.method === 'POST').length;
  const before = submitted();
  const again = await user.authorize(await client.startLogin());
  return { logout, url, journey, again, askedAgain: submitted() > before };
}

/** Without the page and its URL, which holds an ID token. */
function ended(journey: Journey | undefined): string {
  if (journey === undefined) return 'no journey';
  return 'stuck' in journey ? `a page with status ${journey.stuck.status}` : 'the callback';
}

export default requirement({
  rule:
    'A logout ends the session in the browser too: it is sent to the end_session_endpoint with id_token_hint, post_logout_redirect_uri and state, and ' +
    'without a refresh token.',
  sources: ['OpenID Connect RP-Initiated Logout 1.0, sections 2 and 3'],
  level: 'SHOULD',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['authorization_code', 'openid', 'logout'],
      flow: logInTwice,
      // Who is logged in is not asked again.
      twin({ again, askedAgain }) {
        must('callback' in again, 'a second login', ended(again));
        must(!askedAgain, 'no login form for who is logged in', 'one');
      },
      judge({ logout, url, journey, again, askedAgain }, stage) {
        must(url !== undefined, 'a URL that ends the session', logout?.outcome);
        const sent = new URL(url).searchParams;
        const issued = (member: string) =>
          stage.tokenRequests.map(({ response }) => jsonBody(response)?.[member]);
        must(
          issued('id_token').includes(sent.get('id_token_hint') ?? 'none'),
          'an ID token as id_token_hint',
          [...sent.keys()],
        );
        must(sent.get('post_logout_redirect_uri') === RETURN, RETURN, [...sent.keys()]);
        must(
          !issued('refresh_token').some((token) => url.includes(String(token))),
          'no refresh token in the URL',
          'one',
        );
        must(
          journey !== undefined && 'callback' in journey,
          'a way back without a question',
          ended(journey),
        );
        must(journey.callback.searchParams.get('state') === STATE, 'the state on the way back', [
          ...journey.callback.searchParams.keys(),
        ]);
        reach('callback' in again, 'a second login', ended(again));
        must(askedAgain, 'a login form after the logout', 'none: the session goes on');
      },
    }),
  },
});
