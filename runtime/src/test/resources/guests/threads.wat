;; Four threads add a thousand ones each; the exit code is 0 when the sum is right.
(module
  (import "env" "memory" (memory 1 65536 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasix_32v1" "proc_exit2" (func $exit (param i32)))
  (func (export "wasi_thread_start") (param $tid i32) (param $record i32) (local $n i32)
    (loop $again
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 1000))))
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
  (func (export "_start") (local $n i32)
    (loop $again
      (if (i32.le_s (call $spawn (i32.const 64)) (i32.const 0)) (then unreachable))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 4))))
    (loop $wait
      (local.set $n (i32.atomic.load (i32.const 4)))
      (if (i32.ne (local.get $n) (i32.const 4))
        (then
          (drop (memory.atomic.wait32 (i32.const 4) (local.get $n) (i64.const -1)))
          (br $wait))))
    (call $exit (i32.ne (i32.atomic.load (i32.const 0)) (i32.const 4000)))))
