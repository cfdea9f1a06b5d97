import { expect, test } from 'vitest';
import { lineWithCredential } from './credentials.ts';

test.each([
  ['client_secret = "your-client-secret"'],
  ["  OAUTH_CLIENT_SECRET: 'planted-secret'"],
  ['clientSecret <- "planted-secret"'],
  ["def password = 'planted-password'"],
  ['OAUTH_CLIENT_SECRET=planted-secret'],
  ['export PASSWORD=planted-password'],
  ['headers.Authorization = "Basic a29ydXMtc2VydmljZTpzZWNyZXQ="'],
  ['token = eyJhbGciOiJSUzI1NiIsInR5cCI6.eyJ'],
])('%s is a credential', (line) => {
  expect(lineWithCredential(`# a sample\n${line}\n`)).toBe(2);
});

test.each([
  ['client_secret = os.environ["OAUTH_CLIENT_SECRET"]'],
  ['secret <- Sys.getenv("OAUTH_CLIENT_SECRET")'],
  ["def secret = System.getenv('OAUTH_CLIENT_SECRET')"],
  ['OAUTH_CLIENT_SECRET=$1'],
  ["body = { grant_type: 'password', username, password }"],
  ['# OAUTH_CLIENT_SECRET is needed'],
  ['Authorization: `Basic ${encoded}`'],
])('%s is none', (line) => {
  expect(lineWithCredential(line)).toBe(0);
});
