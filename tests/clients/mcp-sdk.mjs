// Does the OAuth client of the MCP SDK get along with the server? First its functions one by one, then the whole as an
// MCP client calls it.
import './platform.mjs';
import assert from 'node:assert/strict';
import {
  auth,
  discoverAuthorizationServerMetadata,
  exchangeAuthorization,
  refreshAuthorization,
  registerClient,
  startAuthorization,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Person } from './person.mjs';
import { commandLine, refused, step } from './steps.mjs';

// As the loopback clients do: the port is not known when the redirect URI is registered.
const REGISTERED_URI = 'http://localhost:53118/callback';
const REDIRECT_URI = 'http://localhost:61234/callback';
const CLIENT = {
  client_name: 'MCP SDK (a test)',
  redirect_uris: [REGISTERED_URI],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
};

const { issuer, user, password } = commandLine();

async function stepByStep() {
  const metadata = await step('discovers', async () => {
    const metadata = await discoverAuthorizationServerMetadata(issuer);
    assert.equal(metadata.issuer, issuer);
    assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
    return metadata;
  });
  const clientInformation = await step('registers', async () => {
    const registered = await registerClient(issuer, { metadata, clientMetadata: CLIENT });
    assert.equal(registered.client_secret, undefined);
    assert.deepEqual(registered.redirect_uris, [REGISTERED_URI]);
    return registered;
  });
  const signIn = async () => {
    const scope = 'openid offline_access';
    const wanted = { metadata, clientInformation, redirectUrl: REDIRECT_URI, scope, state: 'a-state' };
    const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, wanted);
    const answer = await new Person(user, password).authorize(authorizationUrl, REDIRECT_URI);
    return { authorizationCode: codeOf(answer, 'a-state'), codeVerifier };
  };
  const exchange = (signedIn) =>
    exchangeAuthorization(issuer, { metadata, clientInformation, redirectUri: REDIRECT_URI, ...signedIn });
  await step('a wrong verifier is refused', async () => {
    const { authorizationCode } = await signIn();
    const guessed = { authorizationCode, codeVerifier: 'x'.repeat(43) };
    await refused(() => exchange(guessed), (error) => assert.equal(error.errorCode, 'invalid_grant'));
  });
  const signedIn = await step('signs in with PKCE, on another port', signIn);
  const tokens = await step('exchanges the code', async () => {
    const tokens = await exchange(signedIn);
    assert.equal(tokens.token_type.toLowerCase(), 'bearer');
    assert.equal(typeof tokens.refresh_token, 'string');
    return tokens;
  });
  await step('refreshes, twice', async () => {
    const refresh = (refreshToken) => refreshAuthorization(issuer, { metadata, clientInformation, refreshToken });
    const second = await refresh(tokens.refresh_token);
    assert.notEqual(second.refresh_token, tokens.refresh_token);
    const third = await refresh(second.refresh_token);
    assert.notEqual(third.access_token, second.access_token);
  });
  await step('a client the server has forgotten is told so', () =>
    refused(
      () =>
        refreshAuthorization(issuer, {
          metadata,
          clientInformation: { ...clientInformation, client_id: 'nobody' },
          refreshToken: 'anything',
        }),
      (error) => assert.equal(error.errorCode, 'invalid_client'),
    ),
  );
}

async function asOneCall() {
  const provider = new Provider();
  // The SDK drops the credentials to manage the client; whoever wants them must look at the answer that brings them.
  let registration;
  const fetchFn = async (url, init) => {
    const response = await fetch(url, init);
    if (init?.method === 'POST' && response.status === 201) registration = await response.clone().json();
    return response;
  };
  const server = { serverUrl: issuer, fetchFn };
  const start = { ...server, scope: 'openid offline_access' };
  await step('auth(): registers and asks for authorization', async () => {
    assert.equal(await auth(provider, start), 'REDIRECT');
    assert.ok(provider.information.client_id);
  });
  await step('auth(): exchanges the code', async () => {
    const answer = await new Person(user, password).authorize(provider.authorizationUrl, REGISTERED_URI);
    const authorizationCode = codeOf(answer, provider.state());
    assert.equal(await auth(provider, { ...server, authorizationCode }), 'AUTHORIZED');
  });
  await step('auth(): refreshes', async () => {
    const before = provider.saved.access_token;
    assert.equal(await auth(provider, server), 'AUTHORIZED');
    assert.notEqual(provider.saved.access_token, before);
  });
  await step('auth(): a dead registration leads to a new one', async () => {
    const dead = provider.information.client_id;
    const headers = { authorization: `Bearer ${registration.registration_access_token}` };
    const removed = await fetch(registration.registration_client_uri, { method: 'DELETE', headers });
    assert.equal(removed.status, 204);
    assert.equal(await auth(provider, start), 'REDIRECT');
    assert.notEqual(provider.information.client_id, dead);
  });
}

/** What an MCP client must remember for the SDK. */
class Provider {
  redirectUrl = REGISTERED_URI;
  clientMetadata = CLIENT;
  state = () => 'another-state';
  clientInformation = () => this.information;
  saveClientInformation = (information) => void (this.information = information);
  tokens = () => this.saved;
  saveTokens = (tokens) => void (this.saved = tokens);
  redirectToAuthorization = (url) => void (this.authorizationUrl = url);
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  codeVerifier = () => this.verifier;
  invalidateCredentials = (scope) => {
    if (['all', 'client'].includes(scope)) this.information = undefined;
    if (['all', 'tokens'].includes(scope)) this.saved = undefined;
  };
}

function codeOf(answer, state) {
  const { code, iss, ...rest } = Object.fromEntries(answer.searchParams);
  assert.deepEqual(rest, { state });
  assert.equal(iss, issuer);
  assert.ok(code);
  return code;
}

await stepByStep();
// The SDK takes the origin of an MCP server without metadata for its authorization server: no path, no tenants.
if (new URL(issuer).pathname === '/') await asOneCall();
