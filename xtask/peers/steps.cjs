// Calls methods of an official client, one by one, and tells on standard output how each went.
//
// A line is `ok`, `failed` or `skipped`, the client's method, and why it failed or was skipped, with tabs between.

const crypto = require("crypto");

const host = process.env.AUTHING_HOST;

function tell(...words) {
  console.log(words.map((word) => String(word).replace(/\s+/g, " ")).join("\t"));
}

function skip(name, why) {
  tell("skipped", name, why);
}

const shortened = (answer) => String(JSON.stringify(answer)).slice(0, 300);

const reason = (error) =>
  error instanceof Error ? `${error.name}: ${error.message}` : shortened(error);

/** What the server says may come as an object, as the text of an error, or, in the words of OAuth, in the answer. */
function codeOf(error) {
  const word = error && error.response && error.response.data && error.response.data.error;
  if (word) return word;
  if (error && error.code !== undefined) return error.code;
  try {
    return JSON.parse(error.message).code;
  } catch {
    return undefined;
  }
}

/** Some methods hand the whole envelope to their callers; codes of roles and groups are text. */
const isNoRefusal = (answer) => !answer || typeof answer.code !== "number" || answer.code === 200;

/** One client; its methods are named by their path, such as `users.create`. */
class Client {
  constructor(title, client) {
    this.title = title;
    this.client = client;
  }

  async send(method, args) {
    const parts = method.split(".");
    const last = parts.pop();
    const owner = parts.reduce((found, part) => found[part], this.client);
    return owner[last](...args);
  }

  /** Must work. `check` gets the answer, and says whether it is the right one; without it, none must be a refusal. */
  async call(method, args = [], check = isNoRefusal) {
    const title = `${this.title}.${method}`;
    let answer;
    try {
      answer = await this.send(method, args);
    } catch (error) {
      tell("failed", title, reason(error));
      return undefined;
    }
    try {
      if (check(answer)) tell("ok", title);
      else tell("failed", title, `answered ${shortened(answer)}`);
    } catch (error) {
      tell("failed", title, `${reason(error)} in ${shortened(answer)}`);
    }
    return answer;
  }

  /** Must be refused with this code. */
  async refused(code, method, args = []) {
    const title = `${this.title}.${method}: ${code}`;
    try {
      const answer = await this.send(method, args);
      tell("failed", title, `answered ${shortened(answer)}`);
    } catch (error) {
      if (codeOf(error) === code) tell("ok", title);
      else tell("failed", title, reason(error));
      return error;
    }
    return undefined;
  }
}

/** The code of the newest message, which the emulator keeps in place of sending it. */
async function codeSentTo(address) {
  const messages = await (await fetch(`${host}/_emulator/outbox`)).json();
  return messages.filter((message) => message.to === address).pop().code;
}

/** Where the server sends a browser to that opens this address. */
async function redirectOf(url, request = {}) {
  const answer = await fetch(url, { redirect: "manual", ...request });
  return { to: answer.headers.get("location"), page: await answer.text() };
}

/** What a browser does at the login page that an application sends it to: the fields that come back to the application. */
async function signIn(url, account, password) {
  const { page } = await redirectOf(url);
  const [, action] = page.match(/<form method="post" action="([^"]+)"/);
  const body = new URLSearchParams({ account, password });
  const { to } = await redirectOf(host + action, { method: "POST", body });
  return Object.fromEntries(new URL(to).searchParams);
}

/** The code of an authenticator app at this moment or some steps away, as RFC 6238 has it. */
function totp(secret, steps = 0) {
  let bits = "";
  for (const letter of secret) {
    bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  }
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const digest = crypto.createHmac("sha1", key).update(step).digest();
  const start = digest[digest.length - 1] & 15;
  const number = digest.readUInt32BE(start) & 0x7fffffff;
  return String(number % 1000000).padStart(6, "0");
}

module.exports = { Client, codeSentTo, reason, redirectOf, signIn, skip, tell, totp };
