import { AdapterBroken } from '../adapter/adapter-broken.ts';
import { AdapterProcess } from '../adapter/adapter-process.ts';
import { coverageFolder } from '../mutants/coverage.ts';
import type { IdentifiedCase } from '../requirements/load.ts';
import type { Company } from '../requirements/requirement.ts';
import type { Authority } from '../servers/server.ts';
import { runSampleTrial } from '../trial/sample-trial.ts';
import { SpareAdapters } from '../trial/further-adapters.ts';
import { runTrial, type TrialOutcome, type Twins } from '../trial/trial.ts';
import type { Chromium } from '../user/chromium-user.ts';
import { Judgement } from '../verdict/verdict.ts';
import { LastingAdapter, tryToStart } from './lasting-adapter.ts';
import type { Partners } from './partners.ts';
import type { SubjectHandshake, SubjectPlan } from './plan.ts';

/** One subject while its trials are played: its adapter, and the twins that its cases share. */
export class SubjectInPlay {
  readonly #plan: SubjectPlan;
  readonly #chromium: Chromium | undefined;
  readonly #twins: Twins = new Map();
  readonly #adapter: LastingAdapter;
  readonly #partners: Partners;
  #spare: SpareAdapters | undefined;

  constructor(plan: SubjectPlan, partners: Partners, chromium: Chromium | undefined) {
    this.#plan = plan;
    this.#adapter = partners.has(plan) ? partners.adapter(plan) : new LastingAdapter(plan);
    this.#partners = partners;
    this.#chromium = chromium;
  }

  /** Starts its adapter before the first trial asks for it. */
  warmUp(): void {
    // An adapter of its own is each trial's; and what goes wrong here is what the first trial will say.
    if (!this.#plan.coverage) void this.#adapter.running().catch(() => {});
  }

  /** @param rest called at the trial's first pause */
  async play(
    { id, definition }: IdentifiedCase,
    authority: Authority,
    rest: () => void,
  ): Promise<TrialOutcome> {
    const { runtime, implementation, coverage } = this.#plan;
    if (definition.kind === 'sample')
      return runSampleTrial({ authority, runtime, implementation }, definition);
    // V8 does not see all of what it has out of a cache.
    const own = coverage && {
      NODE_V8_COVERAGE: coverageFolder(coverage, id),
      NODE_DISABLE_COMPILE_CACHE: '1',
    };
    const adapter = await (own ? tryToStart(this.#plan, own) : this.#adapter.running());
    if (!(adapter instanceof AdapterProcess))
      return {
        verdict: 'fail',
        expected: 'an adapter that starts',
        seen: adapter.message,
        isAdapters: true,
      };
    const screenshots: string[] = [];
    const company = this.#company(id, definition.partner, screenshots);
    // What an adapter of its own runs must all be in its coverage, the twin too.
    const shared = !own && { twins: this.#twins, spare: this.#spareOf(adapter) };
    const world = { authority, adapter, company, rest, ...shared };
    const outcome = await runTrial(world, definition);
    // V8 writes at the end of the process.
    if (own) await adapter.end();
    return screenshots.length > 0 ? { ...outcome, attachments: screenshots } : outcome;
  }

  async handshake(): Promise<SubjectHandshake> {
    const started = await this.#adapter.started();
    const running = started.find((adapter) => adapter instanceof AdapterProcess);
    const broken = started
      .map((adapter) => (adapter instanceof AdapterBroken ? adapter : adapter.broken))
      .find(Boolean);
    const { library, version, runtime, capabilities = [] } = running?.handshake ?? {};
    return {
      library,
      version,
      runtime,
      capabilities,
      ...(broken && { broken: broken.message }),
    };
  }

  /** Ends all adapters that nobody else needs, and forgets what was seen. */
  async end(): Promise<void> {
    this.#twins.clear();
    await this.#spare?.end();
    if (!this.#partners.has(this.#plan)) await this.#adapter.end();
  }

  #spareOf(adapter: AdapterProcess): SpareAdapters {
    this.#spare ??= new SpareAdapters(adapter);
    return this.#spare;
  }

  /** @param screenshots gets the names of those that are made */
  #company(id: string, partner: string | undefined, screenshots: string[]): Company {
    const chromium = this.#chromium;
    const { implementation } = this.#plan;
    return {
      partner: () => this.#partner(partner ?? ''),
      async browser() {
        if (!chromium) throw new Error('this run has no browser');
        return chromium.person(`${implementation.name}-${id.replaceAll('/', '-')}`, screenshots);
      },
    };
  }

  async #partner(name: string): Promise<AdapterProcess> {
    const partner = this.#plan.partners.find((other) => other.implementation.name === name);
    if (!partner) throw new Error(`${name} is no partner in this run`);
    const started = await this.#partners.adapter(partner).running();
    if (started instanceof AdapterProcess) return started;
    throw new Judgement('not-reached', `an adapter of ${name} that starts`, started.message);
  }
}
