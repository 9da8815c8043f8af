import { expect, it } from "vitest";
import { DeliveryWindow, type HeldDelivery } from "../src/delivery-window.ts";

interface Held extends HeldDelivery {
  isRunning: boolean;
  isDecided: boolean;
}

const holdMs = 1_000;

/** A window whose present consumer has the tag `1` and all slots, with so many deliveries of it. */
function aWindow(slots: number, count: number): { readonly window: DeliveryWindow<Held>; readonly held: Held[] } {
  const window = new DeliveryWindow<Held>({ slots, holdMs });
  window.present("1", slots);
  const held = Array.from({ length: count }, (_, index) => aDelivery({ sinceMs: index }));
  for (const delivery of held) window.add(delivery);
  return { window, held };
}

function aDelivery(overrides: Partial<Held> = {}): Held {
  return { tag: "1", sinceMs: 0, isDecided: false, isRunning: true, isUnacked: true, ...overrides };
}

/** What an acknowledgement at the end does. */
function end(window: DeliveryWindow<Held>, delivery: Held | undefined): void {
  if (delivery === undefined) throw new Error("There is no such delivery.");
  delivery.isRunning = false;
  delivery.isUnacked = false;
  window.tidy();
}

it("[AMQP-25] is not renewed while short tasks come and go", () => {
  const { window, held } = aWindow(8, 8);
  expect(window.prefetch).toBe(0);
  expect(window.isTooNarrow).toBe(false);
  for (const delivery of held) end(window, delivery);
  expect(window.prefetch).toBe(8);
  expect(window.isTooNarrow).toBe(false);
});

it("[AMQP-25] leaves no slot to a new consumer that something takes, acknowledged or not", () => {
  const { window, held } = aWindow(4, 3);
  for (const delivery of held.slice(0, 2)) delivery.isUnacked = false;
  for (const delivery of held) delivery.isDecided = true;
  window.tidy();
  expect(window.prefetch).toBe(1);
  end(window, held[0]);
  expect(window.prefetch).toBe(2);
});

it("[AMQP-25] grows back when long tasks that were acknowledged early have ended", () => {
  const { window, held } = aWindow(16, 8);
  for (const delivery of held) Object.assign(delivery, { isDecided: true, isUnacked: false });
  window.present("2", window.prefetch);
  expect(window.isTooNarrow).toBe(false);
  end(window, held[0]);
  expect(window.isTooNarrow).toBe(false);
  end(window, held[1]);
  expect(window.isTooNarrow).toBe(true);
  window.present("3", window.prefetch);
  expect(window.isTooNarrow).toBe(false);
});

it("[AMQP-25] counts nothing that an earlier consumer is owed against the present one", () => {
  const { window } = aWindow(8, 4);
  window.present("2", 4);
  expect(window.isTooNarrow).toBe(false);
  for (let index = 0; index < 4; index++) window.add(aDelivery({ tag: "2" }));
  expect(window.prefetch).toBe(0);
  expect(window.isTooNarrow).toBe(false);
});

it("[AMQP-25] wants a consumer when there is none and a slot is free", () => {
  const { window, held } = aWindow(8, 8);
  window.present(undefined, 8);
  expect(window.isTooNarrow).toBe(false);
  end(window, held[0]);
  expect(window.isTooNarrow).toBe(true);
});

it("[AMQP-26] tells what is overdue, and when the oldest will be", () => {
  const { window, held } = aWindow(8, 3);
  expect(window.nextOverdueMs).toBe(holdMs);
  expect(window.overdue(holdMs - 1)).toEqual([]);
  expect(window.overdue(holdMs + 1)).toEqual(held.slice(0, 2));
  end(window, held[0]);
  expect(window.nextOverdueMs).toBe(holdMs + 1);
  for (const delivery of held) delivery.isUnacked = false;
  expect(window.nextOverdueMs).toBeUndefined();
  expect(window.overdue(10 * holdMs)).toEqual([]);
});

it("[AMQP-26] takes nothing more while something runs that was taken back undecided", () => {
  const { window, held } = aWindow(8, 2);
  Object.assign(held[0] ?? {}, { isDecided: true });
  window.void();
  expect(window.isStuck).toBe(true);
  expect(window.prefetch).toBe(0);
  expect(window.isTooNarrow).toBe(false);
  Object.assign(held[1] ?? {}, { isDecided: true });
  expect(window.isStuck).toBe(false);
  expect(window.prefetch).toBe(6);
  expect(window.isTooNarrow).toBe(true);
  for (const delivery of held) end(window, delivery);
  expect(window.prefetch).toBe(8);
});

it("[AMQP-26] is not stuck by what is rejected while the channel lives", () => {
  const { window, held } = aWindow(2, 1);
  end(window, held[0]);
  expect(window.isStuck).toBe(false);
});
