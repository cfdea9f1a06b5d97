import type { Authority } from '../server.ts';
import { djangoAuthority } from './authority.ts';

/** Django OAuth Toolkit as document 003 has it: opaque tokens, and OpenID Connect is nobody's business. */
export function djangoOAuthToolkit(url: string): Authority {
  return djangoAuthority(url, {
    name: 'django-oauth-toolkit',
    authorization: '/o/authorize',
    token: '/o/token',
    introspection: '/o/introspect',
    login: (origin) => ({
      authorize_url: `${origin}/o/authorize/`,
      token_url: `${origin}/o/token/`,
      scope: 'read write',
    }),
  });
}
