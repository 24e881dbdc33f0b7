// Writes legacy.wasm, functions at random with legacy exceptions in every combination, and legacy.txt, what they answer.
// The answers are V8's own, so run this with node (20 or newer):
//
//   node generate.mjs
import {writeFileSync} from 'node:fs';

const range = (from, to) => Array.from({length: to - from + 1}, (_, i) => from + i);
const leb = n => { const b = []; do { let x = n & 127; n >>>= 7; if (n) x |= 128; b.push(x); } while (n); return b; };
const sleb = n => { const b = []; for (;;) { const x = n & 127; n >>= 7; if (n == 0 && !(x & 64) || n == -1 && x & 64) { b.push(x); return b; } b.push(x | 128); } };
const vec = items => [...leb(items.length), ...items.flat()];
const name = s => vec([...Buffer.from(s)].map(x => [x]));
const section = (id, body) => [id, ...leb(body.length), ...body];
let seed = 7;
const random = n => { seed = Math.imul(seed, 1103515245) + 12345 >>> 0; return (seed >>> 8) % n; };

const I32 = 0x7f, I64 = 0x7e, V = 0x7b;
const get = l => [0x20, l], set = l => [0x21, l], i32 = v => [0x41, ...sleb(v)];
// tags: nothing, i32, i64 and i32, v128
const TAGS = [[], [I32], [I64, I32], [V]];
const TYPES = [[[I32], [I32]], ...TAGS.map(p => [p, []]), [[I32], []], [[I32, I32], [I32]], [[V], [V]]];
const T_FUNCTION = 0, T_TAG = 1, T_TAKES = 5, T_TWO = 6, T_VECTOR = 7;
const X = 0, A = 1, N = 2, W = 3;
const LOCALS = [...leb(2), 2, I32, 1, V];

/** a = a * 31 + what is on the stack */
const mix = value => [...get(A), ...i32(31), 0x6c, ...value, 0x6a, ...set(A)];
const bit = k => [...get(X), ...i32(k), 0x76, ...i32(1), 0x71];
const push = [
    () => [], () => get(A), () => [...get(A), 0xac, ...get(X)],
    () => [...get(A), 0xfd, 17, ...get(X), 0xfd, 28, 2],
];
const payload = [
    [], mix([]).length ? [...set(N), ...mix(get(N))] : [], [...set(N), 0xa7, ...get(N), 0x6a, ...set(N), ...mix(get(N))],
    [...set(W), ...mix([...get(W), 0xfd, 27, 0, ...get(W), 0xfd, 27, 3, 0x6a])],
];
const doThrow = () => { const t = random(4); return [...push[t](), 0x08, t]; };

let functionsBefore = 0;

/** Statements; blocks is what is open, from the outermost: {handler, result}. */
function statements(depth, blocks) {
    const out = [];
    for (let left = 1 + random(3); left > 0; left--) out.push(...statement(depth, blocks));
    return out;
}
function statement(depth, blocks) {
    const simple = random(6);
    if (depth == 0 || simple == 0) return mix(i32(random(100)));
    switch (random(11)) {
        case 0: return [...bit(random(5)), 0x04, 0x40, ...doThrow(), 0x0b];
        case 1: return functionsBefore ? mix([...get(X), ...i32(random(3)), 0x76, 0x10, ...leb(random(functionsBefore))]) : [];
        case 2: { // rethrow, of any handler that is open
            const handlers = blocks.map((b, i) => b.handler ? blocks.length - 1 - i : -1).filter(i => i >= 0);
            return handlers.length ? [...bit(random(5)), 0x04, 0x40, 0x09, handlers[random(handlers.length)] + 1, 0x0b] : [];
        }
        case 3: { // branch out of blocks that have no result
            const plain = blocks.map((b, i) => b.result || b.loop ? -1 : blocks.length - 1 - i).filter(i => i >= 0);
            return plain.length ? [...bit(random(5)), 0x0d, plain[random(plain.length)]] : [];
        }
        case 4: return [0x02, 0x40, ...statements(depth - 1, [...blocks, {}]), 0x0b];
        case 5: return [...i32(2), ...set(N), 0x03, 0x40, ...statements(depth - 1, [...blocks, {loop: true}]), 0x0b];
        case 6: { // delegate to any block, or to the caller
            const to = random(blocks.length + 1);
            return [0x06, 0x40, ...statements(depth - 1, [...blocks, {}]), 0x18, to];
        }
        case 7: { // with a result
            const result = [...mix(i32(5)), ...statements(depth - 1, [...blocks, {result: true}]), ...get(A)];
            const handler = [...statements(depth - 1, [...blocks, {result: true, handler: true}]), ...i32(77)];
            return mix([0x06, I32, ...result, 0x19, ...handler, 0x0b]);
        }
        case 8: { // with a parameter
            return [...get(X), 0x06, T_TAKES, ...set(N), ...mix(get(N)), ...statements(depth - 1, [...blocks, {}]), 0x19,
                ...statements(depth - 1, [...blocks, {handler: true}]), 0x0b];
        }
        default: {
            const clauses = [0, 1, 2, 3].filter(() => random(2)).map(t => [0x07, t, ...payload[t], ...statements(depth - 1, [...blocks, {handler: true}])]);
            if (random(2)) clauses.push([0x19, ...mix(i32(random(9))), ...statements(depth - 1, [...blocks, {handler: true}])]);
            return [0x06, 0x40, ...statements(depth - 1, [...blocks, {}]), ...clauses.flat(), 0x0b];
        }
    }
}

const COUNT = 300;
const bodies = [];
for (let i = 0; i < COUNT; i++) {
    functionsBefore = i;
    bodies.push([...LOCALS, ...get(X), ...set(A), ...statements(4, []), ...get(A), 0x0b]);
}
// what each one answers or throws, as a number
const wrapper = i => [1, 1, V, 0x06, I32, ...get(X), 0x10, ...leb(i),
    0x07, 0, ...i32(-1000), 0x07, 1, ...i32(1000003), 0x6c, 0x07, 2, 0x1a, 0xa7, ...i32(1000033), 0x6c,
    0x07, 3, ...set(1), ...get(1), 0xfd, 27, 0, ...get(1), 0xfd, 27, 2, 0x73, ...i32(1000037), 0x6c, 0x0b, 0x0b];
const all = [...bodies, ...bodies.map((_, i) => wrapper(i))];
const body = b => [...leb(b.length), ...b];
const wasm = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, vec(TYPES.map(([p, r]) => [0x60, ...vec(p.map(x => [x])), ...vec(r.map(x => [x]))]))),
    ...section(3, vec(all.map(() => [T_FUNCTION]))),
    ...section(13, vec(TAGS.map((_, i) => [0, T_TAG + i]))),
    ...section(7, vec(bodies.map((_, i) => [...name('f' + i), 0, ...leb(COUNT + i)]))),
    ...section(10, vec(all.map(body)))].flat());
const exports = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
const lines = bodies.map((_, i) => range(0, 31).map(x => exports['f' + i](x)).join(' '));
writeFileSync('legacy.wasm', wasm);
writeFileSync('legacy.txt', lines.join('\n') + '\n');
console.log(`${COUNT} functions, ${wasm.length} bytes, ${new Set(lines.join(' ').split(' ')).size} different answers`);
