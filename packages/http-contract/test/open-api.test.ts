import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { openApiDocument, problems, type Route, routes } from "../src/index.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly required: boolean };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, unknown>> }>
  >;
}

const document = openApiDocument({ serverUrl: "/api", version: "1.2.3" });
const paths = document["paths"] as Record<string, Record<string, Operation>>;
const operations = Object.entries<Route>(routes).map(([name, route]) => ({
  name,
  route,
  operation: paths[route.path]?.[route.method.toLowerCase()] as Operation,
}));

describe("openApiDocument", () => {
  it("[HTTP-1] is a valid OpenAPI 3.1 document", async () => {
    expect(document.openapi).toBe("3.1.0");
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
    expect(document).toMatchObject({ servers: [{ url: "/api" }], info: { version: "1.2.3" } });
  });

  it("refers to nothing that is not there", () => {
    const { schemas } = document["components"] as { schemas: Record<string, unknown> };
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
    const names = new Set([...references].map(([, name]) => name as string));
    expect(names.size).toBeGreaterThan(5);
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining([...names]));
    expect(JSON.stringify(document)).not.toContain("__shared");
    expect(JSON.stringify(document)).not.toContain('"$id"');
  });

  it.each(operations)("[HTTP-1] describes $name with each status and code", ({ name, route, operation }) => {
    expect(operation.operationId).toBe(name);
    const statuses = [...Object.keys(route.responses), ...route.errors.map((code) => String(problems[code].status))];
    expect(Object.keys(operation.responses).sort()).toEqual([...new Set(statuses)].sort());
    for (const code of route.errors) {
      const response = operation.responses[problems[code].status];
      expect(response?.description).toContain(`\`${code}\``);
      expect(Object.keys(response?.content ?? {})).toEqual(["application/problem+json"]);
    }
    expect(operation.requestBody?.required).toBe(route.body && !route.body.optional);
  });

  it("describes parameters as what they mean", () => {
    const listed = paths["/tasks"]?.["get"]?.parameters?.find(({ name }) => name === "limit");
    expect(listed).toMatchObject({
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 500, default: 50 },
    });
    const waited = paths["/task/{id}"]?.["get"]?.parameters;
    expect(waited).toMatchObject([
      { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } },
      { name: "wait", in: "query", required: false, schema: { type: "number", minimum: 0, maximum: 60 } },
    ]);
  });

  it("[HTTP-24] describes a log with its media types, events, query and headers", () => {
    const { parameters, responses } = operations.find(({ name }) => name === "readTaskLog")?.operation ?? expect.fail();
    expect(parameters).toMatchObject([
      { name: "id", in: "path", required: true },
      { name: "from", in: "query", required: false, schema: { type: "integer", minimum: 0, default: 0 } },
      { name: "follow", in: "query", required: false, schema: { type: "boolean", default: false } },
      { name: "Last-Event-ID", in: "header", required: false, schema: { type: "integer", minimum: 0 } },
    ]);
    expect(responses["200"]).toMatchObject({
      headers: { "Mayfly-Log-Next": { schema: { type: "string" } } },
      content: {
        "text/plain": { schema: { type: "string" } },
        "text/event-stream": {
          schema: { type: "string" },
          "x-events": {
            log: { $ref: "#/components/schemas/LogEvent" },
            end: { $ref: "#/components/schemas/LogEnd" },
          },
        },
      },
    });
    expect((document["components"] as { schemas: object }).schemas).toMatchObject({
      LogEvent: { required: ["text"], properties: { text: { type: "string" } } },
      LogEnd: { required: ["done"], properties: { done: { type: "boolean" } } },
    });
  });

  it("describes requests strictly and answers openly", () => {
    const { schemas } = document["components"] as { schemas: Record<string, Record<string, unknown>> };
    expect(schemas["ScheduleTask"]).toMatchObject({
      required: ["scheduler", "attributes"],
      additionalProperties: false,
      properties: { attributes: { type: "object" }, timeout: { format: "date-time" } },
    });
    expect(schemas["TaskView"]).not.toHaveProperty("additionalProperties");
    expect(schemas["Registration"]).toMatchObject({ properties: { attributesSchema: { type: "object" } } });
    expect(schemas["TaskPage"]).toMatchObject({
      properties: { tasks: { items: { $ref: "#/components/schemas/TaskView" } } },
    });
  });
});
