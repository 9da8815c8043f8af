import { randomUUID } from "node:crypto";
import { type AppProcess, freePort, type RabbitAccess, RabbitControl, startApp } from "@mayfly/test-services";
import type { TaskView } from "@mayfly/task";
import { inject, vi } from "vitest";

type Variables = Readonly<Record<string, string>>;
/** What an HTTP answer was. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The services that a {@link System} runs on; by default those that all tests share. */
export interface SystemServices {
  readonly redisUrl: string;
  readonly amqpUrl: string;
}

/** The reference apps as processes of their own, on real Redis and RabbitMQ, with a prefix and virtual host of their own. */
export class System implements AsyncDisposable {
  readonly url: string;
  readonly prefix: string;
  readonly services: SystemServices;
  readonly #environment: Variables;
  readonly #apps: AppProcess[] = [];
  readonly #latest = new Map<string, AppProcess>();

  private constructor(options: { url: string; prefix: string; services: SystemServices; environment: Variables }) {
    this.url = options.url;
    this.prefix = options.prefix;
    this.services = options.services;
    this.#environment = options.environment;
  }

  /** Starts the API and the timeout daemon, and waits until the API is ready. Schedulers come with `startScheduler`. */
  static async start(
    options: {
      readonly env?: Variables;
      /** What the first API or the first timeout daemon is given besides. */
      readonly firstEnv?: Readonly<Partial<Record<"api" | "timeout", Variables>>>;
      readonly services?: SystemServices;
    } = {},
  ): Promise<System> {
    const name = `e2e-${randomUUID().slice(0, 8)}`;
    const services = options.services ?? (await sharedServices(name));
    const port = await freePort();
    const environment = {
      MAYFLY_REDIS_URL: services.redisUrl,
      MAYFLY_AMQP_URL: services.amqpUrl,
      MAYFLY_PREFIX: name,
      MAYFLY_LOG_LEVEL: "info",
      MAYFLY_PORT: String(port),
      ...options.env,
    };
    const system = new System({ url: `http://127.0.0.1:${port}`, prefix: name, services, environment });
    const { api, timeout } = options.firstEnv ?? {};
    await Promise.all([system.startApp("api", api), system.startApp("timeout", timeout)]);
    return system;
  }

  /** Starts an app and waits until it is up. */
  async startApp(app: "api" | "scheduler" | "timeout", env: Variables = {}): Promise<AppProcess> {
    const started = await startApp({ app, env: { ...this.#environment, ...env } });
    this.#apps.push(started);
    this.#latest.set(app, started);
    await started.waitFor("started", { timeoutMs: 60_000 });
    return started;
  }

  /** The process of an app that was started last. */
  latest(app: "api" | "scheduler" | "timeout"): AppProcess {
    const process = this.#latest.get(app);
    if (process === undefined) throw new Error(`No ${app} has been started.`);
    return process;
  }

  /** Starts an instance of the scheduler `hello`, and waits until messages reach it. */
  async startScheduler(env: Variables = {}): Promise<AppProcess> {
    const port = await freePort();
    const scheduler = await this.startApp("scheduler", { ...env, MAYFLY_HEALTH_PORT: String(port) });
    await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, "the scheduler is subscribed");
    return scheduler;
  }

  /** Sends a request; a body that is no text is sent as JSON. */
  async request(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...(text !== undefined && { body: text, headers: { "content-type": "application/json" } }),
    });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answer === "" ? {} : (JSON.parse(answer) as Record<string, unknown>),
    };
  }

  /** Schedules a task for a handler of `hello`, with an id of its own. */
  schedule(handler: string, attributes: object = {}, members: object = {}): Promise<Answer> {
    return this.request("POST", "/task/schedule", {
      id: randomUUID(),
      scheduler: "hello",
      attributes: { handler, ...attributes },
      ...members,
    });
  }

  /** Schedules a task that must be accepted; resolves with its id. */
  async scheduled(handler: string, attributes: object = {}, members: object = {}): Promise<string> {
    const answer = await this.schedule(handler, attributes, members);
    if (answer.status > 202) throw new Error(`Not scheduled: ${answer.status} ${JSON.stringify(answer.body)}`);
    return String(answer.body["id"]);
  }

  /** The task, which must be there. */
  async view(id: string, waitSeconds = 0): Promise<TaskView> {
    const answer = await this.request("GET", `/task/${id}?wait=${waitSeconds}`);
    if (answer.status !== 200) throw new Error(`Task ${id}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as unknown as TaskView;
  }

  /** The task once it is done, within a minute. */
  async done(id: string): Promise<TaskView> {
    const view = await this.view(id, 60);
    if (view.state !== "done") throw new Error(`Task ${id} is not done but ${JSON.stringify(view)}`);
    return view;
  }

  /** Waits until a task is in a state. */
  async reaches(id: string, state: TaskView["state"], attempt?: number): Promise<TaskView> {
    let view = await this.view(id);
    await until(async () => {
      view = await this.view(id);
      return view.state === state && (attempt === undefined || view.attempt === attempt);
    }, `task ${id} is ${state}`);
    return view;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.kill()));
  }
}

async function sharedServices(name: string): Promise<SystemServices> {
  const rabbit: RabbitAccess = inject("rabbit");
  return { redisUrl: inject("redisUrl"), amqpUrl: await new RabbitControl(rabbit).createVhost(name) };
}

/** Asks again and again until `condition` holds; a condition that throws does not hold yet. */
export async function until(condition: () => Promise<boolean>, what: string, limitMs = 60_000): Promise<void> {
  try {
    await vi.waitUntil(() => condition().catch(() => false), { timeout: limitMs, interval: 50 });
  } catch (cause) {
    throw new Error(`It did not come true within ${limitMs} ms that ${what}.`, { cause });
  }
}
