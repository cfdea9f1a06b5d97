import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { CannotRun } from '../cannot-run.ts';
import { parseReportTargets, type ReportTarget } from '../report/write.ts';
import type { Tier } from '../requirements/requirement.ts';
import type { KeycloakWay } from '../servers/keycloak/index.ts';
import { SERVER_NAMES, type ServerName } from '../servers/server.ts';
import type { ServerChoice } from '../servers/start.ts';

export interface Options {
  readonly command: 'run' | 'list' | 'playground';
  /** Names; empty means all. */
  readonly implementations: readonly string[];
  readonly patterns: readonly string[];
  readonly tiers: readonly Tier[];
  /** A command that speaks the protocol, in place of the implementations of the repository. */
  readonly adapter: string | undefined;
  readonly servers: ServerChoice;
  readonly reports: readonly ReportTarget[];
  readonly install: boolean;
  /** Whether people log in with a real Chromium, too. */
  readonly browser: boolean;
}

const TIERS = ['core', 'hardened', 'advanced'] as const satisfies Tier[];

const raw = z.object({
  implementation: z.string().optional(),
  requirement: z.string().optional(),
  tier: z.string().optional(),
  adapter: z.string().optional(),
  server: z.string().optional(),
  report: z.string().optional(),
  install: z.boolean().optional(),
  browser: z.boolean().optional(),
});

/**
 * @param args without node and script
 * @returns the options, or the text to print for --help
 * @throws CannotRun saying which word is wrong and what it could be.
 */
export function parseOptions(args: readonly string[]): Options | string {
  let help = '';
  const program = new Command('pnpm conformance')
    .description('Starts real authorization servers and judges OAuth 2.0 clients from the wire.')
    .argument(
      '[command]',
      "'list' shows requirements and implementations; 'playground' keeps the servers up and prints settings for the samples; without it, trials are run",
    )
    .option('--implementation <names>', 'only these, separated by commas')
    .option(
      '--requirement <patterns>',
      "only these: 'refresh.*', 'cache.reuse', 'resp.success.validated/a-*'",
    )
    .option('--tier <tiers>', 'only these: core, hardened, advanced')
    .option(
      '--adapter <command>',
      'any command that speaks the adapter protocol, in place of the implementations here',
    )
    .option(
      '--server <servers>',
      `all, or some of ${SERVER_NAMES.join(', ')} (default: keycloak); which Keycloak: container, distribution, or the URL of a running one (default: container if an engine answers)`,
    )
    .option('--report <targets>', 'write reports: json=out.json')
    .option('--install', "install missing language run-times with the system's package manager")
    .option(
      '--browser',
      'log in with a real Chromium too, and keep its screenshots in reports/browser',
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 all as expected, 1 a requirement failed, 2 the run could not be done.',
    )
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return help;
    throw new CannotRun(
      `${error.message.replace(/^error: /, '')}. 'pnpm conformance --help' shows the options`,
    );
  }
  const [command] = program.args;
  if (command !== undefined && command !== 'list' && command !== 'playground') {
    throw new CannotRun(`there is no command '${command}'; there are 'list' and 'playground'`);
  }
  const options = raw.parse(program.opts());
  return {
    command: command ?? 'run',
    implementations: words(options.implementation),
    patterns: words(options.requirement),
    tiers: words(options.tier).map(tier),
    adapter: options.adapter,
    servers: servers(words(options.server)),
    reports: parseReportTargets(options.report),
    install: options.install ?? false,
    browser: options.browser ?? false,
  };
}

function words(option: string | undefined): string[] {
  return (option ?? '').split(',').filter(Boolean);
}

function tier(word: string): Tier {
  const found = TIERS.find((name) => name === word);
  if (!found) throw new CannotRun(`--tier ${word}: the tiers are ${TIERS.join(', ')}`);
  return found;
}

function servers(given: readonly string[]): ServerChoice {
  const names = new Set<ServerName>();
  let keycloak: KeycloakWay | undefined;
  for (const word of given) {
    const known = SERVER_NAMES.find((name) => name === word);
    if (word === 'all') SERVER_NAMES.forEach((name) => names.add(name));
    else if (known) names.add(known);
    else {
      keycloak = keycloakWay(word);
      names.add('keycloak');
    }
  }
  return { names: names.size === 0 ? ['keycloak'] : [...names], keycloak };
}

function keycloakWay(word: string): KeycloakWay {
  if (word === 'container' || word === 'distribution') return word;
  const url = URL.parse(word);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new CannotRun(
    `--server ${word}: it takes all, ${SERVER_NAMES.join(', ')}, container, distribution, or a URL such as http://127.0.0.1:8080`,
  );
}
