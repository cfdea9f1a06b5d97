import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { announcedServers, announceServers, type ServerUrls } from './server-urls.ts';

const URLS: ServerUrls = { keycloak: 'http://127.0.0.1:1' };

test('workers that ask while the servers start get their URLs, and one that asks later', async () => {
  const channel = randomUUID();
  const { promise: urls, resolve: ready } = Promise.withResolvers<ServerUrls>();
  const done = announceServers(channel, urls);
  const early = [announcedServers(channel), announcedServers(channel)];
  setTimeout(() => ready(URLS), 50);
  expect(await Promise.all(early)).toEqual([URLS, URLS]);
  expect(await announcedServers(channel)).toEqual(URLS);
  done();
});

test('servers that cannot be had are none', async () => {
  const channel = randomUUID();
  const done = announceServers(channel, Promise.reject(new Error('no Java')));
  expect(await announcedServers(channel)).toBeUndefined();
  done();
});
