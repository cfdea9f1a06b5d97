import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { listenersOn } from '../../../src/processes/listeners.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';

export default requirement({
  rule: 'The redirect URI is a loopback address, not a name, and the listener is bound to that address alone.',
  sources: ['RFC 8252, sections 7.3 and 8.3', 'OAuth 2.1, sections 8.4.2 and 8.5.4'],
  level: 'SHOULD',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code'],
      async run(stage) {
        const client = await stage.openLogin();
        const asked = new URL(await client.startLogin()).searchParams.get('redirect_uri') ?? '';
        must(
          /^http:\/\/(?:127\.0\.0\.1|\[::1\]):\d+\//.test(asked),
          'a redirect URI like http://127.0.0.1:<port>/…',
          asked,
        );
      },
    }),
    b: plain({
      needs: ['authorization_code'],
      async run(stage) {
        const client = await stage.openLogin();
        const asked = new URL(await client.startLogin()).searchParams.get('redirect_uri') ?? '';
        const port = Number(URL.parse(asked)?.port);
        const addresses = await listenersOn(port);
        reach(addresses.length > 0, `a listener on port ${port}`, 'none (needs /proc)');
        const open = addresses.filter((address) => !['127.0.0.1', '::1'].includes(address));
        must(open.length === 0, 'a listener on 127.0.0.1 or ::1', open);
      },
    }),
  },
});
