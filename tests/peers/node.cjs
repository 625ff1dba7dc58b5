// npm install authing-node-sdk authing-js-sdk, then: node node.cjs attacks.json
const fs = require("node:fs");
const given = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const version = (name) => JSON.parse(fs.readFileSync(`node_modules/${name}/package.json`, "utf8")).version;

async function all(title, tokens, check) {
  console.log(`\n${title}`);
  for (const [name, token] of Object.entries(tokens)) {
    try {
      await check(token);
      console.log(`  accepted  ${name}`);
    } catch (error) {
      console.log(`  refused   ${name}: ${error.message.split("\n")[0]}`);
    }
  }
}

async function main() {
  const local = (name) => require(require.resolve(name, { paths: [process.cwd()] }));
  const node = local("authing-node-sdk");
  const client = new node.AuthenticationClient({
    appId: given.app, appSecret: given.secret, appHost: given.host, redirectUri: "https://app.example/callback",
  });
  const options = () => ({ serverJWKS: given.jwks });
  const title = `authing-node-sdk ${version("authing-node-sdk")}`;
  await all(`${title} parseAccessToken`, given.access, (token) => client.parseAccessToken(token, options()));
  await all(`${title} parseIDToken`, given.id, (token) => client.parseIDToken(token, options()));

  const js = local("authing-js-sdk");
  await all(`authing-js-sdk ${version("authing-js-sdk")} checkLoggedIn`, given.access, (token) => {
    const client = new js.AuthenticationClient({ appId: given.app, appHost: given.host, onError: () => {} });
    client.setToken(token);
    client.checkLoggedIn();
  });
}
main();
