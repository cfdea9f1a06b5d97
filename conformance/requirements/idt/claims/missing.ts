import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { forging, loginAndAsk, mustAccept, mustRefuse } from '../../../src/trial/id-tokens.ts';

const NEEDS = ['authorization_code', 'openid'] as const;

export default requirement({
  rule: 'An ID token without subject, time of issue or expiry is refused.',
  sources: ['OpenID Connect Core 1.0, section 2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: NEEDS,
      faults: forging({ claims: () => ({ sub: undefined }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    b: provoked({
      needs: NEEDS,
      faults: forging({ claims: () => ({ iat: undefined }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    c: provoked({
      needs: NEEDS,
      faults: forging({ claims: () => ({ exp: undefined }) }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
  },
});
