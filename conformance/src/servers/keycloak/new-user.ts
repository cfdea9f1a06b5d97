import { randomUUID } from 'node:crypto';
import type { AdminApi } from './admin-api.ts';
import type { RealmUser } from '../../trial/clients.ts';

/**
 * A person whom nobody else uses: Keycloak remembers what a person has consented to, and would not ask the same one again.
 *
 * @throws Error when Keycloak refuses.
 */
export async function newUser(admin: AdminApi): Promise<RealmUser> {
  const user = { username: `guest-${randomUUID()}`, password: randomUUID() };
  const { status } = await admin.call('POST', '/users', {
    username: user.username,
    enabled: true,
    email: `${user.username}@korusticket.test`,
    emailVerified: true,
    firstName: 'A',
    lastName: 'Guest',
    credentials: [{ type: 'password', value: user.password, temporary: false }],
  });
  if (status !== 201) throw new Error(`Keycloak answered POST /users with ${status}`);
  return user;
}
