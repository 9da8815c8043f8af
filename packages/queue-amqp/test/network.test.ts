import { systemClock } from "@mayfly/service";
import { type FaultProxy, freePort, RabbitControl, startProxy } from "@mayfly/test-services";
import { beforeAll, expect, inject, it, onTestFinished, vi } from "vitest";
import { aName, anAnnouncement, anOpenQueue, aQueue, patience, publish, take } from "./test-queue.ts";

const rabbit = inject("rabbit");
const control = new RabbitControl(rabbit);
const vhost = "network";
let url: string;

beforeAll(async () => {
  url = await control.createVhost(vhost);
});

/** The broker behind a proxy, with heartbeats each second. */
async function aProxy(): Promise<{ readonly proxy: FaultProxy; readonly url: string }> {
  const proxy = await startProxy(rabbit.port);
  onTestFinished(() => proxy.close());
  return { proxy, url: `${url.replace(`:${rabbit.port}/`, `:${proxy.port}/`)}?heartbeat=1` };
}

const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;

it("[AMQP-31] notices by heartbeats that nothing comes any more, on either connection, and goes on over others", async () => {
  const { proxy, url: proxied } = await aProxy();
  const queue = await anOpenQueue({ url: proxied });
  const name = aName();
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000 });
  const [held] = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual([held]), patience);
  proxy.mute();
  const startedAt = performance.now();
  expect(queue.canPublish).toBe(true);
  expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
  expect(queue.canPublish).toBe(false);
  await vi.waitFor(() => expect(taking.consumer.isSubscribed).toBe(false), patience);
  // Long before the confirm is given up, which is the other way to notice.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  await vi.waitFor(() => expect(queue.canPublish).toBe(true), patience);
  // The broker notices too, and hands out again what it had no acknowledgement for.
  taking.works[0]?.end();
  const other = await take(await anOpenQueue({ url }), name, { slots: 1, holdMs: 60_000 });
  await vi.waitFor(() => expect([...taking.ids().slice(1), ...other.ids()]).toContain(held), patience);
});

it("[AMQP-31] tries the next node when one takes connections and says nothing", async () => {
  const { proxy, url: proxied } = await aProxy();
  proxy.halfOpen(true);
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  const queue = await anOpenQueue({ url: `${proxied},${url}` });
  expect(proxy.connections.accepted).toBe(1);
  expect(await queue.declare(aName())).toBe("declared");
});

it.each([0, 0.5, 0.99])("[AMQP-30] asks any of several nodes first, at random: %d", async (random) => {
  const proxies = await Promise.all([aProxy(), aProxy(), aProxy()]);
  vi.spyOn(Math, "random").mockReturnValue(random);
  onTestFinished(() => void vi.restoreAllMocks());
  await anOpenQueue({ url: proxies.map((each) => each.url).join(",") });
  const first = Math.floor(random * proxies.length);
  const accepted = proxies.map(({ proxy }) => proxy.connections.accepted);
  expect(accepted).toEqual(proxies.map((_, index) => (index === first ? 1 : 0)));
});

it("[AMQP-30] waits at random before it tries again, at most 100 ms first, doubled up to 5 s", async () => {
  const waitsMs: number[] = [];
  const clock = {
    ...systemClock,
    sleep: (delayMs: number) => {
      waitsMs.push(delayMs);
      return new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
  const ceilings = Array.from({ length: 200 }, (_, attempt) => Math.min(5_000, 100 * 2 ** attempt));
  const queue = aQueue({ url: `amqp://guest:guest@127.0.0.1:${await freePort()}`, clock });
  const opening = queue.open().catch(() => undefined);
  await vi.waitFor(() => expect(waitsMs.length).toBeGreaterThanOrEqual(ceilings.length), patience);
  await queue.close();
  await opening;
  const shares = ceilings.map((ceilingMs, attempt) => (waitsMs[attempt] ?? -1) / ceilingMs);
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...shares)).toBeLessThanOrEqual(1);
  // Full jitter: anything from nothing to the most.
  expect(shares.filter((share) => share < 0.5).length).toBeGreaterThan(50);
  expect(shares.filter((share) => share > 0.5).length).toBeGreaterThan(50);
});

it("[AMQP-28] loses nothing that was confirmed when its connections are cut in the middle of publishes", async () => {
  const { proxy, url: proxied } = await aProxy();
  const queue = await anOpenQueue({ url: proxied });
  const name = aName();
  const taking = await take(queue, name, { slots: 50, holdMs: 60_000, onWork: (work) => work.end() });
  proxy.slow({ bytesPerSecond: 2_000_000 });
  const body = JSON.stringify("x".repeat(20_000));
  const confirmed: string[] = [];
  const answers = Array.from({ length: 200 }, async () => {
    const message = anAnnouncement(name, { body });
    const answer = await queue.publish(message);
    if (answer === "confirmed") confirmed.push(message.id);
    return answer;
  });
  await vi.waitFor(() => expect(confirmed.length).toBeGreaterThan(20), patience);
  proxy.cut();
  const unknown = (await Promise.all(answers)).filter((answer) => answer === "unknown");
  expect(unknown.length).toBeGreaterThan(0);
  expect(unknown.length + confirmed.length).toBe(answers.length);
  proxy.heal();
  await vi.waitFor(() => expect(queue.canPublish).toBe(true), patience);
  const [last] = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual(expect.arrayContaining([...confirmed, last])), patience);
});

it("[AMQP-33] is slow with a slow broker, and nothing else", async () => {
  const { proxy, url: proxied } = await aProxy();
  proxy.slow({ delayMs: 50 });
  const queue = await anOpenQueue({ url: proxied });
  const name = aName();
  const slots = 8;
  const taking = await take(queue, name, { slots, holdMs: 300 });
  const ids = await publish(queue, name, 3 * slots);
  for (let ended = 0; ended < ids.length; ended++) {
    await vi.waitFor(() => expect(taking.works.length).toBeGreaterThan(ended), patience);
    taking.works[ended]?.delivery.owned();
    taking.works[ended]?.end();
  }
  await vi.waitFor(async () => expect(await queue.ready(name)).toBe(0), patience);
  await taking.consumer.close();
  expect([...taking.ids()].sort()).toEqual([...ids].sort());
  expect(taking.most()).toBeLessThanOrEqual(slots);
  // Its acknowledgements have arrived.
  const rest = await take(queue, name, { slots, holdMs: 60_000 });
  const [last] = await publish(queue, name, 1);
  await vi.waitFor(() => expect(rest.ids()).toEqual([last]), patience);
});

it("[AMQP-20] goes on when the broker takes connections again", async () => {
  const { proxy, url: proxied } = await aProxy();
  const queue = await anOpenQueue({ url: proxied });
  const name = aName();
  const taking = await take(queue, name, { slots: 1, holdMs: 60_000, onWork: (work) => work.end() });
  proxy.refuse(true);
  proxy.cut();
  await vi.waitFor(() => expect(queue.canPublish || taking.consumer.isSubscribed).toBe(false), patience);
  expect(await queue.publish(anAnnouncement(name))).toBe("unknown");
  await vi.waitFor(() => expect(proxy.connections.refused).toBeGreaterThan(3), patience);
  proxy.refuse(false);
  await vi.waitFor(() => expect(queue.canPublish && taking.consumer.isSubscribed).toBe(true), patience);
  const ids = await publish(queue, name, 1);
  await vi.waitFor(() => expect(taking.ids()).toEqual(ids), patience);
});

it("[AMQP-34] is closed at once, and leaves no socket behind, while a broker that says nothing is asked", async () => {
  const { proxy, url: proxied } = await aProxy();
  proxy.halfOpen(true);
  const before = sockets();
  // Nobody's patience ends by itself here: what ends in spite of that has not waited for it.
  const clock = {
    ...systemClock,
    sleep: (_: number, { signal }: { readonly signal?: AbortSignal } = {}) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted === true) resolve();
        else signal?.addEventListener("abort", () => resolve());
      }),
  };
  const queue = aQueue({ url: proxied, clock });
  const opening = queue.open().catch((error: unknown) => error);
  await queue.consume(aName(), { slots: 1, holdMs: 60_000, onDelivery: async () => undefined });
  await vi.waitFor(() => expect(proxy.connections.accepted).toBe(2), patience);
  const startedAt = performance.now();
  await queue.close();
  // Five seconds is what a connection may take.
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  expect(await opening).toMatchObject({ code: "closed" });
  // The proxy keeps both its ends; the client's own are gone.
  await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before + 4), patience);
});
