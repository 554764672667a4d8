// How does a script say what worked? A PASS line for each step; the first that fails ends the script with FAIL.

export async function step(name, act) {
  try {
    const result = await act();
    console.log(`PASS ${script}: ${name}`);
    return result;
  } catch (error) {
    console.log(`FAIL ${script}: ${name}`);
    for (let cause = error; cause; cause = cause.cause) {
      console.error(cause);
      if (!(cause instanceof Error)) break;
    }
    process.exit(1);
  }
}

/** Runs `act`, which must fail, and hands its error to `check`. */
export async function refused(act, check) {
  let answer;
  try {
    answer = await act();
  } catch (error) {
    check(error);
    return;
  }
  throw new Error(`this should have been refused, but the answer was ${JSON.stringify(answer)}`);
}

/** What the command line says: `node x.mjs <issuer> <user> <password>`. */
export function commandLine() {
  const [issuer, user, password] = process.argv.slice(2);
  if (!password) {
    console.error(`usage: node ${script}.mjs <issuer> <user> <password>`);
    process.exit(2);
  }
  return { issuer, user, password };
}

const script = process.argv[1].replace(/^.*\//, '').replace(/\.mjs$/, '');
