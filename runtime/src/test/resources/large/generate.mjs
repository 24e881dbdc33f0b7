// Writes large.wasm: 60 functions at random with blocks, loops, switches, branches that carry values, exceptions and
// locals of all types, an interpreter in one function
// of more than 100 KB, and blocks one in another that all leave a value. Writes large.txt, what they answer to 0, 1,
// 2 ... The answers are V8's own, so run this with node (20 or newer):
//
//   node generate.mjs
import {writeFileSync} from 'node:fs';

const leb = n => { const b = []; do { let x = n & 127; n >>>= 7; if (n) x |= 128; b.push(x); } while (n); return b; };
const sleb = n => { const b = []; for (;;) { const x = n & 127; n >>= 7; if (n == 0 && !(x & 64) || n == -1 && x & 64) { b.push(x); return b; } b.push(x | 128); } };
const vec = items => [...leb(items.length), ...items.flat()];
const name = s => vec([...Buffer.from(s)].map(x => [x]));
const section = (id, body) => [id, ...leb(body.length), ...body];
let seed = 11;
const random = n => { seed = Math.imul(seed, 1103515245) + 12345 >>> 0; return (seed >>> 8) % n; };
const pick = list => list[random(list.length)];

const I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c, VOID = 0x40;
const get = l => [0x20, ...leb(l)], set = l => [0x21, ...leb(l)], i32 = v => [0x41, ...sleb(v)], i64 = v => [0x42, ...sleb(v)];
// locals: 0 is the parameter, then those that statements use, then one counter for each loop in another
const KINDS = [I32, I32, I32, I32, I32, I32, I32, I64, I64, I64, F32, F32, F64, F64];
const COUNTER = KINDS.length, COUNTERS = 6;
const LOCALS = vec([...KINDS.slice(1), ...Array(COUNTERS).fill(I32)].map(t => [...leb(1), t]));
const of = type => pick(KINDS.map((t, i) => t == type ? i : -1).filter(i => i >= 0));
const TYPES = [[[I32], [I32]], [[], []], [[I32], []], [[], [I32, I64]]];

/** An expression of a type. */
function value(type, depth) {
    if (depth == 0) return random(3) && type != F32 && type != F64 ? get(of(type)) : type == I32 ? i32(random(500) - 250) : type == I64 ? i64(random(9999)) : get(of(type));
    const two = [...value(type, depth - 1), ...value(type, depth - 1)];
    switch (type) {
        case I32: return pick([
            () => [...two, pick([0x6a, 0x6b, 0x6c, 0x71, 0x73, 0x46, 0x48, 0x49])],
            () => [...value(I64, depth - 1), 0xa7], () => [...value(F64, depth - 1), 0xfc, 2], () => [...value(F32, depth - 1), 0xfc, 0],
            () => [...value(I32, depth - 1), ...i32(1020), 0x71, 0x28, 2, 0],
            () => [...two, ...value(I32, depth - 1), 0x1b],
            () => [...value(I64, depth - 1), ...value(I64, depth - 1), 0x53]])();
        case I64: return pick([() => [...two, pick([0x7c, 0x7d, 0x7e, 0x83, 0x85, 0x89])], () => [...value(I32, depth - 1), 0xac]])();
        case F32: return pick([() => [...two, pick([0x92, 0x93])], () => [...value(I32, depth - 1), 0xb2]])();
        default: return pick([() => [...two, pick([0xa0, 0xa1])], () => [...value(I32, depth - 1), 0xb7], () => [...value(F32, depth - 1), 0xbb]])();
    }
}
const assign = () => { const l = 1 + random(KINDS.length - 1); return [...value(KINDS[l], 2), ...set(l)]; };
const condition = () => [...get(0), ...i32(random(6)), 0x76, ...value(I32, 1), 0x6a, ...i32(1 + random(3)), 0x71];
const label = (blocks, kind) => { const all = blocks.map((b, i) => b == kind ? blocks.length - 1 - i : -1).filter(i => i >= 0); return all.length ? pick(all) : -1; };

let functionsBefore = 0;
/** Statements; blocks has for each open block what a branch carries: 'void', 'i64', 'loop' (not to be branched to), 'try'. */
const statements = (depth, blocks, loops, count = 1 + random(5)) => Array.from({length: count}, () => statement(depth, blocks, loops)).flat();
function statement(depth, blocks, loops) {
    if (depth == 0 || random(5) < 2) return assign();
    const into = (kind, more) => statements(depth - 1, [...blocks, kind], loops, more);
    switch (random(12)) {
        case 0: return [...condition(), 0x04, VOID, ...into('void'), ...(random(2) ? [0x05, ...into('void')] : []), 0x0b];
        case 1: return [0x02, VOID, ...into('void'), ...condition(), 0x0d, 0, ...into('void'), 0x0b];
        case 2: return [0x02, I64, ...into('i64'), ...value(I64, 1), ...condition(), 0x0d, 0, 0x1a, ...into('i64'), ...value(I64, 2), 0x0b, ...set(of(I64))];
        case 3: { // a loop of up to four rounds
            if (loops == COUNTERS) return assign();
            const c = COUNTER + loops;
            return [...get(0), ...i32(random(9)), 0x6a, ...i32(3), 0x71, ...set(c), 0x03, VOID, ...statements(depth - 1, [...blocks, 'loop'], loops + 1, 2), ...get(c), ...i32(1), 0x6b, 0x22, ...leb(c), ...i32(0), 0x4a, 0x0d, 0, 0x0b];
        }
        case 4: case 5: case 6: { // a switch, whose cases fall through, leave it, or leave more
            const cases = 2 + random(7);
            let out = [];
            for (let i = 0; i <= cases; i++) out.push(0x02, VOID);
            const inside = Array(cases + 1).fill('void');
            out.push(...(random(3) ? [] : assign()), ...value(I32, 2), ...i32(15), 0x71, 0x0e, ...vec(Array.from({length: cases}, () => [random(cases + 1)])), cases);
            for (let i = 0; i < cases; i++) {
                const open = [...blocks, ...inside.slice(i + 1)];
                out.push(0x0b, ...statements(depth - 1, open, loops, random(4)));
                const way = label(open, 'void');
                if (random(3) && way >= 0) out.push(0x0c, ...leb(random(2) ? cases - 1 - i : way));
            }
            return [...out, 0x0b];
        }
        case 7: { // out of whatever is open
            const way = label(blocks, 'void');
            return way < 0 ? assign() : [...condition(), 0x0d, ...leb(way)];
        }
        case 8: { // the same with a value, by a table
            const way = label(blocks, 'i64');
            if (way < 0) return [...condition(), 0x04, VOID, ...value(I32, 2), 0x0f, 0x0b];
            return [0x02, I64, ...value(I64, 2), ...condition(), 0x0e, 3, 0, ...leb(way + 1), 0, ...leb(way + 1), 0x0b, ...set(of(I64))];
        }
        case 9: return functionsBefore ? [...value(I32, 1), ...i32(7), 0x71, 0x10, ...leb(functionsBefore - 1 - random(Math.min(3, functionsBefore))), ...set(of(I32) || 1)] : assign();
        case 10: return [...value(I32, 1), ...i32(1020), 0x71, ...value(I32, 2), 0x36, 2, 0];
        default: { // an exception, thrown here or by what was called
            const thrown = [...condition(), 0x04, VOID, ...value(I32, 1), 0x08, 0, 0x0b];
            return [0x06, VOID, ...into('try'), ...thrown, ...into('try', 2), random(2) ? [0x07, 0, ...set(of(I32) || 1)] : 0x19, ...into('try', 1), 0x0b].flat();
        }
    }
}
/** All locals in one number. */
const digest = () => {
    const out = i32(0);
    KINDS.forEach((t, l) => out.push(...i32(31), 0x6c, ...get(l), ...(t == I64 ? [0xa7] : t == F32 ? [0xfc, 0] : t == F64 ? [0xfc, 2] : []), 0x6a));
    return out;
};

/** A machine with 250 instructions, in memory from 2,048 on, of which it executes some thousands. */
function interpreter() {
    const cases = 250, pc = 1, steps = 2;
    const out = [...i32(4000), ...set(steps), ...i32(2048), ...set(pc), 0x02, VOID, 0x03, VOID];
    out.push(...get(steps), ...i32(1), 0x6b, 0x22, steps, 0x45, 0x0d, 1);
    for (let i = 0; i < cases; i++) out.push(0x02, VOID);
    out.push(...get(pc), ...get(pc), ...i32(1), 0x6a, ...i32(0xfff), 0x71, ...i32(2048), 0x72, ...set(pc), 0x2d, 0, 0);
    out.push(0x0e, ...vec(Array.from({length: cases}, (_, i) => leb(i))), ...leb(cases - 1));
    for (let i = 0; i < cases; i++) {
        out.push(0x0b);
        for (let k = 0; k < 30; k++) { const l = 3 + random(KINDS.length - 3); out.push(...value(KINDS[l], 2), ...set(l)); }
        if (random(4) == 0) out.push(...condition(), 0x04, VOID, ...value(I32, 1), ...i32(0x7ff), 0x71, ...i32(2048), 0x72, ...set(pc), 0x0b);
        if (random(9)) out.push(0x0c, ...leb(cases - 1 - i));
    }
    out.push(0x0c, 0, 0x0b, 0x0b, ...digest());
    return out;
}

/** Blocks one in another, each of which leaves a value behind much code, as asyncify makes them; 20 KB. */
function nested(depth, outer) {
    const many = () => Array.from({length: 12}, assign).flat();
    const leave = () => [...value(I32, 1), ...condition(), 0x0d, ...leb(random(Math.min(outer, 3) + 1)), 0x1a];
    const inside = depth ? [...nested(depth - 1, outer + 1), ...set(of(I32) || 1)] : [];
    return [0x02, I32, ...many(), ...leave(), ...inside, ...many(), ...leave(), ...value(I32, 2), 0x0b];
}

const bodies = [];
for (let f = 0; f < 60; f++) {
    functionsBefore = f;
    let body;
    do body = [...statements(5, [], 0, 4), ...digest(), 0x0b]; while (body.length < 1500 || body.length > 5000);
    bodies.push(body);
}
bodies.push([...interpreter(), 0x0b]);
bodies.push([...nested(60, 0), ...set(1), ...digest(), 0x0b]);
const code = bodies.map(b => { const body = [...LOCALS, ...b]; return [...leb(body.length), ...body]; });
const program = Array.from({length: 2048}, () => random(256));
const wasm = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, vec(TYPES.map(([p, r]) => [0x60, ...vec(p.map(t => [t])), ...vec(r.map(t => [t]))]))),
    ...section(3, vec(bodies.map(() => [0]))),
    ...section(5, [1, 0, 1]),
    ...section(13, vec([[0, 2]])),
    ...section(7, vec(bodies.map((_, i) => [...name('f' + i), 0, ...leb(i)]))),
    ...section(10, vec(code)),
    ...section(11, vec([[0, ...i32(2048), 0x0b, ...vec(program.map(b => [b]))]]))]);
writeFileSync('large.wasm', wasm);
const {instance} = await WebAssembly.instantiate(wasm);
let text = '';
for (let f = 0; f < bodies.length; f++) {
    const answers = [];
    for (let x = 0; x < 6; x++) {
        try { answers.push(instance.exports['f' + f](x * 7 + x)); }
        catch (e) { if (!(e instanceof WebAssembly.Exception)) throw e; answers.push('thrown'); }
    }
    text += answers.join(' ') + '\n';
}
writeFileSync('large.txt', text);
console.log(wasm.length, Math.max(...code.map(c => c.length)));
