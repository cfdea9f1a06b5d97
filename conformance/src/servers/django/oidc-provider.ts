import type { Authority } from '../server.ts';
import { djangoAuthority } from './authority.ts';

/** django-oidc-provider as document 004 has it: OpenID Connect with discovery, opaque access tokens, signed ID tokens. */
export function djangoOidcProvider(url: string): Authority {
  return djangoAuthority(url, {
    name: 'django-oidc-provider',
    authorization: '/authorize',
    token: '/token',
    userinfo: '/userinfo',
    jwks: '/jwks',
    discovery: '/.well-known/openid-configuration',
    introspection: '/introspect',
    login: (origin) => ({ issuer: origin, scope: 'openid profile email' }),
  });
}
