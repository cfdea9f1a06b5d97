import { expect, test } from 'vitest';
import { CannotRun } from '../cannot-run.ts';
import { SERVER_NAMES, type ServerName } from '../servers/server.ts';
import { parseOptions } from './options.ts';

function servers(...args: string[]) {
  const options = parseOptions(args);
  if (typeof options === 'string') throw new Error(options);
  return options.servers;
}

test.each<[string, readonly ServerName[], string | undefined]>([
  ['all', SERVER_NAMES, undefined],
  ['django-oidc-provider', ['django-oidc-provider'], undefined],
  ['container', ['keycloak'], 'container'],
  ['distribution,all', SERVER_NAMES, 'distribution'],
  ['django-oauth-toolkit,distribution', ['django-oauth-toolkit', 'keycloak'], 'distribution'],
])('--server %s', (words, names, keycloak) => {
  const choice = servers('--server', words);
  expect(choice.names.toSorted()).toEqual(names.toSorted());
  expect(choice.keycloak).toBe(keycloak);
});

test('Keycloak is the server, unless another one is named', () => {
  expect(servers()).toEqual({ names: ['keycloak'], keycloak: undefined });
  expect(servers('--server', 'http://127.0.0.1:8080').keycloak).toEqual(
    new URL('http://127.0.0.1:8080'),
  );
});

test('an unknown server is told with those that there are', () => {
  expect(() => servers('--server', 'django')).toThrow(CannotRun);
  expect(() => servers('--server', 'django')).toThrow(/django-oauth-toolkit/);
});
