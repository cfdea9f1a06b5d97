import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { forging, loginAndAsk, mustAccept, mustRefuse } from '../../src/trial/id-tokens.ts';

const NEEDS = ['authorization_code', 'openid'] as const;

export default requirement({
  rule: 'An ID token that has expired, beyond what clocks may differ, is refused.',
  sources: ['OpenID Connect Core 1.0, section 3.1.3.7, rule 9'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: NEEDS,
      faults: forging({
        claims: ({ iat }) => ({ exp: Number(iat) - 360, iat: Number(iat) - 660 }),
      }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
  },
});
