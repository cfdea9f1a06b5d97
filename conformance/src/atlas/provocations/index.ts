import type { Provocation } from '../provocation.ts';
import { INVALID_CLIENT } from './invalid_client.ts';
import { INVALID_GRANT } from './invalid_grant.ts';
import { INVALID_REQUEST } from './invalid_request.ts';
import { INVALID_SCOPE } from './invalid_scope.ts';
import { INVALID_TOKEN } from './invalid_token.ts';
import { LOGIN } from './login.ts';
import { UNAUTHORIZED_CLIENT } from './unauthorized_client.ts';
import { UNSUPPORTED_GRANT_TYPE } from './unsupported_grant_type.ts';
import { WRONG_URL } from './wrong_url.ts';

export const PROVOCATIONS: readonly Provocation[] = [
  ...INVALID_CLIENT,
  ...UNAUTHORIZED_CLIENT,
  ...INVALID_GRANT,
  ...INVALID_SCOPE,
  ...UNSUPPORTED_GRANT_TYPE,
  ...INVALID_REQUEST,
  ...LOGIN,
  ...INVALID_TOKEN,
  ...WRONG_URL,
];
