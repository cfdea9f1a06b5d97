import { expect, test } from 'vitest';
import { TokenClient } from '../src/index.ts';
import { grants, issuing, Server } from './fixtures/servers.ts';

const USER = { clientId: 'id', clientSecret: 'secret', username: 'ada', password: 'lovelace & co' };

test('the password grant sends what it must, when it is named', async () => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ ...USER, grant: 'password', tokenUrl: server.origin });
  await client.getToken();
  expect(Object.fromEntries(new URLSearchParams(server.seen[0]?.body))).toEqual({
    grant_type: 'password',
    username: 'ada',
    password: 'lovelace & co',
  });
  await client.getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['password', 'RT1']);
});

test('it is never chosen because a name and a password are there', async () => {
  await using server = await Server.start(issuing());
  await new TokenClient({ ...USER, tokenUrl: server.origin }).getToken();
  expect(grants(server)).toEqual(['client_credentials']);
  expect(server.seen[0]?.body).not.toContain('lovelace');
});

test('a wrong password is tried once, and shown to nobody', async () => {
  const lines: string[] = [];
  await using server = await Server.start(() => ({
    status: 400,
    body: { error: 'invalid_grant' },
  }));
  const settings = {
    ...USER,
    tokenUrl: server.origin,
    log: (line: string) => void lines.push(line),
  };
  const client = new TokenClient({ ...settings, grant: 'password' });
  await expect(client.getToken()).rejects.toMatchObject({ class: 'invalid_grant' });
  expect(server.seen).toHaveLength(1);
  expect(lines.join()).toContain('password=***');
  expect(lines.join()).not.toMatch(/lovelace|ada/);
});

test('without a name or a password it is a config_error', () => {
  const settings = {
    grant: 'password',
    clientId: 'id',
    clientSecret: 's',
    tokenUrl: 'https://id.example',
  } as const;
  expect(() => new TokenClient(settings)).toThrow(/username is missing; password is missing/);
});
