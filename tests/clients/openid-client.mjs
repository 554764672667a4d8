// Does openid-client get along with the server? Discovery, registration, code flow with PKCE, ID token, userinfo,
// refresh, introspection, revocation — for each way in which a client may authenticate.
import './platform.mjs';
import assert from 'node:assert/strict';
import * as client from 'openid-client';
import { Person } from './person.mjs';
import { commandLine, refused, step } from './steps.mjs';

const REDIRECT_URI = 'http://127.0.0.1:53117/callback';
const SCOPE = 'openid profile email offline_access';

const { issuer, user, password } = commandLine();
// The library refuses http unless told otherwise; everything else is its default, and signatures are always verified.
const overHttp = new URL(issuer).protocol === 'http:' ? [client.allowInsecureRequests] : [];
const options = { execute: [...overHttp, client.enableNonRepudiationChecks] };

for (const [method, authentication] of [
  ['client_secret_basic', client.ClientSecretBasic],
  ['client_secret_post', client.ClientSecretPost],
  ['none', client.None],
]) {
  await everything(method, authentication);
}

async function everything(method, authentication) {
  const config = await step(`${method}: discovers and registers`, () => register(method, authentication));
  const { client_id } = config.clientMetadata();

  const { tokens, callback, checks } = await step(`${method}: code flow, ID token verified`, () => signIn(config));
  const { sub } = tokens.claims();

  await step(`${method}: userinfo`, async () => {
    const info = await client.fetchUserInfo(config, tokens.access_token, sub);
    assert.equal(info.email, user);
  });

  const refreshed = await step(`${method}: refresh rotates`, async () => {
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(refreshed.access_token, tokens.access_token);
    assert.ok(refreshed.refresh_token && refreshed.refresh_token !== tokens.refresh_token);
    if (refreshed.claims()) assert.equal(refreshed.claims().sub, sub);
    return refreshed;
  });

  const introspects = method !== 'none';
  if (introspects) {
    await step(`${method}: introspection of a living token`, async () => {
      const found = await client.tokenIntrospection(config, refreshed.access_token);
      assert.equal(found.active, true);
      assert.deepEqual([found.client_id, found.sub], [client_id, sub]);
      assert.equal(found.scope.split(' ').includes('openid'), true);
    });
    await step(`${method}: introspection of no token`, async () => {
      assert.deepEqual(await client.tokenIntrospection(config, 'no-such-token'), { active: false });
    });
  }

  await step(`${method}: revocation of the refresh token`, async () => {
    await client.tokenRevocation(config, refreshed.refresh_token);
    await refused(() => client.refreshTokenGrant(config, refreshed.refresh_token), isError('invalid_grant', 400));
  });
  if (introspects) {
    await step(`${method}: revocation reached the access token`, async () => {
      assert.deepEqual(await client.tokenIntrospection(config, refreshed.access_token), { active: false });
    });
  }

  await step(`${method}: a code works once`, () =>
    refused(() => client.authorizationCodeGrant(config, callback, checks), isError('invalid_grant', 400)),
  );
  await step(`${method}: a registration can be read and removed`, () => remove(config));
}

async function register(method, authentication) {
  const metadata = {
    client_name: `openid-client, ${method}`,
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: 'native',
    token_endpoint_auth_method: method,
    scope: SCOPE,
  };
  const config = await client.dynamicClientRegistration(new URL(issuer), metadata, undefined, options);
  const registered = config.clientMetadata();
  assert.equal(config.serverMetadata().issuer, issuer);
  assert.equal(config.serverMetadata().supportsPKCE(), true);
  assert.equal(registered.token_endpoint_auth_method, method);
  assert.equal(typeof registered.client_secret, method === 'none' ? 'undefined' : 'string');
  // The same client as a program configured by hand would have it, with the method it registered.
  const known = await client.discovery(
    new URL(issuer),
    registered.client_id,
    registered,
    authentication(registered.client_secret),
    options,
  );
  return known;
}

async function signIn(config) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    prompt: 'consent',
    max_age: '3600',
  });
  const callback = await new Person(user, password).authorize(url, REDIRECT_URI);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 3600, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  assert.equal(tokens.token_type, 'bearer');
  assert.equal(typeof tokens.refresh_token, 'string');
  return { tokens, callback, checks };
}

/** RFC 7592, which the library leaves to its user. */
async function remove(config) {
  const { client_id, registration_client_uri, registration_access_token } = config.clientMetadata();
  const headers = { authorization: `Bearer ${registration_access_token}` };
  const read = await fetch(registration_client_uri, { headers });
  assert.equal(read.status, 200);
  assert.equal((await read.json()).client_id, client_id);
  const removed = await fetch(registration_client_uri, { headers, method: 'DELETE' });
  assert.equal(removed.status, 204);
  await refused(() => client.refreshTokenGrant(config, 'anything'), isError('invalid_client', 401));
}

function isError(code, status) {
  return (error) => {
    // The library makes of a 401 with WWW-Authenticate an error of its own, with the response as its cause.
    if (error.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') assert.equal(error.status, status);
    else assert.deepEqual([error.error, error.status], [code, status]);
  };
}
