import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { forging, loginAndAsk, mustAccept, mustRefuse } from '../../../src/trial/id-tokens.ts';

const NEEDS = ['authorization_code', 'openid'] as const;

export default requirement({
  rule: 'An ID token without a signature is refused, in whatever spelling it says so.',
  sources: ['OpenID Connect Core 1.0, section 2', 'RFC 8725, sections 2.1 and 3.2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: NEEDS,
      faults: forging({ signature: 'none' }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-case': provoked({
      needs: NEEDS,
      faults: forging({ signature: 'nOnE' }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-empty': provoked({
      needs: NEEDS,
      faults: forging({ signature: 'empty' }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
    'a-hmac': provoked({
      needs: NEEDS,
      faults: forging({ signature: 'hmac' }),
      flow: loginAndAsk,
      twin: mustAccept,
      judge: mustRefuse,
    }),
  },
});
