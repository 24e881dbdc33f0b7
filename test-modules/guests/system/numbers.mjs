// Writes what numbers.wasm answers in V8 (node numbers.mjs numbers.wasm > numbers.txt): first the operands of each type,
// then a line for each export: its name, the types of its operands, and an answer for each combination of operands, the
// last operand changing fastest. "!" is a trap, "nan" any quiet NaN.
import { readFileSync } from "node:fs";

const operands = {
  i32: ["0", "1", "2", "1f", "20", "7f", "80", "ff80", "8000", "7fffffff", "80000000", "80000001", "ffffffff",
    "fffffffe", "55555555", "deadbeef"],
  i64: ["0", "1", "2", "3f", "40", "80", "8000", "7fffffff", "80000000", "ffffffff", "7fffffffffffffff",
    "8000000000000000", "8000000000000001", "ffffffffffffffff", "fffffffffffffffe", "123456789abcdef0"],
  f32: ["0", "80000000", "1", "80000001", "3f000000", "bf000000", "3f800000", "bf800000", "3fc00000", "4b000001",
    "cf000000", "7f7fffff", "7f800000", "ff800000", "7fc00000", "ffc00000", "7fa00001", "ffa00001"],
  f64: ["0", "8000000000000000", "1", "8000000000000001", "3fe0000000000000", "bfe0000000000000",
    "3ff0000000000000", "bff0000000000000", "3ff8000000000000", "4330000000000001", "c3e0000000000000",
    "7fefffffffffffff", "7ff0000000000000", "fff0000000000000", "7ff8000000000000", "fff8000000000000",
    "7ff4000000000001", "fff4000000000001"],
};
// operands of instructions with one operand, besides those above
const more = {
  i32: ["7f800000", "3f800000", "01000001", "01000003", "7fffff80", "7fffffbf", "7fffffc0", "80000080", "ffffff7f",
    "ffffff80", "fffffffd"],
  i64: ["8000000000000401", "8000008000000000", "8000007fffffffff", "ffffff7fffffffff", "ffffff8000000000",
    "8000000000000400", "8000000000000c00", "fffffffffffffbff", "fffffffffffffc00", "7fffffffffffffff",
    "7fffffbfffffffff", "7fffff4000000001", "0000010000010001", "0020000000000001", "0020000000000003",
    "8000008000000001", "8000018000000000", "ffffffffffffff00", "0000000001000001", "00000000ffffff80",
    "4000004000000001", "8000004000000000", "8000004000000001", "800000c000000000"],
  f32: ["4effffff", "4f000000", "4f7fffff", "4f800000", "ceffffff", "cf000001", "5effffff", "5f000000", "5f7fffff",
    "5f800000", "deffffff", "df000000", "df000001", "bf7fffff", "3f7fffff", "4f8c6e12", "5f01a3c8", "40200000",
    "c0200000", "40600000", "4afffffd", "bf7ffffe", "00800000", "007fffff", "4fffc000", "cf7fc000"],
  f64: ["41dfffffffc00000", "41dfffffffffffff", "41e0000000000000", "41efffffffe00000", "41effffffffffff0",
    "41f0000000000000", "c1e0000000000000", "c1e00000001fffff", "c1e0000000200000", "43dfffffffffffff",
    "43e0000000000000", "43efffffffffffff", "43f0000000000000", "c3dfffffffffffff", "c3e0000000000001",
    "bfefffffffffffff", "3fefffffffffffff", "4004000000000000", "c004000000000000", "400c000000000000",
    "432ffffffffffffd", "0010000000000000", "000fffffffffffff", "36a0000000000000", "3690000000000000",
    "3690000000000001", "47efffffe0000000", "47effffff0000000", "47efffffefffffff", "380fffffe0000000",
    "41f0c6e123456789", "43e034790abcdef1", "47f0000000000000"],
};
const moves = /abs|neg|copysign|load|store|select|call|global|const|reinterpret/;
const wide = (type) => type.endsWith("64");
const parse = (type, hex) => (wide(type) ? BigInt.asIntN(64, BigInt("0x" + hex)) : Number("0x" + hex) | 0);
const show = (type, v) => (wide(type) ? BigInt.asUintN(64, v) : v >>> 0).toString(16);
const isNan = (type, v) =>
  wide(type)
    ? (BigInt.asUintN(64, v) & 0x7fffffffffffffffn) > 0x7ff0000000000000n
    : (v & 0x7fffffff) >>> 0 > 0x7f800000;

/** The types of an export's operands and of its result, from its name. */
function types(name, count) {
  const [type, operation] = name.split(/[ .]/);
  const from = /(?:trunc|convert|wrap|extend|demote|promote)_(?:sat_)?([if]\d\d)/.exec(name);
  const compares = /^(eqz?|ne|[lg][te](_[su])?)$/.test(operation);
  return [Array(count).fill(from ? from[1] : type), compares ? "i32" : type];
}

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
for (const type of Object.keys(operands)) {
  console.log([type, ...operands[type], "|", ...more[type]].join(" "));
}
for (const [name, f] of Object.entries(instance.exports)) {
  if (typeof f !== "function" || name === "_start") continue;
  const [from, to] = types(name, f.length);
  let calls = [[]];
  for (const type of from) {
    const values = from.length === 1 ? [...operands[type], ...more[type]] : operands[type];
    calls = calls.flatMap((call) => values.map((v) => [...call, parse(type, v)]));
  }
  const answers = calls.map((call) => {
    try {
      const v = f(...call);
      return to[0] === "f" && !moves.test(name) && isNan(to, v) ? "nan" : show(to, v);
    } catch (e) {
      if (e instanceof WebAssembly.RuntimeError) return "!";
      throw e;
    }
  });
  console.log([name.replaceAll(" ", "_"), from.join(",") || "-", to, ...answers].join(" "));
}
