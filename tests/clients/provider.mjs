// A provider that others wrote: the one of npm, with registration, management and an initial access token.
// Prints where it is and the token, as one line of JSON.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    registration: { enabled: true, initialAccessToken: true },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
  },
});
server.on('request', provider.callback());
const token = await new provider.InitialAccessToken({}).save();
console.log(JSON.stringify({ issuer, token }));
