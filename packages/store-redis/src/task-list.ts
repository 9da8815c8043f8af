import { type ListPage, type ListRequest, StoreError } from "@mayfly/store";
import type { TaskView } from "@mayfly/task";
import { countTasks, listTasks } from "./scripts.generated.ts";
import type { ShardScripts } from "./shard-scripts.ts";
import { summaryOfRecord } from "./task-record.ts";

/** Where a task stands among all; see scripts/list-tasks.lua. */
interface Place {
  readonly score: string;
  readonly id: string;
}

const start: Place = { score: "-inf", id: "" };

/** The most that one script looks at. */
const stretch = 100;

/** Reads the live tasks of all shards: the methods of TaskStore by the same names. */
export class TaskList {
  readonly #scripts: ShardScripts;

  constructor(scripts: ShardScripts) {
    this.#scripts = scripts;
  }

  async list(request: ListRequest): Promise<ListPage> {
    const after = request.cursor === undefined ? start : parseCursor(request.cursor);
    const shards = Array.from({ length: this.#scripts.shards }, (_, shard) => this.#read(shard, request, after));
    // One more than asked for tells whether there is another page.
    const found: TaskView[] = [];
    const heads = await Promise.all(shards.map((tasks) => tasks.next()));
    while (found.length <= request.limit) {
      const newest = indexOfNewest(heads);
      if (newest === undefined) break;
      found.push((heads[newest] as IteratorYieldResult<TaskView>).value);
      heads[newest] = await (shards[newest] as AsyncGenerator<TaskView, void>).next();
    }
    const tasks = found.slice(0, request.limit);
    const last = tasks.at(-1);
    return { tasks, ...(last !== undefined && found.length > tasks.length && { cursor: cursorOf(last) }) };
  }

  async count(scheduler: string): Promise<{ readonly scheduled: number; readonly running: number }> {
    const counts = await this.#scripts.runOnAll(countTasks, [scheduler]);
    const sum = (index: number): number => counts.reduce((total, count) => total + Number(count[index]), 0);
    return { scheduled: sum(0), running: sum(1) };
  }

  async *#read(shard: number, request: ListRequest, from: Place): AsyncGenerator<TaskView, void> {
    const limit = Math.min(stretch, request.limit + 1);
    for (let after: Place | undefined = from; after !== undefined; ) {
      const args: readonly (string | number)[] = [
        request.scheduler ?? "",
        request.state ?? "",
        limit,
        after.score,
        after.id,
      ];
      const [score, id, ...tasks] = await this.#scripts.run(shard, listTasks, args);
      for (let at = 0; at < tasks.length; at += 2) yield summaryOfRecord(String(tasks[at]), String(tasks[at + 1]));
      after = id === "" ? undefined : { score: String(score), id: String(id) };
    }
  }
}

function indexOfNewest(heads: readonly IteratorResult<TaskView, void>[]): number | undefined {
  let newest: { readonly index: number; readonly task: TaskView } | undefined;
  for (const [index, { value: task }] of heads.entries()) {
    if (task !== undefined && (newest === undefined || isBefore(task, newest.task))) newest = { index, task };
  }
  return newest?.index;
}

function isBefore(a: TaskView, b: TaskView): boolean {
  return a.scheduledAt > b.scheduledAt || (a.scheduledAt === b.scheduledAt && a.id < b.id);
}

function cursorOf({ scheduledAt, id }: TaskView): string {
  return Buffer.from(`${Date.parse(scheduledAt)} ${id}`).toString("base64url");
}

function parseCursor(cursor: string): Place {
  const match = /^(\d{1,16}) ([0-9a-f-]{36})$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new StoreError("invalid_cursor", `The cursor ${JSON.stringify(cursor)} is not one of this store's pages.`);
  }
  return { score: `-${match[1]}`, id: match[2] };
}
