import { expect, test } from 'vitest';
import { casesOf, loadRequirements } from './load.ts';
import { select } from './select.ts';

const all = await loadRequirements();
const ids = (patterns: string[]) =>
  select(all, { patterns })
    .flatMap(casesOf)
    .map(({ id }) => id);

test('every requirement has cases, a rule and a source', () => {
  expect(all.length).toBeGreaterThanOrEqual(32);
  for (const requirement of all) {
    expect(casesOf(requirement).length, requirement.id).toBeGreaterThan(0);
    expect(requirement.rule, requirement.id).toMatch(/\.$/);
    expect(requirement.sources.length, requirement.id).toBeGreaterThan(0);
  }
});

test('a pattern selects requirements, one with a slash selects cases', () => {
  expect(ids(['cache.reuse'])).toEqual(['cache.reuse/a']);
  expect(ids(['refresh.rotation.*']).length).toBeGreaterThan(3);
  expect(
    ids(['resp.success.validated/e-*']).every((id) => id.startsWith('resp.success.validated/e-')),
  ).toBe(true);
});

test('one that matches nothing is an error that names what there is', () => {
  expect(() => ids(['refresh.nothing'])).toThrow(/matches nothing.*refresh\.form/);
  // A dot is a dot.
  expect(() => ids(['cacheXreuse'])).toThrow(/matches nothing/);
  expect(() => select(all, { tiers: ['advanced'] })).toThrow(/leaves nothing/);
});

test('servers select the cases that are played there', () => {
  const there = select(all, { servers: ['django-oidc-provider'] }).flatMap(casesOf);
  expect(there.map(({ id }) => id)).toContain('resp.scope.absent/a-server');
  expect(there.map(({ id }) => id)).not.toContain('resp.scope.absent/a');
  expect(() => select(all, { patterns: ['idt.exp'], servers: ['django-oauth-toolkit'] })).toThrow(
    /nothing of what is selected is played at django-oauth-toolkit/,
  );
});
