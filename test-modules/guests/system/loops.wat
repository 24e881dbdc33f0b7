;; Loops that are entered with values on the stack: their own parameters, and values below them. Library: the tests call
;; the exports, each of which computes the sum of 1 to its first parameter in its own way.
(module
  (func (export "_start"))

  ;; a value below the loop, jumped back to by br
  (func (export "below, br") (param $n i32) (result i64)
    (local $sum i64)
    (i64.const 0)
    (block $end
      (loop $again
        (br_if $end (i32.eqz (local.get $n)))
        (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (i64.add (local.get $sum)))

  ;; values of every type below the loop, jumped back to by br_if
  (func (export "below, br_if") (param $n i32) (result i64)
    (local $sum i64)
    (i32.const 1) (f32.const 2) (i64.const 3) (f64.const 4)
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.trunc_f64_s) (i64.add) (local.set $sum (i64.add (local.get $sum)))
    (i64.trunc_f32_s) (local.set $sum (i64.add (local.get $sum)))
    (i64.extend_i32_s) (i64.add (local.get $sum))
    (i64.sub (i64.const 10)))

  ;; the sum is the loop's parameter, jumped back to by br
  (func (export "parameter, br") (param $n i32) (result i64)
    (i64.const 0)
    (loop $again (param i64) (result i64)
      (i64.add (i64.extend_i32_u (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (if (param i64) (result i64) (local.get $n) (then (br $again)))))

  ;; two parameters, jumped back to by br_if
  (func (export "parameters, br_if") (param $n i32) (result i64)
    (local $sum i64) (local $first i64)
    (local.get $n) (i64.const 0)
    (loop $again (param i32 i64) (result i32 i64)
      (i64.add (i64.extend_i32_u (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.set $sum) (i64.extend_i32_u) (local.set $first) (i64.sub (i64.add (local.get $sum) (local.get $first)) (local.get $first)))

  ;; jumped back to by br_table, as its first case and as its default, with another loop inside
  (func (export "parameter, br_table") (param $n i32) (result i64)
    (local $i i32)
    (i64.const 0)
    (block $end (param i64) (result i64)
      (loop $again (param i64) (result i64)
        (local.set $i (local.get $n))
        (loop $inner (param i64) (result i64)
          (i64.add (i64.const 1))
          (br_if $inner (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_table $again $end $again (i32.eqz (local.get $n))))))

  ;; jumped to from outside of it too: forwards into its block, backwards to it
  (func (export "below, entered by a jump") (param $n i32) (result i64)
    (local $sum i64)
    (i64.const 5)
    (block $skip (br $skip) (unreachable))
    (loop $again
      (block $out
        (br_if $out (i32.eqz (local.get $n)))
        (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (i64.add (local.get $sum))
    (i64.sub (i64.const 5)))

  ;; the loop's parameter is a comparison's result, the branch is on it
  (func (export "parameter, fused") (param $n i32) (result i64)
    (local $sum i64)
    (i32.const 0)
    (loop $again (param i32)
      (drop)
      (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (i32.gt_s (local.get $n) (i32.const 0))
      (br_if $again (i32.gt_s (local.get $n) (i32.const 0)))
      (drop))
    (local.get $sum))
)
