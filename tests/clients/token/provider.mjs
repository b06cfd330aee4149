// An OAuth server of oidc-provider on the loopback: device flow, rotated refresh tokens, token
// exchange (RFC 8693), introspection and revocation. It reads one JSON line, answers with one that
// says its port, and ends when standard input does.
//
//   {"origin": "https://localhost:1", "clients": [...], "access_token_life": 20, "device_code_life": 60}
//
// `origin`: where its users find it when it is behind another server; else it is its own.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const packages = createRequire(`${process.env.TACIT_TEST_NODE_PACKAGES}/`);
const { default: Provider, errors } = await import(pathToFileURL(packages.resolve('oidc-provider')));

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type';

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' };
}

// Whose token the subject is; those of other clients, and those that have run out, are refused.
async function accountOf(provider, client, token, type) {
  if (type === `${TOKEN_TYPE}:id_token`) {
    let payload;
    try {
      ({ payload } = await provider.IdToken.validate(token, client));
    } catch {
      throw new errors.InvalidGrant('the subject is no token of this server for this client');
    }
    if (payload.exp <= Date.now() / 1000) throw new errors.InvalidGrant('the subject has run out');
    return payload.sub;
  }
  if (type === `${TOKEN_TYPE}:access_token`) {
    const found = await provider.AccessToken.find(token);
    if (found?.isValid && found.clientId === client.clientId) return found.accountId;
    throw new errors.InvalidGrant('the subject is no live token');
  }
  throw new errors.InvalidRequest('this type of subject is not taken');
}

function registerExchange(provider) {
  provider.registerGrantType(EXCHANGE, async (ctx) => {
    const { client, params } = ctx.oidc;
    const accountId = await accountOf(
      provider, client, params.subject_token, params.subject_token_type);
    const token = new provider.AccessToken({ accountId, client, scope: params.scope, gty: 'exchange' });
    ctx.body = {
      access_token: await token.save(),
      issued_token_type: `${TOKEN_TYPE}:access_token`,
      token_type: 'Bearer',
      expires_in: token.expiration,
    };
  }, ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'resource', 'scope'],
  ['audience', 'resource']);
}

function providerOf(config, origin) {
  const provider = new Provider(origin, {
    clients: config.clients,
    jwks: { keys: [signingKey()] },
    cookies: { keys: [config.cookie_key] },
    features: {
      deviceFlow: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
    issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: config.access_token_life,
      DeviceCode: config.device_code_life,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 600,
    },
  });
  provider.proxy = 'origin' in config; // koa then takes the address that it is told by header
  registerExchange(provider);
  provider.on('server_error', (ctx, error) => console.error(error));
  return provider;
}

const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit(0));
lines.once('line', (line) => {
  const config = JSON.parse(line);
  const server = createServer();
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.on('request', providerOf(config, config.origin ?? `http://127.0.0.1:${port}`).callback());
    console.log(JSON.stringify({ port }));
  });
});
