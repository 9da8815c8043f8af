import {
  attributesSchema,
  instanceSchema,
  reasonSchema,
  registrationSchema,
  schedulerViewSchema,
  taskViewSchema,
} from "@mayfly/task";
import { z } from "zod";
import { readinessSchema } from "./health.ts";
import { type ProblemCode, problemSchema, problems } from "./problem.ts";
import type { Route, RouteMedia, RouteResponse } from "./route.ts";
import { routes } from "./routes.ts";
import {
  scheduleBatchSchema,
  scheduleBodySchema,
  scheduleResultSchema,
  scheduleResultsSchema,
} from "./schedule-body.ts";
import { logEndSchema, logEventSchema } from "./task-log.ts";
import { abortBodySchema, taskPageSchema } from "./task-query.ts";

type Json = Record<string, unknown>;

/** The schemas that have a name in the document: those of requests and those of answers. */
const named = {
  input: {
    ScheduleTask: scheduleBodySchema,
    ScheduleTasks: scheduleBatchSchema,
    Abort: abortBodySchema,
    Registration: registrationSchema,
  },
  output: {
    TaskView: taskViewSchema,
    TaskPage: taskPageSchema,
    Reason: reasonSchema,
    SchedulerView: schedulerViewSchema,
    Instance: instanceSchema,
    ScheduleResult: scheduleResultSchema,
    ScheduleResults: scheduleResultsSchema,
    LogEvent: logEventSchema,
    LogEnd: logEndSchema,
    Readiness: readinessSchema,
    Problem: problemSchema,
  },
} satisfies Record<"input" | "output", Record<string, z.ZodType>>;

/**
 * The OpenAPI 3.1 document of {@link routes}.
 *
 * @param options - `serverUrl`: where the API is, absolute or relative to the document; `version`: of the API
 */
export function openApiDocument(
  options: { readonly serverUrl?: string; readonly version?: string } = {},
): Json & { openapi: string } {
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    const item = (paths[route.path] ??= {});
    item[route.method.toLowerCase()] = operation(name, route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Mayfly",
      version: options.version ?? "1.0.0",
      description: "Schedules tasks. Errors are application/problem+json (RFC 9457) with a code.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: options.serverUrl ?? "/" }],
    paths,
    components: { schemas: { ...components("input"), ...components("output") } },
  };
}

function operation(name: string, route: Route): Json {
  const parameters = [
    ...parametersOf("path", route.params?.schema),
    ...parametersOf("query", route.query),
    ...parametersOf("header", route.headers),
  ];
  return {
    operationId: name,
    summary: route.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: {
        required: !route.body.optional,
        content: content("application/json", reference(route.body.schema, "input")),
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(route.responses).map(([status, response]) => [status, success(response)])),
      ...failures(route),
    },
  };
}

function parametersOf(place: "path" | "query" | "header", schema: z.ZodObject | undefined): readonly Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, member]) => ({
    name,
    in: place,
    required: place === "path" || !z.safeParse(member, undefined).success,
    schema: inline(member as z.ZodType, "output"),
  }));
}

function success(response: RouteResponse): Json {
  const headers = Object.entries(response.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  return {
    description: response.description,
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(response.schema && { content: content("application/json", reference(response.schema, "output")) }),
    ...(response.media && {
      content: Object.fromEntries(Object.entries(response.media).map(([type, media]) => [type, text(media)])),
    }),
  };
}

/** OpenAPI 3.1 has no words for what stands in events: that is an extension. */
function text({ description, events }: RouteMedia): Json {
  const schemas = Object.entries(events ?? {}).map(([name, schema]) => [name, reference(schema, "output")]);
  return {
    schema: { type: "string", description },
    ...(schemas.length > 0 && { "x-events": Object.fromEntries(schemas) }),
  };
}

/** One entry for each status, which names the codes that come with it. */
function failures(route: Route): Json {
  const codesByStatus = new Map<number, ProblemCode[]>();
  for (const code of route.errors) {
    const { status } = problems[code];
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code]);
  }
  const entries = [...codesByStatus].map(([status, codes]): [number, Json] => [
    status,
    {
      description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join("; "),
      ...(status === 503 && {
        headers: { "Retry-After": { description: "Seconds to wait", schema: { type: "integer" } } },
      }),
      content: content("application/problem+json", {
        allOf: [reference(problemSchema, "output"), { properties: { code: { enum: codes } } }],
      }),
    },
  ]);
  return Object.fromEntries(entries);
}

function content(mediaType: string, schema: Json): Json {
  return { [mediaType]: { schema } };
}

function reference(schema: z.ZodType, io: "input" | "output"): Json {
  const name = Object.entries<z.ZodType>(named[io]).find(([, candidate]) => candidate === schema)?.[0];
  return name === undefined ? inline(schema, io) : { $ref: componentUri(name) };
}

function inline(schema: z.ZodType, io: "input" | "output"): Json {
  return withoutIdentity(z.toJSONSchema(schema, conversion(io)));
}

function components(io: "input" | "output"): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named[io])) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...conversion(io), uri: componentUri });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIdentity(schema)]));
}

/** Within a document a schema is found by where it stands. */
function withoutIdentity(schema: object): Json {
  return Object.fromEntries(Object.entries(schema).filter(([member]) => member !== "$schema" && member !== "$id"));
}

function componentUri(name: string): string {
  return `#/components/schemas/${name}`;
}

function conversion(io: "input" | "output"): z.core.ToJSONSchemaParams {
  return {
    io,
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // Checked by code, so that zod cannot say what it is.
      if (zodSchema === attributesSchema || zodSchema === registrationSchema.shape.attributesSchema.unwrap()) {
        jsonSchema.type = "object";
      }
      // An answer may get new members in a later version.
      if (io === "output") delete jsonSchema.additionalProperties;
    },
  };
}
