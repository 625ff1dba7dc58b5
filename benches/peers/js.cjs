// The npm package `authing-js-sdk`: `URL MODE COUNT`.

const { run } = require("./measure.cjs");
const { ManagementClient } = require("authing-js-sdk");

const admin = new ManagementClient({
  host: process.argv[2],
  userPoolId: "59f86b4832eb28071bdd9214",
  secret: "secret",
});

run(
  async (limit) => (await admin.users.list(1, limit)).list,
  (id) => admin.users.detail(id),
  "id",
);
