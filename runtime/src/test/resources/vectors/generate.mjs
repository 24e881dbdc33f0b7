// Writes vectors.wasm, a module with each instruction of SIMD, relaxed SIMD and wide arithmetic in each position, and
// vectors.txt, what its functions answer: a digest each. The answers are V8's own, so run this with node (20 or newer):
//
//   node generate.mjs
//
// What V8 does not know, or leaves to the processor, is written twice: in vectors.wasm as the instruction, and in the
// module that V8 runs as what it is to mean here.
import {writeFileSync} from 'node:fs';

// ---- the instructions: numbers behind the prefix 0xfd, by what they take and give

const range = (from, to) => Array.from({length: to - from + 1}, (_, i) => from + i);
const UNARY = [77, 94, 95, 96, 97, 98, ...range(103, 106), 116, 117, 122, ...range(124, 129), ...range(135, 138), 148, 160, 161,
    ...range(167, 170), 192, 193, ...range(199, 202), 224, 225, 227, 236, 237, 239, ...range(248, 255)];
const BINARY = [14, ...range(35, 76), ...range(78, 81), 101, 102, ...range(110, 115), ...range(118, 121), 123, 130, 133, 134,
    ...range(142, 147), ...range(149, 153), ...range(155, 159), 174, 177, ...range(181, 186), ...range(188, 191), 206, 209,
    ...range(213, 223), ...range(228, 235), ...range(240, 247)];
const TERNARY = [82];
const SHIFTS = [107, 108, 109, 139, 140, 141, 171, 172, 173, 203, 204, 205];
const TESTS = [83, 99, 100, 131, 132, 163, 164, 195, 196];
const RELAXED_UNARY = {257: 248, 258: 249, 259: 252, 260: 253};
const RELAXED_BINARY = {256: 14, 269: 232, 270: 233, 271: 244, 272: 245, 273: 130};
const RELAXED_TERNARY = {265: 82, 266: 82, 267: 82, 268: 82};
// of which lanes the results are floats: a NaN is then any NaN
const F32 = new Set([94, ...range(103, 106), 224, 225, 227, ...range(228, 235), 250, 251, 261, 262, 269, 270]);
const F64 = new Set([95, 116, 117, 122, 148, 236, 237, 239, ...range(240, 247), 254, 255, 263, 264, 271, 272]);

// ---- bytes

const leb = n => { const b = []; n = BigInt.asUintN(64, BigInt(n)); do { let x = Number(n & 127n); n >>= 7n; if (n) x |= 128; b.push(x); } while (n); return b; };
const sleb = n => { const b = []; n = BigInt(n); for (;;) { const x = Number(n & 127n); n >>= 7n; if (n == 0n && !(x & 64) || n == -1n && x & 64) { b.push(x); return b; } b.push(x | 128); } };
const vec = items => [...leb(items.length), ...items.flat()];
const name = s => vec([...Buffer.from(s)].map(x => [x]));
const section = (id, body) => [id, ...leb(body.length), ...body];
const bytes16 = (lo, hi) => [lo, hi].flatMap(v => range(0, 7).map(i => Number(BigInt.asUintN(64, v) >> BigInt(8 * i) & 255n)));
const simd = (n, ...more) => [0xfd, ...leb(n), ...more];
// an operand of a function: a global that the test sets
const operand = l => [0x23, ...leb(4 + l)];
const get = l => [0x20, ...leb(l)], set = l => [0x21, ...leb(l)], tee = l => [0x22, ...leb(l)];
const i32 = v => [0x41, ...sleb(v)], i64 = v => [0x42, ...sleb(v)];
const vconst = (lo, hi) => simd(12, ...bytes16(lo, hi));
const I32 = 0x7f, I64 = 0x7e, V = 0x7b;

// operands of each function: a, b and c as two i64 each, and an i32
const OPERANDS = [I64, I64, I64, I64, I64, I64, I32], I = 6;
// locals
const X = 0, Y = 1, Z = 2, N = 3, L = 4;
const LOCALS = [...leb(3), 3, V, 1, I32, 1, I64];

// the types of the module
const T_FUNCTION = 0, T_BINARY = 1, T_LOOP = 2, T_V = 3, T_MIXED = 4;
const TYPES = [[[], []], [[V, V], [V]], [[V, V], [V]], [[V], [V]], [[I32, V, I64, V], [V, I32, V]]]
    .map(([p, r]) => [0x60, ...vec(p.map(x => [x])), ...vec(r.map(x => [x]))]);

// ---- operands, in each of the ways in which a vector may be held

const EDGE = [0n, -1n, 0x8080808080808080n, 0x7f7f7f7f7f7f7f7fn, 0x8000800080008000n, 0x7fff7fff7fff7fffn, 0x8000000080000000n,
    0x7fffffff7fffffffn, 0x8000000000000000n, 0x7fffffffffffffffn, 0x0102030405060708n, 0x00ff00ff00ff00ffn, 0x3f8000003f800000n,
    0xbf800000c0000000n, 0x3ff0000000000000n, 0xbff8000000000000n, 0x7f8000007fc00000n, 0x7ff8000000000000n, 0x4eff0000cf000000n,
    0x41e0000000200000n, 0x0001000100010001n, 0x0f0e0d0c0b0a0908n, 0x1f10800f00010203n, 0x8000000000000001n, 0x3f000000bf000000n,
    0x402000003fe00000n, 0x7f7fffff00800000n, 0x80007fff0001ffffn, 0xffff80017ffe0080n];
const word = (l, k) => k ? [...operand(l), ...i64(32), 0x88, 0xa7] : [...operand(l), 0xa7];
const HELD = {
    longs: l => [...operand(l), ...simd(18), ...operand(l + 1), ...simd(30, 1)],
    ints: l => [...word(l, 0), ...simd(17), ...word(l, 1), ...simd(28, 1), ...word(l + 1, 0), ...simd(28, 2), ...word(l + 1, 1), ...simd(28, 3)],
    floats: l => [...word(l, 0), 0xbe, ...simd(19), ...word(l, 1), 0xbe, ...simd(32, 1), ...word(l + 1, 0), 0xbe, ...simd(32, 2), ...word(l + 1, 1), 0xbe, ...simd(32, 3)],
    doubles: l => [...operand(l), 0xbf, ...simd(20), ...operand(l + 1), 0xbf, ...simd(34, 1)],
};
const constant = k => vconst(EDGE[(k * 7 + 3) % EDGE.length], EDGE[(k * 11 + 5) % EDGE.length]);
const A = 0, B = 2, C = 4;
const STORE = (at, code) => [...i32(at), ...code, ...simd(11, 0, 0)];
// an i32 is stored as a vector too
const AS_VECTOR = [...simd(17)];

const functions = []; // {name, real, reference, nan}
const add = (name, real, reference = real, nan = 0) => functions.push({name, real, reference, nan});
const nanOf = n => F32.has(n) ? 32 : F64.has(n) ? 64 : 0;

/** An instruction as a function from operands to code, and the same for V8. */
function everyWay(name, arity, real, reference, nan, scalar) {
    const finish = scalar ? AS_VECTOR : [];
    const ways = Object.keys(HELD);
    const both = f => add(f.name, f.code(real), f.code(reference), nan);
    const v = (l, w) => HELD[ways[w & 3]](l);
    const operands = w => [v(A, w), v(B, w), v(C, w)].slice(0, arity);
    for (let w = 0; w < 4; w++) both({name: `${name} ${ways[w]}`, code: op => STORE(0, [...op(operands(w)), ...finish])});
    if (arity > 1) {
        both({name: `${name} mixed`, code: op => STORE(0, [...op([v(A, 1), v(B, 0), v(C, 2)].slice(0, arity)), ...finish])});
        for (const k of [ways.counter = (ways.counter ?? functions.length) % 2]) {
            both({name: `${name} constant first ${k}`, code: op => STORE(0, [...op([constant(k), v(B, k), v(C, k)].slice(0, arity)), ...finish])});
            both({name: `${name} constant last ${k}`, code: op => STORE(0, [...op([v(A, k), v(B, k), v(C, k)].slice(0, arity - 1).concat([constant(k + 2)])), ...finish])});
        }
    }
    both({name: `${name} constants`, code: op => STORE(0, [...op([constant(4), constant(5), constant(6)].slice(0, arity)), ...finish])});
    if (scalar) return;
    // through each position that a value can have
    both({name: `${name} everywhere`, code: op => everywhere(op(operands(0)))});
    // in place: a local that is an operand is written, while what it was is still on the stack
    both({name: `${name} in place`, code: op => {
        const x = get(X), y = get(Y);
        const some = [[x, y, y], [y, x, x], [x, x, y]].map(o => o.slice(0, arity));
        return [...v(A, 0), ...set(X), ...v(B, 1), ...set(Y), ...i32(0), ...get(X), ...some.flatMap(o => [...op(o), ...set(X)]),
            ...simd(11, 0, 0), ...i32(16), ...op(some[0]), ...tee(X), ...simd(11, 0, 0), ...i32(32), ...get(X), ...simd(11, 0, 0)];
    }});
    // in a loop, where it is a local whose shape other instructions have a say in
    both({name: `${name} in a loop`, code: op => [...v(A, 0), ...set(X), ...v(B, 0), ...set(Y), ...i32(3), ...set(N),
        0x03, 0x40, ...op([get(X), get(Y), get(X)].slice(0, arity)), ...set(Z), ...get(Y), ...set(X), ...get(Z), ...set(Y),
        ...get(N), ...i32(1), 0x6b, ...tee(N), 0x0d, 0, 0x0b, ...STORE(0, get(X)), ...STORE(16, get(Y))]});
}

const odd = [...operand(I), ...i32(1), 0x71], two = [...operand(I), ...i32(3), 0x71];
/** Stores a value that went through every position; the code pushes it. */
function everywhere(code) {
    return [...i32(0),
        0x02, V, ...code, ...odd, 0x0d, 0, 0x0b,                                     // block result, br_if
        ...tee(X), ...set(Y), 0x02, V, 0x02, V, 0x02, V, ...get(Y), ...two, 0x0e, 2, 0, 1, 2, 0x0b, 0x0b, 0x0b, // br_table
        ...get(X), ...odd, 0x1b,                                                     // select
        ...get(Y), ...odd, 0x1c, 1, V,                                               // typed select
        ...odd, 0x04, T_V, ...set(Z), ...get(Z), 0x05, ...tee(Z), 0x0b,              // parameter and result of an if
        ...get(X), 0x03, T_LOOP, ...set(Y), ...get(Y), ...odd, ...i32(0), 0x71, 0x0d, 0, ...simd(80), 0x0b, // of a loop
        ...tee(X), 0x10, 0,                                                          // of a function
        ...get(X), ...i32(0), 0x11, T_BINARY, 0,                                     // called by a table
        0x24, 1, 0x23, 1, ...set(Z),                                                 // a global
        ...i32(7), ...get(Z), ...i64(9), ...get(X), 0x10, 2, ...set(Y), ...set(N), ...set(X), // among others
        0x02, 0x40, 0x02, V, ...get(X), 0x0c, 0, ...get(Y), 0x0b, 0x1a, 0x0b,        // dead code, drop
        ...get(X), ...get(Y), ...odd, 0x1b, ...simd(11, 0, 0)];
}

const op = n => operands => [...operands.flat(), ...simd(n)];
for (const n of UNARY) everyWay(`u${n}`, 1, op(n), op(n), nanOf(n));
for (const n of BINARY) everyWay(`b${n}`, 2, op(n), op(n), nanOf(n));
for (const n of TERNARY) everyWay(`t${n}`, 3, op(n), op(n), nanOf(n));
for (const [n, same] of Object.entries(RELAXED_UNARY)) everyWay(`u${n}`, 1, op(+n), op(same), 0);
for (const [n, same] of Object.entries(RELAXED_BINARY)) everyWay(`b${n}`, 2, op(+n), op(same), nanOf(+n));
for (const [n, same] of Object.entries(RELAXED_TERNARY)) everyWay(`t${n}`, 3, op(+n), op(same), 0);
const fused = (mul, sum, neg) => ([a, b, c]) => [...a, ...b, ...simd(mul), ...(neg ? simd(neg) : []), ...c, ...simd(sum)];
everyWay('t261', 3, op(261), fused(230, 228), 32);
everyWay('t262', 3, op(262), fused(230, 228, 225), 32);
everyWay('t263', 3, op(263), fused(242, 240), 64);
everyWay('t264', 3, op(264), fused(242, 240, 237), 64);
const EVEN = [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29], ODD = EVEN.map(x => x + 2);
const dot = ([a, b]) => { const p = [...a, ...b, ...simd(156)], q = [...a, ...b, ...simd(157)];
    return [...p, ...q, ...simd(13, ...EVEN), ...p, ...q, ...simd(13, ...ODD), ...simd(142)]; };
everyWay('b274', 2, op(274), dot, 0);
everyWay('t275', 3, op(275), ([a, b, c]) => [...dot([a, b]), ...simd(126), ...c, ...simd(174)], 0);
for (const n of SHIFTS) {
    const width = [8, 16, 32, 64][SHIFTS.indexOf(n) / 3 | 0];
    const by = count => ([a]) => [...a, ...count, ...simd(n)];
    everyWay(`s${n}`, 1, by(operand(I)), by(operand(I)), 0);
    for (const k of [0, 1, width / 2, width - 1, width, width + 3, -1]) everyWay(`s${n} by ${k}`, 1, by(i32(k)), by(i32(k)), 0);
}
for (const n of TESTS) everyWay(`q${n}`, 1, op(n), op(n), 0, true);

// ---- lanes, shuffles, memory

let seed = 3; const random = n => (seed = Math.imul(seed, 1103515245) + 12345 >>> 0, (seed >>> 8) % n);
const masks = [];
for (let k = 0; k < 16; k++) masks.push(range(0, 15).map(i => (k + i * (k % 3 + 1)) % 32));
for (let k = 0; k < 6; k++) masks.push(range(0, 15).map(() => random(32)));
for (let k = 0; k < 6; k++) { const w = range(0, 3).map(() => random(8)); masks.push(w.flatMap(x => range(0, 3).map(i => 4 * x + i))); }
for (let k = 0; k < 4; k++) { const w = range(0, 1).map(() => random(4)); masks.push(w.flatMap(x => range(0, 7).map(i => 8 * x + i))); }
for (const rotate of [1, 2, 3]) masks.push(range(0, 15).map(i => (i & ~3) + (i + rotate) % 4)); // each i32 rotated
for (const flip of [3, 7, 1, 15]) masks.push(range(0, 15).map(i => i ^ flip)); // bytes turned round
masks.push(range(0, 15).map(i => i % 2 ? 16 + (i >> 1) : i >> 1), range(0, 15).map(i => i % 2 ? 24 + (i >> 1) : 8 + (i >> 1)));
masks.forEach((mask, k) => { const f = ([a, b]) => [...a, ...b, ...simd(13, ...mask)]; everyWay(`shuffle ${k}`, 2, f, f, 0); });

const SCALAR = {i: operand(I), l: operand(2), f: [...operand(I), 0xbe], d: [...operand(2), 0xbf]};
const BACK = {i: simd(17), l: simd(18), f: simd(19), d: simd(20)};
const LANES = [[16, 'i', 15, [21, 22], 23], [8, 'i', 16, [24, 25], 26], [4, 'i', 17, [27], 28], [2, 'l', 18, [29], 30], [4, 'f', 19, [31], 32], [2, 'd', 20, [33], 34]];
for (const [count, type, splat, extracts, replace] of LANES) {
    add(`splat ${splat}`, STORE(0, [...SCALAR[type], ...simd(splat)]));
    add(`splat ${splat} everywhere`, everywhere([...SCALAR[type], ...simd(splat)]));
    for (let lane = 0; lane < count; lane++) {
        for (const e of extracts) { const f = ([a]) => [...a, ...simd(e, lane), ...BACK[type]]; everyWay(`extract ${e} ${lane}`, 1, f, f, 0, false); }
        const f = ([a]) => [...a, ...SCALAR[type], ...simd(replace, lane)];
        everyWay(`replace ${replace} ${lane}`, 1, f, f, 0);
    }
}
const address = [...operand(I), ...i32(0xff), 0x71];
for (const n of [...range(0, 10), 92, 93]) { add(`load ${n}`, STORE(0, [...address, ...simd(n, 0, 67)])); add(`load ${n} everywhere`, everywhere([...address, ...simd(n, 0, 67)]));
    for (const [by, op] of [['ints', 174], ['floats', 224], ['doubles', 236]]) add(`load ${n} for ${by}`, [...address, ...simd(n, 0, 67), ...set(X), 0x03, 0x40, ...get(X), ...(op == 174 ? get(X) : []), ...simd(op), ...set(X), 0x0b, ...STORE(0, get(X))], undefined, {174: 0, 224: 32, 236: 64}[op]); }
for (const [k, count] of [[0, 16], [1, 8], [2, 4], [3, 2]]) for (let lane = 0; lane < count; lane++) for (const w of Object.keys(HELD)) {
    add(`load lane ${k} ${lane} ${w}`, STORE(0, [...address, ...HELD[w](A), ...simd(84 + k, 0, 67, lane)]));
    add(`store lane ${k} ${lane} ${w}`, [...i32(3), ...HELD[w](A), ...simd(88 + k, 0, 4, lane)]);
}
add('constant', STORE(0, vconst(0x0123456789abcdefn, -2n)));
add('constant everywhere', everywhere(vconst(0x0123456789abcdefn, -2n)));
add('globals', [...STORE(0, [0x23, 0]), ...STORE(16, [0x23, 2]), 0x23, 3, ...i32(0), 0x6a, ...set(N), ...i32(32), ...get(N), 0x36, 2, 0]);

// ---- chains: what an operand is made by changes what an instruction becomes

const repeated = (bits, width) => { let all = 0n; for (let at = 0n; at < 64n; at += BigInt(width)) all |= BigInt(bits) << at; return BigInt.asIntN(64, all); };
const pick = all => all[random(all.length)];
const two64 = x => vconst(x, x);
/** A constant: one bit, the lowest bits or the same number in each lane, or anything. */
function someConstant(width) {
    switch (random(4)) {
        case 0: return two64(repeated(1 << random(width), width));
        case 1: return two64(repeated((1 << 1 + random(width)) - 1, width));
        case 2: return two64(repeated(random(1 << width), width));
        default: return vconst(pick(EDGE), pick(EDGE));
    }
}
/** The code of a vector that is made in so many steps. */
function chain(steps) {
    const width = pick([8, 8, 16]), of = (eight, sixteen) => width == 8 ? eight : sixteen;
    if (steps <= 0) return random(3) ? HELD[pick(['longs', 'longs', 'ints'])](pick([A, B, C])) : random(2) ? get(Z) : someConstant(width);
    const left = random(steps), one = () => chain(steps - 1), both = () => random(2) ? [...chain(left), ...chain(steps - 1 - left)] : [...chain(steps - 1), ...someConstant(width)];
    switch (random(14)) {
        case 0: case 1: case 2: return [...both(), ...simd(of(35, 45) + random(10))]; // comparisons
        case 3: case 4: return [...one(), ...someConstant(width), ...simd(78)];         // and
        case 5: case 6: return [...chain(left), ...chain(steps - 1 - left), ...simd(of(110, 142))]; // add
        case 7: return [...both(), ...simd(of(113, 145))];                              // sub
        case 8: return [...both(), ...simd(pick([78, 79, 80, 81]))];                    // and, andnot, or, xor
        case 9: return [...both(), ...simd(13, ...range(0, 15).map(() => random(32)))]; // shuffle
        case 10: return [...chain(left), ...chain(steps - 1 - left), ...one(), ...simd(82)]; // bitselect
        case 11: return [...one(), ...simd(pick([83, 99, 100, 131, 132])), ...simd(17)];     // any_true, all_true, bitmask
        case 12: return [...one(), ...tee(Z)];
        default: return pick([[...one(), ...simd(77)], [...both(), ...simd(174)], [...one(), ...i32(random(width)), ...simd(of(109, 141))]]); // not, i32x4.add, shr_u
    }
}
for (let k = 0; k < 300; k++) add(`chain ${k}`, STORE(0, chain(2 + k % 6)));
// sums that carry in a lane, though little is known to be in the operands
for (const [width, plus] of [[8, 110], [16, 142]]) {
    const and = (l, bits) => [...HELD.longs(l), ...two64(bits), ...simd(78)], one = repeated(1, width), high = repeated(1n << BigInt(width - 1), width);
    const carried = (name, code) => { for (const all of [-1n, high, 0x0080008000800080n]) add(`sum ${width} ${name} ${all}`, STORE(0, [...code, ...two64(all), ...simd(plus)])); };
    carried('of a sum', [...and(A, one), ...and(B, one), ...simd(plus), ...two64(one), ...simd(78)]);
    carried('of or', [...and(A, one), ...and(B, high), ...simd(80)]);
    carried('of xor', [...and(A, high), ...and(B, one), ...simd(81)]);
    carried('of andnot', [...and(A, high), ...and(B, one), ...simd(79)]);
    carried('of a shuffle', [...and(A, 0x8000000000000001n), ...and(B, one), ...simd(13, ...range(0, 15).map(i => (5 * i + 7) % 16))]);
    carried('of a comparison', [...and(A, one), ...and(B, one), ...simd(width == 8 ? 35 : 45), ...two64(one), ...simd(78)]);
    carried('of a constant', [...two64(one), ...and(B, high), ...simd(80)]);
    carried('of a local', [...and(A, high), ...tee(X), ...two64(0n), ...set(X), ...two64(one), ...simd(80)]);
}

// ---- wide arithmetic: the answer is this script's own

const wide = [];
const U = v => BigInt.asUintN(64, v), S = v => BigInt.asIntN(64, v), W = (lo, hi) => U(lo) | U(hi) << 64n;
const WIDE = {19: [4, ([a, b, c, d]) => W(a, b) + W(c, d)], 20: [4, ([a, b, c, d]) => W(a, b) - W(c, d)], 21: [2, ([a, b]) => S(a) * S(b)], 22: [2, ([a, b]) => U(a) * U(b)]};
for (const [n, [count, answer]] of Object.entries(WIDE)) {
    // upper half at 8, lower at 0: both are on the stack, the upper one on top
    wide.push({name: `wide ${n}`, real: [...i32(0), ...range(0, count - 1).flatMap(operand), 0xfc, +n, ...set(L), 0x37, 3, 0, ...i32(8), ...get(L), 0x37, 3, 0], nan: 0, count, answer});
}

// ---- modules

function module(list, which) {
    const exports = [[...name('memory'), 2, 0], ...OPERANDS.map((_, i) => [...name('operand ' + i), 3, 4 + i]), [...name('global'), 3, 1], ...list.map((f, i) => [...name(f.name), 0, ...leb(5 + i)])];
    const fixed = [
        [T_V, [0, ...get(0), 0x0b]],                                                                  // 0: the same
        [T_BINARY, [...[1, 1, V], ...get(0), ...get(1), ...simd(80), ...tee(2), ...get(2), ...simd(78), 0x0b]], // 1: or
        [T_MIXED, [0, ...get(1), ...get(0), ...get(2), 0xa7, 0x6a, ...get(3), 0x0b]],                   // 2: among others
        [T_BINARY, [0, ...get(0), ...i32(1), 0x04, 0x40, ...get(0), ...get(1), ...simd(78), 0x0f, 0x0b, 0x0b]], // 3: and, returned
        [T_V, [0, ...get(0), 0x10, 0, 0x0b]],                                                          // 4: nothing of SIMD in it
    ];
    const body = b => [...leb(b.length), ...b];
    const all = [...fixed, ...list.map(f => [T_FUNCTION, [...LOCALS, ...f[which], 0x0b]])];
    return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
        ...section(1, vec(TYPES)),
        ...section(2, vec([[...name('host'), ...name('vector'), 3, V, 0]])),
        ...section(3, vec(all.map(([t]) => [t]))),
        ...section(4, vec([[0x70, 0, 2]])),
        ...section(5, vec([[0, 1]])),
        ...section(6, vec([[V, 1, ...vconst(1n, 2n), 0x0b], [V, 0, ...vconst(-3n, 0x123456789n), 0x0b], [I32, 0, 0x41, ...sleb(77), 0x0b], ...OPERANDS.map(t => [t, 1, ...(t == I32 ? i32(0) : i64(0)), 0x0b])])),
        ...section(7, vec(exports)),
        ...section(9, vec([[0, 0x41, 0, 0x0b, 2, 1, 3]])),
        ...section(10, vec(all.map(([, b]) => body(b))))].flat());
}


/** The module whose global the other one imports. */
const provider = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(6, vec([[V, 0, ...vconst(0x1122334455667788n, 0x99aabbccddeeff00n), 0x0b]])), ...section(7, vec([[...name('vector'), 3, 0]]))].flat());

// ---- answers

const CALLS = 64;
let state = 12345n;
const next = () => { state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n); return state ^ state >> 29n; };
const value = k => { const x = next(); return k % 3 ? EDGE[Number((x >> 7n) % BigInt(EDGE.length))] : x >> 5n & 1n ? x : x & 0x8181818181818181n; };
const calls = range(0, CALLS - 1).map(k => {
    const c = range(0, 5).map(() => BigInt.asIntN(64, value(k)));
    if (k % 5 == 0) { c[2] = c[0]; c[3] = c[1]; }
    return [...c, Number(BigInt.asIntN(32, k % 2 ? next() : next() % 40n))];
});

const BYTES = 48;
/** The digest of what a call left in the first bytes of memory; each NaN is the same one. */
function digest(h, view, nan) {
    for (let at = 0; at < BYTES; at += 4) {
        let w = view.getInt32(at, true);
        if (nan == 32 && (w & 0x7fffffff) > 0x7f800000) w = 0x7fc00000;
        if (nan == 64 && Number.isNaN(view.getFloat64(at & ~7, true))) w = at & 4 ? 0x7ff80000 : 0;
        h[0] = Math.imul(h[0] ^ w, 0x01000193) ^ h[1] >>> 15;
        h[1] = Math.imul(h[1] + w | 0, 0x85ebca6b) ^ h[0] >>> 13;
    }
}

const imports = {host: {vector: new WebAssembly.Instance(new WebAssembly.Module(provider)).exports.vector}};
const exports = new WebAssembly.Instance(new WebAssembly.Module(module(functions, 'reference')), imports).exports;
const view = new DataView(exports.memory.buffer);
const answers = [];
const pattern = at => Math.imul(at * 2654435761 + 7, 40503) >>> 11 & 255;
function clear() { for (let at = 0; at < BYTES; at++) view.setUint8(at, 0); }
for (let at = 64; at < 512; at++) view.setUint8(at, pattern(at));
for (const f of functions) {
    const h = [1, 2];
    for (const c of calls) { clear(); c.forEach((x, i) => exports['operand ' + i].value = x); exports[f.name](); digest(h, view, f.nan); }
    answers.push([f, h]);
}
for (const f of wide) {
    const h = [1, 2];
    for (const c of calls) { clear(); const x = f.answer(c.slice(0, f.count)); view.setBigUint64(0, U(x), true); view.setBigUint64(8, U(x >> 64n), true); digest(h, view, 0); }
    answers.push([f, h]);
}
const hex = n => (n >>> 0).toString(16).padStart(8, '0');
const signed = n => n.toString();
writeFileSync('vectors.wasm', module([...functions, ...wide], 'real'));
writeFileSync('provider.wasm', provider);
writeFileSync('vectors.txt', [`# calls: a, b, c as two i64 each, i32`, ...calls.map(c => 'call ' + c.map(signed).join(' ')),
    '# functions: digest, which floats, name', ...answers.map(([f, h]) => `${hex(h[0])}${hex(h[1])} ${f.nan} ${f.name}`)].join('\n') + '\n');
console.log(`${answers.length} functions, ${CALLS} calls each`);
