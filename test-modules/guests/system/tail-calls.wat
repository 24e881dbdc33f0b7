;; Tail calls between functions, by number and by the table. Library: the tests call the exports.
(module
  (type $step (func (param i64 i64) (result i64)))
  (type $half (func (param f64 i32 i64) (result i64)))
  (type $pair (func (param i64 i64) (result i64 i32)))
  (type $quiet (func (param i64)))
  (tag $end (param i64))
  (table 12 funcref)
  (elem (i32.const 0) $count $add $double $leaf $caller $thrower $as_half $pairs $more_pairs $mark $unmark)
  (global $marks (mut i64) (i64.const 0))

  (func (export "_start"))

  ;; by number, each to the other one
  (func $even (export "even") (param $n i64) (result i32)
    (if (i64.eqz (local.get $n)) (then (return (i32.const 1))))
    (return_call $odd (i64.sub (local.get $n) (i64.const 1))))
  (func $odd (param $n i64) (result i32)
    (if (i64.eqz (local.get $n)) (then (return (i32.const 0))))
    (return_call $even (i64.sub (local.get $n) (i64.const 1))))

  ;; by the table: as a machine whose states are functions. Each has a local, which is zero at first
  (func $next (param $n i64) (result i32)
    (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 3))))
  (func $count (type $step) (param $n i64) (param $sum i64) (result i64) (local $zero i64)
    (if (i64.ne (local.get $zero) (i64.const 0)) (then (unreachable)))
    (local.set $zero (i64.const 1))
    (if (i64.eqz (local.get $n)) (then (return (local.get $sum))))
    (return_call_indirect (type $step)
      (i64.sub (local.get $n) (i64.const 1)) (i64.add (local.get $sum) (local.get $zero))
      (call $next (local.get $n))))
  (func $add (type $step) (param $n i64) (param $sum i64) (result i64)
    (if (i64.eqz (local.get $n)) (then (return (local.get $sum))))
    (return_call_indirect (type $half)
      (f64.convert_i64_s (local.get $n)) (i32.const 1) (local.get $sum) (i32.const 6)))
  (func $as_half (type $half) (param $n f64) (param $one i32) (param $sum i64) (result i64)
    (return_call $double
      (i64.sub (i64.trunc_f64_s (local.get $n)) (i64.extend_i32_s (local.get $one)))
      (i64.add (local.get $sum) (i64.trunc_f64_s (local.get $n)))))
  (func $double (type $step) (param $n i64) (param $sum i64) (result i64)
    (if (i64.eqz (local.get $n)) (then (return (local.get $sum))))
    (return_call_indirect (type $step)
      (i64.sub (local.get $n) (i64.const 1)) (i64.xor (local.get $sum) (local.get $n))
      (call $next (local.get $n))))
  (func (export "machine") (param $n i64) (result i64)
    (call $count (local.get $n) (i64.const 0)))

  ;; what ends the machine: by the table, to functions that make no tail calls
  (func $leaf (type $step) (param $n i64) (param $sum i64) (result i64)
    (i64.add (local.get $n) (local.get $sum)))
  (func $caller (type $step) (param $n i64) (param $sum i64) (result i64)
    ;; calls that have to come back, each into a long chain
    (i64.add
      (i64.mul (i64.const 1000) (call $count (local.get $n) (i64.const 0)))
      (i64.add
        (i64.extend_i32_u (call $even (local.get $n)))
        (call_indirect (type $step) (local.get $n) (local.get $sum) (i32.const 2)))))
  (func $thrower (type $step) (param $n i64) (param $sum i64) (result i64)
    (throw $end (local.get $sum)))

  ;; n steps, and then a function of the table
  (func $steps (param $n i64) (param $last i32) (param $value i64) (result i64)
    (if (i64.eqz (local.get $n))
      (then (return_call_indirect (type $step) (local.get $value) (i64.const 7) (local.get $last))))
    (return_call $steps_too (local.get $n) (local.get $last) (local.get $value)))
  (func $steps_too (param $n i64) (param $last i32) (param $value i64) (result i64)
    (return_call $steps (i64.sub (local.get $n) (i64.const 1)) (local.get $last) (local.get $value)))
  (func (export "ending") (param $n i64) (param $last i32) (param $value i64) (result i64)
    ;; what was handed on must be forgotten by the second call
    (i64.add
      (call $steps (local.get $n) (local.get $last) (local.get $value))
      (i64.mul (i64.const 1000000) (call $count (local.get $value) (i64.const 0)))))
  (func (export "caught") (param $n i64) (result i64)
    (try (result i64)
      (do (i64.add (i64.const 1) (call $steps (local.get $n) (i32.const 5) (i64.const 0))))
      (catch $end (drop) (i64.mul (i64.const 10) (call $steps (local.get $n) (i32.const 3) (i64.const 1))))))

  ;; several results
  (func $pairs (type $pair) (param $n i64) (param $sum i64) (result i64 i32)
    (if (i64.eqz (local.get $n)) (then (return (local.get $sum) (i32.const 5))))
    (return_call_indirect (type $pair)
      (i64.sub (local.get $n) (i64.const 1)) (i64.add (local.get $sum) (local.get $n)) (i32.const 8)))
  (func $more_pairs (type $pair) (param $n i64) (param $sum i64) (result i64 i32)
    (return_call $pairs (local.get $n) (local.get $sum)))
  (func (export "pairs") (param $n i64) (result i64)
    (call $pairs (local.get $n) (i64.const 0))
    (i64.extend_i32_u)
    (i64.add))

  ;; none
  (func $mark (type $quiet) (param $n i64)
    (global.set $marks (i64.add (global.get $marks) (i64.const 1)))
    (if (i64.eqz (local.get $n)) (then (return)))
    (return_call_indirect (type $quiet) (i64.sub (local.get $n) (i64.const 1)) (i32.const 10)))
  (func $unmark (type $quiet) (param $n i64)
    (global.set $marks (i64.add (global.get $marks) (i64.const 2)))
    (if (i64.eqz (local.get $n)) (then (return)))
    (return_call_indirect (type $quiet) (i64.sub (local.get $n) (i64.const 1)) (i32.const 9)))
  (func (export "marks") (param $n i64) (result i64)
    (global.set $marks (i64.const 0))
    (call $mark (local.get $n))
    (global.get $marks)))
