import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import * as undici8 from 'undici';
import * as undici7 from 'undici-7';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { InvalidClient } from '../src/error_classes.ts';
import { TokenClient } from '../src/token_client.ts';
import { tokenInterceptor } from '../src/undici.ts';
import { isRefusal } from '../src/undici/refusal.ts';
import { serve, TokenApi } from './fixtures/token_api.ts';

const VERSIONS = [
  ['8', undici8],
  ['7', undici7 as unknown as typeof undici8],
] as const;

describe.each(VERSIONS)('undici %s', (version, undici) => {
  let api: TokenApi;
  let client: TokenClient;
  let agent: undici8.Dispatcher;
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);

  const agentWith = (...interceptors: undici8.Dispatcher.DispatcherComposeInterceptor[]) => {
    const made = new undici.Agent().compose(...interceptors);
    onTestFinished(() => made.destroy());
    return made;
  };
  type Options = Partial<undici8.Dispatcher.RequestOptions>;
  const ask = async (options: Options = {}, dispatcher = agent) => {
    const answer = await dispatcher.request({
      origin: api.origin,
      path: '/things',
      method: options.body === undefined ? 'GET' : 'POST',
      ...options,
    });
    return { ...answer, text: await answer.body.text() };
  };
  const sent = () => api.calls.map(({ authorization }) => authorization);

  beforeEach(async () => {
    process.on('unhandledRejection', note);
    api = await TokenApi.start();
    client = new TokenClient(api.settings);
    agent = agentWith(tokenInterceptor(client));
  });

  afterEach(async () => {
    await pause(0);
    process.off('unhandledRejection', note);
    expect(unhandled.splice(0)).toEqual([]);
  });

  describe('a request', () => {
    test('to the API carries the token', async () => {
      expect(await ask()).toMatchObject({ statusCode: 200, text: 'ok' });
      expect(await ask()).toMatchObject({ statusCode: 200, text: 'ok' });
      expect(sent()).toEqual(['Bearer token-1', 'Bearer token-1']);
      expect(api.tokenRequests).toBe(1);
    });

    test('to the API loses the authorization that the caller set, however it was set', async () => {
      const name = 'AUTHORIZATION';
      const caller = { accept: 'text/plain', [name]: 'Basic abc', 'x-many': ['1', '2'] };
      await ask({ headers: caller });
      await ask({ headers: ['accept', 'text/plain', name, 'Basic abc', 'x-many', '1, 2'] });
      const pairs: [string, string][] = [
        ['accept', 'text/plain'],
        [name, 'Basic abc'],
        ['x-many', '1'],
        ['x-many', '2'],
      ];
      await ask({ headers: pairs });
      await ask({ headers: new Map(pairs.slice(0, 2)) });
      await ask({ headers: new Headers(pairs.slice(0, 2)) });
      expect(sent()).toEqual(Array.from({ length: 5 }, () => 'Bearer token-1'));
      expect(api.calls.map(({ headers }) => headers.accept)).toEqual(
        Array.from({ length: 5 }, () => 'text/plain'),
      );
      expect(api.calls.slice(0, 3).map(({ headers }) => headers['x-many'])).toEqual(
        Array.from({ length: 3 }, () => '1, 2'),
      );
      expect(caller).toEqual({ accept: 'text/plain', [name]: 'Basic abc', 'x-many': ['1', '2'] });
    });

    test('with half a header is refused by undici', async () => {
      await expect(ask({ headers: ['accept'] })).rejects.toThrow('headers array must be even');
    });

    test('to another origin is left alone', async () => {
      const authorizations: unknown[] = [];
      const other = await serve((request, response) => {
        authorizations.push(request.headers.authorization);
        response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end();
      });
      await ask({ origin: other });
      await ask({ origin: new URL(other), headers: { authorization: 'Basic abc' } });
      expect(authorizations).toEqual([undefined, 'Basic abc']);
      expect(api.tokenRequests).toBe(0);
    });

    test('through a Client carries the token only if the Client connects to the API', async () => {
      const authorizations: unknown[] = [];
      const other = await serve((request, response) => {
        authorizations.push(request.headers.authorization);
        response.end();
      });
      const right = new undici.Client(api.origin).compose(tokenInterceptor(client));
      const wrong = new undici.Client(other).compose(tokenInterceptor(client));
      onTestFinished(() => Promise.all([right.destroy(), wrong.destroy()]).then(() => undefined));
      await ask({}, right);
      expect(sent()).toEqual(['Bearer token-1']);
      // Undici 7 does not tell interceptors where a Client connects to.
      if (version === '7') return;
      await right.request({ path: '/', method: 'GET' });
      expect(sent()).toEqual(['Bearer token-1', 'Bearer token-1']);
      await ask({}, wrong);
      await wrong.request({ path: '/', method: 'GET' });
      const balanced = new undici.BalancedPool(other).compose(tokenInterceptor(client));
      onTestFinished(() => balanced.destroy());
      await ask({}, balanced);
      expect(authorizations).toEqual([undefined, undefined, undefined]);
    });
  });

  describe('a redirect', () => {
    test.each(['inside', 'outside'])('to elsewhere does not carry the token: %s', async (order) => {
      const authorizations: unknown[] = [];
      const other = await serve((request, response) => {
        authorizations.push(request.headers.authorization);
        response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end();
      });
      api.answer = (response) => response.writeHead(302, { Location: `${other}/elsewhere` }).end();
      const redirect = undici.interceptors.redirect({ maxRedirections: 3 });
      const token = tokenInterceptor(client);
      const both = order === 'outside' ? agentWith(token, redirect) : agentWith(redirect, token);
      const pairs = [['authorization', 'Basic abc']] as [string, string][];
      for (const headers of [undefined, { authorization: 'Basic abc' }, pairs]) {
        const options = headers === undefined ? {} : { headers };
        expect(await ask(options, both)).toMatchObject({ statusCode: 401 });
      }
      expect(authorizations).toEqual([undefined, undefined, undefined]);
      // That 401 is about no token of ours.
      expect(api.tokenRequests).toBe(1);
    });

    test('within the API carries it', async () => {
      api.answer = (response, { url }) =>
        url === '/things' ? response.writeHead(302, { Location: '/new' }).end() : response.end();
      const redirect = undici.interceptors.redirect({ maxRedirections: 3 });
      await ask({}, agentWith(tokenInterceptor(client), redirect));
      await ask({}, agentWith(redirect, tokenInterceptor(client)));
      expect(sent()).toEqual(Array.from({ length: 4 }, () => 'Bearer token-1'));
    });
  });

  describe('after a 401', () => {
    const form = (): undici8.FormData => {
      const data = new undici.FormData();
      data.append('name', 'value');
      return data;
    };

    test.each<[string, () => Options, string | RegExp]>([
      ['no body', () => ({}), ''],
      ['a text', () => ({ body: 'text' }), 'text'],
      ['a Buffer', () => ({ body: Buffer.from('bytes') }), 'bytes'],
      ['a Uint8Array', () => ({ body: new TextEncoder().encode('bytes') }), 'bytes'],
      ['undici’s FormData', () => ({ body: form() }), /name="name"\r\n\r\nvalue/],
    ])('the token is renewed and the request repeated once: %s', async (_what, options, body) => {
      api.refused.add('token-1');
      const iterated = (function* () {
        yield ['x-from', 'iterator'] as [string, string];
      })();
      expect(await ask({ ...options(), headers: iterated })).toMatchObject({
        statusCode: 200,
        text: 'ok',
      });
      expect(sent()).toEqual(['Bearer token-1', 'Bearer token-2']);
      expect(api.tokenRequests).toBe(2);
      for (const call of api.calls) {
        expect(call.headers['x-from']).toBe('iterator');
        if (typeof body === 'string') expect(call.body).toBe(body);
        else expect(call.body).toMatch(body);
      }
    });

    test.each<[string, () => unknown]>([
      ['a stream', () => Readable.from(['streamed'])],
      ['an iterator', () => ['streamed'].values()],
      [
        'an async iterator',
        async function* () {
          await pause(0);
          yield 'streamed';
        },
      ],
    ])('%s is not sent again, and the next request has a new token', async (_what, body) => {
      api.refused.add('token-1');
      expect(await ask({ body: body() as Readable })).toMatchObject({
        statusCode: 401,
        text: 'refused',
      });
      expect(await ask()).toMatchObject({ statusCode: 200 });
      expect(api.calls.map(({ body }) => body)).toEqual(['streamed', '']);
      expect(sent()).toEqual(['Bearer token-1', 'Bearer token-2']);
    });

    test('undici’s own fetch takes the dispatcher (openai-node#1886); it sends a GET again, and gives the 401 to a POST', async () => {
      api.refused.add('token-1');
      const url = `${api.origin}/things`;
      expect((await undici.fetch(url, { dispatcher: agent })).status).toBe(200);
      api.refused.add('token-2');
      const post = await undici.fetch(url, { dispatcher: agent, method: 'POST', body: 'text' });
      expect([post.status, await post.text()]).toEqual([401, 'refused']);
      expect((await undici.fetch(url, { dispatcher: agent })).status).toBe(200);
      expect(sent().at(-1)).toBe('Bearer token-3');
    });

    test('a second one is the caller’s, and the next ones are not answered by renewals', async () => {
      for (const number of [1, 2, 3]) api.refused.add(`token-${number}`);
      for (const _ of [1, 2, 3]) {
        expect(await ask()).toMatchObject({ statusCode: 401, text: 'refused' });
      }
      expect(api.tokenRequests).toBe(2);
      expect(sent()).toEqual([1, 2, 2, 2].map((number) => `Bearer token-${number}`));
    });

    test('that asks for more scope nothing is renewed', async () => {
      api.challenge = ['Basic realm="a, b"', 'Bearer error="insufficient_scope", scope="write"'];
      api.refused.add('token-1');
      expect(await ask()).toMatchObject({ statusCode: 401 });
      expect(sent()).toEqual(['Bearer token-1']);
    });

    test('that has characters no header may have all goes on', () => {
      expect(isRefusal(401, { 'www-authenticate': 'Bearer realm="Ж\u0000"' })).toBe(true);
    });

    test.each([403, 500])('but not after a %i', async (status) => {
      api.answer = (response) => response.writeHead(status).end('no');
      expect(await ask()).toMatchObject({ statusCode: status, text: 'no' });
      expect(api.tokenRequests).toBe(1);
    });

    test('1,000 requests share one renewal, and none fails', async () => {
      api.refused.add('token-1');
      const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask()));
      expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1_000);
      expect(api.tokenRequests).toBe(2);
    }, 30_000);

    test('a long answer that is not wanted costs its connection, not the caller', async () => {
      api.refused.add('token-1');
      api.refuse = (response) => {
        response.writeHead(401, { 'WWW-Authenticate': 'Bearer' });
        const flood = setInterval(() => response.write(Buffer.alloc(32_768)), 1);
        response.on('close', () => clearInterval(flood));
      };
      expect(await ask()).toMatchObject({ statusCode: 200, text: 'ok' });
    });

    const brokenAfter = (milliseconds: number) => {
      api.refused.add('token-1');
      api.refuse = (response) => {
        response.writeHead(401, { 'WWW-Authenticate': 'Bearer', 'Content-Length': '100' });
        response.write('part');
        setTimeout(() => response.destroy(), milliseconds);
      };
    };

    test('a connection that breaks while the answer is read does not matter', async () => {
      await client.getToken();
      brokenAfter(50);
      expect(await ask()).toMatchObject({ statusCode: 200, text: 'ok' });
    });

    test('nor does one that breaks while the token is waited for', async () => {
      await client.getToken();
      const controller = { abort: () => {}, pause: () => {}, resume: () => {} };
      let attempts = 0;
      const breaking = tokenInterceptor(client)((_options, handler) => {
        const target = { ...controller, aborted: false, paused: false, reason: null };
        attempts += 1;
        handler.onRequestStart?.(target, {});
        handler.onResponseStart?.(target, 401, { 'www-authenticate': 'Bearer' });
        handler.onResponseError?.(target, new Error('it broke'));
        return true;
      });
      const heard = () => {
        const events: string[] = [];
        const { promise, resolve } = Promise.withResolvers<string[]>();
        const handler: undici8.Dispatcher.DispatchHandler = {
          onResponseStart: (_controller, status) => void events.push(`${status}`),
          onResponseError: (_controller, error) => resolve([...events, error.message]),
        };
        breaking({ origin: api.origin, path: '/', method: 'GET' }, handler);
        return promise;
      };
      expect(await heard()).toEqual(['401', 'it broke']);
      expect(attempts).toBe(2);
      // By now renewing is known not to help: the caller gets the first answer.
      expect(await heard()).toEqual(['401', 'it broke']);
      expect(attempts).toBe(3);
    });

    test('its body is not taken in while the token is waited for', async () => {
      await client.getToken();
      const { promise, resolve } = Promise.withResolvers<void>();
      api.gate = promise;
      let drained = false;
      api.refused.add('token-1');
      api.refuse = (response) => {
        response.on('finish', () => {
          drained = true;
        });
        response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end(Buffer.alloc(16_000_000));
      };
      const asked = ask();
      await pause(150);
      expect(drained).toBe(false);
      resolve();
      expect(await asked).toMatchObject({ statusCode: 200, text: 'ok' });
    });

    test('a HEAD is repeated, too', async () => {
      api.refused.add('token-1');
      expect(await ask({ method: 'HEAD' })).toMatchObject({ statusCode: 200 });
    });
  });

  describe('if no token can be had', () => {
    const refusal = { status: 401, body: { error: 'invalid_client' } };

    test('the request fails with why, and nothing is sent', async () => {
      api.tokenFailures.push(refusal);
      await expect(ask()).rejects.toBeInstanceOf(InvalidClient);
      expect(api.calls).toEqual([]);
    });

    test.each([
      ['at first', 0],
      ['after a 401', 1],
    ])('%s, the handler hears of one error and nothing else', async (_when, good) => {
      api.refused.add('token-1');
      const events: string[] = [];
      if (good > 0) await client.getToken();
      api.tokenFailures.push(refusal);
      const { promise, resolve } = Promise.withResolvers<Error>();
      agent.dispatch(
        { origin: api.origin, path: '/', method: 'GET' },
        {
          onRequestStart: () => {},
          onResponseStart: () => void events.push('start'),
          onResponseData: () => void events.push('data'),
          onResponseEnd: () => void events.push('end'),
          onResponseError: (_controller, error) => {
            events.push('error');
            resolve(error);
          },
        },
      );
      expect(await promise).toBeInstanceOf(InvalidClient);
      await pause(20);
      expect(events).toEqual(['error']);
      expect(sent()).toEqual(good > 0 ? ['Bearer token-1'] : []);
    });
  });

  describe('abort', () => {
    test('before the dispatch asks for no token', async () => {
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(ask({ signal })).rejects.toThrow('too late');
      await pause(20);
      expect(api.tokenRequests).toBe(0);
    });

    test.each(['AbortSignal', 'EventEmitter'])(
      'while the token is waited for: %s',
      async (kind) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        api.gate = promise;
        const controller = new AbortController();
        const signal = kind === 'AbortSignal' ? controller.signal : new EventEmitter();
        const asked = ask({ signal });
        asked.catch(() => undefined);
        await pause(20);
        if (signal instanceof EventEmitter) signal.emit('abort');
        else controller.abort(new Error('enough'));
        await expect(asked).rejects.toThrow(/enough|abort/i);
        resolve();
        // The renewal goes on for everybody else.
        expect((await client.getToken()).accessToken.reveal()).toBe('token-1');
        await pause(20);
        expect(api.calls).toEqual([]);
      },
    );

    test('while a new token is waited for after a 401', async () => {
      await client.getToken();
      const { promise, resolve } = Promise.withResolvers<void>();
      api.gate = promise;
      api.refused.add('token-1');
      const controller = new AbortController();
      const asked = ask({ signal: controller.signal });
      asked.catch(() => undefined);
      await expect.poll(() => api.tokenRequests).toBe(2);
      controller.abort(new Error('enough'));
      await expect(asked).rejects.toThrow('enough');
      resolve();
      await pause(20);
      expect(sent()).toEqual(['Bearer token-1']);
    });

    test('while the answer is waited for, and while it is read', async () => {
      await client.getToken();
      api.answer = () => {};
      const controller = new AbortController();
      const asked = ask({ signal: controller.signal });
      asked.catch(() => undefined);
      await expect.poll(() => api.calls.length).toBe(1);
      controller.abort(new Error('enough'));
      await expect(asked).rejects.toThrow('enough');

      api.answer = (response) => response.writeHead(200).write('part');
      const reader = new AbortController();
      const options = { origin: api.origin, path: '/', method: 'GET' as const };
      const { body } = await agent.request({ ...options, signal: reader.signal });
      reader.abort(new Error('enough of it'));
      await expect(body.text()).rejects.toThrow('enough of it');
    });

    test('through the first controller that a handler got ends the repeated request', async () => {
      api.refused.add('token-1');
      api.answer = () => {};
      let first: undici8.Dispatcher.DispatchController | undefined;
      const { promise, resolve } = Promise.withResolvers<Error>();
      agent.dispatch(
        { origin: api.origin, path: '/', method: 'GET' },
        {
          onRequestStart: (controller) => void (first ??= controller),
          onResponseStart: () => {},
          onResponseData: () => {},
          onResponseEnd: () => {},
          onResponseError: (_controller, error) => resolve(error),
        },
      );
      await expect.poll(() => api.calls.length).toBe(2);
      first?.abort(new Error('enough'));
      expect((await promise).message).toBe('enough');
      expect(first?.aborted).toBe(true);
    });

    test('while the request waits for a connection', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      api.gate = promise;
      const narrow = new undici.Agent({ connections: 1 }).compose(tokenInterceptor(client));
      onTestFinished(() => narrow.destroy());
      const answers: (() => unknown)[] = [];
      api.answer = (response) => answers.push(() => response.end('late'));
      const busy = ask({}, narrow);
      const controller = new AbortController();
      const queued = ask({ signal: controller.signal }, narrow);
      queued.catch(() => undefined);
      resolve();
      await expect.poll(() => answers.length).toBe(1);
      controller.abort(new Error('enough'));
      await expect(queued).rejects.toThrow('enough');
      // Now the connection is free, and nobody wants it.
      answers[0]?.();
      expect((await busy).text).toBe('late');
      await pause(20);
      expect(api.calls).toHaveLength(1);
    });
  });

  describe('everything else passes through:', () => {
    test('backpressure', async () => {
      const big = Buffer.alloc(8 * 1024 * 1024, 'x');
      let drained = false;
      api.refused.add('token-1');
      api.answer = (response) => {
        response.on('finish', () => {
          drained = true;
        });
        response.end(big);
      };
      const options = { origin: api.origin, path: '/', method: 'GET' as const };
      const { body } = await agent.request(options);
      await pause(100);
      expect(drained).toBe(false);
      expect((await body.arrayBuffer()).byteLength).toBe(big.length);
      expect(drained).toBe(true);
    });

    test('an upgrade', async () => {
      const server = createServer();
      server.on('upgrade', (request, socket) => {
        socket.end(
          `HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n${request.headers.authorization}`,
        );
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const both = new TokenClient({ ...api.settings, apiOrigins: [origin] });
      const upgrading = new undici.Agent().compose(tokenInterceptor(both));
      onTestFinished(() => upgrading.destroy());
      const options = { origin, path: '/', method: 'GET', protocol: 'echo' };
      const { socket } = await upgrading.upgrade(options);
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      expect(String(chunk)).toBe('Bearer token-1');
      socket.destroy();
    });

    test('trailers', async () => {
      api.refused.add('token-1');
      api.answer = (response) => {
        response.writeHead(200, { Trailer: 'Checksum' });
        response.addTrailers({ Checksum: 'abc' });
        response.end('ok');
      };
      expect(await ask()).toMatchObject({ text: 'ok', trailers: { checksum: 'abc' } });
    });

    test('an interim answer and raw headers', async () => {
      const interim: number[] = [];
      api.answer = (response) => {
        response.writeEarlyHints({ link: '</a>; rel=preload' });
        response.end('ok');
      };
      const onInfo = ({ statusCode }: { statusCode: number }): void =>
        void interim.push(statusCode);
      const answer = await ask({ onInfo, responseHeaders: 'raw' });
      expect([answer.text, interim]).toEqual(['ok', [103]]);
      expect(Array.isArray(answer.headers)).toBe(true);
    });

    test('the retries and the decompression of undici', async () => {
      let failures = 1;
      api.answer = (response) => response.writeHead(failures-- > 0 ? 503 : 200).end('ok');
      const retry = undici.interceptors.retry({ minTimeout: 1 });
      const decompress = undici.interceptors.decompress();
      const all = agentWith(tokenInterceptor(client), retry, decompress);
      expect(await ask({}, all)).toMatchObject({ statusCode: 200, text: 'ok' });
      expect(sent()).toEqual(['Bearer token-1', 'Bearer token-1']);
    });
  });
});
