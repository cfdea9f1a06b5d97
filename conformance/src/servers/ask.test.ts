import { expect, test } from 'vitest';
import { closedUrl } from '../trial/closed-url.ts';
import { ask } from './ask.ts';

test('an answer that does not come is told with the request, without its query', async () => {
  const url = await closedUrl();
  const asked = ask(`${url}?client_secret=hush`, { method: 'POST' });
  await expect(asked).rejects.toThrow(
    /^POST http:\/\/127\.0\.0\.1:\d+\/token: no answer after 0\.\d s \(.*ECONNREFUSED/,
  );
  await expect(asked).rejects.not.toThrow('hush');
});
