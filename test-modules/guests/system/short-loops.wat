;; Loops without calls and without a loop in them, which need not ask in each round whether the guest is to end. Library:
;; the tests call the exports, each of which takes how often it is to go round. Those that begin with "endless" never end.
(module
  (memory (export "memory") 1 1)
  (func (export "_start"))

  ;; one jump back, at the end
  (func (export "br_if") (param $n i32) (result i64)
    (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; two jumps back and two ways out; locals of all types, some of which are first set in the loop
  (func (export "continue and break") (param $n i32) (result i64)
    (local $i i32) (local $f f64) (local $g f32) (local $sum i64) (local $last i64)
    (block $out
      (loop $again
        (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $f (f64.add (local.get $f) (f64.convert_i32_u (local.get $i))))
        (br_if $again (i32.and (local.get $i) (i32.const 1)))
        (local.set $last (i64.extend_i32_u (local.get $i)))
        (local.set $g (f32.add (local.get $g) (f32.const 0.5)))
        (if (i32.eq (local.get $i) (i32.const 3000)) (then (br $out)))
        (local.set $sum (i64.xor (i64.rotl (local.get $sum) (i64.const 5)) (local.get $last)))
        (br $again)))
    (i64.add (i64.add (local.get $sum) (local.get $last))
      (i64.add (i64.trunc_f64_s (local.get $f)) (i64.trunc_f32_s (local.get $g)))))

  ;; the head is also where a block ends that is left early, by a branch and by a table
  (func (export "behind a block") (param $n i32) (result i64)
    (local $sum i64)
    (block $skip
      (block $other
        (br_if $skip (i32.and (local.get $n) (i32.const 1)))
        (br_table $skip $other $skip (i32.and (i32.shr_u (local.get $n) (i32.const 1)) (i32.const 3))))
      (local.set $sum (i64.const 7)))
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; values on the stack where the code inside branches
  (func (export "stacked") (param $n i32) (result i64)
    (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (local.get $sum)
        (if (result i64) (i32.and (local.get $n) (i32.const 1)) (then (i64.const 3)) (else (i64.extend_i32_u (local.get $n))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; jumped back to by a table
  (func (export "br_table") (param $n i32) (result i64)
    (local $sum i64)
    (block $out
      (loop $again
        (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_table $again $out (i32.eqz (local.get $n)))))
    (local.get $sum))

  ;; one loop after the other, both in a third
  (func (export "nested") (param $n i32) (result i64)
    (local $i i32) (local $j i32) (local $sum i64)
    (local.set $j (i32.const 3))
    (loop $outer
      (local.set $i (local.get $n))
      (loop $first
        (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $i))))
        (br_if $first (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (loop $second
        (local.set $sum (i64.add (local.get $sum) (i64.const 2)))
        (br_if $second (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (br_if $outer (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
    (local.get $sum))

  ;; ---- over memory: those whose way leaves it trap, with all written that comes before

  (func (export "memory: fill from 65000") (param $n i32) (result i64)
    (local $p i32)
    (local.set $p (i32.const 65000))
    (loop $again
      (i32.store8 (local.get $p) (local.get $n))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (local.get $p)))

  (func (export "memory: fill downwards from 1000") (param $n i32) (result i64)
    (local $p i32)
    (local.set $p (i32.const 1000))
    (loop $again
      (i32.store8 (local.get $p) (local.get $n))
      (local.set $p (i32.sub (local.get $p) (i32.const 1)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (local.get $p)))

  ;; eight at once, of which the last are outside first; not in the order of their addresses
  (func (export "memory: words up to the end") (param $n i32) (result i64)
    (local $p i32)
    (local.set $p (i32.const 64500))
    (loop $again
      (i32.store offset=4 (local.get $p) (local.get $n))
      (i32.store (local.get $p) (i32.add (local.get $n) (i32.const 1)))
      (i64.store (i32.add (local.get $p) (i32.const 16)) (i64.const 0x1122334455667788))
      (i64.store (i32.add (local.get $p) (i32.const 8)) (i64.load (local.get $p)))
      (i32.store16 offset=24 (local.get $p) (local.get $n))
      (i32.store8 offset=31 (local.get $p) (i32.load8_s offset=24 (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 32)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.extend_i32_u (local.get $p)))

  ;; byte by byte to the next place: the first byte is repeated
  (func (export "memory: copy forwards onto itself") (param $n i32) (result i64)
    (local $p i32)
    (i32.store8 (i32.const 0) (i32.const 42))
    (i32.store8 (i32.const 1) (i32.const 43))
    (loop $again
      (i32.store8 offset=1 (local.get $p) (i32.load8_u (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $p) (local.get $n))))
    (i64.load8_u (local.get $p)))

  (func (export "memory: search behind the end") (param $n i32) (result i64)
    (local $p i32)
    (local.set $p (i32.sub (i32.const 65536) (local.get $n)))
    (block $found
      (loop $again
        (br_if $found (i32.eq (i32.load8_u (local.get $p)) (i32.const 255)))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $again)))
    (i64.extend_i32_u (local.get $p)))

  ;; an address that wraps below 0 is no address, whatever is added to it
  (func (export "memory: below 0") (param $n i32) (result i64)
    (local $p i32) (local $sum i64)
    (local.set $p (i32.const 100))
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.load8_u offset=200 (local.get $p))))
      (local.set $p (i32.sub (local.get $p) (i32.const 1)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; ---- without end

  (func (export "endless, empty") (param $n i32) (loop $again (br $again)))

  (func (export "endless, over memory") (param $n i32)
    (loop $again
      (i32.store8 (i32.and (local.get $n) (i32.const 0xffff)) (local.get $n))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br $again)))

  ;; the inner loops end before they ask for the first time
  (func (export "endless, of short ones") (param $n i32)
    (local $i i32)
    (loop $outer
      (local.set $i (i32.const 10))
      (loop $first
        (br_if $first (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (local.set $i (i32.const 10))
      (loop $second
        (i32.store (local.get $i) (local.get $n))
        (br_if $second (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (br $outer)))

  (func $ten (param $n i32)
    (loop $again
      (i32.store (local.get $n) (i32.load offset=40 (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $hundred (param $n i32)
    (call $ten (i32.const 10)) (call $ten (i32.const 10)) (call $ten (i32.const 10)) (call $ten (i32.const 10)) (call $ten (i32.const 10))
    (call $ten (i32.const 10)) (call $ten (i32.const 10)) (call $ten (i32.const 10)) (call $ten (i32.const 10)) (call $ten (i32.const 10)))
  (func (export "endless, of calls") (param $n i32)
    (loop $again (call $hundred (local.get $n)) (call $hundred (local.get $n)) (br $again))))
