import type { AdapterProcess } from '../adapter/adapter-process.ts';
import type { Authority } from '../servers/server.ts';
import { Stage } from '../trial/stage.ts';
import { Judgement } from '../verdict/verdict.ts';
import type { Exchange } from '../wire/exchange.ts';
import { isRefusal, pageOf, shownAnswer, shownRequest } from './answer.ts';
import type { ChangedSetting, Play } from './finding.ts';
import type { Attempt, ByClients, ByRequest, Outcome } from './provocation.ts';
import { RawRequests } from './raw-requests.ts';
import { stabilizer } from './stable.ts';

/** Lets one client be refused at one server, and then do it right. */
export async function playClient(
  how: ByClients,
  authority: Authority,
  adapter: AdapterProcess,
  language: string,
): Promise<Play> {
  const { wrong, right } = how;
  const refused = await onStage(how, authority, adapter, async (stage) => {
    const attempt = wrong(stage);
    const outcome = await attempted(attempt, stage);
    const stable = stabilizer(stage);
    const exchange = stage.wire.findLast(
      (one) =>
        isRefusal(one) && (how.endpoint === undefined ? true : one.endpoint === how.endpoint),
    );
    const failed = outcome.outcome === 'error';
    return {
      client: language,
      ...(exchange && shown(exchange, stable)),
      ...(!exchange && failed && { page: outcome.error.class }),
      outcome: stableOutcome(outcome, stable),
      changed: right ? changedSettings(attempt, right(stage), stable) : [],
    };
  });
  if (!right) return refused;
  const outcome = await onStage(how, authority, adapter, async (stage) =>
    stableOutcome(await attempted(right(stage), stage), stabilizer(stage)),
  );
  return outcome.outcome === 'ok' ? refused : { ...refused, complaint: outcome.error.message };
}

/** Sends a request by hand. */
export async function playRequest(
  how: ByRequest,
  authority: Authority,
  adapter: AdapterProcess,
): Promise<Play> {
  const { send, right } = how;
  const refused = await onStage(how, authority, adapter, async (stage) => {
    const exchange = await send(new RawRequests(stage));
    const stable = stabilizer(stage);
    const whole = shown(exchange, stable);
    return isSaidNo(exchange) ? { ...whole, changed: [] } : { request: whole.request, changed: [] };
  });
  if (!right) return refused;
  return onStage(how, authority, adapter, async (stage) => {
    const exchange = await right(new RawRequests(stage));
    return isSaidNo(exchange)
      ? { ...refused, complaint: `HTTP ${exchange.response?.status} to the request that is right` }
      : refused;
  });
}

async function onStage<Result>(
  { options = {} }: ByClients | ByRequest,
  authority: Authority,
  adapter: AdapterProcess,
  work: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const stage = await Stage.open(authority, adapter, options);
  try {
    return await work(stage);
  } catch (error) {
    if (!(error instanceof Judgement)) throw error;
    throw new Error(`expected ${error.expected}, but saw ${stabilizer(stage)(error.seen)}`, {
      cause: error,
    });
  } finally {
    await stage.close();
  }
}

async function attempted({ client, settings, act }: Attempt, stage: Stage): Promise<Outcome> {
  const opened = await stage.tryOpen(client, settings);
  if (opened.outcome.outcome === 'error') return opened.outcome;
  return act ? act(opened.client, stage) : opened.client.tryToken();
}

/** A page in a browser is a refusal too, if it is no page of a login: it has nothing to fill in. */
function isSaidNo(exchange: Exchange): boolean {
  const body = exchange.response?.body ?? '';
  return isRefusal(exchange) || (pageOf(exchange) === 'error_page' && !body.includes('<form'));
}

function shown(exchange: Exchange, stable: (text: string) => string) {
  return {
    page: pageOf(exchange),
    byApi: exchange.endpoint === 'api',
    request: shownRequest(exchange, stable),
    answer: shownAnswer(exchange, stable),
  };
}

function stableOutcome(outcome: Outcome, stable: (text: string) => string): Outcome {
  if (outcome.outcome === 'ok') return { outcome: 'ok' };
  const { error } = outcome;
  return { outcome: 'error', error: { ...error, message: stable(error.message) } };
}

function changedSettings(
  wrong: Attempt,
  right: Attempt,
  stable: (text: string) => string,
): ChangedSetting[] {
  const [from, to] = [allOf(wrong), allOf(right)];
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((name) => from[name] !== to[name])
    .map((name) => ({
      name,
      wrong: from[name] === undefined ? undefined : stable(from[name]),
      right: to[name] === undefined ? undefined : stable(to[name]),
    }));
}

function allOf({ client, settings = {} }: Attempt): Record<string, string | undefined> {
  const configured = Object.entries(settings).map(([name, value]) => [name, String(value)]);
  return {
    client_id: client.id,
    ...('secret' in client && { client_secret: client.secret }),
    ...Object.fromEntries(configured),
  };
}
