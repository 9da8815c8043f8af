import { defineConfig } from "vitest/config";

/** Resolves `@mayfly/*` to the TypeScript sources, so that no test needs a build first. */
const conditions = ["@mayfly/source", "module", "node", "development|production"];

/** Tests that talk to a real Redis or RabbitMQ. */
const withServices = [
  "packages/store-redis/test/**/*.test.ts",
  "packages/queue-amqp/test/**/*.test.ts",
  "internal/test-services/test/*.test.ts",
];

/**
 * What the system tests do that has nothing to do with clusters: `standalone` uses no services, and `outage` ends the one
 * server of each that it has started itself. `test/cluster` ends single nodes.
 */
const offClusters = [
  "test/e2e/standalone.test.ts",
  "test/e2e/outage.test.ts",
  "test/e2e/kubernetes.test.ts",
  "test/e2e/process-crash.test.ts",
  "test/e2e/runtime.test.ts",
];

/** The system test that looks at how tasks and queues are spread over nodes. */
const onlyOnClusters = "test/e2e/spread.test.ts";

/** Tests that start clusters of servers of their own: nothing else should run beside them. */
const onClusters = ["packages/*/test/cluster/**", "internal/*/test/cluster/**"];

/** Tests on a real Docker engine: as root on Linux. */
const onDocker = ["packages/runtime-docker/test/**", "internal/test-services/test/docker/**"];

const dockerSetup = "./internal/test-services/src/vitest-docker-setup.ts";

const servicesSetup = "./internal/test-services/src/vitest-global-setup.ts";
const clusterSetup = "./internal/test-services/src/vitest-cluster-setup.ts";
const leakCheck = "./internal/test-services/src/vitest-leak-check.ts";

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    environment: "node",
    passWithNoTests: true,
    retry: 0,
    sequence: { shuffle: true },
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    setupFiles: [leakCheck],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "packages/*/test/**/*.test.ts",
            "apps/*/test/**/*.test.ts",
            "internal/*/test/**/*.test.ts",
            "test/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "apps/dashboard/**", ...withServices, ...onClusters, ...onDocker],
        },
      },
      {
        extends: true,
        test: {
          name: "services",
          include: withServices,
          exclude: ["**/node_modules/**", ...onClusters, ...onDocker],
          globalSetup: [servicesSetup],
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: [onlyOnClusters],
          globalSetup: [servicesSetup],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "cluster",
          include: onClusters.map((folder) => `${folder}/*.test.ts`),
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e-cluster",
          include: ["test/e2e/**/*.test.ts"],
          exclude: offClusters,
          globalSetup: [clusterSetup],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "node-loss",
          include: ["test/cluster/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: "docker",
          include: onDocker.map((folder) => `${folder}/*.test.ts`),
          globalSetup: [dockerSetup],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e-docker",
          include: ["test/docker/**/*.test.ts"],
          // Each of them keeps a machine busy with programs and containers, and some say how soon work is gone.
          fileParallelism: false,
          globalSetup: [servicesSetup, dockerSetup],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "examples",
          include: ["examples/*/test/**/*.test.ts"],
          globalSetup: [servicesSetup],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
