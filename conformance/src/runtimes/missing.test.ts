import { expect, test } from 'vitest';
import { CannotRun } from '../cannot-run.ts';
import { type Missing, MissingSoftware, missingOf, packagesFor, together } from './missing.ts';

const jq: Missing = {
  what: 'jq 1.6 or newer',
  packages: { 'apt-get': ['jq'], brew: ['jq'] },
  otherwise: 'jq, on PATH',
};
const java: Missing = {
  what: 'Java 17 or newer',
  packages: { 'apt-get': ['default-jre-headless'] },
  otherwise: 'a Java run-time',
};

test('the message names what is missing and one command for all of it', () => {
  const { message } = new MissingSoftware([jq, java, jq], 'apt-get');
  expect(message).toMatch(/^Missing: jq 1\.6 or newer, Java 17 or newer\n/);
  expect(message).toContain(
    'apt-get install --yes --no-install-recommends default-jre-headless jq\n',
  );
  expect(message).toContain('--install');
});

test('what the package manager does not have is said in words', () => {
  const { message } = new MissingSoftware([jq, java], 'brew');
  expect(message.split('\n').slice(1)).toEqual([
    'Install: a Java run-time',
    'Install: brew install jq',
  ]);
});

test('without a package manager nothing is offered that does not work', () => {
  const { message } = new MissingSoftware([jq], undefined);
  expect(message).toBe('Missing: jq 1.6 or newer\nInstall: jq, on PATH');
});

test('several searches report all that they miss', async () => {
  const refused = (one: Missing): Promise<never> =>
    Promise.reject(new MissingSoftware([one], undefined));
  const missing = await missingOf(together([refused(jq), Promise.resolve(1), refused(java)]));
  expect(packagesFor(missing, 'apt-get')).toEqual(['default-jre-headless', 'jq']);
});

test('another error of a search is not taken for something missing', async () => {
  const search = together([Promise.reject(new CannotRun('disk full')), Promise.resolve()]);
  await expect(missingOf(search)).rejects.toThrow('disk full');
});
