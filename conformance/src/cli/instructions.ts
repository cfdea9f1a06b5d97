import { relative } from 'node:path';
import type { Implementation } from '../implementations/find.ts';
import { shellWord } from '../processes/shell-word.ts';
import { CLIENTS, USERS } from '../trial/clients.ts';

interface Setting {
  readonly samples: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

const { service, native, web, password } = CLIENTS;
const { ada } = USERS;

function settings(issuer: string, apiUrl: string): Setting[] {
  const shared = { OAUTH_ISSUER: issuer };
  return [
    {
      samples: ['client_credentials', 'refresh', 'call_api'],
      variables: {
        ...shared,
        OAUTH_CLIENT_ID: service.id,
        OAUTH_CLIENT_SECRET: service.secret,
        API_URL: apiUrl,
      },
    },
    {
      samples: ['authorization_code', 'userinfo'],
      variables: { ...shared, OAUTH_CLIENT_ID: native.id, OAUTH_CLIENT_SECRET: '' },
    },
    {
      samples: ['authorization_code_confidential'],
      variables: { ...shared, OAUTH_CLIENT_ID: web.id, OAUTH_CLIENT_SECRET: web.secret },
    },
    {
      samples: ['password'],
      variables: {
        ...shared,
        OAUTH_CLIENT_ID: password.id,
        OAUTH_CLIENT_SECRET: password.secret,
        OAUTH_USERNAME: ada.username,
        OAUTH_PASSWORD: ada.password,
      },
    },
  ];
}

const FORMS: readonly (readonly [string, (name: string, value: string) => string])[] = [
  ['bash', (name, value) => `export ${name}=${shellWord(value)}`],
  ['PowerShell', (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`],
  ['.Renviron', (name, value) => `${name}=${shellWord(value)}`],
];

/** What a person pastes: the settings in three forms, and a command for every sample. */
export function instructions(
  issuer: string,
  apiUrl: string,
  implementations: readonly Implementation[],
): string {
  const blocks = settings(issuer, apiUrl).map(({ samples, variables }) => {
    const forms = FORMS.map(([name, form]) => {
      const lines = Object.entries(variables).map(([variable, value]) => form(variable, value));
      return [`# ${name}`, ...lines].join('\n');
    });
    const commands = samples.flatMap((sample) => commandsOf(sample, implementations));
    return [`## ${samples.join(', ')}`, ...forms, ['# then', ...commands].join('\n')].join('\n');
  });
  return `
${blocks.join('\n\n')}

Log in as ${ada.username} with the password ${ada.password}. Everything here is the test realm's and opens nothing but this Keycloak.
Each exchange is shown below as it happens; tokens by the digest that the samples print. Ctrl-C ends all of it.
`;
}

function commandsOf(name: string, implementations: readonly Implementation[]): string[] {
  return implementations.flatMap(({ samples }) => {
    const sample = samples[name];
    if (!sample) return [];
    const [program = '', ...args] = sample.command;
    const file = relative(process.cwd(), sample.file);
    return [[program, ...args.map((arg) => (file.endsWith(`/${arg}`) ? file : arg))].join(' ')];
  });
}
