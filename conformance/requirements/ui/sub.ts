import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { loginAndAsk, mustAccept } from '../../src/trial/id-tokens.ts';
import { must, reach } from '../../src/verdict/verdict.ts';

type Seen = Awaited<ReturnType<typeof loginAndAsk>>;

function mustNotUse({ userInfo }: Seen): void {
  reach(userInfo !== undefined, 'a login', 'none');
  must(
    userInfo.outcome === 'error' && userInfo.error.class === 'invalid_userinfo',
    'invalid_userinfo',
    userInfo,
  );
}

const NEEDS = ['authorization_code', 'openid'] as const;
const answering = (sub: unknown) => [
  { on: { endpoint: 'userinfo' as const }, change: { json: { sub } } },
];

export default requirement({
  rule: 'UserInfo about another subject than the ID token, or about none, is not used.',
  sources: ['OpenID Connect Core 1.0, sections 5.3.2 and 5.3.4'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: NEEDS,
      faults: answering('somebody-else'),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustNotUse,
    }),
    b: provoked({
      needs: NEEDS,
      faults: answering(undefined),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustNotUse,
    }),
    'b-empty': provoked({
      needs: NEEDS,
      faults: answering(''),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustNotUse,
    }),
  },
});
