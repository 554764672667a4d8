// What does Node 18 lack? The libraries expect Web Crypto as a global, which later versions have. Imported first.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
