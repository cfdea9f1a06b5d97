import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';

const ESCAPE = '\u001B';
const CONTROLS = `first\r\nHTTP/1.1 200 OK\r\n${ESCAPE}[2J${ESCAPE}]0;title\u0007 \u009B31m \u0000 \u007F last`;
const DIRECTIVES = '%s%s%s%n %d {0} ${HOME} $(id) `id` #{id} \\r\\n %';
const LONG = 'long '.repeat(200_000);
// Generous: it is only to be bounded, and the client adds words of its own.
const LONGEST = 2_000;

// oxlint-disable-next-line no-control-regex -- which are what is looked for
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/;

async function askWithDebug(stage: Stage) {
  const client = await stage.open(CLIENTS.service, { debug: true });
  return client.tryToken();
}

/** @param literally whether the description holds nothing that has to go. */
function said(description: string, literally = false) {
  const body = JSON.stringify({ error: 'invalid_scope', error_description: description });
  const answer = { status: 400, headers: { 'Content-Type': 'application/json' }, body };
  return provoked({
    needs: ['client_credentials'],
    faults: [{ on: { endpoint: 'token' }, answer }],
    flow: askWithDebug,
    twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
    judge(outcome, stage) {
      reach(stage.tokenRequests.length > 0, 'a token request', 'none');
      must(outcome.outcome === 'error', 'an error', outcome);
      const { message, oauth_description: told = '' } = outcome.error;
      for (const [name, text] of Object.entries({ message, oauth_description: told })) {
        must(!CONTROL.test(text), `no control characters in ${name}`, JSON.stringify(text));
        must(text.length <= LONGEST, `a short ${name}`, `${text.length} characters`);
      }
      // Whether it is told at all is the business of another rule.
      if (literally && told !== '')
        must(told === description, 'the description as it was sent', told);
      // Other trials write there too, so only what nobody else says is looked for.
      for (const raw of [`${ESCAPE}[2J`, `${ESCAPE}]0;title`, LONG.slice(0, LONGEST)])
        must(!stage.stderr.includes(raw), 'nothing of it on standard error', JSON.stringify(raw));
    },
  });
}

export default requirement({
  rule: "The server's words come out without control characters, as words only, and cut (a).",
  sources: [
    'RFC 6749, section 5.2 (which characters an error_description may have)',
    'practice: escape sequences take over terminals, and line breaks forge lines in logs',
  ],
  level: 'SHOULD',
  tier: 'hardened',
  cases: {
    'a-controls': said(CONTROLS),
    'a-directives': said(DIRECTIVES, true),
    'a-long': said(LONG),
  },
});
