/** zod schemas as Fastify's validators, serialisers and OpenAPI schemas. */
import {
  createJsonSchemaTransform,
  ResponseSerializationError,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { z } from 'zod';

export { validatorCompiler };

/**
 * Answers are parsed by their schema, so that nothing leaves that the contract does not name. Not zod's
 * `encode`, which the type provider uses: it refuses one-way transforms, and the branded amounts are such.
 */
export const serializerCompiler = ({
  schema,
  method,
  url,
}: {
  schema: unknown;
  method: string;
  url: string;
}): ((data: unknown) => string) => {
  if (!(schema instanceof z.ZodType)) throw new TypeError(`${method} ${url}: response schema is not zod's`);
  return (data) => {
    const parsed = schema.safeParse(data);
    if (!parsed.success) throw new ResponseSerializationError(method, url, { cause: parsed.error });
    return JSON.stringify(parsed.data);
  };
};

/**
 * A transform has no JSON Schema, and comes out as one that takes anything. Ours only brand what they are given,
 * so on the way out a value looks like what went in.
 */
export const openApiTransform = createJsonSchemaTransform({
  zodToJsonConfig: {
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type !== 'pipe' || Object.keys(jsonSchema).length > 0) return;
      const { $schema: _, ...before } = z.toJSONSchema((def as unknown as { in: z.ZodType }).in, {
        io: 'input',
      });
      Object.assign(jsonSchema, before);
    },
  },
});
