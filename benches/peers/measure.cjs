// Makes a call again and again, and prints what one took: CPU and time, in microseconds.
//
// The CPU is that of this process, of all its threads, in user and system mode.

const began = performance.now();
const userId = "5f7ddfe62ba819802422362e";
const warmUp = 5;
const atOnce = 32;

function cpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const tell = (cpu, clock, calls) => console.log((cpu / calls).toFixed(3), (clock / calls).toFixed(3));

async function measured(call, before, count, of = 1) {
  for (let i = 0; i < before; i++) await call();
  const [cpuBefore, clockBefore] = [cpu(), performance.now()];
  for (let i = 0; i < count; i++) await call();
  tell(cpu() - cpuBefore, (performance.now() - clockBefore) * 1000, count * of);
}

/** `users(limit)` gives a list, `user(id)` one of them; both have their id under `key`. */
async function run(users, user, key) {
  const [, , , mode, countText] = process.argv;
  const count = Number(countText);

  async function listed(limit) {
    const found = await users(limit);
    if (found.length !== limit || found[0][key] !== userId) throw new Error("users are missing");
  }
  async function detailed() {
    if ((await user(userId))[key] !== userId) throw new Error("another user");
  }

  switch (mode) {
    case "list-10":
      return measured(() => listed(10), warmUp, count);
    case "list-100":
      return measured(() => listed(100), warmUp, count);
    case "detail":
      return measured(detailed, warmUp, count);
    case "at-once":
      return measured(() => Promise.all(Array.from({ length: atOnce }, () => listed(10))), 1, count, atOnce);
    case "cold":
      await listed(10);
      // What the runtime and the modules took is in it.
      return tell(cpu(), (performance.now() - began) * 1000, 1);
    default:
      throw new Error(`there is no ${mode}`);
  }
}

module.exports = { run };
