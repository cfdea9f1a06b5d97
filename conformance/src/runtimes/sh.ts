import { dirname } from 'node:path';
import { z } from 'zod';
import { fact } from './facts.ts';
import { findProgram, inPathOrder, type Program } from './find-program.ts';
import { refuse, together } from './missing.ts';
import { run } from './run.ts';
import type { RuntimeKind } from './runtime.ts';
import { isAtLeast } from './version.ts';

/** 7.84 brought `%header{…}`. */
const CURL = '7.84';
/** 1.6 is the oldest that the samples were tried with. */
const JQ = '1.6';

/** Digests and random numbers of a login: any version has them. */
const OPENSSL = '1.0';

/** POSIX sh, which every system has, with curl, jq and openssl. */
export const sh: RuntimeKind = {
  find: findTools,
  async prepare() {
    const tools = await findTools();
    return {
      path: inPathOrder(tools.map((tool) => dirname(tool.path))),
      env: {},
      version: tools.map((tool) => `${tool.name} ${tool.version}`).join(', '),
    };
  },
};

interface Tool extends Program {
  readonly name: string;
  readonly version: string;
}

function findTools(): Promise<Tool[]> {
  return together([
    findTool('curl', CURL),
    findTool('jq', JQ),
    findTool('openssl', OPENSSL, 'version'),
  ]);
}

async function findTool(name: string, minimum: string, ask = '--version'): Promise<Tool> {
  const packages = { 'apt-get': [name], dnf: [name], brew: [name] };
  const missing = { what: `${name} ${minimum} or newer`, packages, otherwise: name };
  const program = await findProgram(name);
  if (program === undefined) return refuse(missing);
  const version = await fact(name, z.string(), [program.identity], async () => {
    // `curl 7.88.1 (x86_64…`, `jq-1.6`, `OpenSSL 3.0.17 1 Jul 2025`
    const said = await run([program.path, ask], `Asking ${name} for its version`);
    return /\d+(?:\.\d+)*/.exec(said)?.[0] ?? '0';
  });
  return isAtLeast(version, minimum) ? { ...program, name, version } : refuse(missing);
}
