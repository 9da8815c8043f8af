import type { Dispatcher } from "@mayfly/dispatcher";

/** What the API needs of a `Dispatcher`. */
export interface ApiDispatcher
  extends Pick<
    Dispatcher,
    | "schedule"
    | "find"
    | "wait"
    | "logs"
    | "list"
    | "abort"
    | "register"
    | "findScheduler"
    | "schedulers"
    | "deregister"
  > {}
