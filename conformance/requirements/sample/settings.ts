import { requirement, sample, type SampleCase } from '../../src/requirements/requirement.ts';
import { CLIENTS, type PublicClient, type RealmClient } from '../../src/trial/clients.ts';
import {
  type Environment,
  mustExit,
  type ProgramRun,
  type SampleStage,
} from '../../src/trial/sample-stage.ts';
import { whilePortIsTaken } from '../../src/trial/taken-port.ts';
import { must } from '../../src/verdict/verdict.ts';

const SERVER = 'OAUTH_ISSUER or OAUTH_TOKEN_URL';
const CLIENT = 'OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET';
const LOGIN = `OAUTH_ISSUER or OAUTH_AUTHORIZE_URL, ${SERVER}`;
// As a shell or a CI system leaves what was never filled in.
const EMPTY = { OAUTH_ISSUER: '', OAUTH_CLIENT_ID: '', OAUTH_SCOPE: '' };

const FILE = 'kept/tokens.json';
const OTHER_VERSION = '{"format":"polyglot-tokens","version":2,"tokens":{}}';
const PASTE = 'Paste the address';

/** What each sample must name when it has nothing, in the order of its table. */
const NEEDED = {
  client_credentials: `${SERVER}, ${CLIENT}`,
  refresh: `${SERVER}, ${CLIENT}`,
  call_api: `${SERVER}, ${CLIENT}, API_URL`,
  authorization_code: `${LOGIN}, OAUTH_CLIENT_ID`,
  authorization_code_confidential: `${LOGIN}, ${CLIENT}`,
  userinfo: 'OAUTH_ISSUER, OAUTH_CLIENT_ID',
  password: `${SERVER}, ${CLIENT}, OAUTH_USERNAME, OAUTH_PASSWORD`,
};

function names(name: string, missing: string, settings: Environment = EMPTY): SampleCase {
  return sample({
    sample: name,
    async run(stage) {
      const run = await stage.run(settings);
      mustExit(run, 2);
      const line = `Missing settings: ${missing}`;
      must(run.stderr.trim() === line, `'${line}' on standard error`, run.stderr);
      must(run.stdout === '', 'nothing on standard output', run.stdout);
      must(stage.wire.length === 0, 'no request', stage.wire.length);
    },
  });
}

/** A token file that another version has written shows before anybody logs in, and is left alone. */
function refusesTheFile(name: string, client: RealmClient | PublicClient): SampleCase {
  return sample({
    sample: name,
    async run(stage) {
      const file = await stage.give(FILE, OTHER_VERSION);
      const settings = await stage.settings(client);
      const run = await stage.run({ ...settings, OAUTH_TOKEN_FILE: file });
      mustExit(run, 2);
      mustNotHaveBegun(run, stage);
      must(run.stderr.includes(file), 'the name of the file on standard error', run.stderr);
      must((await stage.left(FILE)) === OTHER_VERSION, 'the file as it was', 'another');
    },
  });
}

/** A port that somebody else has shows before anybody logs in. */
function refusesThePort(name: string, client: RealmClient | PublicClient): SampleCase {
  return sample({
    sample: name,
    async run(stage) {
      const settings = await stage.settings(client);
      const run = await whilePortIsTaken((port) =>
        stage.run({ ...settings, OAUTH_REDIRECT_PORT: String(port) }),
      );
      // It has no listener, takes no port from anybody, and ends because nobody pastes an address.
      if (run.stderr.includes(PASTE)) return mustExit(run, 1);
      mustExit(run, 2);
      mustNotHaveBegun(run, stage);
      must(/port/i.test(run.stderr), 'a word about the port on standard error', run.stderr);
    },
  });
}

function mustNotHaveBegun({ stdout, stderr }: ProgramRun, stage: SampleStage): void {
  must(!stderr.includes('Log in at'), 'nobody who is sent to log in', stderr);
  must(stdout === '', 'nothing on standard output', stdout);
  must(stage.tokenRequests.length === 0, 'no token request', stage.tokenRequests.length);
}

export default requirement({
  rule: 'A sample names all settings that it misses, at once, before it asks anybody anything (exit code 2); an empty one counts as missing. So it does with a token file or a port that it cannot use, before anybody logs in.',
  sources: ['docs/samples.md'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    ...Object.fromEntries(
      Object.entries(NEEDED).map(([name, missing]) => [name, names(name, missing)]),
    ),
    'authorization_code-file': refusesTheFile('authorization_code', CLIENTS.native),
    'authorization_code_confidential-file': refusesTheFile(
      'authorization_code_confidential',
      CLIENTS.web,
    ),
    'refresh-file': refusesTheFile('refresh', CLIENTS.native),
    'authorization_code-port': refusesThePort('authorization_code', CLIENTS.native),
    'authorization_code_confidential-port': refusesThePort(
      'authorization_code_confidential',
      CLIENTS.web,
    ),
    'userinfo-port': refusesThePort('userinfo', CLIENTS.native),
    'call_api-some': names('call_api', `${CLIENT}, API_URL`, {
      OAUTH_ISSUER: 'http://127.0.0.1/realms/korusticket',
      OAUTH_CLIENT_AUTH: 'post',
    }),
  },
});
