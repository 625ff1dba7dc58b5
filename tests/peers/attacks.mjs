// Writes tokens, the key set and the secret for the two other files here:
//   node attacks.mjs > attacks.json
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const [server, stranger] = [rsa(), rsa()];
const jwk = (pair, kid) => ({ ...pair.publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" });
const pem = server.publicKey.export({ type: "spki", format: "pem" });
const secret = "0123456789abcdef0123456789abcdef";
const now = Math.floor(Date.now() / 1000);

const text = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const rs256 = (claims, header = {}, pair = server) => {
  const signed = `${text({ alg: "RS256", typ: "JWT", kid: "server", ...header })}.${text(claims)}`;
  return `${signed}.${createSign("sha256").update(signed).sign(pair.privateKey, "base64url")}`;
};
const hs256 = (claims, key, header = {}) => {
  const signed = `${text({ alg: "HS256", typ: "JWT", ...header })}.${text(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
};

const base = { sub: "user-1", iss: "https://a.example/oidc", aud: "app-1", iat: now - 10, exp: now + 3600 };
const access = { ...base, jti: "t1", scope: "openid orders:read" };
const id = { ...base, nonce: "n1", at_hash: "x" };
const user = { ...base, data: { type: "user", id: "user-1", appId: "app-1", userPoolId: "pool-1" } };

// The same attacks on what should accept access tokens only, or ID tokens only.
const attacks = (own) => ({
  "honest": rs256(own),
  "alg none": `${text({ alg: "none", kid: "server" })}.${text(own)}.`,
  "HS256 with the public key (PEM)": hs256(own, pem, { kid: "server" }),
  "another's key, its name": rs256(own, { kid: "stranger" }, stranger),
  "another's key, the server's name": rs256(own, {}, stranger),
  "another's key, brought along (jwk)": rs256(own, { jwk: jwk(stranger, "server") }, stranger),
  "the server's key, unknown kid": rs256(own, { kid: "nobody" }),
  "no kid": rs256(own, { kid: undefined }),
  "an unknown crit": rs256(own, { crit: ["x"], x: 1 }),
  "expired an hour ago": rs256({ ...own, exp: now - 3600 }),
  "no exp": rs256({ ...own, exp: undefined }),
  "nbf in an hour": rs256({ ...own, nbf: now + 3600 }),
  "iat in an hour": rs256({ ...own, iat: now + 3600 }),
  "another issuer": rs256({ ...own, iss: "https://b.example/oidc" }),
  "another app of the pool (aud)": rs256({ ...own, aud: "app-2" }),
  "issued to another app (azp)": rs256({ ...own, azp: "app-2" }),
  "sub twice": rs256(JSON.stringify(own).replace("{", '{"sub":"admin",')),
  "a user token of the v2 API": rs256(user),
});

console.log(JSON.stringify({
  app: "app-1", host: "https://a.example", secret, jwks: { keys: [jwk(server, "server")] },
  access: { ...attacks(access), "an ID token": rs256(id) },
  id: { ...attacks(id), "honest, HS256": hs256(id, secret), "HS256 with another secret": hs256(id, "x".repeat(32)), "an access token": rs256(access) },
}));
