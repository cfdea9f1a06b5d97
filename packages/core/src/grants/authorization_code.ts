import { oauthError } from '../error_classes.ts';
import type { Grant } from './grant.ts';

/** A person's login (RFC 6749, section 4.1). Nobody but the person can start over, so nothing here opens a browser unasked. */
export const authorizationCode: Grant = {
  name: 'authorization_code',
  needsPerson: true,
  fields() {
    throw oauthError('login_required', 'nobody is logged in: call startLogin()');
  },
};
