import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { z } from 'zod';
import { POS_PATHS } from '../../shared/pos-link-api.ts';
import { parseInput } from '../loopback/refusals.ts';

/**
 * Makes the zod schemas of `app`'s routes check what comes in and what goes out, and describes them in OpenAPI 3.1,
 * whose schema language is JSON Schema 2020-12, which zod writes.
 */
export async function describeByZod(app: FastifyInstance, version: string): Promise<void> {
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (value) => {
    try {
      return { value: parseInput(schema, value) };
    } catch (error) {
      return { error: error as Error };
    }
  });
  // Parsed, not encoded: amounts are branded by a transform, which zod cannot turn round.
  app.setSerializerCompiler<z.ZodType>(
    ({ schema }) =>
      (value) =>
        JSON.stringify(schema.parse(value)),
  );
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Saksi POS link',
        version,
        description:
          "What a cashier terminal's own program calls on loopback. Requests with an Origin header, or under a " +
          'name other than loopback, are refused. Amounts are whole numbers of the smallest unit in use.',
      },
      servers: [{ url: '/' }],
      components: { securitySchemes: { posLinkToken: { type: 'http', scheme: 'bearer' } } },
      security: [{ posLinkToken: [] }],
    },
    transform: ({ schema, url }) => ({ schema: jsonSchemas(schema ?? {}), url }),
  });
  app.get(POS_PATHS.openapi, { schema: { hide: true } }, () => app.swagger());
}

/** Every zod schema in the route's description, at whatever depth, as JSON Schema. */
function jsonSchemas(schema: FastifySchema): FastifySchema {
  return mapZod(schema) as FastifySchema;
}

function mapZod(value: unknown): unknown {
  if (value instanceof z.ZodType) {
    // 'input': for the brand's transform it is what crosses the wire, in both directions.
    const { $schema: _, ...json } = z.toJSONSchema(value, { io: 'input', target: 'draft-2020-12' });
    return json;
  }
  if (Array.isArray(value)) return value.map(mapZod);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapZod(child)]));
}
