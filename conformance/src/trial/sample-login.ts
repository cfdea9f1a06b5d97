import { createHash } from 'node:crypto';
import { must, reach } from '../verdict/verdict.ts';
import { form, header } from '../wire/exchange.ts';
import type { RealmClient } from './clients.ts';
import { type LoginRun, mustExit, type SampleStage } from './sample-stage.ts';

/** A login as every sample does it: PKCE, state, a loopback redirect, one exchange of the code. */
export function mustLogIn(run: LoginRun, stage: SampleStage): void {
  must(run.printedUrl !== undefined, "a line 'Log in at: …' on standard error", run.stderr);
  mustExit(run, 0);
  const asked = new URL(run.printedUrl).searchParams;
  const [exchange, ...more] = stage.tokenRequests;
  reach(exchange !== undefined, 'a token request', run.stderr);
  must(more.length === 0, 'one token request', more.length + 1);
  const fields = form(exchange.request);
  must(asked.get('response_type') === 'code', 'response_type=code', asked.get('response_type'));
  must((asked.get('state') ?? '').length >= 22, 'a state', asked.get('state')?.length ?? 'none');
  const verifier = fields.get('code_verifier') ?? '';
  const made = createHash('sha256').update(verifier, 'ascii').digest('base64url');
  must(
    asked.get('code_challenge_method') === 'S256' && asked.get('code_challenge') === made,
    'the S256 challenge of the verifier',
    'another one',
  );
  const redirectUri = asked.get('redirect_uri') ?? '';
  must(/^http:\/\/127\.0\.0\.1:\d+\//.test(redirectUri), 'a redirect to 127.0.0.1', redirectUri);
  must(fields.get('redirect_uri') === redirectUri, 'the same redirect_uri', 'another one');
  must(
    run.page === undefined || run.page.status === 200,
    'a page that the person may close',
    run.page?.status,
  );
}

/** One token request, with id and secret in its form (RFC 6749, section 2.3.1). */
export function mustSendInForm(stage: SampleStage, { id, secret }: RealmClient): void {
  const [exchange, ...more] = stage.tokenRequests;
  reach(exchange !== undefined, 'a token request', 'none');
  must(more.length === 0, 'one token request', more.length + 1);
  const sent = form(exchange.request);
  must(
    sent.get('client_id') === id && sent.get('client_secret') === secret,
    'id and secret in the form',
    sent.get('client_id') ?? 'none',
  );
  must(header(exchange.request, 'authorization') === undefined, 'no Basic header', 'one');
}
