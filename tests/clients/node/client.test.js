// A client by stock @grpc/grpc-js: the contract is plain gRPC.
// TACIT_TEST_PROTO is the folder of the contract, TACIT_TEST_SOCKET the socket of a daemon
// without a vault.
'use strict';
const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const protos = ['session', 'secrets'].map((name) => `tacit/v1/${name}.proto`);
const definition = loader.loadSync(protos, {
  includeDirs: [process.env.TACIT_TEST_PROTO],
  longs: Number,
  enums: String,
  defaults: true,
});
const { tacit } = grpc.loadPackageDefinition(definition);
const socket = process.env.TACIT_TEST_SOCKET;
const address = `unix:${socket}`;
const session = new tacit.v1.Session(address, grpc.credentials.createInsecure());
const secrets = new tacit.v1.Secrets(address, grpc.credentials.createInsecure());
after(() => {
  session.close();
  secrets.close();
});

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const passphrase = { passphrase: Buffer.from('correct horse') };
const deadline = () => ({ deadline: Date.now() + 60_000 });

const call = (client, method, request) =>
  new Promise((resolve, reject) => {
    client[method](request, deadline(), (error, reply) => (error ? reject(error) : resolve(reply)));
  });
const stream = (client, method, request) => client[method](request, deadline());
const all = async (readable) => {
  const messages = [];
  for await (const message of readable) messages.push(message);
  return messages;
};
const get = (name) => call(secrets, 'Get', { item: { name } });
const set = (name, value) => call(secrets, 'Set', { item: { name }, value });
const failsWith = (promise, code, reason) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.code, code, error.message);
    assert.deepEqual(error.metadata.get('tacit-reason'), [reason]);
    assert.notEqual(error.details, '');
    return true;
  });

// The steps of one conversation: node:test runs the tests of a file in their order.
test('status before there is a vault', async () => {
  const status = await call(session, 'Status', {});
  assert.equal(status.state, 'VAULT_STATE_NONE');
  assert.equal(status.socketPath, socket);
  await failsWith(get('name'), grpc.status.FAILED_PRECONDITION, 'NO_VAULT');
});

test('create leaves it unlocked', async () => {
  const reply = await call(session, 'Create', {
    credentials: [passphrase],
    withRecoveryKey: true,
  });
  assert.ok(reply.recoveryKey.length > 0);
  assert.equal((await call(session, 'Status', {})).state, 'VAULT_STATE_UNLOCKED');
});

test('lock and unlock', async () => {
  assert.equal((await call(session, 'Lock', {})).alreadyLocked, false);
  await failsWith(get('name'), grpc.status.FAILED_PRECONDITION, 'LOCKED');
  const wrong = { credential: { passphrase: Buffer.from('wrong') } };
  await failsWith(
    call(session, 'Unlock', wrong),
    grpc.status.UNAUTHENTICATED,
    'WRONG_CREDENTIAL',
  );
  const reply = await call(session, 'Unlock', { credential: passphrase });
  assert.equal(reply.alreadyUnlocked, false);
});

test('set, get, list', async () => {
  assert.equal((await set('bytes', everyByte)).version, 1);
  assert.deepEqual((await get('bytes')).value, everyByte);
  await set('empty', Buffer.alloc(0));
  assert.equal((await get('empty')).value.length, 0);
  const replies = await all(stream(secrets, 'List', {}));
  const names = replies.flatMap((reply) => reply.items.map((item) => item.item.name));
  assert.deepEqual(names, ['bytes', 'empty']);
});

test('errors have reasons', async () => {
  await failsWith(get('absent'), grpc.status.NOT_FOUND, 'NOT_FOUND');
  await failsWith(get(''), grpc.status.INVALID_ARGUMENT, 'INVALID_ARGUMENT');
  await failsWith(
    set('name', Buffer.alloc(768 * 1024 + 1)),
    grpc.status.INVALID_ARGUMENT,
    'VALUE_TOO_LARGE',
  );
});

test('batch', async () => {
  const items = ['bytes', 'absent'].map((name) => ({ item: { name } }));
  const [first, second] = await all(stream(secrets, 'GetBatch', { items }));
  assert.deepEqual(first.item.value, everyByte);
  assert.equal(second.reason, 'REASON_NOT_FOUND');
});

test('watch until the lock', async () => {
  const seen = [];
  const ended = new Promise((resolve) => {
    const watch = stream(secrets, 'Watch', {});
    watch.on('error', resolve);
    watch.on('data', async (change) => {
      seen.push(`${change.kind} ${change.item?.name ?? ''}`);
      if (change.kind === 'CHANGE_KIND_READY') await set('watched', Buffer.from('v'));
      if (change.kind === 'CHANGE_KIND_SET') await call(session, 'Lock', {});
    });
  });
  const error = await ended;
  assert.equal(error.code, grpc.status.FAILED_PRECONDITION);
  assert.deepEqual(error.metadata.get('tacit-reason'), ['LOCKED']);
  assert.deepEqual(seen, ['CHANGE_KIND_READY ', 'CHANGE_KIND_SET watched']);
});
