// The npm package `authing-node-sdk`, for the v3 API: `URL MODE COUNT`.

const { run } = require("./measure.cjs");
const { ManagementClient } = require("authing-node-sdk");

const admin = new ManagementClient({
  host: process.argv[2],
  accessKeyId: "59f86b4832eb28071bdd9214",
  accessKeySecret: "secret",
});

run(
  async (limit) => (await admin.listUsers({ options: { pagination: { page: 1, limit } } })).data.list,
  async (id) => (await admin.getUser({ userId: id })).data,
  "userId",
);
