import type { Config } from '../../protocol/messages.ts';
import type { Settings } from '../../servers/server.ts';
import { CLIENTS } from '../../trial/clients.ts';
import { loggedIn, login, type LoginOptions } from '../../trial/logins.ts';
import type { Stage } from '../../trial/stage.ts';
import type { Attempt } from '../provocation.ts';
import { RawRequests } from '../raw-requests.ts';

/** A program without a person, as it gets tokens at this server. */
export function service(stage: Stage, more: Partial<Config> = {}): Attempt {
  return { client: CLIENTS.service, settings: { ...stage.authority.service, ...more } };
}

/** How a person's program is set up at this server. */
export function loginSettings(stage: Stage): Settings {
  return { ...stage.authority.login(new RawRequests(stage).behind), client_auth: 'none' };
}

/** A person has logged in; then the client is asked for something. */
export function onceLoggedIn(stage: Stage, act: NonNullable<Attempt['act']>): Attempt {
  return {
    client: CLIENTS.native,
    settings: loginSettings(stage),
    async act(client) {
      await loggedIn(client);
      return act(client, stage);
    },
  };
}

/** A person logs in. */
export function personal(
  stage: Stage,
  more: Partial<Config> = {},
  options: LoginOptions = {},
): Attempt {
  return {
    client: CLIENTS.native,
    settings: { ...loginSettings(stage), ...more },
    act: async (client) => (await login(client, options)).outcome,
  };
}
