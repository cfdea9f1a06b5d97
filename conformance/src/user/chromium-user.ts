import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { RealmUser } from '../trial/clients.ts';

// Chromium needs 2 s for a page of Keycloak's on a busy machine, and five times that when four of them start at once.
const STEP_LIMIT_MS = 40_000;

/** Where Chromium is, and where its screenshots go. */
export interface BrowserSettings {
  readonly program: string;
  readonly screenshots: string;
}

/** What a person does with Keycloak's pages. */
export interface BrowserChoices {
  /** At the consent page. Default: accept. */
  readonly decline?: boolean;
  /** The password, once. Default: not. */
  readonly misspell?: boolean;
}

/** One Chromium for all trials of a project, without a window. */
export class Chromium {
  readonly #settings: BrowserSettings;
  #browser: Promise<Browser> | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(settings: BrowserSettings) {
    this.#settings = settings;
  }

  /**
   * A person with a profile of their own.
   *
   * @param name begins the names of the screenshots.
   * @param screenshots gets their names.
   */
  async person(name: string, screenshots: string[]): Promise<ChromiumUser> {
    // One after the other: each page keeps a processor busy for a second.
    const before = this.#turn;
    const { promise: over, resolve: close } = Promise.withResolvers<void>();
    this.#turn = over;
    await before;
    try {
      this.#browser ??= start(this.#settings.program);
      const browser = await this.#browser;
      const context = await browser.newContext({
        locale: 'en-US',
        viewport: { width: 900, height: 700 },
      });
      context.setDefaultTimeout(STEP_LIMIT_MS);
      await mkdir(this.#settings.screenshots, { recursive: true });
      return new ChromiumUser(context, join(this.#settings.screenshots, name), {
        screenshots,
        close,
      });
    } catch (error) {
      close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await (await this.#browser)?.close();
  }
}

async function start(program: string): Promise<Browser> {
  // Here and not above: it takes a fifth of a second, and most runs have no browser.
  const { chromium } = await import('playwright-core');
  const root = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: program,
    // Chromium's sandbox does not work for root, as which machines of CI run.
    chromiumSandbox: !root,
    args: ['--no-first-run', '--disable-background-networking', '--no-proxy-server'],
  });
}

/** A person in front of a real browser, as {@link VirtualUser} is one in front of none. */
export class ChromiumUser {
  readonly #context: BrowserContext;
  readonly #prefix: string;
  readonly #screenshots: string[];
  readonly #left: () => void;

  /** @param ends what is to be told: `screenshots` of the pictures, `close` of the end */
  constructor(
    context: BrowserContext,
    prefix: string,
    { screenshots, close }: { screenshots: string[]; close: () => void },
  ) {
    this.#context = context;
    this.#prefix = prefix;
    this.#screenshots = screenshots;
    this.#left = close;
  }

  /**
   * Logs in at an authorization URL and, where the server asks, consents or declines; ends at the client's own page.
   *
   * @param choices `misspell`: with a wrong password first, of which the server says so.
   * @returns what that page says, and whether it was an error page.
   */
  async logIn(
    authorizationUrl: string,
    person: RealmUser,
    { decline = false, misspell = false }: BrowserChoices = {},
  ): Promise<{ status: number; text: string }> {
    const page = await this.#context.newPage();
    await page.goto(authorizationUrl);
    await this.#keep(page, 'login');
    if (misspell) {
      await submit(page, { ...person, password: `not ${person.password}` });
      await page.getByText('Invalid username or password').waitFor();
      await this.#keep(page, 'refused');
    }
    const arrival = page.waitForResponse(
      (response) => new URL(response.url()).pathname === '/callback',
    );
    // Nobody hears of its end where an earlier step fails.
    arrival.catch(() => undefined);
    await submit(page, person);
    const asked = page.waitForSelector('#kc-cancel').then(() => true);
    asked.catch(() => undefined);
    if (await Promise.race([asked, arrival.then(() => false)])) {
      await this.#keep(page, 'consent');
      await page.click(decline ? '#kc-cancel' : '#kc-login');
    }
    const response = await arrival;
    await page.waitForLoadState('load');
    await this.#keep(page, 'callback');
    return { status: response.status(), text: await page.innerText('body') };
  }

  async close(): Promise<void> {
    this.#left();
    await this.#context.close();
  }

  async #keep(page: Page, name: string): Promise<void> {
    const path = `${this.#prefix}-${this.#screenshots.length + 1}-${name}.png`;
    await page.screenshot({ path });
    this.#screenshots.push(path);
  }
}

/** Fills in Keycloak's login form and sends it. */
async function submit(page: Page, { username, password }: RealmUser): Promise<void> {
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', password);
  await page.click('#kc-login');
}
