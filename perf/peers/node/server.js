// server.js HOST:PORT REDIS_SOCKET WORKERS: a gate of Fastify and ioredis, of which each worker has
// one connection to Redis. ioredis sends the commands of one turn of the event loop as a pipeline;
// a request's several records are one MULTI ... EXEC.
//
// Promises: 200 after Redis has answered that it has all of the request's records; 400 when one
// is bad, and none stored; 503 when Redis did not take them.
'use strict';

const cluster = require('node:cluster');
const fastify = require('fastify');
const Redis = require('ioredis');

const text = { type: 'string', minLength: 1, maxLength: 128 };

const vital = {
  type: 'object',
  required: ['device_id', 'timestamp'],
  anyOf: [{ required: ['heart_rate'] }, { required: ['blood_oxygen'] }],
  properties: {
    device_id: text,
    timestamp: { type: 'integer' },
    heart_rate: { type: 'number', minimum: 0, maximum: 350 },
    blood_oxygen: { type: 'number', minimum: 0, maximum: 100 },
  },
};

const answer = {
  type: 'object',
  required: ['patient_id', 'question_id', 'answer', 'submit_time'],
  properties: {
    patient_id: text,
    question_id: text,
    answer: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
    submit_time: { type: 'string', format: 'date-time' },
  },
};

// One record or an array of them, and what is answered.
const schemaOf = (record) => ({
  body: { anyOf: [record, { type: 'array', minItems: 1, items: record }] },
  response: {
    200: {
      type: 'object',
      properties: { success: { type: 'boolean' }, accepted: { type: 'integer' } },
    },
  },
});

function fieldsOfVital(record) {
  const fields = ['device_id', record.device_id, 'timestamp', record.timestamp];
  if (record.heart_rate !== undefined) fields.push('heart_rate', record.heart_rate);
  if (record.blood_oxygen !== undefined) fields.push('blood_oxygen', record.blood_oxygen);
  return fields;
}

const fieldsOfAnswer = (record) => [
  'patient_id', record.patient_id, 'question_id', record.question_id,
  'answer', record.answer, 'submit_time', record.submit_time,
];

async function store(redis, stream, records, fieldsOf) {
  if (records.length === 1) {
    await redis.xadd(stream, '*', ...fieldsOf(records[0]));
    return;
  }
  const transaction = redis.multi();
  for (const record of records) transaction.xadd(stream, '*', ...fieldsOf(record));
  for (const [error] of await transaction.exec()) if (error) throw error;
}

function serve(host, port, socket) {
  const redis = new Redis({ path: socket, enableAutoPipelining: true, maxRetriesPerRequest: 1 });
  redis.on('error', (error) => console.error(`redis: ${error.message}`));
  // As in the other systems, "1" is no number.
  const app = fastify({ ajv: { customOptions: { coerceTypes: false } } });

  const ingest = (path, stream, schema, fieldsOf) => {
    app.post(path, { schema: schemaOf(schema) }, async (request, reply) => {
      const records = Array.isArray(request.body) ? request.body : [request.body];
      try {
        await store(redis, stream, records, fieldsOf);
      } catch (error) {
        console.error(`not stored: ${error.message}`);
        return reply.code(503).send({ success: false });
      }
      return { success: true, accepted: records.length };
    });
  };
  ingest('/v1/vitals', 'vitals', vital, fieldsOfVital);
  ingest('/v1/questionnaires', 'questionnaires', answer, fieldsOfAnswer);

  process.on('SIGTERM', async () => {
    await app.close();
    await redis.quit();
    process.exit(0);
  });
  app.listen({ host, port, backlog: 4096 }).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}

function main([address, socket, workers]) {
  const at = address.lastIndexOf(':');
  if (cluster.isPrimary && Number(workers) > 1) {
    for (let i = 0; i < Number(workers); ++i) cluster.fork();
    process.on('SIGTERM', () => {
      for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
    });
  } else {
    serve(address.slice(0, at), Number(address.slice(at + 1)), socket);
  }
}

main(process.argv.slice(2));
