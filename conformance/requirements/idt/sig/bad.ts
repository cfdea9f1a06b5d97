import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { forging, loginAndAsk, mustAccept, mustRefuse } from '../../../src/trial/id-tokens.ts';

const NEEDS = ['authorization_code', 'openid'] as const;

export default requirement({
  rule: "An ID token whose signature is not the issuer's is refused.",
  sources: ['OpenID Connect Core 1.0, section 3.1.3.7, rule 6', 'RFC 7515, section 5.2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: NEEDS,
      faults: forging({ signature: 'broken' }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-stranger': provoked({
      needs: NEEDS,
      faults: forging({ signature: 'stranger' }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    // A key that only the JWKS in use now lists, the claims unchanged: the forge itself is no reason to refuse.
    b: provoked({
      needs: NEEDS,
      faults: forging({}),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustAccept,
    }),
  },
});
