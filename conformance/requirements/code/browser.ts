import { plain, type PlainCase, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS, USERS } from '../../src/trial/clients.ts';
import { endOf } from '../../src/trial/logins.ts';
import type { TokenOutcome } from '../../src/adapter/client.ts';
import type { BrowserChoices } from '../../src/user/chromium-user.ts';
import { must } from '../../src/verdict/verdict.ts';

// A browser that has just been started, beside all other trials, on a machine of two cores.
const PERSON_MS = 80_000;

interface Shown {
  readonly status: number;
  readonly text: string;
}

function inBrowser(
  client: (typeof CLIENTS)['native' | 'consent'],
  choices: BrowserChoices,
  judge: (outcome: TokenOutcome, shown: Shown) => void,
): PlainCase {
  return plain({
    browser: true,
    needs: ['authorization_code'],
    async run(stage, { browser }) {
      const user = await browser();
      try {
        const opened = await stage.openLogin(client);
        const url = await opened.startLogin();
        const finishing = opened.tryFinishLogin(undefined, PERSON_MS);
        const person = client === CLIENTS.consent ? await stage.newUser() : USERS.zoe;
        const shown = await user.logIn(url, person, choices);
        judge(await endOf(opened, finishing, shown), shown);
      } finally {
        await user.close();
      }
    },
  });
}

function mustLogIn(outcome: TokenOutcome, { status, text }: Shown): void {
  must(outcome.outcome === 'ok', 'a login', outcome);
  must(status === 200, 'a page with status 200 at the end', status);
  must(text.trim() !== '', 'a page that says something', 'an empty one');
}

export default requirement({
  rule: 'With a real browser a person logs in, also at the second try, consents or declines, and sees at the end a page of the client that says how it went.',
  sources: ['RFC 8252, sections 4.1 and 7.3'],
  level: 'practice',
  tier: 'core',
  cases: {
    login: inBrowser(CLIENTS.native, {}, mustLogIn),
    consent: inBrowser(CLIENTS.consent, {}, mustLogIn),
    misspelt: inBrowser(CLIENTS.native, { misspell: true }, mustLogIn),
    declined: inBrowser(CLIENTS.consent, { decline: true }, (outcome, { status, text }) => {
      must(
        outcome.outcome === 'error' && outcome.error.class === 'access_denied',
        'access_denied',
        outcome,
      );
      must(status >= 400, 'a page with an error status', status);
      must(text.trim() !== '', 'a page that says something', 'an empty one');
    }),
  },
});
