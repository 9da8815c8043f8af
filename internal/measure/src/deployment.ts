import { randomUUID } from "node:crypto";
import { systemClock } from "@mayfly/service";
import { RedisStore } from "@mayfly/store-redis";
import type { TaskView } from "@mayfly/task";
import {
  type AppProcess,
  ensureServices,
  freePort,
  type RabbitServer,
  type RedisServer,
  startApp,
  startRabbit,
  startRedis,
} from "@mayfly/test-services";
import { until } from "./until.ts";

type Variables = Readonly<Record<string, string>>;

/** An API that runs. */
export interface Api {
  readonly app: AppProcess;
  readonly url: string;
}

/** How to schedule a task. */
interface ScheduleOptions {
  /** @defaultValue a new one */
  readonly id?: string;
  /** Of the API. @defaultValue that of the first */
  readonly url?: string;
  /** Further members of the request, such as its `timeout`. */
  readonly members?: object;
}

/** The virtual host of the measured programs. */
export const vhost = "measure";

/** Mayfly's programs as processes of their own, on a Redis and a RabbitMQ of their own. */
export class Deployment implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly rabbit: RabbitServer;
  readonly #amqpUrl: string;
  readonly #apps: AppProcess[] = [];
  #api: Api | undefined;

  private constructor(redis: RedisServer, rabbit: RabbitServer, amqpUrl: string) {
    this.redis = redis;
    this.rabbit = rabbit;
    this.#amqpUrl = amqpUrl;
  }

  /** Starts the servers and an API; the other programs are started one by one. */
  static async start(): Promise<Deployment> {
    await ensureServices();
    const [redis, rabbit] = await Promise.all([startRedis(), startRabbit()]);
    const deployment = new Deployment(redis, rabbit, await rabbit.control.createVhost(vhost));
    deployment.#api = await deployment.startApi();
    return deployment;
  }

  /** The first API. */
  get api(): Api {
    if (this.#api === undefined) throw new Error("The API has not been started.");
    return this.#api;
  }

  async startApi(env: Variables = {}): Promise<Api> {
    const port = await freePort();
    const app = await this.#start("api", { MAYFLY_PORT: String(port), ...env });
    return { app, url: `http://127.0.0.1:${port}` };
  }

  async startTimeout(): Promise<AppProcess> {
    return await this.#start("timeout", {});
  }

  /** Starts an instance of the scheduler `hello`; messages reach it when this resolves. */
  async startScheduler(env: Variables = {}): Promise<AppProcess> {
    const port = await freePort();
    const app = await this.#start("scheduler", { MAYFLY_HEALTH_PORT: String(port), ...env });
    await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, "the scheduler is subscribed");
    return app;
  }

  /** Schedules a task, by the first API unless another one is named; resolves with its id. */
  async schedule(attributes: object, options: ScheduleOptions = {}): Promise<string> {
    const { id = randomUUID(), url = this.api.url, members } = options;
    const answer = await post(`${url}/task/schedule`, { id, scheduler: "hello", attributes, ...members });
    if (!answer.ok) throw new Error(`Task ${id} was not accepted: ${answer.status} ${await answer.text()}`);
    return id;
  }

  /** Schedules many tasks that are alike, in batches of 1,000. */
  async scheduleMany(count: number, attributes: object): Promise<void> {
    for (let left = count; left > 0; left -= 1_000) {
      const tasks = Array.from({ length: Math.min(left, 1_000) }, () => ({ scheduler: "hello", attributes }));
      const answer = await post(`${this.api.url}/tasks/schedule`, { tasks });
      const { results } = (await answer.json()) as { readonly results: readonly { readonly status: number }[] };
      const refused = results.find(({ status }) => status > 202);
      if (refused !== undefined) throw new Error(`A task was not accepted: ${JSON.stringify(refused)}`);
    }
  }

  /** The task, or undefined when there is none. */
  async view(id: string, waitSeconds = 0): Promise<TaskView | undefined> {
    const answer = await fetch(`${this.api.url}/task/${id}?wait=${waitSeconds}`);
    return answer.ok ? ((await answer.json()) as TaskView) : undefined;
  }

  /** The task once it is done, however long that takes. */
  async done(id: string): Promise<TaskView> {
    for (;;) {
      const view = await this.view(id, 30);
      if (view?.state === "done") return view;
      if (view === undefined) throw new Error(`There is no task ${id}.`);
    }
  }

  /** An open store of the programs. */
  async openStore(): Promise<RedisStore> {
    const store = new RedisStore({ url: this.redis.url });
    await store.open();
    return store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.kill()));
    await Promise.all([this.redis.remove(), this.rabbit.remove()]);
  }

  async #start(app: "api" | "scheduler" | "timeout", env: Variables): Promise<AppProcess> {
    const urls = { MAYFLY_REDIS_URL: this.redis.url, MAYFLY_AMQP_URL: this.#amqpUrl };
    const started = await startApp({ app, env: { ...urls, ...env } });
    this.#apps.push(started);
    await started.waitFor("started", { timeoutMs: 60_000 });
    return started;
  }
}

/** By the monotonic clock of this process, in milliseconds. */
export function nowMs(): number {
  return systemClock.monotonicMs();
}

async function post(url: string, body: unknown): Promise<Response> {
  return await fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
}
