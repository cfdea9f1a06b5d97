import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret, TokenSecret } from '../src/secret.ts';

const prints = (secret: Secret) => [
  String(secret),
  JSON.stringify({ secret }),
  inspect(secret),
  inspect({ a: [secret] }, { depth: 9, showHidden: true }),
];

test('a secret shows nothing of itself, however it is printed', () => {
  for (const print of prints(new Secret('hunter2-hunter2'))) expect(print).not.toContain('hunter2');
});

test('a token shows a short digest', () => {
  for (const print of prints(new TokenSecret('abc'))) {
    expect(print).toContain('***sha256:ba7816bf');
    expect(print).not.toContain('abc');
  }
});
