import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  checkHost,
  commonVariables,
  connectionVariables,
  ConfigError,
  parseEnv,
  runVariables,
  withoutCredentials,
} from "../src/index.ts";

const schema = z.object({ ...commonVariables, ...connectionVariables, ...runVariables });

describe("parseEnv", () => {
  it("[APP-1] takes defaults for what is unset or empty, and leaves other variables alone", () => {
    const config = parseEnv(schema, {
      MAYFLY_PREFIX: "",
      PATH: "/bin",
      MAYFLY_LEASE_MS: "5000",
      MAYFLY_PRODUCTION: "true",
    });
    expect(config).toMatchObject({
      MAYFLY_PREFIX: "mayfly",
      MAYFLY_LEASE_MS: 5_000,
      MAYFLY_PRODUCTION: true,
      MAYFLY_AMQP_URL: "amqp://127.0.0.1:5672",
      MAYFLY_CONCURRENCY: 8,
    });
    expect(config).not.toHaveProperty("PATH");
  });

  it("[APP-1] names every problem in one message, and no value", () => {
    const env = { MAYFLY_REDIS_URL: "http://user:secret@host", MAYFLY_LEASE_MS: "soon", MAYFLY_PRODUCTION: "yes" };
    const read = (): unknown => parseEnv(schema, env);
    expect(read).toThrow(ConfigError);
    for (const name of Object.keys(env)) expect(read).toThrow(new RegExp(`  ${name}: must be`));
    expect(read).not.toThrow(/secret/);
  });

  it("[APP-1] takes several nodes of a cluster, comma-separated", () => {
    const MAYFLY_REDIS_URL = "redis://a:1,rediss://b:2";
    expect(parseEnv(schema, { MAYFLY_REDIS_URL }).MAYFLY_REDIS_URL).toBe(MAYFLY_REDIS_URL);
  });
});

describe("checkHost", () => {
  it.each(["127.0.0.1", "127.1.2.3", "localhost", "::1"])("[APP-2] takes %s", (MAYFLY_HOST) => {
    expect(() => checkHost({ MAYFLY_HOST, MAYFLY_INSECURE: false })).not.toThrow();
  });

  it.each(["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org"])("[APP-2] refuses %s unless told", (MAYFLY_HOST) => {
    expect(() => checkHost({ MAYFLY_HOST, MAYFLY_INSECURE: false })).toThrow(ConfigError);
    expect(() => checkHost({ MAYFLY_HOST, MAYFLY_INSECURE: true })).not.toThrow();
  });
});

describe("withoutCredentials", () => {
  it("[APP-4] takes user and password out of every URL", () => {
    expect(withoutCredentials("amqp://user:secret@a:5672/v, redis://:secret@b:6379")).toBe(
      "amqp://a:5672/v,redis://b:6379",
    );
  });
});
