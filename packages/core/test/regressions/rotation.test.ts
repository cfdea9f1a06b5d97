import { expect, test } from 'vitest';
import { MemoryStore, TokenClient } from '../../src/index.ts';
import { bearer, grants, issuing, Server } from '../fixtures/servers.ts';

const CLIENT = { clientId: 'id', clientSecret: 'secret' };

test('lelylan/simple-oauth2#58, badgateway/oauth2-client#161: three refreshes that bring no refresh token', async () => {
  await using server = await Server.start(issuing({}, { rotates: false }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await client.getToken();
  for (let i = 0; i < 3; i++) await client.getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'RT1', 'RT1']);
});

test('google-auth-library: a new refresh token replaces the old one', async () => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await client.getToken();
  for (let i = 0; i < 3; i++) await client.getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'RT2', 'RT3']);
});

test('golang/oauth2#84: a process that starts after a silent refresh has the newest refresh token', async () => {
  await using server = await Server.start(issuing());
  const store = new MemoryStore();
  const settings = { ...CLIENT, tokenUrl: server.origin, store };
  const first = new TokenClient(settings);
  await first.getToken();
  await first.getToken({ forceRefresh: true });
  await new TokenClient(settings).getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'RT2']);
});

test('zitadel#9631, stablyai/orca#18719: a refresh whose answer is lost is not sent again by itself', async () => {
  const issue = issuing();
  await using server = await Server.start((seen, count) =>
    count === 2 ? { ...issue(seen), reset: true } : issue(seen),
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await client.getToken();
  await expect(client.getToken({ forceRefresh: true })).rejects.toMatchObject({
    class: 'network',
    delivery: 'no_answer',
  });
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
  // The next call tries what it has, and starts over when the server knows the token no longer.
  expect((await client.getToken({ forceRefresh: true })).accessToken.reveal()).toBe('AT3');
});

test.each([
  { grace: true, next: ['RT1', 'RT3'] },
  { grace: false, next: ['RT1', 'client_credentials', 'RT3'] },
])(
  'django-oauth-toolkit#1617, keycloak#29966: after a lost answer, at a server with a period of reuse ($grace), and the newest token from then on',
  async ({ grace, next }) => {
    const issue = issuing({}, { grace });
    await using server = await Server.start((seen, count) =>
      count === 2 ? { ...issue(seen), reset: true } : issue(seen),
    );
    const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
    await client.getToken();
    await expect(client.getToken({ forceRefresh: true })).rejects.toMatchObject({
      delivery: 'no_answer',
    });
    expect((await client.getToken({ forceRefresh: true })).accessToken.reveal()).toBe('AT3');
    expect((await client.getToken({ forceRefresh: true })).accessToken.reveal()).toBe('AT4');
    expect(grants(server)).toEqual(['client_credentials', 'RT1', ...next]);
  },
);

test('r-lib/httr2 oauth.R: a token endpoint that is down and comes back still gets the same refresh token', async () => {
  const issue = issuing();
  await using server = await Server.start((seen, count) =>
    count === 2 ? { status: 503, body: 'maintenance' } : issue(seen),
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await client.getToken();
  await expect(client.getToken({ forceRefresh: true })).rejects.toMatchObject({
    class: 'unavailable',
    retryable: true,
  });
  await client.getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'RT1']);
});

test("caipe-io#2774: a firewall's HTML 403 does not end the login", async () => {
  const issue = issuing();
  await using server = await Server.start((seen, count) =>
    count === 2 ? { status: 403, body: '<html>blocked</html>' } : issue(seen),
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await client.getToken();
  await expect(client.getToken({ forceRefresh: true })).rejects.toMatchObject({
    class: 'invalid_response',
  });
  await client.getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'RT1']);
});

test('r-lib/httr2 req-perform.R: a refused access token with a living refresh token is refreshed', async () => {
  await using server = await Server.start(issuing());
  await using api = await Server.start((seen) =>
    bearer(seen) === 'AT1'
      ? { status: 401, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } }
      : {},
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  expect((await client.fetch('/')).status).toBe(200);
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test('keycloak#11712: a refresh token that the server knows no longer leads to one new grant', async () => {
  const issue = issuing();
  await using server = await Server.start((seen) =>
    seen.body.includes('RT1')
      ? { status: 400, body: { error: 'invalid_grant', error_description: 'Token is not active' } }
      : issue(seen),
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await client.getToken();
  await client.getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'client_credentials']);
});

test('authlib/authlib#783: the grant that starts over asks for all that the first one asked for', async () => {
  const issue = issuing();
  await using server = await Server.start((seen) =>
    seen.body.includes('RT1') ? { status: 400, body: { error: 'invalid_grant' } } : issue(seen),
  );
  const scope = 'tickets.read tickets.write';
  const client = new TokenClient({ ...CLIENT, scope, tokenUrl: server.origin });
  await client.getToken();
  await client.getToken({ forceRefresh: true });
  const [first, , again] = server.seen;
  expect(new URLSearchParams(first?.body).get('scope')).toBe(scope);
  expect(again?.body).toBe(first?.body);
  expect(again?.headers.authorization).toBe(first?.headers.authorization);
});

test('authlib/authlib#783: a refresh and a new grant carry the further parameters that the first request had', async () => {
  const issue = issuing();
  await using server = await Server.start((seen) =>
    seen.body.includes('RT1') ? { status: 400, body: { error: 'invalid_grant' } } : issue(seen),
  );
  const tokenParameters = { audience: 'https://api.example', resource: 'urn:tickets' };
  const client = new TokenClient({ ...CLIENT, tokenParameters, tokenUrl: server.origin });
  await client.getToken();
  await client.getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'client_credentials']);
  for (const { body } of server.seen)
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject(tokenParameters);
});

test('jenkinsci/oic-auth-plugin#748: where the new grant is refused too, there is no loop', async () => {
  const issue = issuing();
  const refused = { status: 400, body: { error: 'invalid_grant' } };
  await using server = await Server.start((seen, count) => (count > 1 ? refused : issue(seen)));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await client.getToken();
  await expect(client.getToken({ forceRefresh: true })).rejects.toMatchObject({
    class: 'invalid_grant',
  });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'client_credentials']);
});
